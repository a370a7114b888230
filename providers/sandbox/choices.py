"""Checks a model's further fields: words, numbers, switches, texts, objects and lists. Pure.

Called by `providers.sandbox.rules`. What the fields may hold is in the catalogue.

Source: Runway OpenAPI document 2024-11-06 and the SDK runwayml 5.24.0 (`*_create_params`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from providers.rules import Option
from providers.sandbox import refusals
from providers.sandbox.answers import FieldPath, Issue
from providers.sandbox.refusals import kind_of, wrong_type


def check(option: Option, path: FieldPath, value: Any) -> Iterator[Issue]:
    """Every complaint about the value of one field."""
    if option.items is not None:
        yield from _list(option, option.items, path, value)
    elif option.fields:
        yield from _object(option, path, value)
    elif option.enum:
        if value not in option.enum + option.deprecated:
            yield refusals.not_one_of(path, option.enum)
    elif option.boolean:
        if not isinstance(value, bool):
            yield wrong_type(path, "boolean", kind_of(value))
    else:
        yield from _scalar(option, path, value)


def kind(option: Option) -> str:
    """What JavaScript calls the type of the field."""
    if option.items is not None:
        return "array"
    if option.fields:
        return "object"
    if option.boolean:
        return "boolean"
    return "string" if option.integer is None and option.number is None else "number"


def _scalar(option: Option, path: FieldPath, value: Any) -> Iterator[Issue]:
    if option.integer is not None:
        yield from refusals.whole(path, value, *option.integer)
    elif option.number is not None:
        yield from refusals.number(path, value, *option.number)
    elif option.text is not None:
        yield from refusals.text(path, value, 0, option.text)


def _object(option: Option, path: FieldPath, value: Any) -> Iterator[Issue]:
    if not isinstance(value, dict):
        yield wrong_type(path, "object", kind_of(value))
        return
    for key in option.required:
        if key not in value:
            yield wrong_type((*path, key), kind(option.fields[key]), "undefined")
    yield from refusals.unknown_keys(path, value, option.fields)
    for key in sorted(value.keys() & option.fields.keys()):
        yield from check(option.fields[key], (*path, key), value[key])


def _list(option: Option, items: Option, path: FieldPath, value: Any) -> Iterator[Issue]:
    if not isinstance(value, list):
        yield wrong_type(path, "array", kind_of(value))
        return
    yield from refusals.length(path, len(value), 1, option.max)
    issues = [issue for n, item in enumerate(value) for issue in check(items, (*path, n), item)]
    yield from issues
    if option.total is not None and value and not issues:
        name, low, high = option.total
        total = sum(item.get(name, 0) for item in value)
        if not low <= total <= high:
            message = f"The sum of {name} must be between {low} and {high}. Got {total}."
            yield Issue("custom", path, message)
