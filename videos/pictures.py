"""Whether bytes are an acceptable picture. Called by `inputs.py` and `uploaded.py`.

Only what the headers and checksums tell is looked at; nothing is decoded.

Source: Runway API reference, "Inputs".
"""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

from providers.rules import MediaLimits, MediaRules

from .values import InvalidRequest, listed

MAX_PIXELS = 40_000_000

_MIME = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
# Whatever Pillow's decoders are known to raise on bytes made to hurt them.
_BROKEN_PICTURE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
    Image.DecompressionBombError,
    struct.error,
    zlib.error,
)


def looks_like_one(data: bytes) -> bool:
    """Whether the first bytes are those of a JPEG, PNG or WebP."""
    return data.startswith((b"\x89PNG", b"\xff\xd8\xff")) or data[8:12] == b"WEBP"


def judge(data: bytes, param: str, limits: MediaLimits, rules: MediaRules) -> str:
    """The true type of a picture. Raises: InvalidRequest, naming `param`."""
    if len(data) > limits.upload_max_bytes:
        most = limits.upload_max_bytes // 1_000_000
        raise InvalidRequest(f"The picture is larger than {most} MB.", param)
    content_type, width, height = measure(data, param, limits)
    check_shape(width, height, param, limits, rules)
    return content_type


def check_shape(
    width: int, height: int, param: str, limits: MediaLimits, rules: MediaRules
) -> None:
    """Whether a picture of so many pixels is taken. Raises: InvalidRequest, naming `param`."""
    aspect, side = rules.aspect, rules.min_side
    if aspect and not aspect[0] <= width / height <= aspect[1]:
        message = (
            f"The picture is {width}x{height} pixels; its width divided by its height "
            f"must lie between {aspect[0]:g} and {aspect[1]:g}."
        )
        raise InvalidRequest(message, param)
    if side and min(width, height) < side:
        message = f"The picture is {width}x{height} pixels; {side} on both sides are the least."
        raise InvalidRequest(message, param)
    if limits.max_side and max(width, height) > limits.max_side:
        message = f"The picture is {width}x{height} pixels; {limits.max_side} a side are the most."
        raise InvalidRequest(message, param)


def measure(data: bytes, param: str, limits: MediaLimits) -> tuple[str, int, int]:
    """The true type of a picture, its width and its height in pixels. Raises: InvalidRequest."""
    formats = [name for name, mime in _MIME.items() if mime in limits.types]
    try:
        with Image.open(io.BytesIO(data), formats=formats) as image:
            # What is none of the three is MPO: a JPEG with more pictures behind the first.
            mime, (width, height) = _MIME.get(image.format or "", "image/jpeg"), image.size
            fits = 0 < width * height <= MAX_PIXELS
            if fits:
                image.verify()
    except _BROKEN_PICTURE as exc:
        expected = listed(limits.types)
        message = f"The picture cannot be read: expected an intact file of {expected}."
        raise InvalidRequest(message, param) from exc
    if not fits:
        message = f"The picture must have 1 to {MAX_PIXELS} pixels, not {width}x{height}."
        raise InvalidRequest(message, param)
    return mime, width, height
