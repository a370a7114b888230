"""How long and how large: `seconds`, `size` and `resolution` of a request, against one model.

Called by `fitting.py` alone. Pure.

Source: catalog.json; architecture, "Defaults": 1280x720 and two seconds where the model allows
them, else the nearest of the same shape and the shortest.
"""

from __future__ import annotations

from dataclasses import dataclass

from providers import sizes
from providers.catalog import ModeRules, Option

from . import values
from .values import InvalidRequest

AUTO = "auto"


@dataclass(frozen=True)
class Defaults:
    """What counts where a request says nothing; `is_lenient` takes the nearest size for any.

    Sizes are width x height in pixels.
    """

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


@dataclass(frozen=True)
class Choices:
    """The ratios and resolutions that the other fields leave, and of what, for messages."""

    ratios: tuple[str, ...]
    resolutions: tuple[str, ...]
    whose: str


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
    choices: Choices,
    option: Option | None,
    defaults: Defaults,
) -> Shape:
    """What to send for a size, beside a resolution that was asked for (None if none was).

    `option` is the model's field for resolutions, None where it has none. Raises: InvalidRequest.
    """
    if not choices.ratios:
        return Shape(AUTO, None, resolution or (option.default if option else None))
    text = defaults.size if size is None else values.text(size, "size").strip().lower()
    is_free = size is None or (defaults.is_lenient and sizes.is_pixels(text))
    ratio = _ratio(text, choices.ratios, exact=not is_free)
    if ratio is None:
        expected = values.listed(sizes.shown(ratio) for ratio in choices.ratios)
        raise values.wrong_value(size, "size", f"{expected} for {choices.whose}")
    if option is None:
        return Shape(sizes.shown(ratio), ratio)
    chosen = resolution or _resolution(size, text, choices, option)
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


def _resolution(size: object, text: str, choices: Choices, option: Option) -> str:
    """The resolution that a size of pixels means, the usual one where none is given."""
    if size is None or not sizes.is_pixels(text):
        return option.default or choices.resolutions[0]
    found = sizes.nearest_resolution(text, option.enum)
    if found not in choices.resolutions:
        expected = f"a size of {values.listed(choices.resolutions)} for {choices.whose}"
        raise values.wrong_value(size, "size", expected)
    return found


def refuse_size(whose: str, has_resolution: bool) -> InvalidRequest:
    """The error for a size that a model without sizes is given."""
    hint = " Use 'resolution'." if has_resolution else ""
    return InvalidRequest(f"{whose} takes no 'size': it follows from the input.{hint}", "size")
