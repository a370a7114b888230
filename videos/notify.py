"""Sends webhooks: one try of each due delivery, and what comes of it.

The row says what is due, as with videos: whoever holds its newest claim may write. A worker that
dies between the answer and our note of it has sent the event; it is sent again, under the same id.
Called by `tasks.notify`, and for tests by the API and the pages.

Source: Standard Webhooks 1.0.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import Error, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from providers import receivers
from providers.receivers import ReceiverForbidden, ReceiverUnreachable
from providers.secrets import SecretUnavailable

from . import hook_actions, hooks, leases, working
from .arrows import CANCELLED, FAILED
from .hooks import WebhookDelivery, WebhookEndpoint, WebhookEvent
from .leases import Claim
from .models import Superseded, from_now
from .schedule import webhook_delay

logger = logging.getLogger(__name__)

GONE = 410
PATIENCE = timedelta(days=5)
TEST_SECONDS = 30
SAMPLE_ID = "video_" + "0" * 32
SAMPLE_ERRORS = {FAILED: "task_failed", CANCELLED: "cancelled"}


class AlreadyTesting(Exception):
    """A test of the same person is under way."""


@dataclass(frozen=True)
class Outcome:
    """What came of one try. `status` is None where there was no answer; `error` "" for success."""

    status: int | None
    text: str
    error: str


def notify(claims: Sequence[Claim]) -> None:
    """One try of each delivery, side by side; what somebody else claimed since is left alone."""
    due = WebhookDelivery.objects.filter(status=WebhookDelivery.PENDING)
    rows = {
        (row.pk, row.fence): row
        for row in due.filter(pk__in=[pk for pk, _ in claims]).select_related("event", "endpoint")
    }
    held = [rows[claim] for claim in claims if claim in rows]
    for delivery in held:
        if delivery.endpoint.is_paused:
            hold(delivery)
    jobs = [
        ((row.pk, row.fence), partial(attempt, row.endpoint, row.event))
        for row in held
        if not row.endpoint.is_paused
    ]
    for claim, future in working.work_all(jobs, leases.DELIVERIES):
        try:
            write(rows[claim], future.result())
        except Superseded as exc:
            logger.info("%s", exc)
        except Error:  # it is sent again; the others' outcomes still count
            logger.exception("the try of %s is not noted", claim[0])
            connection.close_if_unusable_or_obsolete()


def attempt(endpoint: WebhookEndpoint, event: WebhookEvent) -> Outcome:
    """Sign and send. No database; any thread may."""
    at = timezone.now()
    try:
        headers = {
            "webhook-id": event.pk,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": endpoint.signatures(event.pk, at, event.body),
        }
        reply = receivers.send(endpoint.url, event.body.encode(), headers)
    except (ReceiverForbidden, ReceiverUnreachable, SecretUnavailable) as exc:
        return Outcome(None, "", str(exc)[:300])
    except Exception:
        logger.exception("the try of %s", event.pk)
        return Outcome(None, "", "An error of ours, which is in the log.")
    error = "" if reply.is_success else _refusal(reply.status)
    return Outcome(reply.status, reply.text, error)


def hold(delivery: WebhookDelivery) -> None:
    """Let it wait until the endpoint goes on; that takes the same lock, so none is forgotten."""
    with transaction.atomic():
        rows = WebhookEndpoint.objects.select_for_update().exclude(paused_reason="")
        if rows.filter(pk=delivery.endpoint_id).first():
            WebhookDelivery.objects.filter(pk=delivery.pk, fence=delivery.fence).update(
                next_at=None
            )


def write(delivery: WebhookDelivery, outcome: Outcome) -> None:
    """Note a try: delivered, to be tried again, or failed for good; and judge the endpoint.

    Raises: Superseded when somebody else claimed the delivery, or sent it again, meanwhile.
    """
    attempts = delivery.attempt + 1
    with transaction.atomic():
        same = WebhookDelivery.objects.filter(
            pk=delivery.pk, fence=delivery.fence, status=WebhookDelivery.PENDING
        )
        if not same.update(attempt=attempts, **_columns(outcome), **_next(outcome, attempts)):
            raise Superseded(f"the try of {delivery.pk} came too late")
        _judge(delivery.endpoint, outcome)


def send_test(endpoint: WebhookEndpoint, kind: str) -> WebhookDelivery:
    """Send a made-up event now, once, and answer what came of it. Also to a paused endpoint.

    It stands in the log and changes nothing else. Takes up to half a minute; raises AlreadyTesting
    while another test of the same person is under way.
    """
    lock = f"webhook-test-{endpoint.owner_id}"
    if not cache.add(lock, True, TEST_SECONDS):
        raise AlreadyTesting
    try:
        status = kind.removeprefix("video.")
        data = hooks.video_data(SAMPLE_ID, status, SAMPLE_ERRORS.get(status, ""), "gen4.5")
        event = hooks.new_event(kind, data)
        outcome = attempt(endpoint, event)
    finally:
        cache.delete(lock)
    ended = WebhookDelivery.FAILED if outcome.error else WebhookDelivery.DELIVERED
    return WebhookDelivery.objects.create(
        event=event,
        endpoint=endpoint,
        attempt=1,
        status=ended,
        next_at=None,
        **_columns(outcome),
    )


def _refusal(status: int) -> str:
    if status == GONE:
        return "The receiver answered 410 Gone: it wants nothing more."
    if 300 <= status < 400:
        return f"The receiver answered {status}. Redirects are not followed."
    return f"The receiver answered {status}."


def _columns(outcome: Outcome) -> dict[str, Any]:
    return {
        "response_status": outcome.status,
        "response_text": outcome.text,
        "error": outcome.error,
        "tried_at": Now(),
    }


def _next(outcome: Outcome, attempts: int) -> dict[str, Any]:
    """The status after so many tries, and when to try again."""
    if not outcome.error:
        return {"status": WebhookDelivery.DELIVERED, "next_at": None}
    delay = None if outcome.status == GONE else webhook_delay(attempts)
    if delay is None:
        return {"status": WebhookDelivery.FAILED, "next_at": None}
    return {"next_at": from_now(delay)}


def _judge(endpoint: WebhookEndpoint, outcome: Outcome) -> None:
    """Pause an endpoint that is gone, or that has done nothing but fail for five days."""
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    if not outcome.error:
        rows.exclude(failing_since=None).update(failing_since=None)
        return
    rows.filter(failing_since=None).update(failing_since=Now())
    if outcome.status == GONE:
        hook_actions.pause(endpoint, outcome.error)
    elif rows.filter(failing_since__lte=from_now(-PATIENCE.total_seconds())).exists():
        reason = f"Nothing but failures for five days. The last one: {outcome.error}"
        hook_actions.pause(endpoint, reason[:300])
