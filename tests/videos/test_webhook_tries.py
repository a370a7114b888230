"""A webhook that fails: tried again, given up, paused, sent once more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.providers.sockets import http
from videos import actions, hook_actions, leases, notify, schedule
from videos.hooks import WebhookDelivery, WebhookEndpoint

from .factories import make_video
from .receiver import make_due, make_endpoint, received, receiver, send_due

pytestmark = pytest.mark.django_db

URL = "https://hooks.example.org/rushes"
PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"


def refusing(status: str) -> bytes:
    """An answer with this status."""
    return http(b"no", status=status)


def only() -> WebhookDelivery:
    """The one delivery."""
    return WebhookDelivery.objects.get()


def seconds_until_next(delivery: WebhookDelivery) -> float:
    """From now on."""
    assert delivery.next_at is not None
    return (delivery.next_at - timezone.now()).total_seconds()


def test_a_try_that_fails_is_made_again_under_the_same_id(settings: Any) -> None:
    with receiver(settings, refusing("503 Busy")) as found:
        make_endpoint(found.origin)
        make_video("storing").mark_completed()
        [delivery] = send_due()
        assert (delivery.status, delivery.attempt) == (PENDING, 1)
        assert (delivery.response_status, delivery.response_text) == (503, "no")
        assert "answered 503" in delivery.error
        assert 4 <= seconds_until_next(delivery) <= 5.6
        assert send_due() == []
        make_due()
        send_due()
    first, second = received(found)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_what_was_not_foreseen_is_a_failed_try(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.receivers.send", lambda *args: 1 / 0)
    make_endpoint(URL)
    make_video("storing").mark_completed()
    [delivery] = send_due()
    assert (delivery.status, delivery.attempt) == (PENDING, 1)
    assert delivery.error == "An error of ours, which is in the log."


def test_a_deleted_video_s_waiting_event_is_not_sent(settings: Any) -> None:
    make_endpoint(URL)
    video = make_video("storing")
    video.mark_completed()
    actions.delete(video)
    assert send_due() == []
    assert (only().status, only().next_at) == (FAILED, None)


def test_the_schedule_is_that_of_standard_webhooks_and_takes_three_days() -> None:
    hour = 3600
    expected = [5, 300, 1800, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour]
    for attempts, least in enumerate(expected, start=1):
        delay = schedule.webhook_delay(attempts)
        assert delay is not None
        assert least <= delay <= least * 1.1
    assert schedule.webhook_delay(10) is None
    assert 3 < sum(expected) / (24 * hour) < 3.5


def test_after_the_last_try_it_failed_for_good(settings: Any) -> None:
    with receiver(settings, refusing("500 Broken")) as found:
        make_endpoint(found.origin)
        make_video("storing").mark_completed()
        WebhookDelivery.objects.update(attempt=9)
        [delivery] = send_due()
    assert (delivery.status, delivery.attempt, delivery.next_at) == (FAILED, 10, None)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Elsewhere", "308 Elsewhere"])
def test_a_redirect_is_a_failure_and_is_not_followed(settings: Any, status: str) -> None:
    with receiver(settings) as other:
        moved = http(b"", f"Location: {other.origin}/", status=status)
        with receiver(settings, moved) as found:
            settings.STUDIO_WEBHOOK_HOSTS = ["127.0.0.1"]
            make_endpoint(found.origin)
            make_video("storing").mark_completed()
            [delivery] = send_due()
    assert (delivery.status, delivery.response_status) == (PENDING, int(status[:3]))
    assert "not followed" in delivery.error
    assert other.connections == 0


def test_whoever_answers_410_is_paused_and_asked_no_more(settings: Any) -> None:
    with receiver(settings, refusing("410 Gone")) as found:
        endpoint, _ = make_endpoint(found.origin)
        make_video("storing").mark_completed()
        [delivery] = send_due()
        make_video("storing").mark_completed()
        send_due()
        make_due()
        assert send_due() == []
    assert (delivery.status, delivery.next_at) == (FAILED, None)
    endpoint.refresh_from_db()
    assert endpoint.is_paused
    assert "410" in endpoint.paused_reason
    assert len(found.requests) == 1


def test_five_days_of_nothing_but_failures_pause_an_endpoint(settings: Any) -> None:
    with receiver(settings, refusing("500 Broken")) as found:
        endpoint, _ = make_endpoint(found.origin)
        make_video("storing").mark_completed()
        send_due()
        endpoint.refresh_from_db()
        assert endpoint.failing_since
        assert not endpoint.is_paused
        almost = timezone.now() - timedelta(days=5) + timedelta(minutes=1)
        WebhookEndpoint.objects.update(failing_since=almost)
        make_due()
        send_due()
        endpoint.refresh_from_db()
        assert not endpoint.is_paused
        WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=5))
        make_due()
        [delivery] = send_due()
    endpoint.refresh_from_db()
    assert "five days" in endpoint.paused_reason
    assert "answered 500" in endpoint.paused_reason
    assert delivery.status == PENDING


def test_one_success_is_a_new_beginning(settings: Any) -> None:
    with receiver(settings) as found:
        endpoint, _ = make_endpoint(found.origin, failing_since=timezone.now() - timedelta(days=9))
        make_video("storing").mark_completed()
        send_due()
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None
    assert not endpoint.is_paused


def test_what_happens_during_a_pause_waits_for_its_end(settings: Any) -> None:
    with receiver(settings) as found:
        endpoint, _ = make_endpoint(found.origin)
        hook_actions.pause(endpoint, hook_actions.PAUSED_BY_HAND)
        make_video("storing").mark_completed()
        make_video("storing").mark_completed()
        send_due()
        assert found.requests == []
        assert set(WebhookDelivery.objects.values_list("status", "next_at")) == {(PENDING, None)}
        old = WebhookDelivery.objects.first()
        assert old is not None
        WebhookDelivery.objects.filter(pk=old.pk).update(
            created_at=timezone.now() - timedelta(days=4)
        )
        hook_actions.resume(endpoint)
        [sent] = send_due()
    assert sent.status == DELIVERED
    old.refresh_from_db()
    assert (old.status, old.attempt) == (FAILED, 0)
    assert "more than three days" in old.error
    endpoint.refresh_from_db()
    assert not endpoint.is_paused


def test_the_first_reason_of_a_pause_stays() -> None:
    endpoint, _ = make_endpoint(URL)
    hook_actions.pause(endpoint, "gone")
    hook_actions.pause(endpoint, "by hand")
    endpoint.refresh_from_db()
    assert endpoint.paused_reason == "gone"


def test_a_delivery_can_be_sent_once_more(settings: Any) -> None:
    with receiver(settings) as found:
        make_endpoint(found.origin)
        make_video("storing").mark_completed()
        [delivery] = send_due()
        hook_actions.redeliver(delivery)
        [again] = send_due()
    first, second = received(found)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert (again.pk, again.status, again.attempt) == (delivery.pk, DELIVERED, 1)


def test_an_endpoint_that_goes_on_while_a_delivery_is_put_aside_forgets_none(
    settings: Any,
) -> None:
    with receiver(settings) as found:
        endpoint, _ = make_endpoint(found.origin, paused_reason="gone")
        make_video("storing").mark_completed()
        leases.claim_deliveries(1)
        stale = WebhookDelivery.objects.select_related("endpoint").get()
        hook_actions.resume(endpoint)
        notify.hold(stale)
        make_due()
        [delivery] = send_due()
    assert delivery.status == DELIVERED
