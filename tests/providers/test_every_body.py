"""Every endpoint, model, ratio, length and field: good requests become bodies that Runway's own
types accept, and a request with one fault is refused with that fault's name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from providers import bodies, catalog, conditions
from providers.catalog import SEED_MAX, ModeRules, VideoModel
from providers.conditions import Condition
from videos.fitting import MODE_INPUTS
from videos.requests import InvalidRequest, check

from . import sdk_models
from .every_body import (
    ADDRESSES,
    COMPANIONS,
    ENDLESS,
    URL,
    Params,
    base_of,
    body_of,
    every_body,
    field_of,
    modes,
    most_of,
    requests_of,
    source,
    text_of,
    values_of,
)

MODES = pytest.mark.parametrize(
    ("model", "rules"),
    [pytest.param(model, rules, id=f"{model.id}-{rules.mode}") for model, rules in modes()],
)
Fault = tuple[str, Params, str]


@MODES
def test_every_good_request_becomes_a_body_of_the_sdk_s_types(
    model: VideoModel, rules: ModeRules
) -> None:
    strict = sdk_models.model_of(rules.mode, model.id)
    for params in requests_of(model, rules):
        endpoint, body = body_of(params)
        assert endpoint == rules.endpoint, params
        strict.model_validate(body)
        assert_within_the_catalogue(body, rules)


@pytest.mark.parametrize(
    "size", sorted(catalog.load().models["gen4_turbo"].modes["image_to_video"].ratios)
)
def test_a_first_frame_is_a_body_of_the_sdk_s_types(size: str) -> None:
    params: Params = {"model": "gen4_turbo", "prompt": text_of(1000), "size": size, "seed": 0}
    moderation = {"content_moderation": {"publicFigureThreshold": "low"}}
    task = check(params | moderation).first_frame_task()
    assert task is not None
    endpoint, body = bodies.task_body(task)
    assert (endpoint, body["model"]) == ("/v1/text_to_image", catalog.load().first_frame_model)
    sdk_models.model_of("text_to_image", body["model"]).model_validate(body)
    assert_within_the_catalogue(body, catalog.first_frame_rules())


@MODES
def test_a_request_with_one_fault_is_refused_with_its_name(
    model: VideoModel, rules: ModeRules
) -> None:
    names = set()
    for what, params, param in faults_of(model, rules):
        error = refused(params)
        assert error is not None, f"{what} was accepted: {params}"
        assert error.param == param, (what, params, error.message)
        names.add(what)
    assert len(names) >= 4


def test_there_are_thousands_of_bodies_on_five_endpoints() -> None:
    found = list(every_body())
    assert len(found) > 3000
    assert {endpoint for endpoint, _ in found} == {f"/v1/{mode}" for mode in catalog.VIDEO_MODES}


@pytest.mark.parametrize(
    "change",
    [
        {"duration": "5"},
        {"duration": 5.0},
        {"ratio": "960:960"},
        {"fps": 24},
        {"seed": None},
        {"promptText": 5},
        {"contentModeration": {"public_figure_threshold": "low"}},
    ],
    ids=str,
)
def test_the_strict_types_refuse_what_is_wrong(change: Params) -> None:
    _, body = body_of({"model": "gen4.5", "prompt": "p"})
    sdk_models.model_of("text_to_video", "gen4.5").model_validate(body)
    with pytest.raises(ValidationError):
        sdk_models.model_of("text_to_video", "gen4.5").model_validate(body | change)


def refused(params: Params) -> InvalidRequest | None:
    try:
        check(params)
    except InvalidRequest as exc:
        return exc
    return None


def assert_within_the_catalogue(body: Params, rules: ModeRules) -> None:
    assert rules.required <= body.keys() <= rules.fields
    assert body.get("ratio") in (None, *rules.ratios)
    assert "duration" not in body or rules.takes_duration(body["duration"])
    assert "audio" not in rules.fields or "audio" in body or "draftTaskId" in body
    assert list(conditions.problems(rules.conditions, body)) == []
    for word, media in rules.media.items():
        if isinstance(body.get(word), list) and media.shape != "frames":
            assert 1 <= len(body[word]) <= (media.max or ENDLESS)


def faults_of(model: VideoModel, rules: ModeRules) -> Iterator[Fault]:
    """(what is wrong, the request, the parameter that must be named)."""
    base = base_of(model, rules)
    yield "an unknown field", base | {"fps": 24}, "fps"
    yield "an unknown size", base | {"size": "1234x777"}, "size"
    yield "a size of a wrong type", base | {"size": 1280}, "size"
    for fault in (
        *_missing(model, rules, base),
        *_untakeable(model, rules),
        *_lengths(rules),
        *_prompts(rules),
        *_options(rules),
        *_media(rules),
    ):
        what, change, param = fault
        yield what, base | change, param
    if rules.takes("seed"):
        for seed in (-1, SEED_MAX + 1, "x", True):
            yield "a wrong seed", base | {"seed": seed}, "seed"
    if rules.takes("audio"):
        yield "a wrong switch", base | {"audio": "loud"}, "audio"
    for condition in rules.conditions:
        yield from _violations(base, rules, condition)


def _missing(model: VideoModel, rules: ModeRules, base: Params) -> Iterator[Fault]:
    """Inputs choose the mode, so one is missed only where the model has no other mode."""
    for word in rules.required - {"model", "ratio", "duration"}:
        name = catalog.our_word(word)
        if name not in MODE_INPUTS or (len(model.modes) == 1 and name != "input_reference"):
            yield "a missing field", {name: None}, name


def _untakeable(model: VideoModel, rules: ModeRules) -> Iterator[Fault]:
    for name in sorted(catalog.load().words - {"model", "size"}):
        if not rules.takes(name) and MODE_INPUTS.get(name) not in model.modes:
            yield "another model's field", {name: True}, name


def _lengths(rules: ModeRules) -> Iterator[Fault]:
    if not rules.seconds:
        return
    ends = range(rules.seconds[0] - 1, rules.seconds[-1] + 2)
    for seconds in sorted(set(ends) - set(rules.seconds)):
        yield "a wrong length", {"seconds": seconds}, "seconds"
    for value in (True, [5], 5.5, "five", *(["auto"] if not rules.takes_auto else [])):
        yield "a length of a wrong type", {"seconds": value}, "seconds"


def _prompts(rules: ModeRules) -> Iterator[Fault]:
    if rules.takes("prompt"):
        yield "a long prompt", {"prompt": text_of(rules.prompt_max + 1)}, "prompt"
        yield "a prompt of a wrong type", {"prompt": ["a fox"]}, "prompt"
        if rules.prompt_min > 1:
            yield "a short prompt", {"prompt": text_of(rules.prompt_min - 1)}, "prompt"


def _options(rules: ModeRules) -> Iterator[Fault]:
    for word, option in rules.options.items():
        name = catalog.our_word(word)
        beside = COMPANIONS.get(name, {})
        wrong: list[Any] = [["a"], 10**30]
        if option.enum:
            wrong += ["nonsense", f"{option.enum[0]} ", True]
        if option.text:
            wrong += [text_of(option.text + 1), ""]
        if option.integer:
            wrong += [option.integer[0] - 1, option.integer[1] + 1, 1.5]
        if option.number:
            wrong += [option.number[0] - 0.1, option.number[1] + 0.1]
        if option.fields:
            wrong += [{"nonsense": 1}, "a", *({key: object()} for key in option.fields)]
        yield from (("a wrong value", beside | {name: value}, name) for value in wrong)


def _media(rules: ModeRules) -> Iterator[Fault]:
    for word, media in rules.media.items():
        name, other = field_of(word), next(kind for kind in ADDRESSES if kind not in media.kind)
        yield "an address without https", {name: "http://example.com/a"}, name
        yield "media of a wrong type", {name: 5}, name
        if media.shape != "keyframes":
            yield "media of a wrong kind", {name: {"type": other, "uri": URL}}, name
        if media.max is not None:
            most = most_of(rules, word)
            beside = COMPANIONS.get(name, {}) if "references" in rules.media else {}
            yield "too many", beside | {name: [source(media)] * (most + 1)}, name


def _violations(base: Params, rules: ModeRules, condition: Condition) -> Iterator[Fault]:
    """Requests for which the condition holds, and one of its demands is not met."""
    left_out = {catalog.our_word(word) for word in condition.forbid}
    held = {name: value for name, value in base.items() if name not in left_out}
    held |= _matching(rules, condition)
    for words in (*((word,) for word in condition.require), condition.require_any):
        if words:
            names = [catalog.our_word(word) for word in words]
            lacking = {name: value for name, value in held.items() if name not in names}
            yield "a missing companion", lacking, names[0]
    for word in condition.forbid:
        name = catalog.our_word(word)
        yield "a forbidden companion", held | {name: _sample(rules, word)}, name
    for word, values in condition.only.items():
        other = next(value for value in _domain(rules, word) if value not in values)
        yield "a companion's value", held | {catalog.our_word(word): other}, catalog.our_word(word)
    for word, values in condition.never.items():
        yield (
            "a companion's value",
            held | {catalog.our_word(word): values[0]},
            catalog.our_word(word),
        )


def _matching(rules: ModeRules, condition: Condition) -> Params:
    """What makes the condition hold; its demands are met one by one later."""
    params: Params = {}
    for path, wanted in condition.when.items():
        word, _, key = path.partition(".")
        if word in rules.media:
            items = [source(rules.media[word])]
            params[catalog.our_word(word)] = URL if wanted == "frames" else items
        else:
            value = next(values_of(rules.options[word])) if wanted is True else wanted[0]
            params[catalog.our_word(word)] = {key: value} if key else value
    return params


def _sample(rules: ModeRules, word: str) -> Any:
    if word in rules.media:
        return [source(rules.media[word])]
    if word in rules.options:
        return next(values_of(rules.options[word]))
    plain: Params = {"promptText": "a fox", "seed": 1, "audio": False}
    return plain[word] if word in plain else next(iter(_domain(rules, word)))


def _domain(rules: ModeRules, word: str) -> tuple[Any, ...]:
    if word == "ratio":
        return tuple(ratio.replace(":", "x") for ratio in rules.ratios)
    return rules.seconds if word == "duration" else rules.options[word].enum


def test_addresses_are_of_every_kind() -> None:
    kinds = {media.kind for _, rules in modes() for media in rules.media.values()}
    assert kinds - {"image or video"} == ADDRESSES.keys()
