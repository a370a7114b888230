"""The clock: finds videos that are due, takes them, and hands them to django-q2.

`manage.py worker` calls `tick` a few times a second. q2 holds no truth: a message that is lost or
comes twice does nothing, because the row comes due again and the fence tells claims apart.
"""

from __future__ import annotations

import logging
from pathlib import Path
from time import monotonic

from django.db import transaction
from django_q.brokers import Broker, get_broker
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from providers import measures
from providers.models import ProviderKey
from studio.accounts import sessions

from . import (
    capacity,
    hook_actions,
    leases,
    media,
    reconcile,
    repeats,
    shelving,
    slots,
    spool,
    uploaded,
)
from .arrows import FAILED, IN_PROGRESS, QUEUED, STORING, SUBMITTING
from .leases import Claim
from .models import Superseded
from .submit import give_up_on, note_accepted

logger = logging.getLogger(__name__)

FOLLOW_BATCH = 256
STORE_BATCH = 2
NOTIFY_BATCH = 64
RECOVER_BATCH = 16
SPOOL_SECONDS = 10.0
CLEAN_SECONDS = 3600.0
RECONCILE_SECONDS = 600.0
KEY_SECONDS = 5.0
TABLES = {"videos.tasks.notify": leases.DELIVERIES}  # of the claims in a message


class Clock:
    """Claims for one worker, whose private queues it fills only while they are short."""

    def __init__(
        self, worker_dir: Path, hot_queue: str, store_queue: str, notify_queue: str
    ) -> None:
        self.worker_dir = worker_dir
        self.hot = get_broker(hot_queue)
        self.store = get_broker(store_queue)
        self.notify = get_broker(notify_queue)
        self._cleaned_at = -CLEAN_SECONDS
        self.reconciled_at = monotonic()
        self._looked_at = -KEY_SECONDS

    def tick(self) -> None:
        """One look at the table: recover what a dead worker left, then hand out what is due."""
        recover()
        self._clean()
        self._reconcile()
        self._look_at_keys()
        waiting = self.hot.queue_size()
        self._submit(slots.free(self.worker_dir) - waiting)
        if not waiting:
            self._send(self.hot, "follow", leases.claim(IN_PROGRESS, FOLLOW_BATCH))
            self._send(self.hot, "look_back", leases.claim(FAILED, FOLLOW_BATCH))
        for claim in leases.claim(STORING, STORE_BATCH - self.store.queue_size()):
            self._send(self.store, "store", [claim])
        if not self.notify.queue_size():
            self._send(self.notify, "notify", leases.claim_deliveries(NOTIFY_BATCH))

    def hand_back(self) -> None:
        """Empty the queues, and let everybody else have what was in them at once."""
        for broker in (self.hot, self.store, self.notify):
            while messages := broker.dequeue():
                for message_id, payload in messages:
                    task = SignedPackage.loads(payload)
                    if task["args"]:
                        table = TABLES.get(task["func"], leases.VIDEOS)
                        leases.hand_back(task["args"][0], table=table)
                    broker.acknowledge(message_id)

    def _submit(self, room: int) -> None:
        """Hand out what waits, people in turn; what no key can take now stays in line."""
        closed = capacity.closed_models() if room > 0 else {}
        for claim in leases.claim(QUEUED, room, closed):
            self._send(self.hot, "submit", [claim])

    def _look_at_keys(self) -> None:
        """Every few seconds: say why videos wait, and have the keys tested whose time has come."""
        if monotonic() - self._looked_at < KEY_SECONDS:
            return
        self._looked_at = monotonic()
        capacity.put_reasons(capacity.closed_models())
        if ProviderKey.objects.due_for_test().exists() and not self.notify.queue_size():
            async_task("videos.tasks.test_keys", broker=self.notify, save=False)

    def _clean(self) -> None:
        """At first and then once an hour: remove what is old: half downloads, calls, trash."""
        if monotonic() - self._cleaned_at >= CLEAN_SECONDS:
            self._cleaned_at = monotonic()
            for clean in (
                media.clean_drafts,
                repeats.forget_old,
                hook_actions.clean,
                uploaded.clean,
                measures.forget_old,
                shelving.purge,
                sessions.forget_expired,
            ):
                try:
                    clean()
                except OSError:  # one file that cannot go must not keep the rest
                    logger.exception("cleaning by %s", clean.__module__)

    def _reconcile(self) -> None:
        """Some time after the start, and then now and then: are Runway's figures old?"""
        if monotonic() - self.reconciled_at >= RECONCILE_SECONDS:
            self.reconciled_at = monotonic()
            if reconcile.is_due():
                async_task("videos.tasks.reconcile", broker=self.store, save=False)

    def _send(self, broker: Broker, task: str, claims: list[Claim]) -> None:
        if claims:
            async_task(f"videos.tasks.{task}", claims, broker=broker, save=False)


def recover() -> None:
    """Settle submissions whose worker died, and note answers that only the disk knows."""
    for video_id, attempt, provider_id in spool.entries(older_than_seconds=SPOOL_SECONDS):
        try:
            note_accepted(video_id, attempt, provider_id)
        except Superseded as exc:
            logger.warning("task %s is not noted: %s", provider_id, exc)
    for claim in leases.claim(SUBMITTING, RECOVER_BATCH):
        try:
            with transaction.atomic():
                give_up_on(claim)
        except Superseded as exc:
            logger.info("%s", exc)
