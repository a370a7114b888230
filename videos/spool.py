"""Task ids that Runway gave us, on disk before they are in the database.

If the database is away, or the worker is killed, between Runway's answer and our note of it, the id
is not lost: the clock reads what is left here. One small file per attempt.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings


def keep(video_id: str, attempt: int, provider_id: str) -> None:
    """Write the id down so that it survives a power cut."""
    path = _path(video_id, attempt)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with draft.open("w") as file:
        file.write(provider_id)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    folder_handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder_handle)
    finally:
        os.close(folder_handle)


def drop(video_id: str, attempt: int) -> None:
    """The database has it."""
    _path(video_id, attempt).unlink(missing_ok=True)


def entries(older_than_seconds: float = 0) -> Iterator[tuple[str, int, str]]:
    """Whatever is left for longer than that: (video id, attempt, Runway's task id)."""
    for path in sorted(folder().glob("*.accepted")):
        video_id, _, attempt = path.stem.rpartition(".")
        try:
            if time.time() - path.stat().st_mtime >= older_than_seconds:
                yield video_id, int(attempt), path.read_text()
        except FileNotFoundError:
            continue


def folder() -> Path:
    """Where they lie."""
    return Path(settings.STUDIO_DATA_DIR) / "spool"


def _path(video_id: str, attempt: int) -> Path:
    return folder() / f"{video_id}.{attempt}.accepted"
