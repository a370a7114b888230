"""Looks into a downloaded file, as a process: `python -m videos.probe PATH OUTDIR MAX_BYTES`.

Called by `videos.probing` alone. The file is somebody else's bytes, so this process has little
memory and time, and no database, and opens no other file or address that those bytes name. Prints
one JSON object: what the file is, or `error` in words. Writes `thumbnail.webp`, `spritesheet.jpg`,
`first.jpg` and `last.jpg` into OUTDIR where frames decode.

Source: ISO/IEC 14496-12 (boxes).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import resource
import signal
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
from PIL import Image

from videos import playing
from videos.playing import Unusable, write_thumbnail

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 60
WALL_SECONDS = 110
WRITTEN_BYTES = 64 * 1024**2
MAX_ENTRIES = 20_000
MAX_PIXELS = playing.MAX_PIXELS

PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
FRAMES = (".png", ".exr", ".jpg", ".jpeg", ".tif", ".tiff", ".dpx")
MP3 = (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")
SOUNDS: tuple[tuple[Callable[[bytes], bool], str, str], ...] = (
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE", "wav", "wav"),
    (lambda head: head[:4] == b"fLaC", "flac", "flac"),
    (lambda head: head[:4] == b"OggS", "ogg", "ogg"),
    (lambda head: head[:2] in (b"\xff\xf1", b"\xff\xf9"), "aac", "aac"),
    (lambda head: head[:3] == b"ID3" or head[:2] in MP3, "mp3", "mpeg"),
)
FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
DAMAGED = (
    *(av.FFmpegError, Image.DecompressionBombError, zipfile.BadZipFile, zlib.error),
    *(OSError, ValueError, MemoryError, SyntaxError, EOFError, RuntimeError),
)


def main() -> None:
    """Probe one file within limits and print what was found."""
    path, folder, max_bytes = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    limit_myself()
    try:
        found = probe(path, folder, max_bytes)
    except Unusable as exc:
        found = {"error": str(exc)}
    except DAMAGED as exc:
        found = {"error": f"it does not decode ({type(exc).__name__})"}
    print(json.dumps(found))  # noqa: T201 - this is the answer


def limit_myself() -> None:
    """Little memory and time, no large files; and on Linux, no life after the caller's."""
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS)
    _limit(resource.RLIMIT_FSIZE, WRITTEN_BYTES)
    _limit(resource.RLIMIT_CORE, 0)
    signal.alarm(WALL_SECONDS)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def probe(path: Path, folder: Path, max_bytes: int) -> dict[str, Any]:
    """What the file is, judged by its bytes: video, sound, zip, picture. Raises Unusable."""
    with path.open("rb") as file:
        head = file.read(64)
    if head.startswith(b"PK\x03\x04"):
        return _probe_zip(path, folder, max_bytes)
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff")) or head[8:12] == b"WEBP":
        return _probe_picture(path, folder)
    if head[4:8] in FIRST_BOXES:
        _check_boxes(path)
        is_quicktime = head[4:12] == b"ftypqt  "
        return playing.look(path, folder, "mov", "quicktime" if is_quicktime else "mp4")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return playing.look(path, folder, "matroska", "webm" if b"webm" in head else "x-matroska")
    for is_it, demuxer, subtype in SOUNDS:
        if is_it(head):
            return playing.look(path, folder, demuxer, subtype)
    raise Unusable("it is neither a video, nor a sound, nor a zip of frames, nor a picture")


def _limit(kind: int, value: int) -> None:
    """Lower one limit; a machine's own may be lower already, and not every system has them all."""
    _, most = resource.getrlimit(kind)
    value = value if most == resource.RLIM_INFINITY else min(value, most)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (value, value))


def _check_boxes(path: Path) -> None:
    """An MP4 or MOV is whole: its boxes fill it to the last byte, header and content among them."""
    kinds = set(_boxes(path))
    if b"moov" not in kinds or b"mdat" not in kinds:
        raise Unusable("it has no header or no content")


def _boxes(path: Path) -> Iterator[bytes]:
    at, size = 0, path.stat().st_size
    with path.open("rb") as file:
        while at < size:
            file.seek(at)
            head = file.read(16).ljust(16, b"\0")
            length, kind, long = struct.unpack(">I4sQ", head)
            length = {0: size - at, 1: long}.get(length, length)
            if length < 8 or at + length > size:
                raise Unusable("it is cut short")
            yield kind
            at += length


def _probe_zip(path: Path, folder: Path, max_bytes: int) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > MAX_ENTRIES:
            raise Unusable(f"it holds {len(entries)} files")
        if not any(entry.filename.lower().endswith(FRAMES) for entry in entries):
            raise Unusable("it holds no frames")
        if sum(entry.file_size for entry in entries) > max_bytes * 4:
            raise Unusable("it unpacks to more than is allowed")
        if archive.testzip() is not None:
            raise Unusable("a file in it is broken")
        frames = sorted(e.filename for e in entries if e.filename.lower().endswith(".png"))
        size: tuple[int | None, int | None] = (None, None)
        for name in dict.fromkeys((*frames[-1:], *frames[:1])):
            with archive.open(name) as file, Image.open(file, formats=["PNG"]) as picture:
                size = _load(picture)
                write_thumbnail(picture, folder)
    return {
        "kind": "zip",
        "content_type": "application/zip",
        "width": size[0],
        "height": size[1],
        "seconds": None,
        "has_audio": False,
    }


def _probe_picture(path: Path, folder: Path) -> dict[str, Any]:
    with Image.open(path, formats=list(PICTURES)) as picture:
        width, height = _load(picture)
        write_thumbnail(picture, folder)
        return {
            "kind": "picture",
            "content_type": PICTURES.get(picture.format or "", "image/jpeg"),
            "width": width,
            "height": height,
            "seconds": None,
            "has_audio": False,
        }


def _load(picture: Image.Image) -> tuple[int, int]:
    """Decode a picture that is not too large; its size."""
    if picture.width * picture.height > MAX_PIXELS:
        raise Unusable(f"it has {picture.width}x{picture.height} pixels")
    picture.load()
    return picture.size


if __name__ == "__main__":
    main()
