"""Refuses what Runway refuses: a request body against the catalogue, all complaints at once.

Only `providers.sandbox` calls this. The facts are in `providers.catalog`; here is only how Runway
words a complaint. Where Runway does not say whether it refuses unknown keys, the sandbox does.

Source: Runway OpenAPI document 2024-11-06; wording of refusals as others observed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from providers import catalog
from providers.catalog import ModeRules, Option
from providers.sandbox.answers import FieldPath, Issue

DEFAULT_SECONDS = 5
DEFAULT_RATIO = "1280:720"

Check = Callable[[ModeRules, FieldPath, Any], Iterator[Issue]]

_KINDS: Mapping[str, tuple[type, str]] = {
    "promptText": (str, "string"),
    "ratio": (str, "string"),
    "duration": (int, "number"),
    "seed": (int, "number"),
    "audio": (bool, "boolean"),
}


def check(endpoint: str, body: Mapping[str, Any]) -> list[Issue]:
    """Every complaint about the fields of a body; pictures are judged elsewhere by their bytes."""
    model = body.get("model")
    rules = catalog.rules(endpoint, model) if isinstance(model, str) else None
    if rules is None:
        note = {"note": "No matching discriminator", "discriminator": "model"}
        return [Issue("invalid_union", ("model",), "Invalid input", note)]
    return [*_missing(rules, body), *_unknown(rules, body), *_fields(rules, body)]


def pixels(ratio: str) -> tuple[int, int]:
    """Width and height in even pixels of "1280:720", of a shape as "16:9", or of any other word."""
    parts = ratio.split(":")
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        return pixels(DEFAULT_RATIO)
    width, height = int(parts[0]), int(parts[1])
    if min(width, height) < 100:
        scale = 720 / min(width, height)
        width, height = round(width * scale), round(height * scale)
    return width // 2 * 2, height // 2 * 2


def seconds(endpoint: str, body: Mapping[str, Any]) -> int:
    """How long the clip is: as asked, else five seconds or the model's next longer length."""
    rules = catalog.rules(endpoint, body["model"])
    if "duration" in body or rules is None or not rules.seconds:
        return int(body.get("duration", DEFAULT_SECONDS))
    longer = [length for length in rules.seconds if length >= DEFAULT_SECONDS]
    return min(longer, default=max(rules.seconds))


def has_audio(endpoint: str, body: Mapping[str, Any]) -> bool:
    """Whether the clip gets sound: as asked, else as the model does by itself."""
    rules = catalog.rules(endpoint, body["model"])
    return bool(body.get("audio", rules.audio_default if rules else False))


def price(endpoint: str, body: Mapping[str, Any]) -> int:
    """What the catalogue expects the request to cost, in whole credits."""
    width, height = pixels(body.get("ratio", DEFAULT_RATIO))
    if endpoint == "/v1/text_to_image":
        return int(catalog.first_frame_credits(f"{width}x{height}"))
    model = catalog.find(body["model"])
    cost = model and catalog.credits(
        model,
        seconds(endpoint, body),
        audio=has_audio(endpoint, body),
        output_format=body.get("outputFormat"),
    )
    return int((cost or Decimal(0)).to_integral_value())


def _missing(rules: ModeRules, body: Mapping[str, Any]) -> Iterator[Issue]:
    for name in sorted(rules.required - body.keys()):
        yield _wrong_type((name,), _KINDS.get(name, (str, "string"))[1], "undefined")


def _unknown(rules: ModeRules, body: Mapping[str, Any]) -> Iterator[Issue]:
    keys = sorted(body.keys() - rules.fields)
    if keys:
        plural = "s" if len(keys) > 1 else ""
        quoted = ", ".join(f'"{key}"' for key in keys)
        yield Issue("unrecognized_keys", (), f"Unrecognized key{plural}: {quoted}", {"keys": keys})


def _fields(rules: ModeRules, body: Mapping[str, Any]) -> Iterator[Issue]:
    for name in sorted(body.keys() & rules.fields):
        value = body[name]
        if name in rules.options:
            yield from _option(rules.options[name], (name,), value)
        elif name in _KINDS:
            kind, word = _KINDS[name]
            if type(value) is kind:
                yield from _CHECKS[name](rules, (name,), value)
            else:
                yield _wrong_type((name,), word, _kind_of(value))


def _prompt(rules: ModeRules, path: FieldPath, value: str) -> Iterator[Issue]:
    return _text(path, value, rules.prompt_min, rules.prompt_max)


def _ratio(rules: ModeRules, path: FieldPath, value: str) -> Iterator[Issue]:
    if rules.ratios and value not in rules.ratios:
        yield _not_one_of(path, rules.ratios)


def _duration(rules: ModeRules, path: FieldPath, value: int) -> Iterator[Issue]:
    if not rules.seconds:
        return
    low, high = min(rules.seconds), max(rules.seconds)
    if len(rules.seconds) == high - low + 1:
        yield from _bounds(path, value, low, high)
    elif value not in rules.seconds:
        yield _not_one_of(path, rules.seconds)


def _seed(rules: ModeRules, path: FieldPath, value: int) -> Iterator[Issue]:
    return _bounds(path, value, 0, catalog.SEED_MAX)


def _nothing(rules: ModeRules, path: FieldPath, value: object) -> Iterator[Issue]:
    return iter(())


_CHECKS: Mapping[str, Check] = {
    "promptText": _prompt,
    "ratio": _ratio,
    "duration": _duration,
    "seed": _seed,
    "audio": _nothing,
}


def _option(option: Option, path: FieldPath, value: Any) -> Iterator[Issue]:
    if option.fields:
        yield from _object(option.fields, path, value)
    elif option.enum:
        if value not in option.enum:
            yield _not_one_of(path, option.enum)
    elif option.max is not None:
        if isinstance(value, str):
            yield from _text(path, value, 0, option.max)
        else:
            yield _wrong_type(path, "string", _kind_of(value))


def _object(fields: Mapping[str, Option], path: FieldPath, value: Any) -> Iterator[Issue]:
    if not isinstance(value, dict):
        yield _wrong_type(path, "object", _kind_of(value))
        return
    for key in sorted(value):
        if key in fields:
            yield from _option(fields[key], (*path, key), value[key])
        else:
            keys = {"keys": [key]}
            yield Issue("unrecognized_keys", path, f'Unrecognized key: "{key}"', keys)


def _text(path: FieldPath, value: str, low: int, high: int) -> Iterator[Issue]:
    units = len(value.encode("utf-16-le", "surrogatepass")) // 2
    if units < low:
        message = f"Too small: expected string to have >={low} characters"
        yield Issue("too_small", path, message, {"origin": "string", "minimum": low})
    if units > high:
        message = f"Too big: expected string to have <={high} characters"
        yield Issue("too_big", path, message, {"origin": "string", "maximum": high})
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        yield Issue("custom", path, "Invalid text: contains characters that are not Unicode text")


def _bounds(path: FieldPath, value: int, low: int, high: int) -> Iterator[Issue]:
    if value < low:
        message = f"Too small: expected number to be >={low}"
        yield Issue("too_small", path, message, {"origin": "number", "minimum": low})
    if value > high:
        message = f"Too big: expected number to be <={high}"
        yield Issue("too_big", path, message, {"origin": "number", "maximum": high})


def _not_one_of(path: FieldPath, values: Sequence[str | int]) -> Issue:
    listed = "|".join(f'"{value}"' if isinstance(value, str) else str(value) for value in values)
    message = f"Invalid option: expected one of {listed}"
    return Issue("invalid_value", path, message, {"values": list(values)})


def _wrong_type(path: FieldPath, expected: str, received: str) -> Issue:
    message = f"Invalid input: expected {expected}, received {received}"
    return Issue("invalid_type", path, message, {"expected": expected})


def _kind_of(value: object) -> str:
    """What JavaScript calls the type of a JSON value."""
    if value is None:
        return "null"
    names = {bool: "boolean", str: "string", int: "number", float: "number", list: "array"}
    return names.get(type(value), "object")
