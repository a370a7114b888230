"""Every endpoint with every model: what is taken, and every demand of one field on another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from providers import catalog
from providers.conditions import Condition
from providers.rules import MediaRules, ModeRules, Option
from providers.sandbox import media, plan, rules, tasks
from providers.sandbox.tasks import Sandbox
from tests.providers.every_body import every_body

ADDRESSES = {
    "image": "https://example.com/a.png",
    "video": "https://example.com/a.mp4",
    "audio": "https://example.com/a.mp3",
}
Body = dict[str, Any]


def modes() -> list[tuple[str, ModeRules]]:
    """Every model on every endpoint, those of pictures included."""
    found = catalog.load().models.values()
    return [(model.id, mode) for model in found for mode in model.modes.values()]


def name_of(value: object) -> str:
    return value.mode if isinstance(value, ModeRules) else str(value)


def minimal(model: str, mode: ModeRules) -> Body:
    """The shortest body that must be taken."""
    body: Body = {"model": model} | {name: sample(mode, name) for name in mode.required - {"model"}}
    for condition in mode.conditions:
        if condition.holds(body):
            needed = [*condition.require, *condition.require_any[:1]]
            body |= {name: sample(mode, name) for name in needed if name not in body}
    return body


def sample(mode: ModeRules, name: str) -> Any:
    """A good value of a field."""
    if name in mode.media:
        return medium(mode.media[name])
    if name in mode.options:
        return choice(mode.options[name])
    plain = {"promptText": "A quiet sea", "seed": 1, "audio": True}
    if name == "duration":
        return mode.seconds[0]
    return mode.ratios[0] if name == "ratio" else plain[name]


def medium(needed: MediaRules) -> Any:
    kind = needed.kind.split(" or ")[0]
    uri = ADDRESSES[kind]
    shapes: dict[str, Any] = {
        "typed": {"type": kind, "uri": uri},
        "list": [{"uri": uri}],
        "typed_list": [{"type": kind, "uri": uri}],
        "tagged": [{"uri": uri}],
        "keyframes": [{"uri": uri, "at": 0.5}],
    }
    return shapes.get(needed.shape, uri)


def choice(option: Option) -> Any:
    if option.enum:
        return option.enum[0]
    if option.fields:
        return {key: choice(option.fields[key]) for key in option.required}
    if option.text is not None:
        return "x"
    return True if option.boolean else (option.integer or option.number or (0,))[0]


def complaints(mode: ModeRules, body: Body) -> list[tuple[str, tuple[str | int, ...]]]:
    found = [*rules.check(mode.endpoint, body), *media.collect(mode.endpoint, body, no_upload)[1]]
    return [(issue.code, issue.path) for issue in found]


def no_upload(uri: str) -> None:
    """Nothing was uploaded."""


@pytest.mark.parametrize(("model", "mode"), modes(), ids=name_of)
def test_the_shortest_request_is_taken(idle: Sandbox, model: str, mode: ModeRules) -> None:
    answer = tasks.create(idle, mode.endpoint, minimal(model, mode), "beef", 1_800_000_000.0)
    created = json.loads(answer.body)
    assert answer.status == 200, created
    assert created["estimatedCost"]["credits"] > 0


def test_everything_that_the_studio_sends_is_taken() -> None:
    count = 0
    for endpoint, body in every_body():
        count += 1
        given, issues = media.collect(endpoint, body, no_upload)
        assert [*rules.check(endpoint, body), *issues] == [], body
        planned = plan.make(endpoint, body, given)
        assert planned.width % 2 == planned.height % 2 == 0
        assert planned.frames > 0
        assert 0 < planned.cost <= planned.estimate
    assert count > 1000


@pytest.mark.parametrize(("model", "mode"), modes(), ids=name_of)
def test_an_unknown_field_is_refused(model: str, mode: ModeRules) -> None:
    body = minimal(model, mode) | {"unheardOf": 1}
    assert complaints(mode, body) == [("unrecognized_keys", ())]


@pytest.mark.parametrize(("model", "mode"), modes(), ids=name_of)
def test_every_required_field_is_missed(model: str, mode: ModeRules) -> None:
    for name in mode.required - {"model"}:
        body = minimal(model, mode)
        del body[name]
        assert ("invalid_type", (name,)) in complaints(mode, body)


def conditional() -> list[tuple[str, ModeRules, Condition]]:
    return [(model, mode, condition) for model, mode in modes() for condition in mode.conditions]


@pytest.mark.parametrize(("model", "mode", "condition"), conditional(), ids=name_of)
def test_every_conditional_rule_is_kept(model: str, mode: ModeRules, condition: Condition) -> None:
    broken = list(breaches(minimal(model, mode), mode, condition))
    assert broken
    for field, body in broken:
        code = "too_big" if condition.at_most else "custom"
        assert (code, (field,)) in complaints(mode, body), body


def breaches(base: Body, mode: ModeRules, condition: Condition) -> Iterator[tuple[str, Body]]:
    """(field at fault, body) for every way not to meet a condition that holds."""
    body = {k: v for k, v in base.items() if k not in condition.unless}
    body |= dict(matching(mode, path, wanted) for path, wanted in condition.when.items())
    for name in (*condition.require, *condition.require_any[:1]):
        gone = {name, *condition.require_any}
        yield name, {key: value for key, value in body.items() if key not in gone}
    for name in condition.forbid:
        yield name, body | {name: sample(mode, name)}
    for name, values in condition.only.items():
        yield name, body | {name: next(v for v in every_value(mode, name) if v not in values)}
    for name, values in condition.never.items():
        yield name, body | {name: values[0]}
    if condition.at_most is not None:
        name = condition.counted[-1]
        yield name, body | {name: sample(mode, name) * (condition.at_most + 1)}


def matching(mode: ModeRules, path: str, wanted: Any) -> tuple[str, Any]:
    """A field and its value, such that the condition holds."""
    name, _, inner = path.partition(".")
    if wanted == "frames":
        return name, [{"uri": ADDRESSES["image"], "position": "first"}]
    value = sample(mode, name) if wanted is True else wanted[0]
    return name, {inner: value} if inner else value


def every_value(mode: ModeRules, name: str) -> tuple[Any, ...]:
    return {"ratio": mode.ratios, "duration": mode.seconds}.get(name) or mode.options[name].enum
