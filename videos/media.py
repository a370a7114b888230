"""From output links to verified files on our storage. Called by follow and store, in threads.

Bytes first become drafts: streamed, checked by another process, flushed to disk. `publish` moves
them under their names, so that a file is seen whole or not at all. Nothing here touches the
database.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from PIL import Image

from providers.errors import OutputUnavailable
from providers.runway import RunwayClient
from providers.tasks import Downloaded

logger = logging.getLogger(__name__)

PROBE_SECONDS = 120.0
MAX_DATA_URI_CHARACTERS = 5_242_880
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_ROOM = "There is no room on the media disk."
SUFFIXES = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/x-matroska": "mkv",
    "application/zip": "zip",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
}


class NotStored(Exception):
    """An output could not be made a file of ours; the message is for people."""


class BadOutput(NotStored):
    """The bytes are not what was asked for; a fresh link may bring better ones."""


class NoSpace(NotStored):
    """Our disk is full, or does not work; later, perhaps, it does."""


@dataclass(frozen=True)
class Stored:
    """A file on our storage. `path` is relative to it; `seconds` is None for what does not play."""

    kind: str
    position: int
    path: str
    content_type: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Draft:
    """A verified file that nobody sees yet: where its bytes are, and what it will be."""

    path: Path
    stored: Stored


@contextmanager
def drafts() -> Iterator[Path]:
    """A folder on the storage's own disk, gone afterwards whatever happens.

    Raises: NoSpace when what happens is that our disk fails.
    """
    try:
        with tempfile.TemporaryDirectory(dir=_incoming(), ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    except OutputUnavailable as exc:
        if getattr(exc.__cause__, "errno", None) in FULL:
            raise NoSpace(NO_ROOM) from exc
        raise
    except OSError as exc:
        raise NoSpace(NO_ROOM if exc.errno in FULL else f"Our disk failed: {exc.strerror}") from exc


def fetch_videos(
    client: RunwayClient, urls: Sequence[str], folder: Path, video_id: str, seconds: int
) -> list[Draft]:
    """Bring all outputs into a folder of `drafts`, with thumbnail and spritesheet of the first.

    A video must play to its end and be about `seconds` long; a zip of frames must be intact.
    Raises: BadOutput, NoSpace, and what `RunwayClient.download` raises.
    """
    made = []
    for position, url in enumerate(urls):
        inside = folder / str(position)
        inside.mkdir()
        draft, downloaded = _download(client, url, inside)
        found = _probe(draft, inside)
        if found["kind"] == "picture":
            raise BadOutput("The output is a picture, not a video.")
        _check_length(found["seconds"], seconds)
        made.append(_draft(draft, (video_id, "video", position), found, downloaded))
        if position == 0:
            made += _pictures(inside, video_id)
    return made


def fetch_image(client: RunwayClient, url: str, video_id: str) -> Stored:
    """Bring a first frame home, visible at once. Raises as `fetch_videos` does."""
    with drafts() as folder:
        draft, downloaded = _download(client, url, folder)
        found = _probe(draft, folder)
        if found["kind"] != "picture":
            raise BadOutput("The first frame is not a picture.")
        return publish([_draft(draft, (video_id, "first_frame", 0), found, downloaded)])[0]


def publish(made: Sequence[Draft]) -> list[Stored]:
    """Move drafts under their names; a power cut leaves each whole or not there. Raises: OSError.

    Quick, for it may be called inside the transaction that writes their rows.
    """
    folders = set()
    for draft in made:
        target = Path(default_storage.path(draft.stored.path))
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.path.replace(target)
        folders |= {target.parent, target.parent.parent}
    for folder in folders:
        _flush(folder)
    return [draft.stored for draft in made]


def data_uri(path: str, content_type: str) -> str:
    """A stored picture as Runway takes it inline; made smaller if it would be too long.

    Raises: FileNotFoundError.
    """
    data = Path(default_storage.path(path)).read_bytes()
    uri = _as_data_uri(data, content_type)
    quality = 92
    while len(uri) > MAX_DATA_URI_CHARACTERS:
        buffer = io.BytesIO()
        with Image.open(io.BytesIO(data)) as picture:
            picture.convert("RGB").save(buffer, "JPEG", quality=quality)
        uri, quality = _as_data_uri(buffer.getvalue(), "image/jpeg"), quality - 12
    return uri


def clean_drafts(older_than_seconds: float = 3600) -> int:
    """Remove what crashes left; how many."""
    limit = time.time() - older_than_seconds
    old = [path for path in _incoming().iterdir() if _changed_at(path) < limit]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # its owner was quicker
        return time.time()


def _incoming() -> Path:
    path = Path(default_storage.path("incoming"))
    path.mkdir(parents=True, exist_ok=True)
    return path


def _download(client: RunwayClient, url: str, folder: Path) -> tuple[Path, Downloaded]:
    draft = folder / "output"
    with draft.open("wb") as file:
        downloaded = client.download(url, file, max_bytes=settings.STUDIO_MAX_VIDEO_BYTES)
        file.flush()
        os.fsync(file.fileno())
    if downloaded.size == 0:
        raise BadOutput("The output is empty.")
    return draft, downloaded


def _probe(draft: Path, folder: Path) -> dict[str, Any]:
    """What the other process found. Raises BadOutput for everything that is no good file."""
    command = [sys.executable, "-m", "videos.probe", str(draft), str(folder)]
    try:
        run = subprocess.run(  # noqa: S603 - our own interpreter and module
            [*command, str(settings.STUDIO_MAX_VIDEO_BYTES)],
            cwd=settings.BASE_DIR,
            env={"PATH": os.environ.get("PATH", "")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
        found: dict[str, Any] = json.loads(run.stdout)
    except subprocess.TimeoutExpired as exc:
        raise BadOutput("The output took too long to look into.") from exc
    except ValueError as exc:
        logger.warning("the probe ended with %s: %s", run.returncode, run.stderr[-500:])
        raise BadOutput(f"The output broke its probe (exit {run.returncode}).") from exc
    if "error" in found:
        raise BadOutput(f"The output is no video: {found['error']}.")
    return found


def _check_length(found: float | None, asked: int) -> None:
    if found is None:
        return
    if abs(found - asked) > max(1.0, asked * 0.2):
        raise BadOutput(f"The output lasts {found:.1f} s instead of {asked} s.")


def _draft(
    path: Path, what: tuple[str, str, int], found: dict[str, Any], downloaded: Downloaded
) -> Draft:
    """A downloaded file as a draft; `what` is the video's id, the kind and the position."""
    video_id, kind, position = what
    suffix = SUFFIXES.get(found["content_type"], "bin")
    stored = Stored(
        kind=kind,
        position=position,
        path=f"videos/{video_id}/{kind}-{position}.{suffix}",
        content_type=found["content_type"],
        size=downloaded.size,
        sha256=downloaded.sha256,
        width=found["width"],
        height=found["height"],
        seconds=found["seconds"],
    )
    return Draft(path, stored)


def _pictures(folder: Path, video_id: str) -> list[Draft]:
    """The thumbnail and spritesheet that the probe made, if any."""
    made = []
    for kind, file, content_type in (
        ("thumbnail", "thumbnail.webp", "image/webp"),
        ("spritesheet", "spritesheet.jpg", "image/jpeg"),
    ):
        path = folder / file
        if not path.exists():
            continue
        _flush(path)
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
        name = f"videos/{video_id}/{kind}-0.{SUFFIXES[content_type]}"
        checksum = hashlib.sha256(data).hexdigest()
        stored = Stored(kind, 0, name, content_type, len(data), checksum, width, height)
        made.append(Draft(path, stored))
    return made


def _flush(path: Path) -> None:
    """Have the disk keep a file's bytes, or a folder's names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _as_data_uri(data: bytes, content_type: str) -> str:
    return f"data:{content_type};base64,{base64.b64encode(data).decode()}"
