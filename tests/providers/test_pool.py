"""Which key of a pool takes a video: limits, credits, strategies, and what was measured."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from providers import measures, reasons, routing
from providers.measures import KeyMinute, Measured
from providers.models import ProviderKey
from providers.pool import STRATEGIES, Load, Wish
from tests.videos.factories import make_key

pytestmark = pytest.mark.django_db

GEN, VEO = "gen4.5", "veo3.1"


def limited(**numbers: int | None) -> dict[str, Any]:
    """The limits of an account that has some for gen4.5."""
    return {"models": {GEN: numbers}}


def takes(key: ProviderKey, model: str = GEN, credits: int | None = None, **load: int) -> bool:
    """Whether the key takes one more, while it makes so many: `gen=2, veo=1`."""
    videos = {(key.pk, GEN): load.get("gen", 0), (key.pk, VEO): load.get("veo", 0)}
    wish = Wish(model, None if credits is None else Decimal(credits))
    return bool(routing.survey(Load(videos)).usable(wish))


def test_a_key_makes_as_many_of_a_model_at_once_as_runway_allows() -> None:
    key = make_key(limits=limited(concurrent=2, daily=None, used=0))
    assert [takes(key, gen=count) for count in (0, 1, 2, 3)] == [True, True, False, False]
    assert takes(key, VEO, gen=9, veo=9)


def test_a_key_makes_as_many_at_once_as_its_own_cap_says_whatever_their_model() -> None:
    key = make_key(parallel=3, limits=limited(concurrent=9))
    assert takes(key, gen=1, veo=1)
    assert not takes(key, gen=1, veo=2)
    assert not takes(key, VEO, gen=3)


@pytest.mark.parametrize("limits", [{}, limited(concurrent=None, daily=None, used=10**6)])
def test_limits_that_nobody_knows_stop_nothing(limits: dict[str, Any]) -> None:
    assert takes(make_key(limits=limits), gen=10_000)


def test_a_day_s_limit_counts_what_was_accepted_since_runway_told_the_use() -> None:
    key = make_key(limits=limited(daily=10, used=8), standing_at=timezone.now())
    assert takes(key)
    routing.after_success(key, GEN, None)
    assert takes(key)
    routing.after_success(key, GEN, None)
    assert not takes(key)
    assert takes(key, VEO)


def test_what_was_accepted_before_that_is_in_its_number_already() -> None:
    key = make_key(limits=limited(daily=10, used=9), standing_at=timezone.now())
    routing.after_success(key, GEN, None)
    KeyMinute.objects.update(minute=timezone.now() - timedelta(minutes=5))
    assert takes(key)


@pytest.mark.parametrize(
    ("balance", "floor", "credits", "expected"),
    [
        (199, 200, None, False),
        (200, 200, None, True),
        (59, 0, 60, False),
        (60, 0, 60, True),
        (0, 0, None, True),
        (None, 200, 60, True),
    ],
    ids=["under floor", "at floor", "too few", "just enough", "price unknown", "balance unknown"],
)
def test_a_key_stops_under_its_floor_and_before_what_it_cannot_pay(
    balance: int | None, floor: int, credits: int | None, expected: bool
) -> None:
    key = make_key(credits=balance, credit_floor=floor)
    assert takes(key, credits=credits) is expected


def test_the_sandbox_has_no_floor() -> None:
    assert takes(make_key(credits=0, credit_floor=9, is_sandbox=True), credits=60)


def shares(strategy: str = "weighted", load: Load | None = None) -> Counter[str]:
    """Which keys are chosen, how often of 400; always the same."""
    chance, pool = random.Random(7), routing.survey(load)
    keys = (pool.choose(Wish(GEN), strategy, (), chance) for _ in range(400))
    return Counter(key.name for key in keys if key)


def test_the_least_busy_is_the_one_with_the_fewest_videos_for_its_weight() -> None:
    small, big = make_key("small", weight=1), make_key("big", weight=4)
    assert set(shares("least_busy", Load({(small.pk, GEN): 1, (big.pk, VEO): 3}))) == {"big"}
    assert set(shares("least_busy", Load({(small.pk, GEN): 1, (big.pk, VEO): 5}))) == {"small"}


def test_fill_first_takes_the_heaviest_key_until_it_is_full() -> None:
    make_key("light", weight=1)
    heavy = make_key("heavy", weight=2, parallel=2)
    assert set(shares("fill_first")) == {"heavy"}
    assert set(shares("fill_first", Load({(heavy.pk, GEN): 2}))) == {"light"}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_key_is_chosen_twice_in_a_round(strategy: str) -> None:
    tried = set[int]()
    for name in ("one", "two", "three"):
        make_key(name)
    pool = routing.survey()
    while key := pool.choose(Wish(GEN), strategy, tried):
        assert key.pk not in tried
        tried.add(key.pk)
    assert len(tried) == 3


@pytest.mark.parametrize(
    "counts",
    [
        {"calls": 40, "failures": 36},
        {"calls": 40, "throttled": 36},
        {"calls": 40, "begun": 10, "waited": 6000},
    ],
    ids=["failing", "throttled", "slow to begin"],
)
def test_a_key_that_does_badly_gets_less_but_never_nothing(counts: dict[str, int]) -> None:
    bad = make_key("bad")
    make_key("good")
    measures.note(bad.pk, GEN, **counts)
    share = shares()["bad"]
    assert 0 < share < 120


def test_what_happened_long_ago_counts_no_more() -> None:
    key = make_key()
    measures.note(key.pk, GEN, calls=9, failures=9)
    KeyMinute.objects.update(minute=timezone.now() - timedelta(minutes=11))
    assert measures.lately() == {}
    measures.forget_old()
    assert KeyMinute.objects.exists()
    KeyMinute.objects.update(minute=timezone.now() - timedelta(hours=25))
    measures.forget_old()
    assert not KeyMinute.objects.exists()


def test_counts_of_one_minute_add_up_over_models() -> None:
    key = make_key()
    routing.after_success(key, GEN, None)
    routing.after_success(key, VEO, None)
    routing.note_throttled(key.pk, GEN)
    routing.note_begun(key.pk, GEN, 12.4)
    assert sum(one.calls for one in measures.lately().values()) == 2
    assert measures.lately()[key.pk] == Measured(2, 0, 1, 1, 12)


def test_one_failure_alone_condemns_no_key() -> None:
    assert Measured(calls=1, failures=1).share > 0.8
    assert Measured().share == 1


WHY: dict[str, tuple[list[dict[str, Any]], str]] = {
    "full": (
        [{"parallel": 0}, {"cooldown_until": timezone.now() + timedelta(days=9)}],
        "Every provider key makes as many videos as it may; this one waits for a free place.",
    ),
    "the day's": (
        [{"limits": limited(daily=5, used=5)}, {"credit_floor": 9, "credits": 1}],
        "Every provider key has made as many videos of this model as Runway allows in 24 hours; "
        "this one waits until there is room.",
    ),
    "credits": (
        [{"credit_floor": 9, "credits": 1}, {"paused_reason": "refused"}],
        "No provider key has enough credits for this video. It goes on by itself once there are "
        "more.",
    ),
}


@pytest.mark.parametrize(("keys", "sentence"), WHY.values(), ids=WHY)
def test_what_keeps_every_key_from_it_is_said(keys: list[dict[str, Any]], sentence: str) -> None:
    for number, values in enumerate(keys):
        make_key(f"key {number}", **values)
    assert reasons.why_none(routing.survey(), Wish(GEN)) == sentence


def test_it_is_asked_again_when_the_first_key_is_back_but_within_five_seconds() -> None:
    make_key()
    for wait, expected in ((3, 3), (60, 5), (-1, 5)):
        ProviderKey.objects.update(cooldown_until=timezone.now() + timedelta(seconds=wait))
        assert round(routing.survey().seconds_until_back(GEN)) == expected
