"""From output links to verified files on our storage. Called by follow and store, in threads.

Bytes first become drafts: streamed, checked by another process, flushed to disk. `publish` moves
them under their names, so that a file is seen whole or not at all. Nothing here touches the
database.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from PIL import Image

from providers.errors import OutputForbidden, OutputTooLarge, OutputUnavailable
from providers.runway import RunwayClient
from providers.tasks import Downloaded

from . import probing
from .probing import Found

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_ROOM = "There is no room on the media disk."
LEAST_ROOM = 256 * 1024 * 1024
FRAME_SECONDS = 60.0
BAD_OUTPUT_SECONDS = 3600.0
SUFFIXES = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "application/zip": "zip",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
}


class NotStored(Exception):
    """An output could not be made a file of ours; the message is for people."""


class BadOutput(NotStored):
    """The bytes are not what was asked for; a fresh link may bring better ones."""

    code = "bad_output"


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
    fps: float | None = None
    codec: str = ""


@dataclass(frozen=True)
class Draft:
    """A verified file that nobody sees yet: where its bytes are, and what it will be."""

    path: Path
    stored: Stored


def why_no_room() -> str:
    """In one sentence why nothing should be made just now; empty while the disks have room."""
    for folder in (_incoming(), Path(settings.STUDIO_DATA_DIR)):
        free = shutil.disk_usage(folder).free
        if free < LEAST_ROOM:
            return f"The disk is almost full ({free // 2**20} MiB free); nothing is sent to Runway."
    return ""


def is_final(exc: Exception, age_seconds: float) -> bool:
    """Whether no fresh link changes anything for an output that was made so long ago.

    A name that did not resolve may do so later; what is no video for an hour will not become one.
    """
    if isinstance(exc, OutputForbidden):
        return not isinstance(exc.__cause__, OSError)
    if isinstance(exc, BadOutput):
        return age_seconds > BAD_OUTPUT_SECONDS
    return isinstance(exc, OutputTooLarge)


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
    client: RunwayClient, urls: Sequence[str], folder: Path, video_id: str, seconds: int | None
) -> list[Draft]:
    """Bring all outputs into a folder of `drafts`, with the pictures of the first.

    A video must play to its end and be about `seconds` long, None for not known before; a zip of
    frames must be intact. Raises: BadOutput, NoSpace, and what `RunwayClient.download` raises.
    """
    made = []
    for position, url in enumerate(urls):
        inside = folder / str(position)
        inside.mkdir()
        draft, downloaded = _download(client, url, inside)
        found = _probe(draft, inside)
        if found.kind not in ("video", "zip"):
            what = "a sound" if found.kind == "audio" else "a picture"
            raise BadOutput(f"The output is {what}, no video.")
        _check_length(found.seconds, seconds)
        made.append(_draft(draft, (video_id, "video", position), found, downloaded))
        if position == 0:
            made += _pictures(inside, video_id)
    return made


def fetch_image(client: RunwayClient, url: str, video_id: str) -> Stored:
    """Bring a first frame home, visible at once. Raises as `fetch_videos` does."""
    with drafts() as folder:
        draft, downloaded = _download(client, url, folder, FRAME_SECONDS)
        found = _probe(draft, folder)
        if found.kind != "picture":
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


def _download(
    client: RunwayClient, url: str, folder: Path, seconds: float | None = None
) -> tuple[Path, Downloaded]:
    draft = folder / "output"
    most = settings.STUDIO_MAX_VIDEO_BYTES
    with draft.open("wb") as file:
        downloaded = client.download(url, file, max_bytes=most, seconds=seconds)
        file.flush()
        os.fsync(file.fileno())
    if downloaded.size == 0:
        raise BadOutput("The output is empty.")
    return draft, downloaded


def _probe(draft: Path, folder: Path) -> Found:
    """What the other process found. Raises BadOutput for everything that is no good file."""
    try:
        return probing.look_into(draft, folder)
    except probing.Unreadable as exc:
        raise BadOutput(f"The output is no video: {exc}.") from exc


def _check_length(found: float | None, asked: int | None) -> None:
    if found is None or asked is None:
        return
    if abs(found - asked) > max(1.0, asked * 0.2):
        raise BadOutput(f"The output lasts {found:.1f} s instead of {asked} s.")


def _draft(path: Path, what: tuple[str, str, int], found: Found, downloaded: Downloaded) -> Draft:
    """A downloaded file as a draft; `what` is the video's id, the kind and the position."""
    video_id, kind, position = what
    suffix = SUFFIXES.get(found.content_type, "bin")
    stored = Stored(
        kind=kind,
        position=position,
        path=f"videos/{video_id}/{kind}-{position}.{suffix}",
        content_type=found.content_type,
        size=downloaded.size,
        sha256=downloaded.sha256,
        width=found.width,
        height=found.height,
        seconds=found.seconds,
        fps=found.fps,
        codec=found.codec[:32],
    )
    return Draft(path, stored)


def _pictures(folder: Path, video_id: str) -> list[Draft]:
    """The pictures that the probe made, if any."""
    made = []
    for kind, file, content_type in (
        ("thumbnail", "thumbnail.webp", "image/webp"),
        ("spritesheet", "spritesheet.jpg", "image/jpeg"),
        ("frame_first", "first.jpg", "image/jpeg"),
        ("frame_last", "last.jpg", "image/jpeg"),
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
