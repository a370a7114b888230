"""From an output link to verified files on our storage. Called by follow and store, in threads.

A file becomes visible only whole: streamed to a draft, probed by another process, flushed to disk,
then moved. Nothing here touches the database.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image

from providers.runway import RunwayClient
from providers.tasks import Downloaded

PROBE_SECONDS = 120.0
MAX_DATA_URI_CHARACTERS = 5_242_880
SUFFIXES = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/x-matroska": "mkv",
    "application/zip": "zip",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
}


class BadOutput(Exception):
    """The bytes are not what was asked for; a fresh link may bring better ones."""


class NoSpace(Exception):
    """Our disk is full; later, perhaps, it is not."""


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


def fetch_video(
    client: RunwayClient, url: str, video_id: str, position: int, seconds: int
) -> list[Stored]:
    """Bring one output home: the file, and for the first one its thumbnail and spritesheet.

    A video must play to its end and be about `seconds` long; a zip of frames must be intact.
    Raises: BadOutput, NoSpace, and what `RunwayClient.download` raises.
    """
    with _drafts() as folder:
        draft, downloaded = _download(client, url, folder)
        found = _probe(draft, folder)
        if found["kind"] == "picture":
            raise BadOutput("The output is a picture, not a video.")
        _check_length(found["seconds"], seconds)
        files = [_keep(draft, video_id, "video", position, found, downloaded)]
        if position == 0:
            files += _keep_pictures(folder, video_id)
        return files


def fetch_image(client: RunwayClient, url: str, video_id: str) -> Stored:
    """Bring a first frame home. Raises as `fetch_video` does."""
    with _drafts() as folder:
        draft, downloaded = _download(client, url, folder)
        found = _probe(draft, folder)
        if found["kind"] != "picture":
            raise BadOutput("The first frame is not a picture.")
        return _keep(draft, video_id, "first_frame", 0, found, downloaded)


def data_uri(path: str, content_type: str) -> str:
    """A stored picture as Runway takes it inline; made smaller if it would be too long.

    Raises: FileNotFoundError.
    """
    data = (Path(settings.MEDIA_ROOT) / path).read_bytes()
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
    old = [path for path in _incoming().iterdir() if path.stat().st_mtime < limit]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)


@contextmanager
def _drafts() -> Iterator[Path]:
    """A folder on the storage's own disk, gone afterwards whatever happens."""
    try:
        with tempfile.TemporaryDirectory(dir=_incoming()) as folder:
            yield Path(folder)
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace("There is no room on the media disk.") from exc
        raise


def _incoming() -> Path:
    path = Path(settings.MEDIA_ROOT) / "incoming"
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
        raise BadOutput(f"The output broke its probe (exit {run.returncode}).") from exc
    if "error" in found:
        raise BadOutput(f"The output is no video: {found['error']}.")
    return found


def _check_length(found: float | None, asked: int) -> None:
    if found is None:
        return
    if abs(found - asked) > max(1.0, asked * 0.2):
        raise BadOutput(f"The output lasts {found:.1f} s instead of {asked} s.")


def _keep(
    draft: Path,
    video_id: str,
    kind: str,
    position: int,
    found: dict[str, Any],
    downloaded: Downloaded,
) -> Stored:
    suffix = SUFFIXES.get(found["content_type"], "bin")
    name = f"videos/{video_id}/{kind}-{position}.{suffix}"
    _move(draft, name)
    return Stored(
        kind=kind,
        position=position,
        path=name,
        content_type=found["content_type"],
        size=downloaded.size,
        sha256=downloaded.sha256,
        width=found["width"],
        height=found["height"],
        seconds=found["seconds"],
    )


def _keep_pictures(folder: Path, video_id: str) -> list[Stored]:
    """The thumbnail and spritesheet that the probe made, if any."""
    kept = []
    for kind, file, content_type in (
        ("thumbnail", "thumbnail.webp", "image/webp"),
        ("spritesheet", "spritesheet.jpg", "image/jpeg"),
    ):
        draft = folder / file
        if not draft.exists():
            continue
        data = draft.read_bytes()
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
        name = f"videos/{video_id}/{kind}-0.{SUFFIXES[content_type]}"
        _move(draft, name)
        checksum = hashlib.sha256(data).hexdigest()
        kept.append(Stored(kind, 0, name, content_type, len(data), checksum, width, height))
    return kept


def _move(draft: Path, name: str) -> None:
    """Make a draft visible under its name, so that a power cut leaves all of it or nothing."""
    target = Path(settings.MEDIA_ROOT) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    for path in (draft, target.parent):
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    draft.replace(target)


def _as_data_uri(data: bytes, content_type: str) -> str:
    return f"data:{content_type};base64,{base64.b64encode(data).decode()}"
