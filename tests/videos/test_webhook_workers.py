"""Webhooks are sent at least once, and by one worker at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from videos import leases, notify, tasks
from videos.clock import Clock
from videos.hooks import WebhookDelivery
from videos.models import Superseded

from .factories import make_video
from .receiver import make_due, make_endpoint, received, receiver, send_due

pytestmark = pytest.mark.django_db

URL = "https://hooks.example.org/rushes"


def test_a_worker_that_dies_before_its_note_leads_to_a_second_delivery_of_the_same_id(
    settings: Any,
) -> None:
    with receiver(settings) as found:
        make_endpoint(found.origin)
        make_video("storing").mark_completed()
        leases.claim_deliveries(1)
        dead = WebhookDelivery.objects.get()
        outcome = notify.attempt(dead.endpoint, dead.event)  # and no more is heard of it
        assert send_due() == []
        make_due()
        [delivery] = send_due()
    first, second = received(found)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert delivery.status == WebhookDelivery.DELIVERED
    with pytest.raises(Superseded):
        notify.write(dead, outcome)


def test_two_workers_never_hold_the_same_delivery() -> None:
    make_endpoint(URL)
    for _ in range(3):
        make_video("storing").mark_completed()
    first, second = leases.claim_deliveries(2), leases.claim_deliveries(2)
    assert (len(first), len(second)) == (2, 1)
    assert not set(first) & set(second)


def test_a_message_that_comes_twice_or_late_sends_nothing_more(settings: Any) -> None:
    with receiver(settings) as found:
        make_endpoint(found.origin)
        make_video("storing").mark_completed()
        claims = leases.claim_deliveries(9)
        make_due()
        newer = leases.claim_deliveries(9)
        notify.notify(claims)
        assert found.requests == []
        notify.notify(newer)
        notify.notify(newer)
    assert len(found.requests) == 1


def test_the_clock_hands_due_deliveries_to_a_cluster_of_their_own_in_one_message(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_WORKER_DIR", str(tmp_path))
    monkeypatch.setenv("STUDIO_CLUSTER", "store")
    with receiver(settings) as found:
        make_endpoint(found.origin)
        for _ in range(3):
            make_video("storing").mark_completed()
        clock = Clock(tmp_path, "here-hot", "here-store", "here-notify")
        clock.tick()
        [row] = OrmQ.objects.filter(key="here-notify")
        message = SignedPackage.loads(row.payload)
        assert message["func"] == "videos.tasks.notify"
        tasks.notify(*message["args"])
    assert len(found.requests) == 3
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {"delivered"}


def test_a_worker_that_stops_hands_deliveries_back(tmp_path: Path) -> None:
    make_endpoint(URL)
    make_video("storing").mark_completed()
    clock = Clock(tmp_path, "here-hot", "here-store", "here-notify")
    clock.tick()
    assert leases.claim_deliveries(1) == []
    clock.hand_back()
    assert len(leases.claim_deliveries(1)) == 1
