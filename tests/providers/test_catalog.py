"""The catalogue as data: it agrees with Runway's SDK, and answers what its callers ask."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from decimal import Decimal
from types import ModuleType
from typing import Annotated, Any, Literal, Required, get_args, get_origin, get_type_hints

import pytest
from runwayml.types import (
    image_to_video_create_params,
    text_to_image_create_params,
    text_to_video_create_params,
)

from providers import catalog
from providers.catalog import ModeRules

SDK_MODULES = {
    "text_to_video": text_to_video_create_params,
    "image_to_video": image_to_video_create_params,
    "text_to_image": text_to_image_create_params,
}
MODES = [
    pytest.param(model.id, rules, id=f"{model.id}-{mode}")
    for model in catalog.load().models.values()
    for mode, rules in model.modes.items()
]


def sdk_fields(module: ModuleType, model_id: str) -> dict[str, tuple[bool, Any]]:
    """The SDK's fields of a model's request: wire name to (required, type)."""
    for _, params in inspect.getmembers(module, inspect.isclass):
        hints = get_type_hints(params, include_extras=True)
        if params.__module__ == module.__name__ and model_id in literals(hints.get("model")):
            return {wire_name(name, hint): unwrap(hint) for name, hint in hints.items()}
    raise LookupError(f"the SDK has no {model_id} in {module.__name__}")


def wire_name(name: str, hint: Any) -> str:
    inner = get_args(hint)[0] if get_origin(hint) is Required else hint
    marks = get_args(inner)[1:] if get_origin(inner) is Annotated else ()
    return next((mark.alias for mark in marks), name)


def unwrap(hint: Any) -> tuple[bool, Any]:
    required = get_origin(hint) is Required
    inner = get_args(hint)[0] if required else hint
    return required, get_args(inner)[0] if get_origin(inner) is Annotated else inner


def literals(hint: Any) -> tuple[Any, ...]:
    inner = unwrap(hint)[1]
    return get_args(inner) if get_origin(inner) is Literal else ()


@pytest.fixture
def sdk(model_id: str, rules: ModeRules) -> Mapping[str, tuple[bool, Any]]:
    return sdk_fields(SDK_MODULES[rules.mode], model_id)


@pytest.mark.parametrize(("model_id", "rules"), MODES)
class TestAgainstTheSdk:
    def test_the_required_fields_are_the_sdk_s(
        self, sdk: Mapping[str, tuple[bool, Any]], rules: ModeRules
    ) -> None:
        assert rules.required == {name for name, (required, _) in sdk.items() if required}

    def test_the_optional_fields_are_the_sdk_s(
        self, sdk: Mapping[str, tuple[bool, Any]], rules: ModeRules
    ) -> None:
        assert rules.optional == {name for name, (required, _) in sdk.items() if not required}

    def test_the_ratios_are_the_sdk_s(
        self, sdk: Mapping[str, tuple[bool, Any]], rules: ModeRules
    ) -> None:
        assert set(rules.ratios) == set(literals(sdk["ratio"][1]))

    def test_listed_durations_are_the_sdk_s(
        self, sdk: Mapping[str, tuple[bool, Any]], rules: ModeRules
    ) -> None:
        if "duration" not in rules.fields:
            assert rules.seconds == ()
        elif listed := literals(sdk["duration"][1]):
            assert rules.seconds == listed
        else:
            assert sdk["duration"][1] is int
            assert rules.seconds == tuple(range(rules.seconds[0], rules.seconds[-1] + 1))

    def test_the_words_of_options_are_the_sdk_s(
        self, sdk: Mapping[str, tuple[bool, Any]], rules: ModeRules
    ) -> None:
        for name, option in rules.options.items():
            assert set(option.enum) == set(literals(sdk[name][1]))


@pytest.mark.parametrize(("model_id", "rules"), MODES)
def test_every_option_is_a_field_of_its_mode(model_id: str, rules: ModeRules) -> None:
    assert rules.options.keys() <= rules.fields


def test_the_models_that_make_videos_are_listed_without_picture_models_and_retired_ones() -> None:
    assert [model.id for model in catalog.models()] == ["gen4.5", "gen4_turbo", "veo3.1"]


def test_a_retired_model_is_found_with_its_replacement() -> None:
    aleph = catalog.find("gen4_aleph")
    assert aleph is not None
    assert (aleph.is_retired, aleph.is_video, aleph.replacement) == (True, False, "aleph2")


def test_an_unknown_model_is_not_found() -> None:
    assert catalog.find("gen99") is None


def test_rules_are_found_by_endpoint_and_model() -> None:
    rules = catalog.rules("/v1/image_to_video", "gen4_turbo")
    assert rules is not None
    assert rules.mode == "image_to_video"


@pytest.mark.parametrize(
    ("endpoint", "model_id"),
    [("/v1/text_to_video", "gen4_turbo"), ("/v1/tasks", "gen4.5"), ("/v1/text_to_video", "nope")],
)
def test_a_model_has_no_rules_on_an_endpoint_that_it_is_not_on(
    endpoint: str, model_id: str
) -> None:
    assert catalog.rules(endpoint, model_id) is None


@pytest.mark.parametrize("duration", [True, "5", 5.0, 1, 11, None], ids=repr)
def test_a_duration_must_be_an_integer_of_the_list(duration: object) -> None:
    rules = catalog.load().models["gen4.5"].modes["text_to_video"]
    assert rules.takes_duration(5)
    assert not rules.takes_duration(duration)


def test_our_words_say_what_a_mode_takes_and_needs() -> None:
    rules = catalog.load().models["gen4_turbo"].modes["image_to_video"]
    assert rules.takes("seconds")
    assert not rules.needs("seconds")
    assert rules.needs("input_reference")
    assert not rules.takes("audio")


@pytest.mark.parametrize(
    ("runway", "ours"), [("duration", "seconds"), ("promptText", "prompt"), ("seed", None)]
)
def test_a_runway_word_is_translated_where_ours_differs(runway: str, ours: str | None) -> None:
    assert catalog.our_word(runway) == ours


@pytest.mark.parametrize(
    ("model_id", "seconds", "audio", "output_format", "expected"),
    [
        ("gen4.5", 5, None, None, 60),
        ("gen4.5", 5, None, "mp4", 60),
        ("gen4.5", 5, None, "prores", 85),
        ("gen4.5", 2, None, "hdr10", 64),
        ("gen4_turbo", 5, None, None, 25),
        ("veo3.1", 8, False, None, 160),
        ("veo3.1", 8, True, None, 320),
    ],
)
def test_a_video_costs_credits_per_second(
    model_id: str, seconds: int, audio: bool | None, output_format: str | None, expected: int
) -> None:
    model = catalog.load().models[model_id]
    cost = catalog.credits(model, seconds, audio=audio, output_format=output_format)
    assert cost == Decimal(expected)


def test_a_model_without_a_known_price_costs_an_unknown_amount() -> None:
    assert catalog.credits(catalog.load().models["gen4_aleph"], 5) is None


@pytest.mark.parametrize(
    ("size", "frame"),
    [
        ("1280x720", "1280x720"),
        ("720x1280", "720x1280"),
        ("960x960", "1024x1024"),
        ("1104x832", "1168x880"),
        ("832x1104", "720x960"),
        ("1584x672", "1808x768"),
        ("1920x1080", "1920x1080"),
    ],
)
def test_a_first_frame_has_the_nearest_shape_and_then_the_nearest_area(
    size: str, frame: str
) -> None:
    assert catalog.first_frame_size(size) == frame


@pytest.mark.parametrize(
    ("size", "expected"), [("720x1280", 5), ("1080x1920", 8), ("1024x1024", 8)]
)
def test_a_first_frame_is_priced_by_its_short_side(size: str, expected: int) -> None:
    assert catalog.first_frame_credits(size) == expected


def test_a_first_frame_is_priced_by_the_operator_s_table_where_there_is_one() -> None:
    assert catalog.first_frame_credits("1280x720", {"720p": 3, "1080p": 4}) == 3


def test_a_first_frame_takes_every_prompt_that_the_animating_models_take() -> None:
    most = catalog.first_frame_rules().prompt_max
    for model in catalog.models():
        if "text_to_video" not in model.modes:
            assert model.modes["image_to_video"].prompt_max <= most
