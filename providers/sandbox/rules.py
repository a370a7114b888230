"""Refuses what Runway refuses: a request body against the catalogue, all complaints at once.

Only `providers.sandbox` calls this. The facts are in `providers.catalog`; what pictures, videos and
sounds must be is in `media`. Where Runway does not say whether it refuses unknown keys, the sandbox
does.

Source: Runway OpenAPI document 2024-11-06; wording of refusals as others observed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from providers import catalog, conditions
from providers.rules import ModeRules
from providers.sandbox import choices, refusals
from providers.sandbox.answers import FieldPath, Issue
from providers.sandbox.refusals import kind_of, wrong_type

Check = Callable[[ModeRules, FieldPath, Any], Iterator[Issue]]

_KINDS: Mapping[str, str] = {"duration": "number", "seed": "number", "audio": "boolean"}
_MEDIA_KINDS: Mapping[str, str] = {
    "uri": "string",
    "frames": "string",
    "typed": "object",
    "list": "array",
    "typed_list": "array",
    "tagged": "array",
    "keyframes": "array",
}


def check(endpoint: str, body: Mapping[str, Any]) -> list[Issue]:
    """Every complaint about the fields of a body, but those about its media."""
    model = body.get("model")
    rules = catalog.rules(endpoint, model) if isinstance(model, str) else None
    if rules is None:
        note = {"note": "No matching discriminator", "discriminator": "model"}
        return [refusals.no_alternative(("model",), **note)]
    return [
        *_missing(rules, body),
        *refusals.unknown_keys((), body, rules.fields),
        *_fields(rules, body),
        *_conditions(rules, body),
    ]


def _missing(rules: ModeRules, body: Mapping[str, Any]) -> Iterator[Issue]:
    for name in sorted(rules.required - body.keys()):
        yield wrong_type((name,), _kind(rules, name), "undefined")


def _kind(rules: ModeRules, name: str) -> str:
    if name in rules.media:
        return _MEDIA_KINDS[rules.media[name].shape]
    if name in rules.options:
        return choices.kind(rules.options[name])
    return _KINDS.get(name, "string")


def _fields(rules: ModeRules, body: Mapping[str, Any]) -> Iterator[Issue]:
    for name in sorted(body.keys() & rules.fields):
        if name in rules.options:
            yield from choices.check(rules.options[name], (name,), body[name])
        elif name in _CHECKS:
            yield from _CHECKS[name](rules, (name,), body[name])


def _conditions(rules: ModeRules, body: Mapping[str, Any]) -> Iterator[Issue]:
    for problem in conditions.problems(rules.conditions, body):
        if problem.kind == "too_many":
            most = next(c.at_most or 0 for c in rules.conditions if problem.field in c.counted)
            yield refusals.too_many((problem.field,), most, problem.message)
        else:
            yield Issue("custom", (problem.field,), problem.message)


def _prompt(rules: ModeRules, path: FieldPath, value: Any) -> Iterator[Issue]:
    return refusals.text(path, value, rules.prompt_min, rules.prompt_max)


def _ratio(rules: ModeRules, path: FieldPath, value: Any) -> Iterator[Issue]:
    if not isinstance(value, str):
        yield wrong_type(path, "string", kind_of(value))
    elif rules.ratios and value not in rules.ratios:
        yield refusals.not_one_of(path, rules.ratios)


def _duration(rules: ModeRules, path: FieldPath, value: Any) -> Iterator[Issue]:
    low, high = min(rules.seconds), max(rules.seconds)
    if rules.takes_auto and isinstance(value, str):
        if value != "auto":
            yield refusals.no_alternative(path)
    elif type(value) is not int or len(rules.seconds) == high - low + 1:
        yield from refusals.whole(path, value, low, high)
    elif value not in rules.seconds:
        yield refusals.not_one_of(path, rules.seconds)


def _seed(rules: ModeRules, path: FieldPath, value: Any) -> Iterator[Issue]:
    return refusals.whole(path, value, 0, catalog.SEED_MAX)


def _audio(rules: ModeRules, path: FieldPath, value: Any) -> Iterator[Issue]:
    if not isinstance(value, bool):
        yield wrong_type(path, "boolean", kind_of(value))


_CHECKS: Mapping[str, Check] = {
    "promptText": _prompt,
    "ratio": _ratio,
    "duration": _duration,
    "seed": _seed,
    "audio": _audio,
}
