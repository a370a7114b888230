"""Our books beside Runway's figures: what agrees is not mentioned, what differs is named."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import responses
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from providers.models import ProviderKey
from tests.web.conftest import browser_of, text
from videos import clock, ledger, reconcile
from videos.models import Task, UsageFigure, UsageLook, Video
from videos.usage import Wish

from .factories import BASE_URL, make_key, make_task, make_video

pytestmark = pytest.mark.django_db

USAGE = f"{BASE_URL}/v1/organization/usage"
TODAY = datetime.now(UTC).date()


def make_spent(credits: int, key: ProviderKey, **extra: Any) -> Video:
    """A video whose task cost so much."""
    video = make_video("completed", provider_key=key, **extra)
    ledger.reserve(video, Decimal(60))
    make_task(video, credits=Decimal(credits))
    ledger.settle(video)
    return video


def runway_says(mock: responses.RequestsMock, day: date = TODAY, **used: float) -> None:
    """What Runway answers: credits of a day by model, "_" for "."."""
    entries = [{"model": name.replace("_", "."), "amount": used[name]} for name in used]
    mock.post(USAGE, json={"models": [], "results": [{"date": str(day), "usedCredits": entries}]})


@pytest.fixture
def runway() -> Any:
    """Runway at the wire."""
    with responses.RequestsMock() as mock:
        yield mock


def found() -> list[tuple[str, float, float]]:
    """The differences of today: model, ours, Runway's."""
    rows = reconcile.differences(TODAY, TODAY)
    return [(row.model, float(row.ours), float(row.theirs)) for row in rows]


def test_what_agrees_is_no_difference(runway: responses.RequestsMock) -> None:
    make_spent(60, make_key())
    runway_says(runway, gen4_5=60)
    reconcile.fetch()
    assert found() == []
    sent = json.loads(runway.calls[0].request.body or "")
    assert sent["beforeDate"] == str(TODAY + timedelta(days=1))


def test_a_planted_difference_is_shown_to_administrators(runway: responses.RequestsMock) -> None:
    """ui.md check 58."""
    make_spent(60, make_key())
    runway_says(runway, gen4_5=97, veo3_1=5)
    reconcile.fetch()
    assert found() == [("veo3.1", 0, 5), ("gen4.5", 60, 97)]
    shown = text(browser_of("root@example.org", is_staff=True).get("/usage/"))
    assert "main gen4.5 60 cr 97 cr 37 cr" in shown
    assert "Difference" not in text(browser_of("ana@example.org").get("/usage/"))


def test_what_is_lost_from_our_books_is_named(runway: responses.RequestsMock) -> None:
    spent = [make_spent(60, make_key()) for _ in range(1)]
    runway_says(runway, gen4_5=60)
    Task.objects.filter(video__in=spent).update(credits=0)
    reconcile.fetch()
    assert found() == [("gen4.5", 0, 60)]


def test_a_first_frame_counts_under_the_model_that_made_it(runway: responses.RequestsMock) -> None:
    video = make_spent(25, make_key(), resolved_model="gen4_turbo")
    make_task(video, Task.FIRST_FRAME, credits=Decimal(5))
    runway.post(
        USAGE,
        json={
            "results": [
                {
                    "date": str(TODAY),
                    "usedCredits": [
                        {"model": "gen4_turbo", "amount": 25},
                        {"model": "gen4_image", "amount": 5},
                    ],
                }
            ]
        },
    )
    reconcile.fetch()
    assert found() == []


def test_figures_are_replaced_and_older_days_are_kept(runway: responses.RequestsMock) -> None:
    make_key()
    old = TODAY - timedelta(days=20)
    runway_says(runway, old, gen4_5=7)
    reconcile.fetch(30)
    runway_says(runway, gen4_5=9)
    reconcile.fetch(2)
    runway_says(runway, gen4_5=11)
    reconcile.fetch(2)
    figures = UsageFigure.objects.order_by("day")
    assert [(figure.day, int(figure.credits)) for figure in figures] == [(old, 7), (TODAY, 11)]
    assert UsageLook.objects.get().first_day == TODAY - timedelta(days=29)


def test_days_that_runway_was_not_asked_about_are_not_compared(
    runway: responses.RequestsMock,
) -> None:
    video = make_spent(60, make_key())
    Task.objects.filter(video=video).update(created_at=timezone.now() - timedelta(days=30))
    runway_says(runway)
    reconcile.fetch()
    assert reconcile.differences(TODAY - timedelta(days=60), TODAY) == []


def test_a_key_that_cannot_be_asked_says_why_and_keeps_its_figures(
    runway: responses.RequestsMock,
) -> None:
    make_key()
    runway_says(runway, gen4_5=7)
    reconcile.fetch()
    runway.replace(responses.POST, USAGE, status=503, json={"error": "busy"})
    [look] = reconcile.fetch()
    assert look.error == "busy"
    assert UsageFigure.objects.count() == 1
    assert reconcile.is_due()


def test_the_sandbox_and_keys_that_never_passed_are_not_asked() -> None:
    make_key("sandbox", is_sandbox=True)
    make_key("new", passed_at=None)
    assert not reconcile.is_due()
    assert reconcile.fetch() == []


def test_assumed_and_uncertain_lines_are_listed(ana_admin: Client) -> None:
    key = make_key()
    assumed = make_video("failed", provider_key=key)
    make_task(assumed, credits=Decimal(60), is_assumed=True)
    ledger.settle(assumed)
    given_up = make_video("failed", provider_key=key, error_code="submission_uncertain")
    ledger.reserve(given_up, Decimal(60))
    ledger.release_uncertain(given_up)
    in_doubt = make_video("failed", provider_key=key, error_code="submission_uncertain")
    ledger.reserve(in_doubt, Decimal(75))
    wish = Wish(TODAY, TODAY)
    assert [entry.line.video for entry in reconcile.marked(wish)] == [given_up, assumed]
    assert reconcile.doubtful(wish) == [in_doubt]
    shown = text(ana_admin.get("/usage/"))
    assert "in doubt, up to 75 cr" in shown
    assert "Assumed: Runway did not tell" in shown


@pytest.fixture
def ana_admin(db: None) -> Client:
    """An administrator's browser."""
    return browser_of("root@example.org", is_staff=True, is_superuser=True)


def test_the_command_names_differences_and_keys_that_failed(runway: responses.RequestsMock) -> None:
    make_spent(60, make_key())
    runway_says(runway, gen4_5=97)
    out = StringIO()
    call_command("reconcile", stdout=out)
    assert f"{TODAY} main gen4.5: ours 60 cr, Runway's 97 cr, difference 37 cr" in out.getvalue()
    runway.replace(responses.POST, USAGE, status=401, json={"error": "no such key"})
    with pytest.raises(CommandError, match="main: no such key"):
        call_command("reconcile", days=90, stdout=out)


@pytest.mark.parametrize("days", [0, 91, -1])
def test_the_command_takes_1_to_90_days(days: int) -> None:
    with pytest.raises(CommandError, match="--days is 1 to 90"):
        call_command("reconcile", days=days)


def test_the_clock_has_it_done_once_a_day(tmp_path: Any) -> None:
    key = make_key()
    ours = clock.Clock(tmp_path, "here-hot", "here-store", "here-notify")
    ours.tick()
    assert not OrmQ.objects.exists()
    ours.reconciled_at -= clock.RECONCILE_SECONDS
    ours.tick()
    ours.tick()
    assert OrmQ.objects.filter(key="here-store").count() == 1
    UsageLook.objects.create(provider_key=key, at=timezone.now())
    ours.reconciled_at -= clock.RECONCILE_SECONDS
    ours.tick()
    assert OrmQ.objects.count() == 1
