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
        assert error.message.startswith(
            "gen4.5 does not take 'audio'. Models that do: 'veo3.1', 'veo3.1_fast', "
        )

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

    @pytest.mark.parametrize(
        ("params", "name", "value", "sent"),
        [
            ({"model": "kling3.0_pro", "prompt": "p"}, "cfg_scale", "0.25", 0.25),
            ({"model": "act_two"}, "expression_intensity", "3", 3),
            ({"model": "act_two"}, "body_control", "true", True),
            ({"model": "h3_max", "prompt": "p"}, "prompt_expansion_mode", "quality", "quality"),
            ({"model": "hailuo3", "prompt": "p"}, "resolution", "2K", "2K"),
            (
                {"model": "klingO3_pro"},
                "provider_settings",
                {"multi_prompt": [{"prompt": "a", "duration": "3"}], "shot_type": "customize"},
                {"multiPrompt": [{"prompt": "a", "duration": 3}], "shotType": "customize"},
            ),
        ],
        ids=str,
    )
    def test_options_are_understood_as_forms_send_them(
        self, params: dict[str, object], name: str, value: object, sent: object
    ) -> None:
        url = "https://example.com/a.mp4"
        inputs: dict[str, object] = {"performance": url, "character": {"type": "video", "uri": url}}
        checked = check({**params, **(inputs if params["model"] == "act_two" else {}), name: value})
        assert checked.options[name] == sent

    @pytest.mark.parametrize("value", [-0.1, "-1", 1.5, "2", float("nan"), True, "x"], ids=repr)
    def test_a_number_outside_its_range_is_refused(self, value: object) -> None:
        error = refusal({"model": "kling3.0_pro", "prompt": "p", "cfg_scale": value})
        assert error.param == "cfg_scale"

    @pytest.mark.parametrize("name", ["references", "reference_images"])
    def test_tags_are_noted_in_a_warning(self, name: str) -> None:
        picture = {"uri": "https://example.com/a.png", "tag": "boat"}
        checked = check({"model": "seedance2", "prompt": "p", name: [picture]})
        (warning,) = checked.warnings
        assert f"'{name}[].tag' has no effect" in warning
        assert checked.media[0].extra == {"tag": "boat"}

    def test_references_and_reference_images_are_added_up(self) -> None:
        one, two = "https://example.com/1.png", "https://example.com/2.png"
        params = {"model": "seedance2", "prompt": "p", "references": [{"uri": one}]}
        checked = check({**params, "reference_images": [two]})
        assert [item.uri for item in checked.media] == [one, two]

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
