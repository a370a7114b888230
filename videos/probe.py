"""Looks into a downloaded file, as a process: `python -m videos.probe PATH OUTDIR MAX_BYTES`.

Called by `videos.media` alone. The file is somebody else's bytes, so this process has little memory
and time, and no database, and opens no other file or address that those bytes name. Prints one JSON
object: what the file is, or `error` in words. Writes `thumbnail.webp` and `spritesheet.jpg` into
OUTDIR where a frame decodes.

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
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
from av.stream import Disposition
from PIL import Image

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 60
WALL_SECONDS = 110
WALK_CPU_SECONDS = 30.0
WRITTEN_BYTES = 64 * 1024**2
MAX_ENTRIES = 20_000
MAX_PIXELS = 80_000_000
THUMBNAIL_WIDTH = 640
SHEET_COLUMNS = SHEET_ROWS = 5
CELLS = SHEET_COLUMNS * SHEET_ROWS
CELL_WIDTH = 160
THREADS = 2

PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
FRAMES = (".png", ".exr", ".jpg", ".jpeg", ".tif", ".tiff", ".dpx")
FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
DAMAGED = (
    *(av.FFmpegError, Image.DecompressionBombError, zipfile.BadZipFile, zlib.error),
    *(OSError, ValueError, MemoryError, SyntaxError, EOFError, RuntimeError),
)


class Unusable(Exception):
    """The file is not what it should be; the message says why."""


@dataclass
class Seen:
    """What one walk through a clip saw. Times are seconds after the first frame.

    `poster` is a frame near the beginning, `cells` small pictures spread over the clip; `ended`
    says that the walk came to the end of the clip, at `last`.
    """

    size: tuple[int, int] = (0, 0)
    poster: Image.Image | None = None
    cells: list[Image.Image] = field(default_factory=list)
    last: float = 0.0
    ended: bool = False


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
    """What the file is, judged by its bytes: video, zip of frames, or picture. Raises Unusable."""
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"PK\x03\x04"):
        return _probe_zip(path, folder, max_bytes)
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff")) or head[8:12] == b"WEBP":
        return _probe_picture(path, folder)
    if head[4:8] in FIRST_BOXES:
        _check_boxes(path)
        is_quicktime = head[4:12] == b"ftypqt  "
        return _probe_video(path, folder, "mov", "quicktime" if is_quicktime else "mp4")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return _probe_video(path, folder, "matroska", "x-matroska")
    raise Unusable("it is neither a video, nor a zip of frames, nor a picture")


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


def _probe_video(path: Path, folder: Path, demuxer: str, subtype: str) -> dict[str, Any]:
    """Play a clip. The demuxer is given, because some (hls, concat) open what a file names."""
    options = {"protocol_whitelist": "file"}
    with av.open(str(path), format=demuxer, options=options) as clip:
        stream = _video_stream(clip)
        stated = _stated_seconds(clip, stream)
        seen = _walk(clip, stream, stated)
        last = seen.last if seen.ended else _last_moment(clip, stream, stated)
        if seen.poster is None or last is None:
            raise Unusable("its first or last frame does not decode")
        if last < stated - max(0.5, 2 / float(stream.average_rate or 24)):
            raise Unusable(f"it ends after {last:.1f} of {stated:.1f} s")
        _write_thumbnail(seen.poster, folder)
        if seen.ended:
            _write_sheet(seen.cells, folder)
        return {
            "kind": "video",
            "content_type": f"video/{subtype}",
            "width": seen.size[0],
            "height": seen.size[1],
            "seconds": max(stated, last),
            "has_audio": bool(clip.streams.audio),
        }


def _video_stream(clip: Any) -> Any:
    """The stream that plays; the cover of a song does not."""
    streams = [s for s in clip.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        raise Unusable("it has no video stream")
    context = streams[0].codec_context
    if context.width * context.height > MAX_PIXELS:
        raise Unusable(f"its frames have {context.width}x{context.height} pixels")
    context.thread_type, context.thread_count = "AUTO", THREADS
    return streams[0]


def _stated_seconds(clip: Any, stream: Any) -> float:
    if stream.duration is not None and stream.time_base:
        return float(stream.duration * stream.time_base)
    return float(clip.duration / av.time_base) if clip.duration else 0.0


def _walk(clip: Any, stream: Any, seconds: float) -> Seen:
    """Decode the clip once from its beginning, for as long as the time for that lasts."""
    seen, end = Seen(), time.process_time() + WALK_CPU_SECONDS
    start: float | None = None
    for frame in clip.decode(stream):
        start = (frame.time or 0.0) if start is None else start
        seen.last = max(seen.last, (frame.time or 0.0) - start)
        while len(seen.cells) < CELLS and seen.last + 0.05 >= seconds * len(seen.cells) / CELLS:
            seen.cells.append(_small(frame, CELL_WIDTH))
            if len(seen.cells) <= 1 + CELLS // 10:
                seen.size, seen.poster = (frame.width, frame.height), _small(frame, THUMBNAIL_WIDTH)
        if time.process_time() > end:
            return seen
    seen.ended = True
    return seen


def _last_moment(clip: Any, stream: Any, seconds: float) -> float | None:
    """When the very last frame is shown; everything behind the last key frame is decoded for it."""
    clip.seek(int(max(0.0, seconds - 0.1) / stream.time_base), stream=stream)
    times = [frame.time or 0.0 for frame in clip.decode(stream)]
    return max(times, default=None)


def _small(frame: Any, width: int) -> Image.Image:
    """A frame as a picture that is at most so wide, of the same shape."""
    width = min(width, frame.width)
    height = max(1, round(frame.height * width / frame.width))
    picture: Image.Image = frame.to_image(width=width, height=height)
    return picture


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
                _write_thumbnail(picture, folder)
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
        _write_thumbnail(picture, folder)
        return {
            "kind": "picture",
            "content_type": PICTURES[picture.format or "PNG"],
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


def _write_thumbnail(picture: Image.Image, folder: Path) -> None:
    small = picture.convert("RGB")
    small.thumbnail((THUMBNAIL_WIDTH, THUMBNAIL_WIDTH * 2))
    small.save(folder / "thumbnail.webp", "WEBP", quality=80)


def _write_sheet(cells: list[Image.Image], folder: Path) -> None:
    """The cells in rows; a clip with too few frames repeats its last one."""
    width, height = cells[0].size
    sheet = Image.new("RGB", (width * SHEET_COLUMNS, height * SHEET_ROWS))
    for number in range(CELLS):
        row, column = divmod(number, SHEET_COLUMNS)
        sheet.paste(cells[min(number, len(cells) - 1)], (column * width, row * height))
    sheet.save(folder / "spritesheet.jpg", "JPEG", quality=75)


if __name__ == "__main__":
    main()
