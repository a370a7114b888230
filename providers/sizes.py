"""Sizes of pictures and videos: ours are "1280x720", Runway's ratios are three things.

Pixels ("1280:720"), an aspect beside a resolution ("16:9" and "768p"), or a word that leaves the
shape to the input ("auto_720p", "adaptive"). Pure; called by the validator and `prices.py`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

_PAIR = re.compile(r"(\d{1,5})[x:×](\d{1,5})\Z", re.ASCII)
_SHORT_SIDES = {"480p": 480, "720p": 720, "768p": 768, "1080p": 1080, "1k": 1080, "2k": 1440}
_CLASSES = (("480p", 500_000), ("720p", 1_000_000), ("1080p", 2_200_000))


def pair(text: str) -> tuple[int, int] | None:
    """Width and height of "1280x720", "1280:720" or "16:9"; None for anything else."""
    match = _PAIR.match(text.strip().lower())
    if match is None or not int(match[1]) or not int(match[2]):
        return None
    return int(match[1]), int(match[2])


def is_pixels(ratio: str) -> bool:
    """Whether a ratio names pixels rather than an aspect or a word."""
    found = pair(ratio)
    return found is not None and min(found) > 100


def is_aspect(ratio: str) -> bool:
    """Whether a ratio is an aspect such as "16:9"."""
    return pair(ratio) is not None and not is_pixels(ratio)


def ratio_of(size: str) -> str:
    """ "1280:720" for "1280x720"; words stay as they are."""
    found = pair(size)
    return f"{found[0]}:{found[1]}" if found else size.strip().lower()


def shown(ratio: str) -> str:
    """How we write a ratio: "1280x720" for pixels, everything else as it is."""
    return ratio.replace(":", "x") if is_pixels(ratio) else ratio


def nearest(size: str, ratios: Iterable[str]) -> str:
    """The ratio (or size) of the most similar shape, and among equal shapes of the nearest area.

    All are pairs. Orientation weighs first: a portrait never becomes a landscape.
    """
    width, height = pair(size) or (1280, 720)

    def distance(other: str) -> tuple[bool, float, int]:
        other_width, other_height = pair(other) or (1, 1)
        turned = (other_width - other_height) * (width - height) < 0
        shape = abs(math.log(other_width * height / (other_height * width)))
        return turned, round(shape, 6), abs(other_width * other_height - width * height)

    return min(ratios, key=distance)


def same_aspect(size: str, ratios: Iterable[str]) -> str | None:
    """The aspect that a size of pixels has, within 2 %; None where none fits."""
    width, height = pair(size) or (1, 1)
    for ratio in ratios:
        found = pair(ratio)
        if found and abs(width * found[1] / (height * found[0]) - 1) <= 0.02:
            return ratio
    return None


def of_aspect(aspect: str, resolution: str) -> str:
    """The pixels of an aspect at a resolution, by its short side: "1366x768" for 16:9 and 768p."""
    width, height = pair(aspect) or (16, 9)
    short = _SHORT_SIDES.get(resolution.lower(), 720)
    long = round(short * max(width, height) / min(width, height) / 2) * 2
    return f"{long}x{short}" if width >= height else f"{short}x{long}"


def nearest_resolution(size: str, resolutions: Iterable[str]) -> str:
    """The resolution whose short side is nearest to that of a size."""
    short = min(pair(size) or (1280, 720))
    return min(resolutions, key=lambda word: abs(_SHORT_SIDES.get(word.lower(), 720) - short))


def classes(ratio: str | None, resolution: str | None) -> frozenset[str]:
    """The words under which a price table may list this output: its resolution, or its area's."""
    if resolution:
        return frozenset({resolution.lower()})
    if ratio and ratio.startswith("auto_"):
        return frozenset({ratio.removeprefix("auto_")})
    if ratio is None or not is_pixels(ratio):
        return frozenset()
    width, height = pair(ratio) or (0, 0)
    return frozenset({next((name for name, most in _CLASSES if width * height <= most), "4k")})
