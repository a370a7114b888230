"""A receiver of webhooks on loopback for tests, and rows that send to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from tests.providers.sockets import Peer, Script, http, peer, saying
from videos import hook_actions, leases, notify
from videos.hooks import EVENT_TYPES, WebhookDelivery, WebhookEndpoint

from .factories import make_user

OK = http(b"thanks")


@dataclass
class Delivered:
    """One request that came."""

    headers: dict[str, str]
    body: bytes

    def verified(self, secret: str) -> Any:
        """The event, after the reference library has checked its signature."""
        return Webhook(secret).verify(self.body, self.headers)


@contextmanager
def receiver(settings: Any, answer: bytes | Script = OK) -> Iterator[Peer]:
    """A listed host that says this to every request."""
    script = saying(answer) if isinstance(answer, bytes) else answer
    with peer(script) as found:
        settings.STUDIO_WEBHOOK_HOSTS = [f"127.0.0.1:{found.port}"]
        yield found


def received(found: Peer) -> list[Delivered]:
    """What came so far."""
    return [_delivered(request) for request in found.requests]


def _delivered(request: bytes) -> Delivered:
    head, _, body = request.partition(b"\r\n\r\n")
    lines = [line.partition(": ") for line in head.decode().split("\r\n")[1:]]
    return Delivered({name.lower(): value for name, _, value in lines}, body)


def make_endpoint(url: str, *event_types: str, **extra: Any) -> tuple[WebhookEndpoint, str]:
    """Ana's endpoint for these events, or for all, and its secret."""
    owner = extra.pop("owner", None) or make_user()
    params: dict[str, object] = {
        "name": "Hook",
        "url": url,
        "event_types": [*(event_types or EVENT_TYPES)],
    }
    endpoint, secret = hook_actions.create(owner, params)
    if extra:
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**extra)
        endpoint.refresh_from_db()
    return endpoint, secret


def send_due() -> list[WebhookDelivery]:
    """One round of a worker: claim what is due, and try it. Answers the rows afterwards."""
    claims = leases.claim_deliveries(100)
    notify.notify(claims)
    return list(WebhookDelivery.objects.filter(pk__in=[pk for pk, _ in claims]))


def make_due() -> None:
    """The time for the next try has come."""
    WebhookDelivery.objects.exclude(next_at=None).update(
        next_at=timezone.now() - timedelta(seconds=1)
    )
