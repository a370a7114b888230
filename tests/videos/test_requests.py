"""The one validator: what a request becomes, and what a wrong one is told."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from pytest_django import Settings

from providers.tasks import MediaInput
from videos.requests import CheckedRequest, InvalidRequest, Upload, check

URL = "https://example.com/harbour.png"
TEXT: dict[str, object] = {"model": "gen4.5", "prompt": "a harbour at dawn"}
IMAGE: dict[str, object] = {"model": "gen4_turbo", "prompt": "it moves", "input_reference": URL}
VEO: dict[str, object] = {"model": "veo3.1", "prompt": "a harbour at dawn"}


def refusal(**params: object) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        check(params)
    return caught.value


class TestDefaults:
    def test_a_prompt_alone_becomes_two_seconds_of_720p(self) -> None:
        assert check(TEXT) == CheckedRequest(
            model="gen4.5",
            resolved_model="gen4.5",
            mode="text_to_video",
            prompt="a harbour at dawn",
            seconds=2,
            size="1280x720",
            ratio="1280:720",
            credits=Decimal(24),
        )

    def test_a_model_without_two_seconds_makes_its_shortest(self) -> None:
        assert check(VEO).seconds == 4

    @pytest.mark.parametrize("model", ["kling_4", "kling3.0_pro", "klingO3_standard"])
    def test_a_model_whose_lengths_nobody_published_makes_its_usual_one(self, model: str) -> None:
        assert check({"model": model, "prompt": "p"}).seconds == 5

    def test_sound_is_off_unless_asked_for(self) -> None:
        assert check(VEO).audio is False

    def test_a_model_without_a_sound_switch_has_none(self) -> None:
        assert check(TEXT | {"audio": False}).audio is None

    def test_null_counts_as_not_given(self) -> None:
        nulls = dict.fromkeys(("seconds", "size", "seed", "audio", "input_reference", "video_uri"))
        assert check(TEXT | nulls) == check(TEXT)


class TestModel:
    def test_the_provider_s_prefix_is_removed(self) -> None:
        assert check(TEXT | {"model": "runway/gen4.5"}).model == "gen4.5"

    @pytest.mark.parametrize("params", [{}, {"model": None}, {"model": ""}], ids=repr)
    def test_a_missing_one_means_sora_2(self, params: dict[str, object]) -> None:
        assert check({"prompt": "p", **params}).model == "sora-2"

    @pytest.mark.parametrize("model", ["sora-9", "gen4_image", "runway/", "GEN4.5"])
    def test_an_unknown_model_is_told_which_there_are(self, model: str) -> None:
        error = refusal(model=model, prompt="p")
        assert (error.param, error.code) == ("model", "model_not_found")
        assert "'sora-2', 'sora-2-pro', 'gen4.5', 'gen4_turbo', 'veo3.1'" in error.message

    @pytest.mark.parametrize(
        ("model", "successor"),
        [("gen4_aleph", "aleph2"), ("gen3a_turbo", "gen4_turbo"), ("veo3", "veo3.1")],
    )
    def test_a_retired_model_is_told_its_successor(self, model: str, successor: str) -> None:
        error = refusal(model=model, prompt="p")
        assert (error.param, error.code) == ("model", "model_not_found")
        assert f"names '{successor}' as its successor" in error.message


class TestPrompt:
    @pytest.mark.parametrize("prompt", [None, "", " \n\t"], ids=repr)
    @pytest.mark.parametrize(
        "params", [TEXT, TEXT | {"input_reference": URL}, {"model": "gen4_turbo"}]
    )
    def test_it_is_needed(self, params: dict[str, object], prompt: str | None) -> None:
        error = refusal(**{**params, "prompt": prompt})
        assert (error.param, error.code) == ("prompt", "missing_required_parameter")

    @pytest.mark.parametrize("model", ["gen4_turbo", "veo3.1"])
    def test_some_models_animate_a_picture_without_one(self, model: str) -> None:
        assert check({"model": model, "input_reference": URL}).prompt == ""

    @pytest.mark.parametrize("prompt", ["a" * 1000, "🌊" * 500])
    def test_it_may_have_a_thousand_utf_16_units(self, prompt: str) -> None:
        assert check(TEXT | {"prompt": prompt}).prompt == prompt

    @pytest.mark.parametrize("prompt", ["a" * 1001, "🌊" * 501])
    def test_it_may_not_have_more(self, prompt: str) -> None:
        error = refusal(**TEXT | {"prompt": prompt})
        assert (error.param, error.code) == ("prompt", "invalid_value")
        assert "1000" in error.message

    @pytest.mark.parametrize("prompt", ["a\0b", "\ud800", "a\udfff"], ids=ascii)
    def test_it_is_text_that_can_be_stored(self, prompt: str) -> None:
        error = refusal(**TEXT | {"prompt": prompt})
        assert (error.param, error.code) == ("prompt", "invalid_value")


class TestSeconds:
    @pytest.mark.parametrize("seconds", ["5", 5, 5.0, "5.0", "05"], ids=repr)
    def test_whole_seconds_are_understood_as_number_and_as_text(self, seconds: object) -> None:
        assert check(TEXT | {"seconds": seconds}).seconds == 5

    @pytest.mark.parametrize(
        "seconds", ["15", 1, 0, -5, "5.5", 5.5, "five", "", "٥", "5 "], ids=repr
    )
    def test_other_lengths_are_told_the_accepted_ones(self, seconds: object) -> None:
        error = refusal(**TEXT | {"seconds": seconds})
        assert (error.param, error.code) == ("seconds", "invalid_value")
        assert "2, 3, 4, 5, 6, 7, 8, 9 or 10 for gen4.5" in error.message

    def test_a_model_with_fixed_lengths_names_them(self) -> None:
        assert "4, 6 or 8 for veo3.1" in refusal(**VEO | {"seconds": "5"}).message


class TestSize:
    @pytest.mark.parametrize("size", ["720x1280", "720:1280", "720X1280", "720×1280"])
    def test_it_is_width_by_height(self, size: str) -> None:
        assert check(TEXT | {"size": size}).size == "720x1280"

    @pytest.mark.parametrize("size", ["960x960", "1080p", "", "x", "1792x1024", "1280x720x3"])
    def test_other_sizes_are_told_the_accepted_ones(self, size: str) -> None:
        error = refusal(**TEXT | {"size": size})
        assert (error.param, error.code) == ("size", "invalid_value")
        assert "1280x720 or 720x1280 for gen4.5, text to video" in error.message

    def test_a_picture_opens_more_sizes(self) -> None:
        assert check(TEXT | {"size": "960x960", "input_reference": URL}).size == "960x960"


class TestMode:
    def test_a_picture_is_animated(self) -> None:
        checked = check(IMAGE)
        assert checked.mode == "image_to_video"
        assert checked.media == (MediaInput("input_reference", URL),)
        assert checked.first_frame_task() is None

    @pytest.mark.parametrize(
        ("params", "mode"),
        [
            ({"model": "aleph2", "video_uri": URL}, "video_to_video"),
            ({"model": "seedance2", "video_uri": URL}, "video_to_video"),
            ({"model": "seedance2", "input_reference": URL}, "image_to_video"),
            ({"model": "seedance2", "prompt": "p", "reference_images": [URL]}, "text_to_video"),
            (
                {
                    "model": "act_two",
                    "performance": URL,
                    "character": {"type": "image", "uri": URL},
                },
                "character_performance",
            ),
            ({"model": "magnific_video_upscaler_creative", "video_uri": URL}, "video_upscale"),
        ],
        ids=str,
    )
    def test_the_inputs_choose_it(self, params: dict[str, object], mode: str) -> None:
        assert check(params).mode == mode

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("video_uri", URL),
            ("references", [{"uri": URL, "tag": "boat"}]),
            ("reference_images", [URL]),
            ("character", URL),
            ("last_frame", URL),
        ],
    )
    def test_inputs_that_the_model_does_not_take_are_told_who_does(
        self, name: str, value: object
    ) -> None:
        error = refusal(**TEXT | {name: value})
        assert (error.param, error.code) == (name, "invalid_value")
        assert f"gen4.5 does not take '{name}'. Models that do: '" in error.message

    def test_a_model_that_takes_it_elsewhere_is_told_where_not(self) -> None:
        error = refusal(**VEO | {"model": "happyhorse_1_0", "resolution": "720p"})
        assert "happyhorse_1_0 (text to video) does not take 'resolution'" in error.message

    def test_a_model_that_only_edits_videos_needs_one(self) -> None:
        error = refusal(model="aleph2", prompt="p")
        assert (error.param, error.code) == ("video_uri", "missing_required_parameter")

    def test_empty_references_ask_for_nothing(self) -> None:
        assert check(TEXT | {"references": [], "reference_images": []}) == check(TEXT)


class TestFirstFrame:
    PARAMS = {"model": "gen4_turbo", "prompt": "a drone shot", "seconds": "5", "seed": 7}

    def test_a_model_that_only_animates_gets_its_picture_made_first(self) -> None:
        checked = check(self.PARAMS)
        assert checked.tasks() == ["text_to_image", "image_to_video"]
        assert checked.mode == "image_to_video"

    def test_the_picture_is_asked_for_with_the_same_prompt_and_seed(self) -> None:
        task = check(self.PARAMS | {"size": "960x960"}).first_frame_task()
        assert task is not None
        assert (task.mode, task.model) == ("text_to_image", "gen4_image")
        assert (task.prompt, task.seed, task.ratio) == ("a drone shot", 7, "1024:1024")
        assert (task.seconds, task.audio, task.media) == (None, None, ())

    def test_the_video_is_made_from_the_picture(self) -> None:
        task = check(self.PARAMS).video_task("data:image/png;base64,AA==")
        assert task.media == (MediaInput("input_reference", "data:image/png;base64,AA=="),)

    def test_both_tasks_are_in_the_price(self) -> None:
        assert check(self.PARAMS).credits == 25 + 5

    def test_the_picture_s_price_is_a_setting(self, settings: Settings) -> None:
        settings.STUDIO_FIRST_FRAME_CREDITS = {"720p": 2, "1080p": 3}
        assert check(self.PARAMS).credits == 25 + 2

    def test_the_picture_is_moderated_like_the_video(self) -> None:
        moderation = {"public_figure_threshold": "low"}
        task = check(self.PARAMS | {"content_moderation": moderation}).first_frame_task()
        assert task is not None
        assert task.options == {"content_moderation": {"publicFigureThreshold": "low"}}


class TestTheRecord:
    @pytest.mark.parametrize(
        "params",
        [
            TEXT,
            IMAGE,
            VEO | {"audio": True, "negative_prompt": "fog", "seed": 1},
            {"model": "gen4_turbo", "prompt": "p", "fallbacks": ["a/b"]},
            TEXT | {"content_moderation": {"publicFigureThreshold": "low"}},
            {"model": "kling_4", "prompt": "p", "references": [{"uri": URL, "tag": "boat"}]},
            {"model": "aleph2", "video_uri": URL, "keyframes": [{"uri": URL, "at": 0.5}]},
            {"model": "seedance2", "prompt": "p", "seconds": "auto"},
            {"prompt": "p"},
        ],
    )
    def test_it_survives_json(self, params: dict[str, object]) -> None:
        checked = check(params)
        assert CheckedRequest.from_json(json.loads(json.dumps(checked.as_json()))) == checked

    def test_its_media_can_be_replaced_by_references_to_files(self) -> None:
        kept = replace(check(IMAGE), media=(MediaInput("input_reference", "file:a.png"),))
        assert CheckedRequest.from_json(kept.as_json()).video_task().media == kept.media

    def test_uploads_are_not_on_it(self) -> None:
        checked = replace(check(IMAGE), uploads=(Upload(b"secret"),))
        assert "uploads" not in checked.as_json()
        assert "secret" not in repr(checked)

    def test_the_video_s_task_states_everything(self) -> None:
        task = check(VEO | {"input_reference": URL, "size": "1080x1920", "seed": "9"}).video_task()
        assert (task.mode, task.model, task.prompt) == (
            "image_to_video",
            "veo3.1",
            "a harbour at dawn",
        )
        assert (task.seconds, task.ratio, task.seed, task.audio) == (4, "1080:1920", 9, False)
        assert task.media == (MediaInput("input_reference", URL),)
