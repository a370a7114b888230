"""`/api/providers`, as Bifrost's scripts and an administrator's own call it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses
from django.test import Client
from django.utils import timezone

from providers.models import ProviderKey
from tests.videos.factories import BASE_URL, SECRET, make_key, make_video

from .administrators import HERE, KEYS, Admin, admin

__all__ = ["admin"]

pytestmark = pytest.mark.django_db

KEY: dict[str, Any] = {"name": "a", "value": "env.RUNWAY_A"}
SEED = {
    "provider": "runway",
    "keys": [
        {"name": "runway-key-1", "value": "env.RUNWAY_API_KEY", "models": ["*"], "weight": 1.0}
    ],
}
OTHER = "key_" + "1" * 124 + "9f3c"


@pytest.fixture
def runway() -> Iterator[responses.RequestsMock]:
    """A Runway whose account has 4,210 credits."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{BASE_URL}/v1/organization", json={"creditBalance": 4210})
        yield mock


def test_the_seed_s_request_adds_a_key_that_is_tested(
    admin: Admin, runway: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNWAY_API_KEY", SECRET)
    status, provider = admin("POST", HERE, SEED)
    assert (status, provider["name"], provider["provider_status"]) == (200, "runway", "active")
    [key] = provider["keys"]
    assert (key["value"], key["value_state"], key["models"]) == (
        "env.RUNWAY_API_KEY",
        "found",
        ["*"],
    )
    assert (key["status"], key["credits"], key["weight"]) == ("works", 4210, 1)
    assert key["network_config"]["base_url"] == BASE_URL
    assert ProviderKey.objects.get().serves("gen4_turbo")


def test_the_body_is_json_whatever_its_type_says(admin: Admin) -> None:
    headers = {"Authorization": f"Bearer {admin.token}"}
    kind = "application/x-www-form-urlencoded"
    answer = Client().generic("POST", HERE, json.dumps(SEED).encode(), kind, headers=headers)
    assert answer.status_code == 200


def test_a_reference_that_leads_nowhere_is_taken_and_shown_as_missing(admin: Admin) -> None:
    status, provider = admin("POST", HERE, SEED)
    [key] = provider["keys"]
    assert (status, key["value_state"], key["status"]) == (200, "missing", "failed")
    assert "RUNWAY_API_KEY is not set" in key["description"]


def test_a_failed_test_is_told_and_is_no_error(admin: Admin) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE_URL}/v1/organization", json={"error": "Invalid API key"}, status=401)
        status, key = admin("POST", KEYS, {"name": "main", "value": OTHER})
    assert (status, key["value"], key["status"]) == (200, "key_…9f3c", "failed")
    assert "Invalid API key" in key["description"]
    assert not ProviderKey.objects.proven().exists()


def test_a_key_without_base_url_is_used_where_the_installation_says(
    admin: Admin, settings: Any
) -> None:
    settings.RUNWAY_BASE_URL = "http://127.0.0.1:4010"
    _, provider = admin("POST", HERE, SEED)
    assert provider["keys"][0]["network_config"]["base_url"] == "http://127.0.0.1:4010"


def test_network_config_holds_for_keys_that_have_none_of_their_own(admin: Admin) -> None:
    own = {"name": "own", "value": "env.RUNWAY_B", "network_config": {"base_url": BASE_URL}}
    network = {"base_url": "http://127.0.0.1:4010", "default_request_timeout_in_seconds": 9}
    _, provider = admin(
        "POST", HERE, {**SEED, "keys": [*SEED["keys"], own], "network_config": network}
    )
    found = {key["name"]: key["network_config"] for key in provider["keys"]}
    assert found["runway-key-1"] == network
    assert found["own"] == {**network, "base_url": BASE_URL}


def test_a_name_that_is_taken_is_409_and_nothing_is_added(admin: Admin) -> None:
    make_key("taken")
    keys = [*SEED["keys"], {"name": "taken", "value": "env.RUNWAY_B"}]
    status, body = admin("POST", HERE, {"provider": "runway", "keys": keys})
    assert (status, body["error"]["code"], body["error"]["param"]) == (
        409,
        "key_exists",
        "keys[1].name",
    )
    assert ProviderKey.objects.count() == 1


def test_what_was_read_can_be_sent_back_and_changes_nothing(admin: Admin) -> None:
    make_key("one", model_ids=["gen4*", "!gen4_turbo"])
    make_key("two", weight=0.5)
    before = list(ProviderKey.objects.values())
    _, provider = admin("GET", f"{HERE}/runway")
    assert admin("PUT", f"{HERE}/runway", provider) == (200, provider)
    for key in provider["keys"]:
        assert admin("PUT", f"{KEYS}/{key['id']}", key) == (200, key)
    assert list(ProviderKey.objects.values()) == before


def test_put_makes_the_keys_what_is_given(admin: Admin) -> None:
    keep, gone = make_key("keep"), make_key("gone")
    keys = [{"id": str(keep.pk), "name": "kept", "weight": 3}, {**KEY, "enabled": False}]
    status, provider = admin("PUT", f"{HERE}/runway", {"keys": keys})
    assert status == 200
    assert [key["name"] for key in provider["keys"]] == ["a", "kept"]
    keep.refresh_from_db()
    assert (keep.weight, keep.client().base_url) == (3, BASE_URL)
    assert not ProviderKey.objects.filter(pk=gone.pk).exists()


def test_a_new_address_needs_the_secret_again(admin: Admin, runway: responses.RequestsMock) -> None:
    key = make_key()
    moved = {"network_config": {"base_url": "http://127.0.0.1:4010"}}
    for path, body, param in (
        (f"{KEYS}/main", moved, "value"),
        (f"{KEYS}/main", {**moved, "value": "key_…0000"}, "value"),
        (f"{HERE}/runway", {"keys": [{"name": "main", **moved}]}, "keys[0].value"),
        (f"{HERE}/runway", moved, "value"),
    ):
        status, answer = admin("PUT", path, body)
        assert (status, answer["error"]["code"]) == (400, "secret_required")
        assert answer["error"]["param"] == param
    runway.get("http://127.0.0.1:4010/v1/organization", json={"creditBalance": 1})
    status, answer = admin("PUT", f"{KEYS}/main", {**moved, "value": SECRET})
    assert (status, answer["status"], answer["credits"]) == (200, "works", 1)
    key.refresh_from_db()
    assert key.base_url == "http://127.0.0.1:4010"


def test_a_new_secret_is_tested_before_it_gets_work(
    admin: Admin, runway: responses.RequestsMock
) -> None:
    make_key(credits=7)
    status, answer = admin("PUT", f"{KEYS}/main", {"value": OTHER})
    assert (status, answer["value"], answer["credits"]) == (200, "key_…9f3c", 4210)


def test_the_same_secret_again_keeps_what_is_known(admin: Admin) -> None:
    key = make_key(credits=7, tested_at=timezone.now())
    admin("PUT", f"{KEYS}/main", {"value": SECRET, "weight": 2})
    key.refresh_from_db()
    assert key.passed_at is not None
    assert [key.credits, key.weight] == [7, 2]


def test_keys_are_listed_looked_at_and_deleted_by_id_or_name(admin: Admin) -> None:
    one, two = make_key("one"), make_key("two")
    status, listed = admin("GET", KEYS)
    assert (status, listed["total"]) == (200, 2)
    assert admin("GET", f"{KEYS}/one") == admin("GET", f"{KEYS}/{one.pk}")
    gone = {"id": str(two.pk), "name": "two", "deleted": True}
    assert admin("DELETE", f"{KEYS}/two") == (200, gone)
    assert admin("DELETE", f"{KEYS}/two")[0] == 404
    status, provider = admin("DELETE", f"{HERE}/runway")
    assert (status, provider["keys"]) == (200, [])
    assert admin("GET")[1]["total"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", f"{KEYS}/main", None),
        ("DELETE", f"{HERE}/runway", None),
        ("PUT", f"{HERE}/runway", {"keys": []}),
    ],
    ids=str,
)
def test_a_key_with_videos_under_way_is_not_deleted(
    admin: Admin, method: str, path: str, body: Any
) -> None:
    make_key()
    video = make_video("in_progress")
    status, answer = admin(method, path, body)
    assert (status, answer["error"]["code"]) == (409, "key_in_use")
    assert video.pk in answer["error"]["message"]
    assert ProviderKey.objects.exists()
    _, key = admin("GET", f"{KEYS}/main")
    assert (key["running"], key["today"]) == (1, 1)


def test_the_sandbox_s_key_is_nobody_s_to_set(admin: Admin) -> None:
    sandbox = make_key("sandbox", is_sandbox=True)
    assert admin("GET", KEYS)[1]["keys"] == []
    assert admin("DELETE", f"{KEYS}/{sandbox.pk}")[0] == 404
    assert admin("PUT", f"{HERE}/runway", {"keys": []})[0] == 200
    assert admin("POST", KEYS, {**KEY, "name": "sandbox"})[0] == 409
    assert ProviderKey.objects.get() == sandbox
