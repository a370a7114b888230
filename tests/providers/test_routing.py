"""Which key serves a model, and what each failure means for a key."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from providers import routing
from providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderNotFound,
    ProviderOutOfCredits,
    ProviderProtocolError,
    ProviderRateLimited,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUncertain,
    SubmissionUnreadable,
)
from providers.models import PAUSED_BY_HAND
from providers.secrets import SecretUnavailable
from tests.videos.factories import make_key

pytestmark = pytest.mark.django_db


def in_seconds(seconds: float) -> Any:
    """A moment from now."""
    return timezone.now() + timedelta(seconds=seconds)


def chosen(times: int = 400) -> Counter[str]:
    """Which keys are chosen for gen4.5, how often; always the same."""
    chance = random.Random(7)
    keys = (routing.choose("gen4.5", chance) for _ in range(times))
    return Counter(key.name if key else "none" for key in keys)


def test_keys_share_the_work_by_their_weight() -> None:
    make_key("one", weight=1)
    make_key("three", weight=3)
    make_key("none", weight=0)
    shares = chosen()
    assert set(shares) == {"one", "three"}
    assert 250 < shares["three"] < 350


@pytest.mark.parametrize(
    "other",
    [
        {"model_ids": ["veo3.1"]},
        {"enabled": False},
        {"paused_reason": "refused"},
        {"cooldown_until": "later"},
        {"weight": 0},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_key_that_does_not_serve_now_is_not_chosen(other: dict[str, Any]) -> None:
    if "cooldown_until" in other:
        other = {"cooldown_until": in_seconds(60)}
    make_key("other", **{"weight": 9, **other})
    make_key("works", model_ids=["gen4.5", "gen4_turbo"])
    assert set(chosen(20)) == {"works"}


def test_a_rest_that_is_over_is_over() -> None:
    make_key("rested", cooldown_until=in_seconds(-1))
    assert set(chosen(1)) == {"rested"}


def test_without_a_key_none_is_chosen() -> None:
    assert routing.choose("gen4.5") is None


WHY: dict[str, tuple[list[dict[str, Any]], str]] = {
    "no key": ([], "No provider key is set up. An administrator can add one."),
    "all off": ([{"enabled": False}], "No provider key is set up. An administrator can add one."),
    "other models": ([{"model_ids": ["veo3.1"]}], "No provider key serves gen4.5."),
    "no weight": ([{"weight": 0}], "No provider key serves gen4.5."),
    "one paused": (
        [{"paused_reason": "Runway refused this key: no"}],
        "Every provider key is paused: key 0: Runway refused this key: no",
    ),
    "paused, and one for another model": (
        [{"model_ids": ["veo3.1"]}, {"paused_reason": "refused"}],
        "Every provider key is paused: key 1: refused",
    ),
    "resting": (
        [{"cooldown_until": 30}, {"cooldown_until": 90}],
        "Every provider key is resting; the next one is back in 30 seconds.",
    ),
    "resting long": (
        [{"cooldown_until": 601}],
        "Every provider key is resting; the next one is back in 10 minutes.",
    ),
    "nearly back": (
        [{"cooldown_until": 0.9}],
        "Every provider key is resting; the next one is back in 1 second.",
    ),
    "one paused, one resting": (
        [{"paused_reason": "refused"}, {"cooldown_until": 30}],
        "Every provider key is resting; the next one is back in 30 seconds.",
    ),
    "back meanwhile": (
        [{"cooldown_until": -60}],
        "Every provider key is resting; the next one is back in 1 second.",
    ),
}


@pytest.mark.parametrize(("keys", "sentence"), WHY.values(), ids=WHY)
def test_why_none_says_so_in_one_sentence(keys: list[dict[str, Any]], sentence: str) -> None:
    for number, values in enumerate(keys):
        seconds = values.get("cooldown_until")
        until = in_seconds(seconds + 0.4 * (seconds > 1)) if seconds else None
        make_key(f"key {number}", **{**values, "cooldown_until": until})
    assert routing.why_none("gen4.5") == sentence


RESTS: dict[str, tuple[ProviderError, float]] = {
    "no connection": (ProviderUnavailable("no"), 5),
    "503 with a wish": (ProviderUnavailable("no", 42), 42),
    "429": (ProviderRateLimited("no"), 30),
    "429 with a wish": (ProviderRateLimited("no", 2), 2),
    "daily limit": (ProviderRateLimited("no", daily=True), 3600),
    "daily limit with a short wish": (ProviderRateLimited("no", 2, daily=True), 3600),
    "no credits": (ProviderOutOfCredits("no"), 600),
}


@pytest.mark.parametrize(("failure", "seconds"), RESTS.values(), ids=RESTS)
def test_a_failure_that_passes_lets_the_key_rest(failure: ProviderError, seconds: float) -> None:
    key = make_key()
    before = timezone.now()
    routing.after_failure(key, failure)
    key.refresh_from_db()
    assert key.cooldown_until and not key.paused_reason
    assert 0 <= (key.cooldown_until - before).total_seconds() - seconds < 5


def test_a_short_rest_does_not_end_a_long_one() -> None:
    key = make_key()
    routing.after_failure(key, ProviderOutOfCredits("no"))
    key.refresh_from_db()
    until = key.cooldown_until
    routing.after_failure(key, ProviderUnavailable("no"))
    key.refresh_from_db()
    assert key.cooldown_until == until


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (ProviderAuthError("Invalid API key"), "Runway refused this key: Invalid API key"),
        (ProviderAuthError("x" * 999), ("Runway refused this key: " + "x" * 999)[:200]),
        (SecretUnavailable("RUNWAY_X is not set."), "RUNWAY_X is not set."),
    ],
    ids=["refused", "long", "secret"],
)
def test_a_failure_that_stays_pauses_the_key(failure: ProviderError, reason: str) -> None:
    key = make_key()
    routing.after_failure(key, failure)
    key.refresh_from_db()
    assert (key.paused_reason, key.cooldown_until) == (reason, None)


def test_the_first_reason_of_a_pause_stays() -> None:
    key = make_key(paused_reason=PAUSED_BY_HAND)
    routing.after_failure(key, ProviderAuthError("no"))
    key.refresh_from_db()
    assert key.paused_reason == PAUSED_BY_HAND


@pytest.mark.parametrize(
    "failure",
    [
        ProviderRejected("no"),
        ProviderNotFound("no"),
        ProviderProtocolError("no"),
        SubmissionUncertain("no"),
        SubmissionUnreadable("no"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_failure_of_one_request_means_nothing_for_the_key(failure: ProviderError) -> None:
    key = make_key()
    routing.after_failure(key, failure)
    key.refresh_from_db()
    assert (key.paused_reason, key.cooldown_until) == ("", None)
