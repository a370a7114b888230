"""The fields that only some models have, and those that none has."""

from __future__ import annotations

import pytest

from videos.requests import InvalidRequest, check

TEXT: dict[str, object] = {"model": "gen4.5", "prompt": "a harbour at dawn"}
IMAGE: dict[str, object] = {
    "model": "gen4_turbo",
    "input_reference": "https://example.com/harbour.png",
}
VEO: dict[str, object] = {"model": "veo3.1", "prompt": "a harbour at dawn"}


def refusal(params: dict[str, object]) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        check(params)
    return caught.value


class TestFurtherFields:
    @pytest.mark.parametrize("seed", [0, 4294967295, "42", 42.0], ids=repr)
    def test_a_seed_is_a_whole_number(self, seed: str | int | float) -> None:
        assert check(TEXT | {"seed": seed}).seed == int(seed)

    @pytest.mark.parametrize("seed", [-1, 4294967296, "4294967296", "x", 1.5], ids=repr)
    def test_a_seed_outside_32_bits_is_refused(self, seed: object) -> None:
        error = refusal(TEXT | {"seed": seed})
        assert (error.param, error.code) == ("seed", "invalid_value")
        assert "4294967295" in error.message

    @pytest.mark.parametrize("audio", [True, "true", "True"], ids=repr)
    def test_sound_doubles_veo_s_price(self, audio: object) -> None:
        checked = check(VEO | {"audio": audio})
        assert checked.audio is True
        assert checked.credits == 160

    def test_sound_from_a_silent_model_is_told_who_can(self) -> None:
        error = refusal(TEXT | {"audio": True})
        assert error.param == "audio"
        assert error.message == "gen4.5 does not take 'audio'. Models that do: 'veo3.1'."

    @pytest.mark.parametrize(
        ("params", "name", "value", "others"),
        [
            (TEXT, "negative_prompt", "fog", "veo3.1"),
            (VEO, "output_format", "prores", "gen4.5"),
            (VEO, "content_moderation", {"publicFigureThreshold": "low"}, "gen4.5"),
            (IMAGE, "output_format", "mp4", "gen4.5"),
        ],
    )
    def test_a_field_that_the_model_lacks_is_told_who_can(
        self, params: dict[str, object], name: str, value: object, others: str
    ) -> None:
        error = refusal(params | {name: value})
        assert (error.param, error.code) == (name, "invalid_value")
        assert f"'{others}'" in error.message

    def test_options_go_into_the_task_under_our_names(self) -> None:
        params = TEXT | {
            "output_format": "prores",
            "content_moderation": {"publicFigureThreshold": "auto"},
        }
        checked = check(params)
        assert checked.video_task().options == {
            "content_moderation": {"publicFigureThreshold": "auto"},
            "output_format": "prores",
        }
        assert checked.credits == (12 + 5) * 2

    @pytest.mark.parametrize(
        ("params", "name", "value"),
        [
            (TEXT, "output_format", "avi"),
            (VEO, "negative_prompt", "x" * 1001),
            (VEO, "negative_prompt", ""),
            (TEXT, "content_moderation", {"publicFigureThreshold": "high"}),
        ],
    )
    def test_an_option_outside_its_values_is_refused(
        self, params: dict[str, object], name: str, value: object
    ) -> None:
        error = refusal(params | {name: value})
        assert (error.param, error.code) == (name, "invalid_value")

    def test_bifrost_s_fallbacks_are_noted_in_a_warning(self) -> None:
        (warning,) = check(TEXT | {"fallbacks": ["openai/sora-2"]}).warnings
        assert "openai/sora-2" in warning


class TestUnknownFields:
    @pytest.mark.parametrize(
        ("name", "ours"),
        [
            ("duration", "seconds"),
            ("ratio", "size"),
            ("promptText", "prompt"),
            ("promptImage", "input_reference"),
            ("negativePrompt", "negative_prompt"),
        ],
    )
    def test_a_name_of_runway_s_is_told_ours(self, name: str, ours: str) -> None:
        error = refusal(TEXT | {name: 5})
        assert (error.param, error.code) == (name, "unknown_parameter")
        assert error.message == f"Unknown parameter: '{name}'. Here it is called '{ours}'."

    def test_any_other_name_is_named(self) -> None:
        error = refusal(TEXT | {"fps": 24})
        assert (error.param, error.code) == ("fps", "unknown_parameter")
        assert error.message == "Unknown parameter: 'fps'."
