"""How large the output of a request is, in even pixels. Pure.

Called by `providers.sandbox.plan`.

Source: catalog.json (ratios, resolutions); `providers.sizes` says what their words mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers import sizes
from providers.rules import ModeRules

Size = tuple[int, int]

USUAL: Size = (1280, 720)
# A size that follows the input is no longer than this, to keep rendering cheap.
LONGEST_FOLLOWING = 1920
USUAL_RATIOS = ("1280:720", "auto_720p", "16:9")
UPSCALED = {"720p": 720, "1k": 1080, "2k": 1440, "4k": 2160}


def pixels(rules: ModeRules, body: Mapping[str, Any], given: Size | None) -> Size:
    """Width and height. `given` is the size of the picture or video that the output may follow."""
    shape = given or USUAL
    if rules.mode == "video_upscale":
        return _following(_upscaled(rules, body, shape))
    asked: str | None = body.get("ratio" if rules.ratios else "targetAspectRatio")
    ratio = asked or _usual_ratio(rules, body, given)
    option = rules.options.get("resolution")
    resolution = body.get("resolution", option.default if option else None)
    if ratio is not None and sizes.is_pixels(ratio):
        return _even(*(sizes.pair(ratio) or USUAL))
    if ratio is not None and sizes.is_aspect(ratio):
        near = sizes.nearest_resolution(f"{shape[0]}x{shape[1]}", ("480p", "720p", "1080p"))
        return _at(ratio, resolution or near)
    if ratio is not None and ratio.startswith("auto_"):
        resolution = ratio.removeprefix("auto_")
    if resolution is None and rules.mode == "video_to_video":
        return _following(shape)
    return _at(f"{shape[0]}:{shape[1]}", resolution or "720p")


def _usual_ratio(rules: ModeRules, body: Mapping[str, Any], given: Size | None) -> str | None:
    """What stands for a ratio that was left out; None to follow the input."""
    if not rules.ratios or body.get("mode") in ("extend", "edit"):
        return None
    preferred = ("adaptive", "auto_720p") if given else ()
    listed = (*preferred, *USUAL_RATIOS, rules.ratios[0])
    return next(str(ratio) for ratio in listed if ratio in rules.ratios)


def _upscaled(rules: ModeRules, body: Mapping[str, Any], shape: Size) -> Size:
    option = rules.options.get("resolution")
    if option is None:
        return shape
    short = UPSCALED[body.get("resolution", option.default)]
    factor = short / min(shape)
    return round(shape[0] * factor), round(shape[1] * factor)


def _at(ratio: str, resolution: str) -> Size:
    """An aspect, or the shape of some pixels, at a resolution."""
    width, height = sizes.pair(sizes.of_aspect(ratio, resolution)) or USUAL
    return _within(width, height, 3840)


def _following(size: Size) -> Size:
    return _within(*size, LONGEST_FOLLOWING)


def _within(width: int, height: int, longest: int) -> Size:
    factor = min(longest / max(width, height), 1.0)
    return _even(width * factor, height * factor)


def _even(width: float, height: float) -> Size:
    """H.264 wants even sides, and something to see."""
    return max(round(width / 2) * 2, 16), max(round(height / 2) * 2, 16)
