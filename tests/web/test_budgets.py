"""What the pages say about budgets: at the button, beside the form, in the administration."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from tests.videos.factories import make_user, make_video
from videos import actions, ledger
from videos.models import Budget, ModelPrice, Video
from videos.requests import check

from .conftest import HTMX, browser_of, text

FORM = {"prompt": "a lighthouse", "model": "gen4.5", "seconds": "5"}  # 60 cr


@pytest.fixture
def budget(db: None) -> Budget:
    """100 credits a month for everybody."""
    return Budget.objects.create(scope="installation", amount=100)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_what_is_over_a_budget_is_refused_in_words_at_the_button(
    ana: Client, budget: Budget, headers: dict[str, str]
) -> None:
    ana.post("/studio/videos/", FORM)
    answer = ana.post("/studio/videos/", FORM, headers=headers)
    assert answer.status_code == 422
    assert "This needs 60 cr; 40 cr of 100 cr are left until" in text(answer)
    assert b'id="error-go"' in answer.content
    assert Video.objects.count() == 1


def test_sending_again_over_a_budget_changes_nothing(ana: Client, budget: Budget) -> None:
    doubtful = make_video("failed", error_code="submission_uncertain")
    doubtful.request = check({"model": "gen4.5", "prompt": "x", "seconds": 10}).as_json()
    doubtful.save()
    ledger.reserve(doubtful, Decimal(90))
    answer = ana.post(f"/studio/videos/{doubtful.pk}/again", headers=HTMX)
    assert "This needs 120 cr" in text(answer)
    assert ledger.cost(doubtful) == 90


def test_a_threshold_that_is_reached_is_shown_beside_the_form(ana: Client, budget: Budget) -> None:
    assert "Monthly budget" not in text(ana.get("/"))
    actions.accept(check({**FORM, "seconds": 5}), make_user())
    assert "Monthly budget of everybody: 60 cr of 100 cr used, 60 %." in text(ana.get("/"))


def test_the_button_says_the_price_that_was_set(ana: Client) -> None:
    ModelPrice.objects.create(model="gen4.5", credits=7)
    fields = {"model": "gen4.5", "seconds": "5"}
    assert "35 cr" in text(ana.get("/studio/controls", fields, headers=HTMX))


def test_the_administration_shows_how_budgets_stand(budget: Budget) -> None:
    ledger.reserve(make_video(), Decimal(120))
    admin = browser_of("root@example.org", is_staff=True, is_superuser=True)
    assert "120 cr (120 %, 20 cr over)" in text(admin.get("/admin/videos/budget/"))
    assert admin.get(f"/admin/videos/budget/{budget.pk}/change/").status_code == 200
    assert admin.get("/admin/videos/modelprice/add/").status_code == 200


def test_an_administrator_makes_a_budget(db: None) -> None:
    admin = browser_of("root@example.org", is_staff=True, is_superuser=True)
    form = {
        "scope": "person",
        "person": make_user().pk,
        "period": "week",
        "amount": "500",
        "is_hard": "on",
        "warnings-TOTAL_FORMS": "0",
        "warnings-INITIAL_FORMS": "0",
    }
    assert admin.post("/admin/videos/budget/add/", form).status_code == 302
    assert Budget.objects.get().period == "week"


def test_a_price_that_was_set_is_marked_wherever_it_is_shown(ana: Client) -> None:
    ModelPrice.objects.create(model="gen4.5", credits=7)
    ModelPrice.objects.create(model="gen4_turbo", credits=99, unit="video")
    fields = {"model": "gen4.5", "seconds": "5"}
    controls = text(ana.get("/studio/controls", fields, headers=HTMX))
    assert "An administrator set this model's price." in controls.replace("&#x27;", "'")
    models = text(ana.get("/models/"))
    assert "set here 35 cr" in models
    assert "set here 99 cr" in models
