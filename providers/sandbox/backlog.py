"""Renders what was ordered, one file after another, in a background thread.

Only `providers.sandbox` calls this. What a stopped process left unfinished is ordered anew at the
next start.
"""

from __future__ import annotations

import logging
import threading
from queue import SimpleQueue

from PIL import Image

from providers.sandbox import rules
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
        try:
            _make_files(self._store, record)
        except Exception:
            logger.exception("could not render task %s", record.id)
            self._store.change(record.id, render_error=True)
        else:
            self._store.finish(record.id)


def _is_wanted(record: Record) -> bool:
    is_over = record.rendered or record.render_error or record.deleted_as is not None
    return not (is_over or record.fail or record.vanish)


def _make_files(store: Store, record: Record) -> None:
    # PyAV is slow to import, and a sandbox that renders nothing should start at once.
    from providers.sandbox import render  # noqa: PLC0415
    from providers.sandbox.picture import FPS, Scene  # noqa: PLC0415

    body = record.body
    width, height = rules.pixels(body.get("ratio", rules.DEFAULT_RATIO))
    length = rules.seconds(record.path, body)
    for number in range(record.outputs):
        path = store.output(record.id, number, record.suffix)
        if path.exists():
            continue
        first, placeholder = _first_picture(store, record)
        scene = Scene(
            prompt=body.get("promptText", ""),
            seed=body.get("seed", 0) + number,
            label=f"Rushes sandbox · {record.model} · {width}x{height}",
            width=width,
            height=height,
            frames=1 if record.suffix == "png" else length * FPS,
            first=first,
            placeholder=placeholder,
        )
        if record.suffix == "png":
            render.picture(scene, path)
        else:
            render.clip(scene, path, audio=rules.has_audio(record.path, body))


def _first_picture(store: Store, record: Record) -> tuple[Image.Image | None, str]:
    """The picture that the clip starts with, or the host of one that was not fetched."""
    first = next((item for item in record.pictures if item["position"] == "first"), None)
    if first is None:
        return None, ""
    if "file" not in first:
        return None, first["host"]
    with Image.open(store.input(first["file"])) as image:
        image.load()
        return image, ""
