"""Renders what was ordered, one file after another, in a background thread.

Only `providers.sandbox` calls this. What a stopped process left unfinished is ordered anew at the
next start.
"""

from __future__ import annotations

import logging
import threading
import time
from queue import SimpleQueue

from providers.sandbox.store import Store
from providers.sandbox.timeline import Record

logger = logging.getLogger(__name__)


class Backlog:
    """The queue of tasks whose files do not exist yet, and the one thread that works on it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._work, name="sandbox-render", daemon=True)
        for record in store.all():
            self.order(record)

    def start(self) -> None:
        """Begin to render."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the clip in hand and end the thread; the rest stays on disk for the next start."""
        self._is_stopping = True
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def order(self, record: Record) -> None:
        """Put a task in line unless it never gets a file."""
        if _is_wanted(record):
            self._queue.put(record.id)

    def _work(self) -> None:
        while (task_id := self._queue.get()) is not None:
            if self._is_stopping:
                return
            record = self._store.get(task_id)
            if record is not None and _is_wanted(record):
                self._render(record)

    def _render(self, record: Record) -> None:
        # PyAV is slow to import, and a sandbox that renders nothing should start at once.
        from providers.sandbox import film  # noqa: PLC0415

        try:
            film.make_files(self._store, record)
        except Exception:
            current = self._store.get(record.id)
            if current is None or current.deleted_as is None:
                logger.exception("could not render task %s", record.id)
            self._store.change(record.id, render_error=True, over_at=time.time())
        else:
            self._store.finish(record.id, time.time())


def _is_wanted(record: Record) -> bool:
    is_over = record.rendered or record.render_error or record.deleted_as is not None
    return not (is_over or record.fail or record.vanish)
