"""What administrators decide while it runs, on the pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from constance import config
from django.test import Client
from django.utils import timezone

from tests.videos.factories import make_video
from videos import ledger, shelving
from videos.models import Video

from .conftest import HTMX, text


@pytest.fixture
def off(ana: Client) -> None:
    """Two models are, one of them the catalogue's first."""
    config.MODELS_OFF = ["gen4.5", "gen4_turbo"]


@pytest.mark.parametrize("path", ["/", "/settings/defaults/"])
def test_a_model_that_is_off_is_no_choice(ana: Client, off: None, path: str) -> None:
    html = ana.get(path).content.decode()
    assert 'value="gen4.5"' not in html and 'value="veo3.1"' in html


def test_it_is_not_compared(ana: Client, off: None) -> None:
    html = ana.get("/models/").content.decode()
    assert 'id="gen4.5"' not in html and 'id="veo3.1"' in html


def test_the_names_from_elsewhere_follow(ana: Client) -> None:
    config.SORA_2_MODELS = ["seedance2"]
    assert "the first of seedance2 that takes" in text(ana.get("/models/"))


def test_asking_for_it_all_the_same_is_refused_in_words(ana: Client, off: None) -> None:
    sent = {"prompt": "a fox", "model": "gen4.5"}
    answer = ana.post("/studio/videos/", sent, headers=HTMX)
    assert answer.status_code == 422
    assert "An administrator switched &#x27;gen4.5&#x27; off." in answer.content.decode()
    assert not Video.objects.exists()


def test_the_form_says_that_it_took_another_one(ana: Client, off: None) -> None:
    assert "Gen-4.5 is switched off here, so this is Veo 3.1." in text(ana.get("/?model=gen4.5"))


def test_the_form_begins_with_the_model_that_was_chosen(ana: Client) -> None:
    config.FIRST_MODEL = "seedance2"
    assert '<option value="seedance2" selected' in ana.get("/").content.decode()


def test_a_video_of_it_can_be_made_anew_with_another_one(ana: Client, off: None) -> None:
    request = {"model": "gen4.5", "prompt": "a fox", "ratio": "1280:720", "duration": 5}
    video = make_video("completed", mode="text_to_video", request=request)
    html = ana.get(f"/v/{video.pk}/").content.decode()
    assert "model=veo3.1" in html and "model=gen4_turbo" not in html


def test_money_is_said_at_the_price_that_was_set(db: None) -> None:
    config.CREDIT_PRICE, config.CURRENCY = Decimal("0.5"), "EUR"
    assert ledger.in_money(Decimal(10)) == "5.00 EUR"


def test_the_trash_keeps_as_long_as_was_set(ana: Client) -> None:
    old = make_video("failed", trashed_at=timezone.now() - timedelta(days=5))
    shelving.purge()
    assert Video.objects.get().deleted_at is None
    config.TRASH_DAYS = 3
    shelving.purge()
    old.refresh_from_db()
    assert old.deleted_at is not None
    assert "stays here for 3 days" in text(ana.get("/trash/"))
