"""One django-q2 cluster under watch: its queue, its heartbeat, its end. Used by `manage.py worker`.

Why the heartbeat: a cluster can look alive, every process running, and yet take no message. See
docs/adr/0003-the-row-is-the-job.md.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path

from django_q.brokers import Broker, get_broker
from django_q.tasks import async_task

from .lifeline import Lifeline
from .supervisor import Child

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5.0
STALE_SECONDS = 15.0
GRACE_SECONDS = 20.0


class Cluster:
    """A `manage.py qcluster` with a private queue, restarted when it dies or falls silent."""

    def __init__(self, name: str, folder: Path, workers: int, *, has_schedules: bool) -> None:
        self.name = name
        self.queue = f"{folder.name}-{name}"
        self.beat_file = folder / f"{name}.beat"
        self.asked_at = 0.0
        self.child = Child(
            f"the {name} cluster",
            ["qcluster"],
            {
                "STUDIO_WORKER_DIR": str(folder),
                "STUDIO_CLUSTER": name,
                "STUDIO_QUEUE": self.queue,
                "STUDIO_QUEUE_WORKERS": str(workers),
                "STUDIO_QUEUE_SCHEDULER": str(has_schedules),
            },
        )
        self._broker: Broker | None = None

    @property
    def broker(self) -> Broker:
        """The queue; opened late, so that a database that is away is an error of a tick."""
        if self._broker is None:
            self._broker = get_broker(self.queue)
        return self._broker

    def keep_up(self, lifeline: Lifeline) -> None:
        """Start, restart, and ask for a sign of life, whatever is due."""
        if self.child.is_running and self._is_silent():
            logger.warning("%s gives no sign of life; killing it", self.child.name)
            self.child.kill()
        if self.child.keep_up(lifeline):
            self.broker.purge_queue()
            self.asked_at = 0.0
        elif self.child.is_running and time.monotonic() - self.asked_at >= BEAT_SECONDS:
            self.asked_at = time.monotonic()
            async_task("videos.tasks.beat", broker=self.broker, save=False)

    def _is_silent(self) -> bool:
        running_for = time.monotonic() - self.child.started_at
        if running_for < GRACE_SECONDS:
            return False
        try:
            silent_for = time.time() - self.beat_file.stat().st_mtime
        except FileNotFoundError:
            return True
        return silent_for > STALE_SECONDS
