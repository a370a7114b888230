"""`manage.py worker`: the clock, and watched django-q2 clusters that do what it hands out."""

from __future__ import annotations

import fcntl
import logging
import socket
import time
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error, connections

from studio.cluster import Cluster
from studio.lifeline import Lifeline
from studio.supervisor import Stop
from videos.clock import Clock

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.2
DATABASE_PAUSE_SECONDS = 1.0
STOP_SECONDS = 35.0
STORE_WORKERS = 2
NOTIFY_WORKERS = 1


class Command(BaseCommand):
    """Submits, follows and stores videos until it is told to stop."""

    help = "Submit, follow and store videos."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or Ctrl-C; then let requests under way finish, 35 seconds at most."""
        stop, lifeline = Stop(), Lifeline()
        folder, self._lock = own_folder()
        hot_workers = settings.STUDIO_SUBMIT_PARALLEL + 1  # one is left to follow
        hot = Cluster("hot", folder, hot_workers, has_schedules=False)
        store = Cluster("store", folder, STORE_WORKERS, has_schedules=True)
        notify = Cluster("notify", folder, NOTIFY_WORKERS, has_schedules=False)
        clusters = (hot, store, notify)
        clock = Clock(folder, *(cluster.queue for cluster in clusters))
        while not stop.requested:
            try:
                for cluster in clusters:
                    cluster.keep_up(lifeline)
                clock.tick()
                pause = TICK_SECONDS
            except Error:
                logger.exception("the database does not answer")
                connections.close_all()
                pause = DATABASE_PAUSE_SECONDS
            except Exception:
                logger.exception("a tick failed")
                pause = DATABASE_PAUSE_SECONDS
            time.sleep(pause)
        end = time.monotonic() + STOP_SECONDS
        for cluster in clusters:
            cluster.child.ask_to_stop()
        for cluster in clusters:
            cluster.child.stop(max(0.0, end - time.monotonic()))
        clock.hand_back()


def own_folder() -> tuple[Path, IO[bytes]]:
    """The run directory of this worker: the first of its host that no living worker holds.

    Its lock is held as long as the file that comes with it is open.
    """
    runs = Path(settings.STUDIO_DATA_DIR) / "run"
    for number in range(1000):
        folder = runs / f"{socket.gethostname()}-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return folder, lock
    raise RuntimeError(f"There are 1,000 workers under {runs} already.")
