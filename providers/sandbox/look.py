"""Looks into the bytes of a picture, a video or a sound: whether it decodes, and its measures.

Called by `providers.sandbox.media`. PyAV is imported only when there is something to look at: it is
slow to import, and a sandbox should start at once.

Source: docs.dev.runwayml.com/assets/inputs (formats).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP")
# By the first bytes, so that no demuxer is taken that opens what a file names (hls, concat).
DEMUXERS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda head: head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"), "mov"),
    (lambda head: head[:4] == b"\x1aE\xdf\xa3", "matroska"),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE", "wav"),
    (lambda head: head[:4] == b"fLaC", "flac"),
    (lambda head: head[:4] == b"OggS", "ogg"),
    (lambda head: head[:2] in (b"\xff\xf1", b"\xff\xf9"), "aac"),
    (lambda head: head[:3] == b"ID3" or (head[:1] == b"\xff" and head[1:2] >= b"\xe0"), "mp3"),
)


class BadAsset(Exception):
    """A medium that Runway would refuse; the message is for the issue."""


@dataclass(frozen=True)
class Measures:
    """What is known of a medium: pixels, seconds, frames a second, whether it has sound.

    None where it is not here to be measured, and where it does not apply.
    """

    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    rate: float | None = None
    has_audio: bool = False


UNKNOWN = Measures()


def measure(data: bytes, kind: str, max_side: int | None) -> Measures:
    """The measures of an image, a video or an audio. Raises BadAsset for what does not decode."""
    if kind == "image":
        return _image(data, max_side)
    demuxer = next((name for is_it, name in DEMUXERS if is_it(data[:16])), None)
    found = _play(data, kind, demuxer) if demuxer else None
    if found is None or not found.seconds:
        raise BadAsset(f"Failed to decode asset. It is not a valid {kind}.")
    return found


def _image(data: bytes, max_side: int | None) -> Measures:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            is_large = max_side is not None and max(width, height) > max_side
            if not is_large:
                image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as exc:
        raise BadAsset("Failed to decode asset. It is not a valid JPEG, PNG or WebP.") from exc
    if is_large:
        raise BadAsset(f"Invalid asset dimensions. Expected at most {max_side} pixels a side.")
    return Measures(width, height)


def _play(data: bytes, kind: str, demuxer: str) -> Measures | None:
    import av  # noqa: PLC0415

    try:
        with av.open(io.BytesIO(data), "r", format=demuxer) as container:
            streams = container.streams.video if kind == "video" else container.streams.audio
            if not streams:
                return None
            next(container.decode(streams[0]))
            return _measures(container, streams[0], kind)
    except (av.FFmpegError, OSError, ValueError, StopIteration):
        return None


def _measures(container: Any, stream: Any, kind: str) -> Measures:
    seconds = 0.0
    if stream.duration is not None and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration:
        seconds = container.duration / 1_000_000
    if kind == "audio":
        return Measures(seconds=seconds, has_audio=True)
    context = stream.codec_context
    rate = float(stream.average_rate or 24)
    return Measures(context.width, context.height, seconds, rate, bool(container.streams.audio))
