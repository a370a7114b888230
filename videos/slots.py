"""At most STUDIO_SUBMIT_PARALLEL submissions at a time per `manage.py worker`, over its processes.

A slot is a locked file in the worker's run directory; the kernel frees it when its holder dies.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings


def free(worker_dir: Path) -> int:
    """How many submissions could begin now."""
    count = 0
    for number in range(settings.STUDIO_SUBMIT_PARALLEL):
        file = _take(worker_dir, number)
        if file:
            file.close()
            count += 1
    return count


@contextmanager
def slot(worker_dir: Path) -> Iterator[bool]:
    """Hold one slot for the block; False when all are taken."""
    for number in range(settings.STUDIO_SUBMIT_PARALLEL):
        file = _take(worker_dir, number)
        if file:
            with file:
                yield True
            return
    yield False


def _take(worker_dir: Path, number: int) -> IO[bytes] | None:
    file = (worker_dir / f"submit-{number}.lock").open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
