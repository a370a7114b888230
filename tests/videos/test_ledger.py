"""The books: lines are only added, and they sum to the cost that is shown."""

from __future__ import annotations

from decimal import Decimal

import pytest

from videos import ledger
from videos.models import Video

from .factories import make_task, make_video

pytestmark = pytest.mark.django_db


def lines(video: Video) -> list[tuple[str, float, str]]:
    """The video's lines in the books: kind, credits, mark."""
    rows = video.ledger.order_by("id").values_list("kind", "credits", "mark")
    return [(kind, float(credits), mark) for kind, credits, mark in rows]


def test_a_reservation_is_the_cost_until_more_is_known() -> None:
    video = make_video()
    ledger.reserve(video, Decimal(60))
    assert ledger.cost(video) == 60


def test_a_higher_price_reserves_only_the_rest() -> None:
    video = make_video()
    ledger.reserve(video, Decimal(60))
    ledger.reserve(video, Decimal(75))
    assert lines(video) == [("reserve", 60, ""), ("reserve", 15, "")]


def test_a_lower_price_reserves_nothing_more() -> None:
    video = make_video()
    ledger.reserve(video, Decimal(60))
    ledger.reserve(video, Decimal(40))
    assert ledger.cost(video) == 60


def test_settling_leaves_what_the_tasks_cost() -> None:
    video = make_video("submitting")
    ledger.reserve(video, Decimal(60))
    make_task(video, credits=Decimal(5))
    make_task(video, credits=Decimal(50))
    ledger.settle(video)
    assert ledger.cost(video) == 55
    assert lines(video)[-1] == ("settle", -5, "")


def test_settling_without_any_task_gives_everything_back() -> None:
    video = make_video()
    ledger.reserve(video, Decimal(60))
    ledger.settle(video)
    assert ledger.cost(video) == 0
    assert lines(video)[-1] == ("release", -60, "")


def test_settling_twice_books_nothing_twice() -> None:
    video = make_video("submitting")
    ledger.reserve(video, Decimal(60))
    make_task(video, credits=Decimal(50))
    ledger.settle(video)
    ledger.settle(video)
    assert ledger.cost(video) == 50


def test_an_assumed_cost_is_marked() -> None:
    video = make_video("submitting")
    ledger.reserve(video, Decimal(60))
    make_task(video, credits=Decimal(60), is_assumed=True)
    ledger.settle(video)
    assert lines(video)[-1] == ("settle", 0, "assumed")


def test_what_the_sandbox_made_is_free_and_says_so() -> None:
    video = make_video("submitting", is_sandbox=True)
    ledger.reserve(video, Decimal(60))
    make_task(video, credits=Decimal(0))
    ledger.settle(video)
    assert ledger.cost(video) == 0
    assert lines(video)[-1] == ("settle", -60, "sandbox")


def test_giving_up_an_uncertain_submission_is_marked() -> None:
    video = make_video("failed")
    ledger.reserve(video, Decimal(60))
    ledger.release_uncertain(video)
    assert lines(video)[-1] == ("release", -60, "uncertain")
