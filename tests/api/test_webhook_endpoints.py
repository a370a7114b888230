"""/v1/webhook_endpoints, as the official SDK calls them and as anybody might."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from openai import OpenAI

from tests.providers.sockets import http
from tests.videos.factories import make_video
from tests.videos.receiver import make_endpoint, received, receiver, send_due
from videos import hook_actions
from videos.hooks import EVENT_TYPES, WebhookDelivery, WebhookEndpoint, WebhookEvent

from .conftest import Caller

URL = "https://hooks.example.org/rushes"
BODY = {"event_types": ["video.completed"], "name": "Hook", "url": URL}
NOBODY = "we_" + "0" * 32
CANCELLED: Any = "video.cancelled"  # no SDK knows it yet


@pytest.fixture
def client(caller: Caller) -> Iterator[OpenAI]:
    """The official SDK, which reaches the application without a network, inside our transaction."""
    transport = httpx2.WSGITransport(app=get_wsgi_application())
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with httpx2.Client(transport=transport) as session:
        yield OpenAI(
            api_key=caller.token,
            base_url="http://127.0.0.1/v1",
            http_client=session,
            max_retries=0,
        )
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def call(caller: Caller, method: str, path: str = "", body: object = None) -> Any:
    """Any request below /v1/webhook_endpoints."""
    return Client(raise_request_exception=False).generic(
        method,
        f"/v1/webhook_endpoints{path}",
        "" if body is None else json.dumps(body),
        "application/json",
        headers={"Authorization": f"Bearer {caller.token}"},
    )


def refused(answer: Any, status: int = 400) -> dict[str, Any]:
    """The error of an answer with this status."""
    assert answer.status_code == status, answer.content
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


def test_the_sdk_adds_lists_changes_and_deletes_endpoints(client: OpenAI) -> None:
    made = client.webhooks.create(event_types=["video.completed"], name="Hook", url=URL)
    assert (made.object, made.name, made.url) == ("webhook_endpoint", "Hook", URL)
    assert made.signing_secret.startswith("whsec_")
    assert made.signing_secret_hint == f"whsec_…{made.signing_secret[-4:]}"
    assert made.created_at == made.updated_at
    found = client.webhooks.retrieve(made.id)
    assert found.model_dump() == {
        **made.model_dump(exclude={"signing_secret"}),
        "enabled": True,
        "disabled_reason": None,
    }
    second = client.webhooks.create(event_types=[CANCELLED], name="B", url=URL)
    third = client.webhooks.create(event_types=["video.failed"], name="C", url=URL)
    listed = [endpoint.id for endpoint in client.webhooks.list(limit=2)]
    assert listed == [third.id, second.id, made.id]
    changed = client.webhooks.update(made.id, name="New name", event_types=["video.failed"])
    assert (changed.name, changed.event_types, changed.url) == ("New name", ["video.failed"], URL)
    gone = client.webhooks.delete(made.id)
    assert (gone.id, gone.deleted, gone.object) == (made.id, True, "webhook_endpoint.deleted")
    with pytest.raises(openai.NotFoundError):
        client.webhooks.retrieve(made.id)


def test_the_sdk_lists_the_event_types(client: OpenAI) -> None:
    assert client.webhooks.event_types.list().data == list(EVENT_TYPES)


def test_the_sdk_unwraps_what_is_delivered(client: OpenAI, settings: Any) -> None:
    with receiver(settings) as found:
        made = client.webhooks.create(event_types=["video.failed"], name="Hook", url=found.origin)
        video = make_video("in_progress")
        video.mark_failed("task_failed", "no")
        send_due()
    [came] = received(found)
    event: Any = client.webhooks.unwrap(came.body, came.headers, secret=made.signing_secret)
    assert (event.type, event.data.id) == ("video.failed", video.pk)
    with pytest.raises(openai.InvalidWebhookSignatureError):
        client.webhooks.unwrap(came.body + b" ", came.headers, secret=made.signing_secret)


@pytest.mark.parametrize("keep", [True, False], ids=["with overlap", "at once"])
def test_the_sdk_rotates_secrets(client: OpenAI, settings: Any, keep: bool) -> None:
    with receiver(settings) as found:
        made = client.webhooks.create(event_types=["video.failed"], name="Hook", url=found.origin)
        options: Any = {"keep_old_secret_active_for_24_hours": True} if keep else {}
        rotated = client.webhooks.rotate_secret(made.id, **options)
        assert rotated.signing_secret != made.signing_secret
        client.webhooks.test(made.id, event_type="video.failed")
    [came] = received(found)
    assert client.webhooks.unwrap(came.body, came.headers, secret=rotated.signing_secret)
    if keep:
        assert client.webhooks.unwrap(came.body, came.headers, secret=made.signing_secret)
    else:
        with pytest.raises(openai.InvalidWebhookSignatureError):
            client.webhooks.unwrap(came.body, came.headers, secret=made.signing_secret)


@pytest.mark.parametrize("status", ["204 Fine", "302 Found", "500 Broken", "410 Gone"])
def test_the_sdk_tests_an_endpoint_whatever_it_answers(
    client: OpenAI, settings: Any, status: str
) -> None:
    with receiver(settings, http(b"", status=status)) as found:
        made = client.webhooks.create(event_types=["video.failed"], name="Hook", url=found.origin)
        result = client.webhooks.test(made.id, event_type="video.completed")
    assert result.model_dump() == {
        "object": "webhook_endpoint.test",
        "event_type": "video.completed",
        "status_code": int(status[:3]),
        "success": True,
        "webhook_endpoint_id": made.id,
    }
    delivery = WebhookDelivery.objects.get()
    assert (delivery.attempt, delivery.next_at) == (1, None)
    assert client.webhooks.retrieve(made.id).model_dump()["enabled"]


def test_a_test_that_reaches_nobody_says_why(caller: Caller) -> None:
    endpoint = call(caller, "POST", "", {**BODY, "url": "https://nobody.invalid/"}).json()
    path = f"/{endpoint['id']}/test"
    error = refused(call(caller, "POST", path, {"event_type": "video.failed"}))
    assert error["code"] == "webhook_unreachable"
    assert "cannot be resolved" in error["message"]


def test_one_test_at_a_time(caller: Caller) -> None:
    endpoint, _ = make_endpoint(URL, owner=caller.owner)
    cache.set(f"webhook-test-{caller.owner.pk}", True, 5)
    answer = call(caller, "POST", f"/{endpoint.pk}/test", {"event_type": "video.failed"})
    cache.clear()
    assert refused(answer, 429)["code"] == "test_under_way"
    assert not WebhookEvent.objects.exists()


def test_a_paused_endpoint_says_why_and_can_be_enabled(caller: Caller) -> None:
    endpoint, _ = make_endpoint(URL, owner=caller.owner, paused_reason="410 Gone")
    path = f"/{endpoint.pk}"
    shown = call(caller, "GET", path).json()
    assert (shown["enabled"], shown["disabled_reason"]) == (False, "410 Gone")
    shown = call(caller, "POST", path, {"enabled": True}).json()
    assert (shown["enabled"], shown["disabled_reason"]) == (True, None)
    shown = call(caller, "POST", path, {"enabled": False}).json()
    assert (shown["enabled"], shown["disabled_reason"]) == (False, hook_actions.PAUSED_BY_HAND)


def test_an_update_that_changes_nothing_is_no_change(caller: Caller) -> None:
    endpoint, _ = make_endpoint(URL, owner=caller.owner)
    WebhookEndpoint.objects.update(updated_at="2026-01-01T00:00:00Z")
    same = call(caller, "POST", f"/{endpoint.pk}", {"name": "Hook", "enabled": True}).json()
    assert same["updated_at"] < same["created_at"]
    other = call(caller, "POST", f"/{endpoint.pk}", {"name": "Other"}).json()
    assert other["updated_at"] >= other["created_at"]


def test_a_secret_is_in_no_other_answer_and_not_to_be_cached(caller: Caller) -> None:
    answer = call(caller, "POST", "", BODY)
    assert answer["Cache-Control"] == "no-store"
    secret = answer.json()["signing_secret"]
    for path in ("", f"/{answer.json()['id']}"):
        assert secret not in call(caller, "GET", path).content.decode()


BAD = {
    "no body": (None, "event_types", "missing_required_parameter"),
    "no url": ({"event_types": ["video.failed"], "name": "x"}, "url", "missing_required_parameter"),
    "unknown field": ({**BODY, "retries": 3}, "retries", "unknown_parameter"),
    "enabled": ({**BODY, "enabled": False}, "enabled", "unknown_parameter"),
    "foreign event": ({**BODY, "event_types": ["batch.completed"]}, "event_types", "invalid_value"),
    "no events": ({**BODY, "event_types": []}, "event_types", "invalid_value"),
    "one event": ({**BODY, "event_types": "video.failed"}, "event_types", "invalid_type"),
    "events that are none": ({**BODY, "event_types": [{}]}, "event_types", "invalid_type"),
    "empty name": ({**BODY, "name": " "}, "name", "invalid_value"),
    "long name": ({**BODY, "name": "x" * 101}, "name", "invalid_value"),
    "name with NUL": ({**BODY, "name": "a\0b"}, "name", "invalid_value"),
    "lone surrogate": ({**BODY, "name": "\ud800"}, None, "invalid_body"),
    "plain http": ({**BODY, "url": "http://hooks.example.org/"}, "url", "invalid_value"),
    "loopback": ({**BODY, "url": "https://127.0.0.1/"}, "url", "invalid_value"),
    "metadata": ({**BODY, "url": "https://169.254.169.254/"}, "url", "invalid_value"),
    "url that is a list": ({**BODY, "url": [URL]}, "url", "invalid_type"),
    "long url": ({**BODY, "url": URL + "x" * 2000}, "url", "invalid_value"),
}


@pytest.mark.parametrize(("body", "param", "code"), BAD.values(), ids=BAD)
def test_what_cannot_be_added_is_refused_by_name(
    caller: Caller, body: object, param: str | None, code: str
) -> None:
    error = refused(call(caller, "POST", "", body))
    assert (error["param"], error["code"]) == (param, code)
    assert not WebhookEndpoint.objects.exists()


def test_twenty_are_enough(caller: Caller) -> None:
    for _ in range(hook_actions.MOST_ENDPOINTS):
        make_endpoint(URL, owner=caller.owner)
    error = refused(call(caller, "POST", "", BODY))
    assert error["code"] == "too_many_webhook_endpoints"


EVERY = [
    ("GET", "", None),
    ("POST", "", {}),
    ("POST", "/rotate_secret", {}),
    ("POST", "/test", {"event_type": "video.failed"}),
    ("DELETE", "", None),
]


@pytest.mark.parametrize(("method", "rest", "body"), EVERY)
def test_other_peoples_endpoints_do_not_exist(
    caller: Caller, stranger: Caller, method: str, rest: str, body: object
) -> None:
    endpoint, _ = make_endpoint(URL, owner=caller.owner)
    for name in (endpoint.pk, NOBODY, "we_1", "%00", "we_" + "F" * 32):
        error = refused(call(stranger, method, f"/{name}{rest}", body), 404)
        assert error["code"] == "not_found"
    assert WebhookEndpoint.objects.count() == 1
    assert call(stranger, "GET").json()["data"] == []
    assert refused(call(stranger, "GET", f"?after={endpoint.pk}"))["param"] == "after"


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("/test", {}, "event_type"),
        ("/test", {"event_type": "video.begun"}, "event_type"),
        ("/test", {"event_type": ["video.failed"]}, "event_type"),
        ("/test", {"event_type": "video.failed", "x": 1}, "x"),
        ("/rotate_secret", {"keep_old_secret_active_for_24_hours": 3}, None),
        ("/rotate_secret", {"keep": True}, "keep"),
        ("", {"url": "http://x.example/"}, "url"),
        ("", {"enabled": "perhaps"}, "enabled"),
        ("", {"secret": "whsec_x"}, "secret"),
    ],
)
def test_what_cannot_be_changed_is_refused_by_name(
    caller: Caller, path: str, body: object, param: str | None
) -> None:
    endpoint, _ = make_endpoint(URL, owner=caller.owner)
    before = WebhookEndpoint.objects.values().get()
    error = refused(call(caller, "POST", f"/{endpoint.pk}{path}", body))
    assert error["param"] == (param or "keep_old_secret_active_for_24_hours")
    assert WebhookEndpoint.objects.values().get() == before


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "after=%00"])
def test_a_page_that_cannot_be_is_refused(caller: Caller, query: str) -> None:
    assert refused(call(caller, "GET", f"?{query}"))["param"] == query.partition("=")[0]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/v1/webhook_endpoints", "/v1/webhook_event_types"])
def test_without_a_key_nothing_is_told(path: str) -> None:
    assert refused(Client().get(path), 401)["code"] == "invalid_api_key"


def test_the_paths_without_v1_are_the_same(caller: Caller) -> None:
    headers = {"Authorization": f"Bearer {caller.token}"}
    for path in ("/webhook_event_types", "/openai/v1/webhook_event_types/"):
        assert Client().get(path, headers=headers).json()["data"] == list(EVENT_TYPES)
