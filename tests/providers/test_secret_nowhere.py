"""A canary in the place of a secret: after everything was done with its key, it stands nowhere."""

from __future__ import annotations

import io
import json
import logging
from decimal import Decimal
from typing import Any

import pytest
import responses
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.test import Client

from providers.models import ProviderKey
from studio.accounts.models import ApiKey, AuditEntry, Scope, Session
from tests.videos.factories import BASE_URL, make_user, make_video
from videos import ledger

CANARY = "key_" + "canary7Q" * 16
HIDDEN = CANARY[-16:]
HERE = "/api/providers/runway/keys"
AUDIT = "/admin/accounts/auditentry/"
LIST = "/admin/providers/providerkey/"


@pytest.mark.django_db(transaction=True)
def test_a_secret_is_in_no_answer_page_log_line_history_or_dump(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("RUNWAY_CANARY", CANARY)
    seen = io.StringIO()
    root = make_user("root@example.org", is_staff=True, is_superuser=True)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as runway:
        # Twice it works, then it is refused, in words that repeat the secret.
        for _ in range(3):
            runway.get(f"{BASE_URL}/v1/organization", json={"creditBalance": 4210})
        told = {"error": f"Invalid API key {CANARY}"}
        runway.get(f"{BASE_URL}/v1/organization", json=told, status=401)
        _use_the_api(root, seen)
        _use_the_administration(root, seen)
        call_command("providers", "list", stdout=seen)
        with pytest.raises(Exception, match="Not every key works"):
            call_command("providers", "test", stdout=seen)
    call_command("rotate_encryption", stdout=seen)
    _export(root, seen)
    call_command("dumpdata", stdout=seen)
    seen.write(json.dumps(list(LogEntry.objects.values_list("object_repr", "change_message"))))
    seen.write(str([session.get_decoded() for session in Session.objects.all()]))
    seen.write(str(list(AuditEntry.objects.values())))
    assert ProviderKey.objects.filter(name="plain").exists()
    written = AuditEntry.objects.filter(action__startswith="provider_key.")
    assert {"added", "changed", "tested"} <= {entry.action.split(".")[1] for entry in written}
    assert len(seen.getvalue()) > 10_000
    for text in (seen.getvalue(), caplog.text):
        assert HIDDEN not in text
        assert CANARY[:20] not in text


def _use_the_api(root: Any, seen: io.StringIO) -> None:
    headers = {"Authorization": f"Bearer {ApiKey.issue(root, 'script', Scope.values)[1]}"}
    client = Client(raise_request_exception=False)

    def send(method: str, path: str, body: object = None) -> None:
        data = json.dumps(body).encode() if body else b""
        answer = client.generic(method, path, data, "application/json", headers=headers)
        seen.write(answer.content.decode() + str(answer.headers))

    send("POST", HERE, {"name": "plain", "value": CANARY})
    send("POST", HERE, {"name": "plain", "value": CANARY})
    send("POST", HERE, {"name": "referred", "value": "env.RUNWAY_CANARY"})
    send("POST", HERE, {"name": "bad", "value": f"{CANARY} {CANARY}"})
    send("POST", HERE, {"name": "bad", "value": CANARY, CANARY[:10]: 1, "weight": -1})
    send("PUT", f"{HERE}/plain", {"value": CANARY, "weight": 2})
    send("GET", HERE)
    send("GET", "/api/providers")


def _export(root: Any, seen: io.StringIO) -> None:
    """The books and the audit, with a video of each key in them, as pages and as files."""
    for key in ProviderKey.objects.all():
        video = make_video("in_progress", owner=root, provider_key=key)
        ledger.reserve(video, Decimal(24))
    client = Client()
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    for path in (
        "/usage/",
        "/usage/ledger.csv",
        "/usage/ledger.jsonl",
        "/settings/sessions/",
        AUDIT,
    ):
        answer: Any = client.get(path)
        assert answer.status_code == 200, path
        seen.write(answer.getvalue().decode())
    chosen = {"action": "export", "_selected_action": [1], "select_across": "1"}
    exported: Any = client.post(AUDIT, chosen)
    seen.write(exported.getvalue().decode())


def _use_the_administration(root: Any, seen: io.StringIO) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    fields = {"name": "panel", "new_secret": CANARY, "base_url": BASE_URL, "model_ids": "[]"}
    fields |= {"weight": "1", "timeout_seconds": "30", "enabled": "on"}
    seen.write(client.post(f"{LIST}add/", {**fields, "weight": "-1"}).content.decode())
    seen.write(client.post(f"{LIST}add/", fields, follow=True).content.decode())
    keys = list(ProviderKey.objects.values_list("pk", flat=True))
    for action in ("test_keys", "pause", "resume", "encrypt_anew"):
        data = {"action": action, "_selected_action": keys}
        seen.write(client.post(LIST, data, follow=True).content.decode())
    for pk in keys:
        for page in ("change", "history", "delete"):
            seen.write(client.get(f"{LIST}{pk}/{page}/").content.decode())
