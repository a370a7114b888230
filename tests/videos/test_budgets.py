"""Budgets: what they count, what they refuse, and that nobody gets past them by being quick."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections, transaction

from providers.tasks import CreatedTask
from studio.accounts.models import ApiKey
from videos import actions, budgets, ledger, pricing, submit
from videos.budgets import OverBudget
from videos.models import Budget, BudgetWarning, ModelPrice, Project, Video
from videos.requests import check

from .factories import make_key, make_user, make_video

pytestmark = pytest.mark.django_db

PLAIN = {"model": "gen4.5", "prompt": "a lighthouse", "seconds": 5}  # 60 cr


def make_budget(amount: int, **extra: Any) -> Budget:
    """A hard budget of a month, for the installation unless told otherwise."""
    return Budget.objects.create(**{"scope": "installation", "amount": amount, **extra})


def accept(email: str = "ana@example.org", **extra: Any) -> Video:
    """A video of 60 cr that went through the door."""
    return actions.accept(check(PLAIN), make_user(email), **extra)


@pytest.fixture(autouse=True)
def real_key(db: None) -> None:
    """Videos cost something."""
    make_key()


def test_a_request_over_a_hard_budget_names_both_numbers_and_leaves_nothing() -> None:
    make_budget(100)
    accept()
    with pytest.raises(OverBudget, match=r"needs 60 cr, .* 40 cr of 100 cr"):
        accept()
    assert Video.objects.count() == 1
    assert budgets.standing(Budget.objects.get()).used == 60


def test_the_last_credit_may_be_spent() -> None:
    make_budget(120)
    accept()
    accept()
    assert budgets.standing(Budget.objects.get()).left == 0


def test_a_soft_budget_refuses_nothing_and_shows_the_overshoot() -> None:
    make_budget(100, is_hard=False)
    accept()
    accept()
    assert budgets.standing(Budget.objects.get()).over == 20


def test_what_is_released_may_be_spent_again() -> None:
    make_budget(60)
    actions.cancel(accept())
    accept()


@pytest.mark.parametrize("scope", ["person", "api_key", "project", "installation"])
def test_a_budget_counts_the_videos_it_covers_and_no_others(scope: str) -> None:
    ana, bo = make_user(), make_user("bo@example.org")
    key, other = (ApiKey.issue(ana, name)[0] for name in "ab")
    film = Project.objects.create(owner=ana, name="film")
    target = {"person": ana, "api_key": key, "project": film}
    budget = make_budget(1000, scope=scope, **{scope: target[scope]} if scope in target else {})
    for owner, api_key, project in ((ana, key, film), (ana, other, None), (bo, None, None)):
        video = make_video(owner=owner, api_key=api_key, project=project)
        ledger.reserve(video, Decimal(60))
    expected = {"person": 120, "api_key": 60, "project": 60, "installation": 180}
    assert budgets.standing(budget).used == expected[scope]


def test_a_video_counts_in_the_period_in_which_it_was_made() -> None:
    budget = make_budget(100, period="day")
    old = make_video()
    Video.objects.filter(pk=old.pk).update(created_at=datetime.now(UTC) - timedelta(days=1))
    ledger.reserve(old, Decimal(60))
    assert budgets.standing(budget).used == 0


@pytest.mark.parametrize(
    ("period", "begin", "end"),
    [
        ("day", "2026-12-31", "2027-01-01"),
        ("week", "2026-12-28", "2027-01-04"),
        ("month", "2026-12-01", "2027-01-01"),
    ],
)
def test_periods_are_those_of_the_calendar_of_utc(period: str, begin: str, end: str) -> None:
    bounds = budgets.bounds(period, datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    assert [f"{moment:%Y-%m-%d}" for moment in bounds] == [begin, end]


def test_without_a_known_price_a_hard_budget_refuses_until_one_is_set() -> None:
    budget = make_budget(1000)
    unpriced = replace(check(PLAIN), credits=None)
    with pytest.raises(OverBudget, match="An administrator can set a price"):
        actions.accept(unpriced, make_user())
    ModelPrice.objects.create(model="gen4.5", credits=7, note="price page")
    assert actions.accept(unpriced, make_user()).estimate == 35
    assert budgets.standing(budget).used == 35


def test_a_set_price_stands_in_the_place_of_the_catalogues_and_says_so() -> None:
    ModelPrice.objects.create(model="gen4.5", credits=99, unit="video")
    priced = pricing.priced(check(PLAIN))
    assert priced.credits == 99
    assert priced.is_price_set
    frame = pricing.priced(check({"model": "gen4_turbo", "prompt": "x", "seconds": 5}))
    assert not frame.is_price_set


def test_a_price_is_set_for_models_that_there_are() -> None:
    with pytest.raises(ValidationError, match="There is no model nonsense"):
        ModelPrice(model="nonsense", credits=1).full_clean()


def test_a_higher_price_of_runway_grows_the_reservation_and_the_overshoot_is_shown() -> None:
    budget = make_budget(60)
    video = make_video("submitting", estimate=Decimal(60))
    ledger.reserve(video, Decimal(60))
    submit._note(video, CreatedTask("task-1", Decimal(75)))
    state = budgets.standing(budget)
    assert state.used == 75
    assert (int(state.over), state.percent) == (15, 125)
    assert BudgetWarning.objects.filter(percent=100).exists()


def test_each_threshold_is_recorded_once_in_a_period() -> None:
    make_budget(300, is_hard=False)
    seen = []
    for _ in range(6):
        accept()
        seen.append(sorted(BudgetWarning.objects.values_list("percent", flat=True)))
    assert seen == [[], [], [50], [50, 80], [50, 80, 100], [50, 80, 100]]


def test_what_the_sandbox_makes_counts_nothing_and_is_never_refused() -> None:
    from providers.models import ProviderKey

    ProviderKey.objects.all().delete()
    make_key("sandbox", is_sandbox=True)
    budget = make_budget(1)
    video = accept()
    assert video.is_sandbox
    assert budgets.standing(budget).used == 0
    assert not BudgetWarning.objects.exists()


def test_a_video_of_the_sandbox_that_a_real_key_takes_over_needs_room() -> None:
    key = make_key("real")
    make_budget(100)
    first, second = (make_video(is_sandbox=True) for _ in range(2))
    for video in (first, second):
        ledger.reserve(video, Decimal(60))
    assert submit._is_affordable(first, key)
    assert not submit._is_affordable(second, key)
    second.refresh_from_db()
    assert (second.status, second.error_code) == ("failed", "over_budget")
    assert "40 cr of 100 cr are left" in second.error_message
    assert ledger.cost(second) == 0


def test_several_takes_in_one_transaction_are_accepted_together_or_not_at_all() -> None:
    make_budget(150)

    @transaction.atomic
    def takes(count: int) -> None:
        for _ in range(count):
            accept()

    with pytest.raises(OverBudget):
        takes(3)
    assert not Video.objects.exists()
    takes(2)
    assert Video.objects.count() == 2


@pytest.mark.parametrize(
    ("scope", "given"), [("person", {}), ("installation", {"person": True}), ("api_key", {})]
)
def test_a_budget_has_the_target_that_its_scope_says(scope: str, given: dict[str, bool]) -> None:
    target = {name: make_user() for name in given}
    with pytest.raises(ValidationError):
        Budget(scope=scope, amount=1, **target).full_clean()


def test_fifty_at_once_cannot_take_more_than_there_is(shared_database: None) -> None:
    make_budget(600)
    make_budget(10_000, scope="person", person=make_user())
    owner, barrier = make_user(), threading.Barrier(50)

    def ask(_: int) -> bool:
        try:
            barrier.wait()
            actions.accept(check(PLAIN), owner)
        except OverBudget:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(50) as pool:
        accepted = list(pool.map(ask, range(50)))
    assert sum(accepted) == 10 == Video.objects.count()
    assert [state.used for state in budgets.standings(Budget.objects.all())] == [600, 600]
