"""What a person or a script may do with webhooks: add, change, rotate, pause, go on, send again.

Called by the API, the pages and the clock. Nothing here sends anything; `notify.py` does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from providers import receivers
from studio.accounts.models import User

from . import values
from .hooks import EVENT_TYPES, WebhookDelivery, WebhookEndpoint, WebhookEvent, new_secret
from .models import from_now
from .timeline import Timeline
from .values import InvalidRequest

MOST_ENDPOINTS = 20
NAME_CHARS = 100
OVERLAP = timedelta(hours=24)
LONGEST_WAIT = timedelta(days=3)
KEPT = timedelta(days=30)
CLEAN_BATCH = 500
PAUSED_BY_HAND = "Paused by hand."

Params = dict[str, object]


def create(owner: User, params: Params) -> tuple[WebhookEndpoint, str]:
    """A new endpoint, and its secret, which nobody can read again. Raises: InvalidRequest."""
    clean = _check(params, ("event_types", "name", "url"))
    for name in ("event_types", "name", "url"):
        if name not in clean:
            message = f"Missing required parameter: '{name}'."
            raise InvalidRequest(message, name, "missing_required_parameter")
    if WebhookEndpoint.objects.filter(owner=owner).count() >= MOST_ENDPOINTS:
        message = f"There are {MOST_ENDPOINTS} webhook endpoints already. Delete one first."
        raise InvalidRequest(message, code="too_many_webhook_endpoints")
    endpoint, secret = WebhookEndpoint(owner=owner, **clean), new_secret()
    endpoint.set_secret(secret)
    endpoint.save(force_insert=True)
    endpoint.refresh_from_db()
    return endpoint, secret


def update(endpoint: WebhookEndpoint, params: Params) -> None:
    """Change what is given; what stays the same is no change. Raises: InvalidRequest."""
    clean = _check(params, ("enabled", "event_types", "name", "url"))
    enabled = clean.pop("enabled", None)
    changed = {name: value for name, value in clean.items() if getattr(endpoint, name) != value}
    if changed:
        _rows(endpoint).update(**changed, updated_at=Now())
    if enabled is not None and enabled is endpoint.is_paused:
        resume(endpoint) if enabled else pause(endpoint, PAUSED_BY_HAND)
    endpoint.refresh_from_db()


def delete(endpoint: WebhookEndpoint) -> None:
    """Forget it and its deliveries, after whoever is writing one just now."""
    with transaction.atomic():
        WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
        endpoint.delete()


def rotate(endpoint: WebhookEndpoint, *, keep_old: bool) -> str:
    """A new secret. The one before signs beside it for 24 hours more, if it is kept at all."""
    secret = new_secret()
    endpoint.old_secret = endpoint.secret if keep_old else ""
    endpoint.old_secret_until = timezone.now() + OVERLAP if keep_old else None
    endpoint.set_secret(secret)
    endpoint.updated_at = Now()
    endpoint.save(update_fields=["secret", "last4", "old_secret", "old_secret_until", "updated_at"])
    endpoint.refresh_from_db()
    return secret


def pause(endpoint: WebhookEndpoint, reason: str) -> None:
    """Send nothing to it for now; what is due waits. The first reason stays."""
    _rows(endpoint).filter(paused_reason="").update(paused_reason=reason, updated_at=Now())


def resume(endpoint: WebhookEndpoint) -> None:
    """Send again, and at once what waited, unless that is older than three days."""
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, status=WebhookDelivery.PENDING)
    with transaction.atomic():
        _rows(endpoint).exclude(paused_reason="").update(
            paused_reason="", failing_since=None, updated_at=Now()
        )
        waiting = waiting.filter(next_at=None)
        waiting.filter(created_at__lt=Now() - LONGEST_WAIT).update(
            status=WebhookDelivery.FAILED,
            error="The endpoint was paused for more than three days.",
        )
        waiting.update(next_at=Now())


def redeliver(delivery: WebhookDelivery) -> None:
    """Send the same event once more, with a whole schedule of tries before it."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        status=WebhookDelivery.PENDING, attempt=0, next_at=Now(), error="", fence=F("fence") + 1
    )


def clean() -> None:
    """Forget events and deliveries after 30 days."""
    old = WebhookEvent.objects.filter(created_at__lt=from_now(-KEPT.total_seconds()))
    while ids := list(old.values_list("pk", flat=True)[:CLEAN_BATCH]):
        WebhookEvent.objects.filter(pk__in=ids).delete()


def check_event_type(value: object, param: str) -> str:
    """One of the events that we send. Raises: InvalidRequest."""
    kind = values.text(value, param)
    if kind not in EVENT_TYPES:
        raise values.wrong_value(kind, param, values.listed(EVENT_TYPES))
    return kind


def _rows(endpoint: WebhookEndpoint) -> Timeline[WebhookEndpoint]:
    return WebhookEndpoint.objects.filter(pk=endpoint.pk)


def _check(params: Params, known: tuple[str, ...]) -> dict[str, Any]:
    """The given fields, cleaned. Raises: InvalidRequest."""
    for name in params:
        if name not in known:
            shown = values.printable(name)
            message = f"Unknown parameter: '{shown}'. Known are {', '.join(known)}."
            raise InvalidRequest(message, shown, "unknown_parameter")
    return {name: _CHECKS[name](value, name) for name, value in params.items()}


def _check_name(value: object, param: str) -> str:
    name = values.text(value, param).strip()
    if not 1 <= len(name) <= NAME_CHARS:
        raise values.wrong_value(value, param, f"1 to {NAME_CHARS} characters")
    return name


def _check_url(value: object, param: str) -> str:
    url = values.text(value, param).strip()
    try:
        receivers.check(url)
    except receivers.ReceiverForbidden as exc:
        raise InvalidRequest(str(exc), param) from exc
    return url


def _check_event_types(value: object, param: str) -> list[str]:
    if not isinstance(value, list):
        raise values.wrong_type(value, param, "a list of event types")
    found = {check_event_type(item, param) for item in value}
    if not found:
        raise values.wrong_value(value, param, f"at least one of {values.listed(EVENT_TYPES)}")
    return [kind for kind in EVENT_TYPES if kind in found]


_CHECKS: dict[str, Callable[[object, str], Any]] = {
    "enabled": values.flag,
    "event_types": _check_event_types,
    "name": _check_name,
    "url": _check_url,
}
