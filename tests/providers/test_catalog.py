"""The catalogue as data: what it answers its callers, and how it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from providers import catalog
from providers.catalog import ModeRules
from videos.requests import InvalidRequest, check

RETIRED = {"gen4_aleph": "aleph2", "gen3a_turbo": "gen4_turbo", "veo3": "veo3.1"}
MODES = [
    pytest.param(model.id, rules, id=f"{model.id}-{mode}")
    for model in catalog.load().models.values()
    for mode, rules in model.modes.items()
]


def rules_of(model_id: str, mode: str) -> ModeRules:
    return catalog.load().models[model_id].modes[mode]


@pytest.mark.parametrize(("model_id", "rules"), MODES)
class TestEveryMode:
    def test_every_field_is_described(self, model_id: str, rules: ModeRules) -> None:
        plain = {"model", "promptText", "ratio", "duration", "seed", "audio"}
        assert rules.options.keys() | rules.media.keys() <= rules.fields
        assert rules.fields - plain == rules.options.keys() | rules.media.keys()

    def test_no_field_is_both_required_and_optional(self, model_id: str, rules: ModeRules) -> None:
        assert not rules.required & rules.optional

    def test_lengths_ratios_and_the_sound_s_default_belong_to_fields(
        self, model_id: str, rules: ModeRules
    ) -> None:
        assert bool(rules.seconds) == ("duration" in rules.fields)
        assert not rules.ratios or "ratio" in rules.fields
        assert rules.audio_default is None or "audio" in rules.fields
        assert rules.seconds_default in (None, *rules.seconds)

    def test_conditions_speak_of_its_fields(self, model_id: str, rules: ModeRules) -> None:
        for condition in rules.conditions:
            named = {
                *(path.split(".")[0] for path in (*condition.when, *condition.unless)),
                *condition.require,
                *condition.require_any,
                *condition.forbid,
                *condition.only,
                *condition.never,
            }
            assert named <= rules.fields
            assert not condition.counted or set(condition.counted) & rules.fields

    def test_values_of_conditions_are_values_of_their_fields(
        self, model_id: str, rules: ModeRules
    ) -> None:
        choices: dict[str, tuple[Any, ...]] = {
            "ratio": rules.ratios,
            "duration": (*rules.seconds, "auto"),
            **{name: option.enum for name, option in rules.options.items()},
        }
        for condition in rules.conditions:
            for name, values in (*condition.only.items(), *condition.never.items()):
                assert set(values) <= set(choices[name])


def test_the_models_that_make_videos_are_listed_without_picture_models_and_retired_ones() -> None:
    listed = [model.id for model in catalog.models()]
    assert {"gen4.5", "gen4_turbo", "veo3.1", "aleph2", "act_two"} <= set(listed)
    assert not {"gen4_image", "gen4_image_turbo", *RETIRED} & set(listed)
    assert len(listed) == len(catalog.load().models) - len(RETIRED) - 3


@pytest.mark.parametrize(("model_id", "replacement"), RETIRED.items())
def test_a_retired_model_is_found_with_its_replacement(model_id: str, replacement: str) -> None:
    model = catalog.find(model_id)
    assert model is not None
    assert (model.is_retired, model.is_video, model.replacement) == (True, False, replacement)
    successor = catalog.find(replacement)
    assert successor is not None and successor.is_video


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


@pytest.mark.parametrize("duration", [True, "5", 5.0, 1, 11, None, "auto"], ids=repr)
def test_a_duration_must_be_an_integer_of_the_list(duration: object) -> None:
    rules = rules_of("gen4.5", "text_to_video")
    assert rules.takes_duration(5)
    assert not rules.takes_duration(duration)


def test_a_duration_may_be_left_to_some_models() -> None:
    assert rules_of("seedance2", "text_to_video").takes_duration("auto")


def test_our_words_say_what_a_mode_takes_and_needs() -> None:
    rules = rules_of("gen4_turbo", "image_to_video")
    assert rules.takes("seconds")
    assert not rules.needs("seconds")
    assert rules.needs("input_reference")
    assert not rules.takes("audio")
    assert not rules.takes("last_frame")


@pytest.mark.parametrize(
    ("runway", "ours"),
    [
        ("duration", "seconds"),
        ("promptText", "prompt"),
        ("seed", "seed"),
        ("videoUri", "video_uri"),
        ("promptVideo", "video_uri"),
        ("references", "reference_images"),
        ("referenceImages", "reference_images"),
        ("outputFormat", "output_format"),
    ],
)
def test_a_runway_word_is_translated(runway: str, ours: str) -> None:
    assert catalog.our_word(runway) == ours
    assert runway in catalog.runway_words(ours)


def test_a_first_frame_takes_every_prompt_that_the_animating_models_take() -> None:
    most = catalog.first_frame_rules().prompt_max
    for model in catalog.models():
        if "image_to_video" in model.modes and "text_to_video" not in model.modes:
            assert model.modes["image_to_video"].prompt_max <= most


def test_aliases_name_models_that_make_videos_from_text_and_from_pictures() -> None:
    for order in catalog.load().aliases.values():
        for model_id in order:
            model = catalog.load().models[model_id]
            assert {"text_to_video", "image_to_video"} <= model.modes.keys()


class TestANewModel:
    """Adding one is a change of catalog.json alone."""

    ENTRY: Mapping[str, Any] = {
        "name": "Gen 99",
        "prices": {"per_second": [{"credits": 3}]},
        "modes": {
            "text_to_video": {
                "required": ["model", "promptText", "flux"],
                "optional": ["duration", "ratio", "references"],
                "prompt": {"max": 9},
                "ratios": "gen4_6",
                "durations": {"enum": [7, 9]},
                "media": {"references": {"kind": "image", "shape": "list", "max": 1}},
                "options": {"flux": {"integer": [1, 3]}},
                "conditions": [{"if": {"flux": [3]}, "only": {"ratio": ["960:960"]}}],
                "strict": True,
            }
        },
    }
    GOOD: Mapping[str, object] = {"model": "gen99", "prompt": "a fox", "flux": 2}

    @pytest.fixture(autouse=True)
    def with_it(self, settings: Settings, tmp_path: Path) -> None:
        raw = json.loads(catalog.DEFAULT_PATH.read_text())
        raw["models"]["gen99"] = self.ENTRY
        file = tmp_path / "catalog.json"
        file.write_text(json.dumps(raw))
        settings.STUDIO_CATALOG_FILE = str(file)

    def test_it_is_listed(self) -> None:
        assert "gen99" in [model.id for model in catalog.models()]

    def test_it_is_accepted_with_its_price(self) -> None:
        checked = check(self.GOOD)
        assert (checked.seconds, checked.size) == (7, "1280x720")
        assert checked.credits == 21
        assert checked.options == {"flux": 2}

    @pytest.mark.parametrize(
        ("change", "param"),
        [
            ({"flux": 4}, "flux"),
            ({"flux": None}, "flux"),
            ({"seconds": 8}, "seconds"),
            ({"prompt": "a longer fox"}, "prompt"),
            ({"size": "1920x1080"}, "size"),
            ({"flux": 3, "size": "1280x720"}, "size"),
            (
                {"reference_images": ["https://a.test/1.png", "https://a.test/2.png"]},
                "reference_images",
            ),
        ],
        ids=str,
    )
    def test_what_it_does_not_accept_is_refused(
        self, change: dict[str, object], param: str
    ) -> None:
        with pytest.raises(InvalidRequest) as caught:
            check({**self.GOOD, **change})
        assert caught.value.param == param

    def test_others_are_told_that_it_takes_what_they_do_not(self) -> None:
        with pytest.raises(InvalidRequest) as caught:
            check({"model": "gen4.5", "prompt": "a fox", "flux": 2})
        assert "'gen99'" in caught.value.message
