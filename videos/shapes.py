"""How long and how large: `seconds`, `size` and `resolution` of a request, against one model.

Called by `requests.py` alone. Pure.

Source: catalog.json; architecture, "Defaults": 1280x720 and two seconds where the model allows
them, else the nearest of the same shape and the shortest.
"""

from __future__ import annotations

from dataclasses import dataclass

from providers import sizes
from providers.catalog import ModeRules

from . import values
from .values import InvalidRequest

AUTO = "auto"


@dataclass(frozen=True)
class Defaults:
    """What counts where a request says nothing; `is_lenient` takes the nearest size for any."""

    seconds: int = 2
    size: str = "1280x720"
    audio: bool = False
    is_lenient: bool = False


@dataclass(frozen=True)
class Shape:
    """`size` as we show it, `ratio` and `resolution` as Runway wants them; None is left out."""

    size: str
    ratio: str | None = None
    resolution: str | None = None


def seconds(
    value: object, rules: ModeRules, allowed: tuple[int | str, ...], whose: str, default: int
) -> int | str | None:
    """The length to send: whole seconds, "auto", or None where there is no such field.

    `allowed` are the lengths that the other fields leave. Raises: InvalidRequest.
    """
    if not allowed:
        return None
    if value is None:
        return _default_seconds(rules, allowed, default)
    expected = f"{_spoken_lengths(rules, allowed)} for {whose}"
    if value == AUTO and AUTO in allowed:
        return AUTO
    length = values.whole(value, "seconds", expected)
    if length not in allowed:
        raise values.wrong_value(value, "seconds", expected)
    return length


def _default_seconds(rules: ModeRules, allowed: tuple[int | str, ...], default: int) -> int | str:
    wished = (rules.seconds_default, default)
    found = next((length for length in wished if length in allowed), None)
    numbers = [length for length in allowed if isinstance(length, int)]
    return found if found is not None else min(numbers, default=AUTO)


def _spoken_lengths(rules: ModeRules, allowed: tuple[int | str, ...]) -> str:
    if rules.is_unverified and rules.seconds_default:
        return f"{min(rules.seconds)} to {max(rules.seconds)} (Runway publishes no bounds)"
    return values.listed(allowed)


def shape(
    size: object,
    resolution: str | None,
    ratios: tuple[str, ...],
    rules: ModeRules,
    defaults: Defaults,
) -> Shape:
    """What to send for a size, beside a resolution that was asked for (None if none was).

    `ratios` are those that the other fields leave. Raises: InvalidRequest.
    """
    option = rules.options.get("resolution")
    if not ratios:
        default = option.default if option else None
        return Shape(AUTO, None, resolution or default)
    text = defaults.size if size is None else values.text(size, "size").strip().lower()
    ratio = _ratio(text, ratios, exact=size is not None and not defaults.is_lenient)
    if ratio is None:
        expected = f"{values.listed(sizes.shown(ratio) for ratio in ratios)}"
        raise values.wrong_value(size, "size", expected)
    if option is None:
        return Shape(sizes.shown(ratio), ratio)
    chosen = resolution or _resolution(text, size is not None, option.enum, option.default)
    shown = sizes.of_aspect(ratio, chosen) if sizes.is_aspect(ratio) else ratio
    return Shape(shown, ratio, chosen)


def _ratio(text: str, ratios: tuple[str, ...], *, exact: bool) -> str | None:
    """The ratio that a size means; the nearest one unless it must be exact."""
    wanted = sizes.ratio_of(text)
    if wanted in ratios:
        return wanted
    aspects = [ratio for ratio in ratios if sizes.is_aspect(ratio)]
    if sizes.is_pixels(text) and (found := sizes.same_aspect(text, aspects)):
        return found
    if exact:
        return None
    pairs = [ratio for ratio in ratios if sizes.pair(ratio)]
    if pairs:
        return sizes.nearest(text, pairs)
    return next((ratio for ratio in ratios if ratio.endswith("_720p")), ratios[0])


def _resolution(
    text: str, is_given: bool, resolutions: tuple[str, ...], default: str | None
) -> str | None:
    if is_given and sizes.is_pixels(text):
        return sizes.nearest_resolution(text, resolutions)
    return default


def refuse_size(whose: str, has_resolution: bool) -> InvalidRequest:
    """The error for a size that a model without sizes is given."""
    hint = " Use 'resolution'." if has_resolution else ""
    return InvalidRequest(f"{whose} takes no 'size': it follows from the input.{hint}", "size")
