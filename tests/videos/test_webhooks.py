"""Webhooks from the arrow to the receiver: what is written, sent, tried again, given up."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from standardwebhooks.webhooks import WebhookVerificationError

from providers import secrets
from videos import actions, hook_actions
from videos.hooks import WebhookDelivery, WebhookEndpoint, WebhookEvent
from videos.models import Superseded, Video, VideoEvent

from .factories import make_user, make_video
from .receiver import make_endpoint, received, receiver, send_due

pytestmark = pytest.mark.django_db

URL = "https://hooks.example.org/rushes"
PENDING, DELIVERED = "pending", "delivered"


def only() -> WebhookDelivery:
    """The one delivery."""
    return WebhookDelivery.objects.get()


# What is written


def test_the_end_of_a_video_is_an_event_for_everybody_who_listens() -> None:
    make_endpoint(URL)
    make_endpoint(URL, "video.failed")
    make_endpoint(URL, owner=make_user("bo@example.org"))
    video = make_video("storing")
    video.mark_completed()
    event = WebhookEvent.objects.get()
    assert (event.type, event.video) == ("video.completed", video)
    assert only().endpoint.event_types[0] == "video.completed"
    body = json.loads(event.body)
    assert body == {
        "id": event.pk,
        "object": "event",
        "created_at": body["created_at"],
        "type": "video.completed",
        "data": {
            "id": video.pk,
            "object": "video",
            "model": "gen4.5",
            "status": "completed",
            "error": None,
        },
    }
    assert re.fullmatch(r"evt_[0-9a-f]{32}", event.pk)
    assert abs(body["created_at"] - timezone.now().timestamp()) < 5


def test_each_end_has_its_own_event() -> None:
    make_endpoint(URL)
    make_video("in_progress").mark_failed("task_failed", "a long story")
    actions.cancel(make_video("queued"))
    bodies = [json.loads(event.body) for event in WebhookEvent.objects.order_by("created_at")]
    assert [(body["type"], body["data"]["status"], body["data"]["error"]) for body in bodies] == [
        ("video.failed", "failed", {"code": "task_failed"}),
        ("video.cancelled", "failed", {"code": "cancelled"}),
    ]
    assert "a long story" not in str(bodies)


def test_other_arrows_are_no_events() -> None:
    make_endpoint(URL)
    make_video("in_progress").mark_storing()
    assert not WebhookEvent.objects.exists()


def test_nobody_listening_means_no_event() -> None:
    make_endpoint(URL, "video.failed")
    make_video("storing").mark_completed()
    assert not WebhookEvent.objects.exists()


def test_the_event_is_written_in_the_transaction_of_its_arrow_or_not_at_all() -> None:
    make_endpoint(URL)
    video = make_video("storing")
    with transaction.atomic():
        video.mark_completed()
        assert WebhookDelivery.objects.count() == 1
        transaction.set_rollback(True)
    assert (WebhookEvent.objects.count(), VideoEvent.objects.count()) == (0, 0)


def test_an_arrow_that_comes_too_late_is_no_event() -> None:
    make_endpoint(URL)
    video = make_video("storing")
    Video.objects.update(fence=7)
    with pytest.raises(Superseded):
        video.mark_completed()
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("status", ["queued", "submitting", "in_progress", "storing"])
def test_nobody_hears_of_the_end_of_a_deleted_video(status: str) -> None:
    make_endpoint(URL)
    video = make_video(status)
    held = Video.objects.get(pk=video.pk)
    actions.delete(video)
    if status == "submitting":  # its holder has not looked since
        held.mark_failed("submission_uncertain", "nobody knows")
    elif status != "queued":
        video.refresh_from_db()
        video.mark_failed("deleted", "deleted")
    video.refresh_from_db()
    assert video.is_terminal
    assert not WebhookEvent.objects.exists()


def test_a_video_that_is_found_again_ends_twice() -> None:
    make_endpoint(URL)
    video = make_video("submitting")
    video.mark_failed("submission_uncertain", "nobody knows")
    video.mark_found("it turned up")
    video.refresh_from_db()
    video.mark_storing()
    video.mark_completed()
    events = WebhookEvent.objects.order_by("created_at")
    assert [event.type for event in events] == ["video.failed", "video.completed"]
    assert WebhookDelivery.objects.count() == 2


# What is sent


def test_a_delivery_carries_a_signature_that_the_reference_library_accepts(settings: Any) -> None:
    with receiver(settings) as found:
        _, secret = make_endpoint(f"{found.origin}/hook?from=rushes")
        make_video("storing").mark_completed()
        [delivery] = send_due()
    [came] = received(found)
    event = came.verified(secret)
    assert (event["type"], came.headers["webhook-id"]) == ("video.completed", event["id"])
    assert found.requests[0].startswith(b"POST /hook?from=rushes HTTP/1.1\r\n")
    assert came.headers["content-type"] == "application/json"
    assert came.headers["user-agent"].startswith("Rushes")
    assert (delivery.status, delivery.attempt, delivery.next_at) == (DELIVERED, 1, None)
    assert (delivery.response_status, delivery.response_text) == (200, "thanks")
    assert send_due() == []


def test_the_secret_is_kept_encrypted_and_shown_by_its_end() -> None:
    endpoint, secret = make_endpoint(URL)
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{48}", secret)
    assert secret[6:] not in str(WebhookEndpoint.objects.values().get())
    assert endpoint.hint == f"whsec_…{secret[-4:]}"
    assert secrets.resolve(endpoint.secret) == secret


def test_after_a_rotation_both_secrets_sign_for_a_day(settings: Any) -> None:
    with receiver(settings) as found:
        endpoint, old = make_endpoint(found.origin)
        new = hook_actions.rotate(endpoint, keep_old=True)
        make_video("storing").mark_completed()
        send_due()
        WebhookEndpoint.objects.update(old_secret_until=timezone.now() - timedelta(seconds=1))
        make_video("storing").mark_completed()
        send_due()
    first, second = received(found)
    assert first.verified(old) == first.verified(new)
    assert len(first.headers["webhook-signature"].split()) == 2
    assert second.verified(new)
    with pytest.raises(WebhookVerificationError):
        second.verified(old)


def test_a_rotation_without_overlap_ends_the_old_secret_at_once(settings: Any) -> None:
    with receiver(settings) as found:
        endpoint, old = make_endpoint(found.origin)
        hook_actions.rotate(endpoint, keep_old=False)
        make_video("storing").mark_completed()
        send_due()
    with pytest.raises(WebhookVerificationError):
        received(found)[0].verified(old)


def test_events_are_forgotten_after_thirty_days() -> None:
    make_endpoint(URL)
    for days in (31, 29):
        make_video("storing").mark_completed()
        WebhookEvent.objects.filter(created_at__gt=timezone.now() - timedelta(days=1)).update(
            created_at=timezone.now() - timedelta(days=days)
        )
    hook_actions.clean()
    assert (WebhookEvent.objects.count(), WebhookDelivery.objects.count()) == (1, 1)


def test_an_unreadable_secret_is_a_failure_in_words(settings: Any) -> None:
    with receiver(settings) as found:
        make_endpoint(found.origin, secret="fernet:nonsense")
        make_video("storing").mark_completed()
        [delivery] = send_due()
    assert "STUDIO_ENCRYPTION_KEYS" in delivery.error
    assert (delivery.status, found.requests) == (PENDING, [])
