"""Looks into a downloaded file, as a process: `python -m videos.probe PATH OUTDIR MAX_BYTES`.

Called by `videos.media` alone. The file is somebody else's bytes, so this process has little memory
and time, and no database. Prints one JSON object: what the file is, or `error` in words. Writes
`thumbnail.webp` and `spritesheet.jpg` into OUTDIR where a frame decodes.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import resource
import signal
import sys
import zipfile
from pathlib import Path
from typing import Any

import av
from PIL import Image

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 60
WALL_SECONDS = 110
WRITTEN_BYTES = 64 * 1024**2
MAX_ENTRIES = 20_000
MAX_PIXELS = 80_000_000
THUMBNAIL_WIDTH = 640
SHEET_COLUMNS = SHEET_ROWS = 5
CELL_WIDTH = 160

PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


class Unusable(Exception):
    """The file is not what it should be; the message says why."""


def main() -> None:
    """Probe one file within limits and print what was found."""
    path, folder, max_bytes = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    _limit_myself()
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        found = probe(path, folder, max_bytes)
    except Unusable as exc:
        found = {"error": str(exc)}
    except (av.FFmpegError, OSError, ValueError, MemoryError, SyntaxError, EOFError) as exc:
        found = {"error": f"it does not decode ({type(exc).__name__})"}
    except (zipfile.BadZipFile, Image.DecompressionBombError, NotImplementedError) as exc:
        found = {"error": f"it does not decode ({type(exc).__name__})"}
    print(json.dumps(found))  # noqa: T201 - this is the answer


def probe(path: Path, folder: Path, max_bytes: int) -> dict[str, Any]:
    """What the file is, judged by its bytes: video, zip of frames, or picture. Raises Unusable."""
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"PK\x03\x04"):
        return _probe_zip(path, folder, max_bytes)
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff")) or head[8:12] == b"WEBP":
        return _probe_picture(path, folder)
    return _probe_video(path, folder)


def _probe_video(path: Path, folder: Path) -> dict[str, Any]:
    with av.open(str(path)) as clip:
        if not clip.streams.video:
            raise Unusable("it has no video stream")
        stream = clip.streams.video[0]
        stream.thread_type = "AUTO"
        first = _frame_at(clip, stream, 0.0)
        seconds = _seconds(clip, stream)
        last = _last_frame(clip, stream, seconds)
        if first is None or last is None:
            raise Unusable("its first or last frame does not decode")
        cells = SHEET_COLUMNS * SHEET_ROWS
        frames = [_frame_at(clip, stream, seconds * n / cells) or first for n in range(cells)]
        _write_thumbnail(frames[cells // 10], folder)
        _write_sheet(frames, folder)
        return {
            "kind": "video",
            "content_type": _video_type(clip.format.name, path),
            "width": first.width,
            "height": first.height,
            "seconds": max(seconds, last.info.get("time", 0.0)),
            "has_audio": bool(clip.streams.audio),
        }


def _video_type(format_name: str, path: Path) -> str:
    if "mp4" not in format_name:
        return "video/x-matroska" if "matroska" in format_name else "application/octet-stream"
    with path.open("rb") as file:
        brand = file.read(12)[8:12]
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def _seconds(clip: Any, stream: Any) -> float:
    if stream.duration is not None and stream.time_base:
        return float(stream.duration * stream.time_base)
    return float(clip.duration / av.time_base) if clip.duration else 0.0


def _frame_at(clip: Any, stream: Any, seconds: float) -> Image.Image | None:
    """The first frame at or after a moment."""
    clip.seek(int(seconds / stream.time_base), stream=stream)
    for frame in clip.decode(stream):
        if frame.time is None or frame.time + 0.05 >= seconds:
            return _picture(frame)
    return None


def _last_frame(clip: Any, stream: Any, seconds: float) -> Image.Image | None:
    """The very last frame; everything behind the last key frame is decoded for it."""
    clip.seek(int(max(0.0, seconds - 0.1) / stream.time_base), stream=stream)
    last = None
    for last in clip.decode(stream):  # noqa: B007 - only the last one counts
        pass
    return _picture(last) if last is not None else None


def _picture(frame: Any) -> Image.Image:
    picture: Image.Image = frame.to_image()
    picture.info["time"] = frame.time or 0.0
    return picture


def _probe_zip(path: Path, folder: Path, max_bytes: int) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if not entries or len(entries) > MAX_ENTRIES:
            raise Unusable(f"it holds {len(entries)} files")
        if sum(entry.file_size for entry in entries) > max_bytes * 4:
            raise Unusable("it unpacks to more than is allowed")
        broken = archive.testzip()
        if broken is not None:
            raise Unusable("a file in it is broken")
        frames = sorted(e.filename for e in entries if e.filename.lower().endswith(".png"))
        size: tuple[int | None, int | None] = (None, None)
        for name in dict.fromkeys((*frames[-1:], *frames[:1])):
            with archive.open(name) as file, Image.open(file) as picture:
                picture.load()
                size = picture.size
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
        picture.load()
        _write_thumbnail(picture, folder)
        return {
            "kind": "picture",
            "content_type": PICTURES[picture.format or "PNG"],
            "width": picture.width,
            "height": picture.height,
            "seconds": None,
            "has_audio": False,
        }


def _write_thumbnail(picture: Image.Image, folder: Path) -> None:
    small = picture.convert("RGB")
    small.thumbnail((THUMBNAIL_WIDTH, THUMBNAIL_WIDTH * 2))
    small.save(folder / "thumbnail.webp", "WEBP", quality=80)


def _write_sheet(frames: list[Image.Image], folder: Path) -> None:
    height = max(1, round(frames[0].height * CELL_WIDTH / frames[0].width))
    sheet = Image.new("RGB", (CELL_WIDTH * SHEET_COLUMNS, height * SHEET_ROWS))
    for number, frame in enumerate(frames):
        column, row = number % SHEET_COLUMNS, number // SHEET_COLUMNS
        cell = frame.convert("RGB").resize((CELL_WIDTH, height))
        sheet.paste(cell, (column * CELL_WIDTH, row * height))
    sheet.save(folder / "spritesheet.jpg", "JPEG", quality=75)


def _limit_myself() -> None:
    """Little memory and time, no large files; and on Linux, no life after the caller's."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN_BYTES, WRITTEN_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(WALL_SECONDS)
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


if __name__ == "__main__":
    main()
