"""What is done to provider keys is on record, by whichever door; a new account begins anew."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import responses
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from providers import deployed, entries, rotation
from providers.entries import Entry
from providers.models import ProviderKey
from studio import install
from studio.accounts.audit import OPERATOR
from studio.accounts.models import AuditEntry
from tests.videos.factories import BASE_URL, make_key, make_user

from .administrators import HERE, KEYS, Admin, admin

__all__ = ["admin"]

pytestmark = pytest.mark.django_db

OTHER = "key_" + "1" * 124 + "9f3c"
ADDED, CHANGED = "provider_key.added", "provider_key.changed"
DELETED, TESTED = "provider_key.deleted", "provider_key.tested"


@pytest.fixture(autouse=True)
def runway() -> Iterator[responses.RequestsMock]:
    """A Runway whose account has 4,210 credits, at two addresses."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for url in (BASE_URL, "http://127.0.0.1:4010"):
            mock.get(f"{url}/v1/organization", json={"creditBalance": 4210})
        yield mock


def actions() -> list[str]:
    """What is on record, in order."""
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def newest(action: str) -> AuditEntry:
    """The last entry of this kind."""
    return AuditEntry.objects.filter(action=action).order_by("-id")[0]


def test_every_write_of_the_api_is_on_record(admin: Admin) -> None:
    admin("POST", HERE, {"provider": "runway", "keys": [{"name": "a", "value": OTHER}]})
    admin("POST", KEYS, {"name": "b", "value": "env.RUNWAY_B"})
    admin("PUT", f"{KEYS}/a", {"weight": 2})
    admin("PUT", f"{HERE}/runway", {"keys": [{"name": "a", "enabled": False}]})
    admin("DELETE", f"{HERE}/runway")
    deletes_b = [DELETED, CHANGED]
    assert actions() == [ADDED, TESTED, ADDED, TESTED, CHANGED, *deletes_b, DELETED]
    entry = newest(CHANGED)
    assert (entry.before, entry.after) == ({"enabled": True}, {"enabled": False})
    assert entry.who.startswith("root@example.org with rk_…")
    assert entry.api_key and entry.address == "127.0.0.1"
    assert newest(ADDED).after["name"] == "b"
    assert newest(ADDED).after["secret"] == "changed"
    assert OTHER not in str(list(AuditEntry.objects.values()))


def test_what_is_refused_is_not_on_record(admin: Admin) -> None:
    make_key()
    assert admin("POST", KEYS, {"name": "main", "value": OTHER})[0] == 409
    assert admin("PUT", f"{KEYS}/main", {"weight": -1})[0] == 400
    both = [{"name": "new", "value": OTHER}, {"name": "main", "value": OTHER}]
    assert admin("POST", HERE, {"provider": "runway", "keys": both})[0] == 409
    assert not AuditEntry.objects.exists()


def test_the_command_is_on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{OTHER}\n"))
    for words in (["add", "main"], ["test", "main"], ["disable", "main"]):
        call_command("providers", *words, stdout=io.StringIO())
    assert actions() == [ADDED, TESTED, TESTED, CHANGED]
    assert {entry.who for entry in AuditEntry.objects.all()} == {"operator of the server"}
    assert newest(TESTED).after == {"result": "works"}


def test_a_file_of_keys_is_on_record_as_far_as_it_changes_anything(tmp_path: Path) -> None:
    path = tmp_path / "providers.json"
    body: dict[str, Any] = {"keys": [{"name": "a", "value": OTHER}, {"name": "b", "value": OTHER}]}
    for _ in range(2):
        path.write_text(json.dumps(body))
        deployed.apply(path)
    assert actions() == [ADDED, ADDED]
    body["keys"][1]["weight"] = 3
    path.write_text(json.dumps(body))
    deployed.apply(path)
    assert (newest(CHANGED).subject_id, newest(CHANGED).after) == (
        str(ProviderKey.objects.get(name="b").pk),
        {"weight": 3},
    )


def test_the_environment_s_key_is_on_record_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNWAYML_API_SECRET", raising=False)
    monkeypatch.setenv("RUNWAY_API_KEY", OTHER)
    for _ in range(2):
        install.environment_key()
    assert actions() == [ADDED]


def test_an_encryption_anew_is_on_record() -> None:
    make_key()
    rotation.rotate(OPERATOR)
    assert newest("encryption.rotated").after == {"done": 0, "left": 0, "lost": 0}
    with pytest.raises(CommandError, match="no provider key"):
        call_command("providers", "disable", "nobody")
    assert actions() == ["encryption.rotated"]


def by_the_api(key: ProviderKey, value: str, base_url: str) -> None:
    """Change it there."""
    fields = {"base_url": base_url}
    entries.change(key, Entry(value=value, fields=fields), OPERATOR)


def by_the_administration(key: ProviderKey, value: str, base_url: str) -> None:
    """Change it there, where a key that is switched off is tested, too."""
    client = Client()
    root = make_user("root@example.org", is_staff=True)
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    fields = {"name": key.name, "new_secret": value, "base_url": base_url, "model_ids": "[]"}
    fields |= {"weight": "1", "timeout_seconds": "30", "enabled": "on"}
    answer = client.post(f"/admin/providers/providerkey/{key.pk}/change/", fields)
    assert answer.status_code == 302


DOORS = [by_the_api, by_the_administration]


@pytest.mark.parametrize("change", DOORS)
@pytest.mark.parametrize("url", [BASE_URL, "http://127.0.0.1:4010"], ids=["secret", "address"])
def test_a_new_account_begins_anew(
    settings: Any, change: Callable[[ProviderKey, str, str], None], url: str
) -> None:
    settings.STUDIO_PROVIDER_ORIGINS = ["http://127.0.0.1:4010"]
    now = timezone.now()
    learnt: dict[str, Any] = {"credits": 7, "limits": {"models": {"gen4.5": {"concurrent": 1}}}}
    learnt |= {"misses": 3, "needs_credits": 90, "test_error": "no"}
    learnt |= {"last_error": "no", "last_error_code": "provider_auth", "last_error_at": now}
    times = ("tested_at", "passed_at", "standing_at", "next_test_at")
    learnt |= dict.fromkeys(times, now)
    key = make_key(**learnt)
    change(key, OTHER, url)
    key.refresh_from_db()
    known: dict[str, Any] = dict.fromkeys(times)
    known |= {"credits": None, "needs_credits": None, "limits": {}, "misses": 0}
    known |= {"test_error": "", "last_error": "", "last_error_code": "", "last_error_at": None}
    assert {name: getattr(key, name) for name in known} == known


def test_a_floor_and_a_number_at_once_are_read_and_written(admin: Admin) -> None:
    body = {"name": "a", "value": OTHER, "credit_floor": 5000, "parallel": 4}
    _, key = admin("POST", KEYS, body)
    assert (key["credit_floor"], key["parallel"]) == (5000, 4)
    assert key["status"] == "stopped"
    assert key["description"] == "stopped: 4210 credits are under its floor of 5000"
    _, key = admin("PUT", f"{KEYS}/a", {"credit_floor": 0, "parallel": None})
    assert (key["credit_floor"], key["parallel"], key["status"]) == (0, None, "works")
    assert admin("PUT", f"{KEYS}/a", key) == (200, key)
