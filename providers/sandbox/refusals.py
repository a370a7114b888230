"""How Runway words its complaints: one function for each kind, each giving issues. Pure.

Only `providers.sandbox` calls this.

Source: Runway OpenAPI document 2024-11-06 (shape); wording of refusals as others observed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from providers.sandbox.answers import FieldPath, Issue


def wrong_type(path: FieldPath, expected: str, received: str) -> Issue:
    """A value of another type than `expected`, both in JavaScript's words."""
    message = f"Invalid input: expected {expected}, received {received}"
    return Issue("invalid_type", path, message, {"expected": expected})


def not_one_of(path: FieldPath, values: Sequence[str | int]) -> Issue:
    """A value outside of a list."""
    listed = "|".join(f'"{value}"' if isinstance(value, str) else str(value) for value in values)
    message = f"Invalid option: expected one of {listed}"
    return Issue("invalid_value", path, message, {"values": list(values)})


def no_alternative(path: FieldPath, **extra: Any) -> Issue:
    """A value that none of several alternatives takes."""
    return Issue("invalid_union", path, "Invalid input", extra)


def unknown_keys(path: FieldPath, given: Any, known: Any) -> Iterator[Issue]:
    """All keys of an object that it may not have, in one issue."""
    keys = sorted(set(given) - set(known))
    if keys:
        plural = "s" if len(keys) > 1 else ""
        quoted = ", ".join(f'"{key}"' for key in keys)
        yield Issue(
            "unrecognized_keys", path, f"Unrecognized key{plural}: {quoted}", {"keys": keys}
        )


def text(path: FieldPath, value: Any, low: int, high: int) -> Iterator[Issue]:
    """A text of `low` to `high` UTF-16 code units."""
    if not isinstance(value, str):
        yield wrong_type(path, "string", kind_of(value))
        return
    units = len(value.encode("utf-16-le", "surrogatepass")) // 2
    if units < low:
        yield _too_small(path, "string", low, f"string to have >={low} characters")
    if units > high:
        yield _too_big(path, "string", high, f"string to have <={high} characters")
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        yield Issue("custom", path, "Invalid text: contains characters that are not Unicode text")


def whole(path: FieldPath, value: Any, low: int, high: int) -> Iterator[Issue]:
    """A JSON integer of a range; neither "5" nor 5.0 nor true is one."""
    if type(value) is not int:
        yield wrong_type(path, "number", kind_of(value))
    else:
        yield from _range(path, value, low, high)


def number(path: FieldPath, value: Any, low: float, high: float) -> Iterator[Issue]:
    """A JSON number of a range."""
    if type(value) not in (int, float):
        yield wrong_type(path, "number", kind_of(value))
    else:
        yield from _range(path, value, low, high)


def length(path: FieldPath, count: int, low: int, high: int | None) -> Iterator[Issue]:
    """A list of `low` to `high` entries; None bounds nothing."""
    if count < low:
        yield _too_small(path, "array", low, f"array to have >={low} items")
    if high is not None and count > high:
        yield too_many(path, high)


def too_many(path: FieldPath, high: int, message: str = "") -> Issue:
    """A list that is too long, also one that is too long only beside another."""
    issue = _too_big(path, "array", high, f"array to have <={high} items")
    return Issue(issue.code, path, message or issue.message, issue.extra)


def kind_of(value: object) -> str:
    """What JavaScript calls the type of a JSON value."""
    if value is None:
        return "null"
    names = {bool: "boolean", str: "string", int: "number", float: "number", list: "array"}
    return names.get(type(value), "object")


def _range(path: FieldPath, value: float, low: float, high: float) -> Iterator[Issue]:
    if value < low:
        yield _too_small(path, "number", low, f"number to be >={low:g}")
    if value > high:
        yield _too_big(path, "number", high, f"number to be <={high:g}")


def _too_small(path: FieldPath, origin: str, bound: float, words: str) -> Issue:
    extra = {"origin": origin, "minimum": bound}
    return Issue("too_small", path, f"Too small: expected {words}", extra)


def _too_big(path: FieldPath, origin: str, bound: float, words: str) -> Issue:
    extra = {"origin": origin, "maximum": bound}
    return Issue("too_big", path, f"Too big: expected {words}", extra)
