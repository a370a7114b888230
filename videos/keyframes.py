"""When the guiding pictures of a video edit apply. Called by `inputs.py` alone. Pure.

Source: Runway's OpenAPI document 2024-11-06 and the SDK runwayml 5.24.0 (aleph2, `keyframes`).
"""

from __future__ import annotations

from typing import Any

from . import values
from .values import InvalidRequest

LONGEST = 30


def timing(extra: dict[str, Any]) -> dict[str, Any]:
    """Where a keyframe stands: seconds 0 to 30, or a fraction 0 to 1; perhaps a range around it.

    Raises: InvalidRequest.
    """
    if ("seconds" in extra) == ("at" in extra):
        raise InvalidRequest("Each keyframe has either 'seconds' or 'at'.", "keyframes")
    name, most = ("seconds", 30.0) if "seconds" in extra else ("at", 1.0)
    checked: dict[str, Any] = {name: values.number(extra[name], "keyframes", 0.0, most)}
    if "range" in extra:
        checked["range"] = _window(extra["range"], checked.get("seconds"))
    return checked


def check_ranges(items: list[object]) -> None:
    """Either all of them have a range, or none has. Raises: InvalidRequest."""
    with_range = [isinstance(item, dict) and item.get("range") is not None for item in items]
    if any(with_range) and not all(with_range):
        raise InvalidRequest("Either every keyframe has a 'range', or none has.", "keyframes")


def _window(window: object, moment: float | None) -> dict[str, int]:
    names = ("start_seconds", "end_seconds")
    if not isinstance(window, dict) or set(window) != set(names):
        raise values.wrong_value(window, "keyframes", "start_seconds and end_seconds as range")
    start, end = (values.whole(window[name], "keyframes", "whole seconds") for name in names)
    if not start < end <= LONGEST:
        expected = f"a range that ends after it starts, by {LONGEST}"
        raise values.wrong_value(end, "keyframes", expected)
    if moment is not None and not start <= moment < end:
        raise values.wrong_value(moment, "keyframes", f"a moment from {start} to before {end}")
    return {"start_seconds": start, "end_seconds": end}
