"""Plays somebody else's clip or sound to its end, within the limits of `videos.probe`, its caller.

Needs no Django. Raises Unusable for what does not play.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
from av.stream import Disposition
from PIL import Image

MAX_PIXELS = 80_000_000
WALK_CPU_SECONDS = 30.0
THUMBNAIL_WIDTH = 640
SHEET_COLUMNS = SHEET_ROWS = 5
CELLS = SHEET_COLUMNS * SHEET_ROWS
CELL_WIDTH = 160
THREADS = 2


class Unusable(Exception):
    """The file is not what it should be; the message says why."""


@dataclass
class Seen:
    """What one walk through a clip saw. Times are seconds after the first frame.

    `poster` is a frame near the beginning, `cells` small pictures spread over the clip, `stills`
    its first and last frame. `ended` says that the walk came to the end of the clip, at `last`.
    """

    size: tuple[int, int] = (0, 0)
    poster: Image.Image | None = None
    cells: list[Image.Image] = field(default_factory=list)
    last: float = 0.0
    ended: bool = False
    stills: tuple[Any, ...] = ()


def look(path: Path, folder: Path, demuxer: str, subtype: str) -> dict[str, Any]:
    """Play a clip or a sound; pictures of a clip are left in `folder`. Raises Unusable.

    The demuxer is given, because some (hls, concat) open what a file names.
    """
    options = {"protocol_whitelist": "file"}
    with av.open(str(path), format=demuxer, options=options) as clip:
        stream = video_stream(clip)
        if stream is None:
            return _sound(clip, subtype)
        stated = _stated_seconds(clip, stream)
        seen = _walk(clip, stream, stated)
        last = seen.last if seen.ended else _last_moment(clip, stream, stated)
        if seen.poster is None or last is None:
            raise Unusable("its first or last frame does not decode")
        if last < stated - max(0.5, 2 / float(stream.average_rate or 24)):
            raise Unusable(f"it ends after {last:.1f} of {stated:.1f} s")
        write_thumbnail(seen.poster, folder)
        if seen.ended:
            _write_sheet(seen.cells, folder)
            _write_stills(seen, folder)
        return {
            "kind": "video",
            "content_type": f"video/{subtype}",
            "width": seen.size[0],
            "height": seen.size[1],
            "seconds": max(stated, last),
            "has_audio": bool(clip.streams.audio),
            "fps": round(float(stream.average_rate or 0), 3) or None,
            "codec": stream.codec_context.name,
        }


def video_stream(clip: Any) -> Any:
    """The stream that plays, None if there is none; the cover of a song does not."""
    streams = [s for s in clip.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        return None
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
        seen.stills = (seen.stills[0] if seen.stills else frame, frame)
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


def _sound(clip: Any, subtype: str) -> dict[str, Any]:
    """A file without pictures: decoded to its end."""
    if not clip.streams.audio:
        raise Unusable("it has neither a video nor a sound stream")
    stream = clip.streams.audio[0]
    stated, last = _stated_seconds(clip, stream), 0.0
    for frame in clip.decode(stream):
        last = max(last, (frame.time or 0.0) + frame.samples / (frame.sample_rate or 48_000))
    if not last:
        raise Unusable("no sound of it decodes")
    return {
        "kind": "audio",
        "content_type": f"audio/{subtype}",
        "seconds": max(stated, last),
        "has_audio": True,
    }


def write_thumbnail(picture: Image.Image, folder: Path) -> None:
    """A small WebP of a picture."""
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


def _write_stills(seen: Seen, folder: Path) -> None:
    """The first and the last frame as they are, for videos that go on from this one."""
    for frame, name in zip(seen.stills, ("first.jpg", "last.jpg"), strict=True):
        frame.to_image().save(folder / name, "JPEG", quality=95)
