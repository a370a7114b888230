"""Webhooks on record: who wants to hear, what happened, and what became of telling it.

`Video.move` calls `note_end` in its own transaction; `hook_actions.py` changes endpoints, and
`notify.py` sends.

Source: OpenAI API reference, "Webhook events"; Standard Webhooks 1.0.
"""

from __future__ import annotations

import base64
import json
import os
import time
import uuid
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from standardwebhooks.webhooks import Webhook

from providers import secrets
from studio.accounts.models import User

from .arrows import CANCELLED, COMPLETED, FAILED
from .timeline import Timeline

EVENT_TYPES = tuple(f"video.{status}" for status in (COMPLETED, FAILED, CANCELLED))
SECRET_PREFIX = "whsec_"  # noqa: S105 - how every secret begins
SECRET_BYTES = 36  # of 24 to 64; a multiple of three, so that no padding follows


def new_id(prefix: str) -> str:
    """A fresh id: the prefix and 32 hex characters."""
    return f"{prefix}_{uuid.uuid4().hex}"


def new_secret() -> str:
    """A fresh signing secret, as Standard Webhooks writes it."""
    return SECRET_PREFIX + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


class WebhookEndpoint(models.Model):
    """An address that wants to hear of its owner's videos.

    The secret is encrypted. After a rotation the old one signs too, until `old_secret_until`.
    While it is paused its deliveries wait; `paused_reason` tells people why.
    """

    id = models.CharField(
        primary_key=True, max_length=40, default=partial(new_id, "we"), editable=False
    )
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="webhook_endpoints")
    name = models.CharField(max_length=100)
    url = models.CharField(max_length=2000)
    event_types = models.JSONField(default=list)
    secret = models.TextField(editable=False)
    last4 = models.CharField("ends in", max_length=4, editable=False)
    old_secret = models.TextField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, editable=False)
    paused_reason = models.CharField(max_length=300, blank=True)
    failing_since = models.DateTimeField(
        null=True, help_text="The first failure after the last success."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    encrypted_fields: ClassVar = ("secret", "old_secret")
    objects = Timeline["WebhookEndpoint"].as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_paused(self) -> bool:
        """Nothing is sent to it just now."""
        return bool(self.paused_reason)

    @property
    def hint(self) -> str:
        """What may be shown of the secret."""
        return f"{SECRET_PREFIX}…{self.last4}"

    def set_secret(self, secret: str) -> None:
        """Sign with this one from now on."""
        self.secret, self.last4 = secrets.store(secret), secrets.last4(secret)

    def signatures(self, event_id: str, at: datetime, body: str) -> str:
        """The `webhook-signature` header. `at` is aware. Raises: SecretUnavailable."""
        stored = [self.secret]
        if self.old_secret and self.old_secret_until and at < self.old_secret_until:
            stored.append(self.old_secret)
        return " ".join(
            Webhook(secrets.resolve(secret)).sign(event_id, at, body) for secret in stored
        )


class WebhookEvent(models.Model):
    """Something that happened to a video. `body` is what is sent, to the byte; a test has no video.

    Its id is the `webhook-id` of every delivery and every try.
    """

    id = models.CharField(
        primary_key=True, max_length=40, default=partial(new_id, "evt"), editable=False
    )
    video = models.ForeignKey(
        "videos.Video", null=True, on_delete=models.CASCADE, related_name="webhook_events"
    )
    type = models.CharField(max_length=40)
    body = models.TextField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["created_at"], name="hook_event_age")]

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"


class WebhookDelivery(models.Model):
    """One event for one endpoint, and what came of the last try.

    `next_at` and `fence` work as those of a video do. A pending delivery without `next_at` waits
    for its endpoint to go on.
    """

    PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"

    id = models.CharField(
        primary_key=True, max_length=40, default=partial(new_id, "dlv"), editable=False
    )
    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries"
    )
    status = models.CharField(max_length=10, default=PENDING)
    attempt = models.PositiveSmallIntegerField(default=0, help_text="Tries made.")
    next_at = models.DateTimeField(null=True, db_default=Now())
    fence = models.BigIntegerField(default=0)
    response_status = models.PositiveIntegerField(null=True)
    response_text = models.TextField(blank=True, help_text="The first 4 KiB of the answer.")
    error = models.CharField(max_length=300, blank=True, help_text="Why it failed, for people.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    tried_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["status", "next_at"], name="hook_due", condition=~Q(next_at=None)),
            models.Index(fields=["endpoint", "-created_at", "-id"], name="hook_log"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.endpoint_id}"


def note_end(ended: models.QuerySet[Any]) -> None:
    """Write the event of a video that has just ended, and a delivery for everybody who listens.

    Called inside the transaction of that arrow, with the video's row unless it was deleted: nobody
    hears of a deleted video.
    """
    row = ended.values("pk", "owner", "status", "error_code", "model").first()
    if row is None:
        return
    kind = f"video.{row['status']}"
    endpoints = WebhookEndpoint.objects.filter(owner=row["owner"]).order_by("pk")
    endpoints = endpoints.select_for_update(no_key=True)  # none is deleted before this commits
    listening = [endpoint for endpoint in endpoints if kind in endpoint.event_types]
    if listening:
        data = video_data(row["pk"], row["status"], row["error_code"], row["model"])
        event = new_event(kind, data, video_id=row["pk"])
        WebhookDelivery.objects.bulk_create(
            [WebhookDelivery(event=event, endpoint=endpoint) for endpoint in listening]
        )


def new_event(kind: str, data: dict[str, Any], video_id: str | None = None) -> WebhookEvent:
    """A saved event; its body is fixed here, so that every try sends the same bytes."""
    event = WebhookEvent(video_id=video_id, type=kind)
    body = {
        "id": event.pk,
        "object": "event",
        "created_at": int(time.time()),
        "type": kind,
        "data": data,
    }
    event.body = json.dumps(body)
    event.save(force_insert=True)
    return event


def video_data(video_id: str, status: str, error_code: str, model: str) -> dict[str, Any]:
    """What an event tells about a video; a receiver fetches the rest.

    `status` is OpenAI's word, as in the Video object.
    """
    return {
        "id": video_id,
        "object": "video",
        "model": model,
        "status": COMPLETED if status == COMPLETED else FAILED,
        "error": {"code": error_code} if error_code else None,
    }
