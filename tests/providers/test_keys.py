"""ProviderKey: its secret, where it may be used, and what a test of it changes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import responses
from django.core.exceptions import ValidationError
from django.utils import timezone

from providers import routing
from providers.errors import ProviderForbidden
from providers.models import PAUSED_BY_HAND, ProviderKey, check_base_url
from providers.secrets import SecretUnavailable
from tests.videos.factories import make_key

from .conftest import BASE, SECRET

pytestmark = pytest.mark.django_db

STANDING = f"{BASE}/v1/organization"


def fresh(key: ProviderKey) -> ProviderKey:
    """The key as the database has it."""
    return ProviderKey.objects.get(pk=key.pk)


def test_the_secret_goes_in_and_only_its_end_is_seen() -> None:
    key = ProviderKey(name="main")
    key.set_secret(f" {SECRET}\n")
    assert SECRET not in repr(vars(key)) + repr(key) + str(key)
    assert (str(key), key.last4) == ("main (…beef)", "beef")


def test_a_reference_has_no_end_to_be_seen() -> None:
    key = ProviderKey(name="main")
    key.set_secret(" env.RUNWAY_API_KEY")
    assert (str(key), key.last4, key.secret) == ("main", "", "env.RUNWAY_API_KEY")


def test_a_refused_secret_leaves_the_old_one() -> None:
    key = make_key()
    before = key.secret, key.last4
    with pytest.raises(SecretUnavailable):
        key.set_secret("env.PATH")
    assert (key.secret, key.last4) == before


def test_a_client_uses_this_secret_at_this_address(runway: responses.RequestsMock) -> None:
    key = ProviderKey(name="main", base_url=BASE)
    key.set_secret(SECRET)
    runway.get(STANDING, json={"creditBalance": 1})
    key.client().organization()
    assert runway.calls[0].request.headers["Authorization"] == f"Bearer {SECRET}"


ALLOWED = [
    "https://api.dev.runwayml.com",
    "https://api.dev.runwayml.com/",
    "https://API.dev.runwayml.com:443/v9",
    "http://127.0.0.1:4010",
    "http://127.0.0.1:4010/proxy",
]
REFUSED = [
    *("", "api.dev.runwayml.com", "//api.dev.runwayml.com", "https://", "https:///v1"),
    *("http://api.dev.runwayml.com", "https://api.dev.runwayml.com:8443"),
    *("https://api.dev.runwayml.com.evil.example", "https://evil.example/api.dev.runwayml.com"),
    *("https://ana@api.dev.runwayml.com", "https://ana:x@api.dev.runwayml.com"),
    *("https://api.dev.runwayml.com@evil.example", "https://evil.example\\@api.dev.runwayml.com"),
    *("https://api.dev.runwayml.com?to=", "https://api.dev.runwayml.com/#", "https://[::1"),
    *("https://api.dev.runwayml.com:99999", "https://api.dev.runwayml.com:a"),
    *("https://api.dev.runwayml.com/a b", "https://api.dev.run\nwayml.com", "https://\ud800"),
    *("http://127.0.0.1:4011", "https://127.0.0.1:4010", "http://localhost:4010"),
    *("file:///etc/passwd", "javascript:alert(1)"),
]


@pytest.mark.parametrize("url", ALLOWED)
def test_a_key_may_be_used_at_runway_and_at_listed_origins(url: str) -> None:
    check_base_url(url)


@pytest.mark.parametrize("url", REFUSED, ids=ascii)
def test_a_key_is_used_nowhere_else(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        check_base_url(url)
    assert caught.value.messages == [
        "Must be https on api.dev.runwayml.com, or an origin that STUDIO_PROVIDER_ORIGINS lists."
    ]


def test_the_operator_may_allow_further_hosts(settings: Any) -> None:
    settings.STUDIO_PROVIDER_HOSTS = ["runway.example.org"]
    check_base_url("https://runway.example.org")
    with pytest.raises(ValidationError):
        check_base_url("https://api.dev.runwayml.com")


@pytest.mark.parametrize(
    ("model_ids", "weight", "serves"),
    [([], 1, True), (["gen4.5"], 1, True), (["veo3.1"], 1, False), ([], 0, False)],
    ids=["all models", "this model", "another model", "no weight"],
)
def test_a_key_serves_its_models(model_ids: list[str], weight: int, serves: bool) -> None:
    assert ProviderKey(model_ids=model_ids, weight=weight).serves("gen4.5") is serves


def test_in_service_and_proven_say_which_keys_may_work() -> None:
    make_key("works")
    make_key("resting", cooldown_until=timezone.now() + timedelta(seconds=9))
    make_key("untested", passed_at=None)
    make_key("sandbox", is_sandbox=True, passed_at=None)
    make_key("paused", paused_reason="refused")
    make_key("off", enabled=False)

    def names(keys: Any) -> set[str]:
        return {key.name for key in keys}

    keys = ProviderKey.objects.in_service()
    assert names(keys) == {"works", "resting", "untested", "sandbox"}
    assert names(keys.proven()) == {"works", "resting", "sandbox"}
    assert names(keys.unproven()) == {"untested"}


def test_a_rest_for_a_model_and_the_keys_own_end_with_the_later_one() -> None:
    now = timezone.now()
    key = make_key()
    assert key.rests_until("gen4.5") is None
    key.rests.create(model="gen4.5", until=now, reason="no")
    key.rests.create(model="veo3.1", until=now + timedelta(hours=9), reason="no")
    assert key.rests_until("gen4.5") == now
    key.cooldown_until = now + timedelta(hours=1)
    assert key.rests_until("gen4.5") == key.cooldown_until
    assert key.rests_until("veo3.1") == now + timedelta(hours=9)


def test_a_test_that_passes_notes_credits_and_time(runway: responses.RequestsMock) -> None:
    key = make_key(test_error="no", passed_at=None)
    runway.get(STANDING, json={"creditBalance": 4210.5})
    assert key.test() == ""
    for seen in (key, fresh(key)):
        assert (seen.test_error, seen.credits) == ("", Decimal("4210.5"))
        assert seen.tested_at and seen.passed_at


def test_the_first_pass_is_remembered_not_the_last(runway: responses.RequestsMock) -> None:
    before = timezone.now() - timedelta(days=9)
    key = make_key(passed_at=before)
    runway.get(STANDING, json={"creditBalance": 1})
    key.test()
    assert fresh(key).passed_at == before


def test_a_huge_balance_is_kept(runway: responses.RequestsMock) -> None:
    runway.get(STANDING, json={"creditBalance": 9_999_999_999})
    key = make_key()
    assert key.test() == ""
    assert fresh(key).credits == Decimal(9_999_999_999)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"json": {"error": "Invalid\nAPI key\0 \ud800"}, "status": 401}, "Invalid API key"),
        ({"json": {"error": "x" * 9000}, "status": 403}, "x" * 300),
        ({"body": "<html>", "status": 200}, "not a JSON object"),
        ({"json": {"creditBalance": "many"}}, "no creditBalance"),
        ({"body": ConnectionResetError()}, "No answer"),
    ],
    ids=["refused", "long", "html", "wrong shape", "reset"],
)
def test_a_test_that_fails_says_why_and_changes_nothing_else(
    runway: responses.RequestsMock, answer: dict[str, Any], said: str
) -> None:
    key = make_key(credits=Decimal(7), paused_reason="refused", passed_at=None)
    runway.get(STANDING, **answer)
    error = key.test()
    assert said in error
    seen = fresh(key)
    assert (seen.test_error, seen.credits, seen.paused_reason) == (error, Decimal(7), "refused")
    assert seen.tested_at and not seen.passed_at


def test_a_secret_that_cannot_be_had_fails_the_test(runway: responses.RequestsMock) -> None:
    key = make_key()
    key.set_secret("env.RUNWAY_IS_NOT_SET_HERE")
    assert "RUNWAY_IS_NOT_SET_HERE is not set" in key.test()
    assert len(runway.calls) == 0


@pytest.mark.parametrize(
    ("reason", "after"),
    [("Runway refused this key", ""), (PAUSED_BY_HAND, PAUSED_BY_HAND)],
    ids=["paused by us", "paused by hand"],
)
def test_a_test_that_passes_ends_our_pause_only(
    runway: responses.RequestsMock, reason: str, after: str
) -> None:
    key = make_key(paused_reason=reason)
    runway.get(STANDING, json={"creditBalance": 1})
    key.test()
    assert fresh(key).paused_reason == after


def test_the_first_real_key_that_passes_puts_the_sandbox_out_of_service_for_good(
    runway: responses.RequestsMock,
) -> None:
    sandbox, real = make_key("sandbox", is_sandbox=True), make_key("real", passed_at=None)
    runway.get(STANDING, json={"creditBalance": 1})
    sandbox.test()
    assert fresh(sandbox).enabled
    real.test()
    assert not fresh(sandbox).enabled
    ProviderKey.objects.filter(pk=sandbox.pk).update(enabled=True)
    fresh(real).test()
    assert fresh(sandbox).enabled


def test_a_key_that_fails_leaves_the_sandbox_in_service(runway: responses.RequestsMock) -> None:
    sandbox, real = make_key("sandbox", is_sandbox=True), make_key("real", passed_at=None)
    runway.get(STANDING, json={"error": "no"}, status=401)
    real.test()
    assert fresh(sandbox).enabled


def test_a_test_that_passes_reads_the_limits_of_each_model(runway: responses.RequestsMock) -> None:
    limits = {"maxConcurrentGenerations": 5, "maxDailyGenerations": None}
    body = {
        "creditBalance": 1,
        "tier": {"maxMonthlyCreditSpend": 50_000, "models": {"gen4.5": limits, "a\0b": limits}},
        "usage": {"models": {"gen4.5": {"dailyGenerations": 3}}},
    }
    runway.get(STANDING, json=body)
    key = make_key()
    assert key.test() == ""
    seen = fresh(key)
    read = {"concurrent": 5, "daily": None, "used": 3}
    assert seen.limits == {"monthly_spend": 50_000, "models": {"gen4.5": read}}
    assert [seen.limit("gen4.5", name) for name in ("concurrent", "daily", "used")] == [5, None, 3]
    assert seen.limit("veo3.1", "concurrent") is None
    assert seen.standing_at and seen.last_success_at and seen.misses == 0


@pytest.mark.parametrize("status", [401, 403])
def test_a_test_that_is_refused_pauses_a_key_that_worked(
    runway: responses.RequestsMock, status: int
) -> None:
    runway.get(STANDING, json={"error": "Revoked"}, status=status)
    key = make_key()
    key.test()
    seen = fresh(key)
    assert seen.paused_reason == "Its test failed: Revoked"
    assert (seen.last_error, seen.last_error_at is not None) == ("Revoked", True)


def test_a_test_that_passes_ends_the_rest_for_a_model_that_was_refused(
    runway: responses.RequestsMock,
) -> None:
    key = make_key()
    routing.after_failure(key, ProviderForbidden("not in your plan"), "gen4.5")
    key.rests.create(model="veo3.1", until=timezone.now(), reason="slow down")
    runway.get(STANDING, json={"creditBalance": 1})
    key.test()
    assert [rest.model for rest in key.rests.all()] == ["veo3.1"]


@pytest.mark.parametrize(
    ("values", "due"),
    [
        ({"next_test_at": 1}, False),
        ({"next_test_at": -1}, True),
        ({"next_test_at": -1, "paused_reason": "Runway refused this key"}, True),
        ({"next_test_at": -1, "paused_reason": PAUSED_BY_HAND}, False),
        ({"next_test_at": -1, "enabled": False}, False),
        ({"next_test_at": -1, "is_sandbox": True}, False),
        ({"passed_at": None}, True),
        ({}, False),
    ],
    ids=["later", "now", "paused", "by hand", "off", "sandbox", "new", "never planned"],
)
def test_keys_are_tested_when_their_time_has_come(
    runway: responses.RequestsMock, values: dict[str, Any], due: bool
) -> None:
    if "next_test_at" in values:
        in_minutes = timedelta(minutes=values["next_test_at"])
        values = {**values, "next_test_at": timezone.now() + in_minutes}
    key = make_key(**values)
    runway.get(STANDING, json={"creditBalance": 7})
    routing.test_due_keys()
    routing.test_due_keys()
    assert len(runway.calls) == int(due)
    assert (fresh(key).credits == 7) is due


def test_a_topped_up_key_resumes_by_itself(runway: responses.RequestsMock) -> None:
    soon = timezone.now() - timedelta(seconds=1)
    key = make_key(paused_reason="Out of credits: no", needs_credits=60, next_test_at=soon)
    for balance, paused in ((59, True), (60, False)):
        ProviderKey.objects.update(next_test_at=soon)
        runway.upsert(responses.GET, STANDING, json={"creditBalance": balance})
        routing.test_due_keys()
        assert bool(fresh(key).paused_reason) is paused


def test_one_key_that_does_not_answer_does_not_keep_the_others_from_their_test(
    runway: responses.RequestsMock,
) -> None:
    soon = timezone.now() - timedelta(seconds=1)
    make_key("a", next_test_at=soon, base_url="https://elsewhere.example")
    make_key("b", next_test_at=soon)
    runway.get(STANDING, json={"creditBalance": 7})
    routing.test_due_keys()
    assert fresh(ProviderKey.objects.get(name="b")).credits == 7
