"""Which key serves a model, and what each failure means for a key."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from providers import reasons, routing
from providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderForbidden,
    ProviderNotFound,
    ProviderOutOfCredits,
    ProviderProtocolError,
    ProviderRateLimited,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUncertain,
    SubmissionUnreadable,
)
from providers.models import PAUSED_BY_HAND, ProviderKey
from providers.pool import Load, Wish
from providers.secrets import SecretUnavailable
from tests.videos.factories import make_key

pytestmark = pytest.mark.django_db


def in_seconds(seconds: float) -> Any:
    """A moment from now."""
    return timezone.now() + timedelta(seconds=seconds)


def choose(model: str = "gen4.5") -> ProviderKey | None:
    """The key for one more video of this model, where nothing else is made."""
    return routing.choose(Wish(model), Load())


def why_none() -> str:
    """Why no key takes a gen4.5 video."""
    return reasons.why_none(routing.survey(), Wish("gen4.5"))


def chosen(times: int = 400) -> Counter[str]:
    """Which keys are chosen for gen4.5, how often; always the same."""
    chance, pool = random.Random(7), routing.survey()
    keys = (pool.choose(Wish("gen4.5"), chance=chance) for _ in range(times))
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
        {"passed_at": None},
        {"is_sandbox": True},
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
    assert choose() is None


def test_the_sandbox_serves_while_no_real_key_has_passed_its_test() -> None:
    make_key("sandbox", is_sandbox=True, passed_at=None)
    make_key("untested", weight=9, passed_at=None)
    assert set(chosen(20)) == {"sandbox"}
    assert routing.is_sandboxed() and routing.is_sandboxed("gen4.5")


def test_a_real_key_that_rests_does_not_bring_the_sandbox_back() -> None:
    make_key("sandbox", is_sandbox=True)
    make_key("real", cooldown_until=in_seconds(60))
    assert set(chosen(1)) == {"none"}
    assert not routing.is_sandboxed("gen4.5")


def test_the_sandbox_serves_only_models_that_no_real_key_serves() -> None:
    make_key("sandbox", is_sandbox=True)
    make_key("real", model_ids=["veo3.1"])
    assert set(chosen(20)) == {"sandbox"}
    assert [routing.is_sandboxed(model) for model in ("gen4.5", "veo3.1", "")] == [
        True,
        False,
        False,
    ]


def test_without_a_sandbox_nothing_is_free() -> None:
    assert not routing.is_sandboxed()
    make_key("untested", passed_at=None)
    assert not routing.is_sandboxed()


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
    "never tested": (
        [{"passed_at": None}],
        "The provider key key 0 has not passed its test yet. "
        "An administrator can test it under /admin/, free of charge.",
    ),
    "never passed": (
        [{"paused_reason": "refused"}, {"passed_at": None, "test_error": "Invalid API key"}],
        "The provider key key 1 has not passed its test yet (Invalid API key). "
        "An administrator can test it under /admin/, free of charge.",
    ),
    "one untested, one resting": (
        [{"passed_at": None}, {"cooldown_until": 30}],
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
    assert why_none() == sentence


def test_why_none_repeats_what_runway_said_about_this_model() -> None:
    main, other = make_key(), make_key("other", cooldown_until=in_seconds(7200))
    routing.after_failure(main, ProviderForbidden("not in your plan"), "gen4.5")
    routing.after_failure(other, ProviderRateLimited("Daily task limit", daily=True), "gen4.5")
    assert why_none() == (
        "Every provider key is resting; the next one is back in 60 minutes: "
        "Runway refused it: not in your plan"
    )


def test_the_longest_reason_fits_where_it_is_kept() -> None:
    make_key("n" * 80, passed_at=None, test_error="x" * 300)
    assert len(why_none()) <= 300


OF_ONE_MODEL: dict[str, tuple[ProviderError, float]] = {
    "429": (ProviderRateLimited("slow down"), 30),
    "daily limit": (ProviderRateLimited("slow down", 2, daily=True), 3600),
    "403": (ProviderForbidden("not for you"), 3600),
}


@pytest.mark.parametrize(("failure", "seconds"), OF_ONE_MODEL.values(), ids=OF_ONE_MODEL)
def test_what_is_refused_for_one_model_leaves_the_key_to_the_others(
    failure: ProviderError, seconds: float
) -> None:
    key = make_key()
    before = timezone.now()
    routing.after_failure(key, failure, "gen4.5")
    key.refresh_from_db()
    assert (key.cooldown_until, key.paused_reason) == (None, "")
    assert (choose(), choose("veo3.1")) == (None, key)
    rest = key.rests.get()
    assert 0 <= (rest.until - before).total_seconds() - seconds < 5
    assert str(failure) in rest.reason


def test_a_short_rest_for_a_model_does_not_end_a_long_one() -> None:
    key = make_key()
    routing.after_failure(key, ProviderRateLimited("a day", daily=True), "gen4.5")
    long = key.rests.get().until
    routing.after_failure(key, ProviderRateLimited("a moment", 2), "gen4.5")
    assert (key.rests.get().until, key.rests.get().reason) == (long, "a day")
    routing.after_failure(key, ProviderForbidden("a second hour"), "gen4.5")
    assert key.rests.get().until > long


def test_a_wrong_key_is_paused_whatever_it_was_asked_for() -> None:
    key = make_key()
    routing.after_failure(key, ProviderAuthError("Invalid API key"), "gen4.5")
    key.refresh_from_db()
    assert key.paused_reason == "Runway refused this key: Invalid API key"
    assert not key.rests.exists()


RESTS: dict[str, tuple[ProviderError, float]] = {
    "no connection": (ProviderUnavailable("no"), 5),
    "503 with a wish": (ProviderUnavailable("no", 42), 42),
    "429": (ProviderRateLimited("no"), 30),
    "429 with a wish": (ProviderRateLimited("no", 2), 2),
    "daily limit": (ProviderRateLimited("no", daily=True), 3600),
    "daily limit with a short wish": (ProviderRateLimited("no", 2, daily=True), 3600),
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
    routing.after_failure(key, ProviderUnavailable("no", 600))
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
        (ProviderForbidden("Suspended"), "Runway refused this key: Suspended"),
        (ProviderOutOfCredits("Not enough credits"), "Out of credits: Not enough credits"),
    ],
    ids=["refused", "long", "secret", "403 of no model", "no credits"],
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


def test_a_failure_is_kept_with_its_time_and_code() -> None:
    key = make_key()
    before = timezone.now()
    routing.after_failure(key, ProviderRateLimited("slow down"), "gen4.5")
    key.refresh_from_db()
    assert (key.last_error, key.last_error_code) == ("slow down", "provider_rate_limited")
    assert key.last_error_at and key.last_error_at >= before


def test_what_says_nothing_about_the_key_is_not_kept() -> None:
    key = make_key()
    routing.after_failure(key, ProviderRejected("Too long"), "gen4.5")
    key.refresh_from_db()
    assert (key.last_error, key.minutes.count()) == ("", 0)


def test_a_rest_grows_with_every_miss_in_a_row_until_one_succeeds() -> None:
    key = make_key()
    waits = []
    for _ in range(3):
        key.refresh_from_db()
        before = timezone.now()
        routing.after_failure(key, ProviderUnavailable("no"))
        key.refresh_from_db()
        assert key.cooldown_until
        waits.append(round((key.cooldown_until - before).total_seconds()))
        ProviderKey.objects.update(cooldown_until=None)
    routing.after_success(key, "gen4.5", None)
    key.refresh_from_db()
    assert (waits, key.misses) == ([5, 10, 20], 0)


def test_many_failures_of_one_moment_are_one_miss() -> None:
    key = make_key()
    for _ in range(5):
        routing.after_failure(key, ProviderUnavailable("no"))
    key.refresh_from_db()
    assert key.misses == 1


def test_a_success_is_kept_and_its_credits_are_taken_off() -> None:
    key = make_key(credits=Decimal(100))
    routing.after_success(key, "gen4.5", Decimal(60))
    key.refresh_from_db()
    assert key.last_success_at is not None
    assert key.credits == Decimal(40)


def test_a_key_without_credits_says_how_many_it_needs_to_go_on() -> None:
    key = make_key()
    routing.after_failure(key, ProviderOutOfCredits("no"), "gen4.5", Decimal(60))
    key.refresh_from_db()
    assert key.needs_credits == Decimal(60)
