"""What fields demand of each other in edits of videos, in drafts, and in several shots."""

from __future__ import annotations

from typing import Any

import pytest

from providers import bodies
from videos.requests import InvalidRequest, LibraryFile, check

URL = "https://example.com/a.png"
VIDEO = "https://example.com/a.mp4"
Params = dict[str, Any]


def refusal(**params: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        check(params)
    return caught.value


def body(params: Params) -> Params:
    return bodies.task_body(check(params).video_task())[1]


def of_length(seconds: float) -> Any:
    return lambda video_id, what: LibraryFile(f"{video_id}.mp4", "video/mp4", seconds)


class TestTheSource:
    @pytest.mark.parametrize(
        ("model", "word"),
        [
            ("aleph2", "videoUri"),
            ("gemini_omni_flash", "videoUri"),
            ("gemini_omni_flash_1.1", "videoUri"),
            ("kling_4", "videoUri"),
            ("magnific_video_upscaler_creative", "videoUri"),
            ("hailuo3", "promptVideo"),
            ("seedance2", "promptVideo"),
            ("seedance2_fast", "promptVideo"),
            ("seedance2_mini", "promptVideo"),
            ("seedance2_5", "promptVideo"),
            ("klingO3_standard", "promptVideo"),
            ("klingO3_pro", "promptVideo"),
            ("klingO3_4k", "promptVideo"),
        ],
    )
    def test_its_field_has_two_names(self, model: str, word: str) -> None:
        params: Params = {"model": model, "video_uri": VIDEO}
        if not model.startswith(("aleph", "magnific", "seedance")):
            params["prompt"] = "p"
        sent = body(params)
        assert sent[word] == VIDEO
        assert not {"videoUri", "promptVideo"} - {word} & sent.keys()

    @pytest.mark.parametrize(
        "model",
        ["gen4.5", "gen4_turbo", "veo3.1", "happyhorse_1_0", "wan3", "h3_max", "kling3.0_pro"],
    )
    def test_many_models_take_none(self, model: str) -> None:
        assert refusal(model=model, prompt="pp", video_uri=VIDEO).param == "video_uri"

    @pytest.mark.parametrize(
        "model", ["aleph2", "gemini_omni_flash", "kling_4", "klingO3_pro", "enhance_frame_rate"]
    )
    def test_some_models_take_no_length_beside_it(self, model: str) -> None:
        assert refusal(model=model, video_uri=VIDEO, seconds=5).param == "seconds"

    @pytest.mark.parametrize("model", ["aleph2", "gemini_omni_flash", "klingO3_pro"])
    def test_some_models_take_no_size_beside_it(self, model: str) -> None:
        params: Params = {"model": model, "prompt": "p", "video_uri": VIDEO}
        assert "ratio" not in body(params)
        assert refusal(**params, size="1280x720").param == "size"

    @pytest.mark.parametrize(
        ("model", "most"),
        [("aleph2", 30), ("gemini_omni_flash", 10), ("magnific_video_upscaler_creative", 30)],
    )
    def test_its_length_is_bounded_where_it_is_known(self, model: str, most: int) -> None:
        params: Params = {"model": model, "video_uri": {"video_id": "video_1"}}
        if model == "gemini_omni_flash":
            params["prompt"] = "p"
        assert check(params, of_length(most)).media[0].seconds == most
        with pytest.raises(InvalidRequest) as caught:
            check(params, of_length(most + 1))
        assert caught.value.param == "video_uri"

    def test_references_are_bounded_together_and_the_source_is_not_one(self) -> None:
        kept = {"video_id": "video_1"}
        params: Params = {"model": "seedance2", "video_uri": kept}
        assert check(params, of_length(16))
        assert check({**params, "reference_videos": [kept] * 2}, of_length(7))
        with pytest.raises(InvalidRequest) as caught:
            check({**params, "reference_videos": [kept] * 2}, of_length(8))
        assert caught.value.param == "reference_videos"

    def test_its_length_is_the_output_s_in_the_price(self) -> None:
        params: Params = {"model": "aleph2", "video_uri": {"video_id": "video_1"}}
        assert check(params, of_length(10)).credits == 280


class TestSeedance25:
    TEXT: Params = {"model": "seedance2_5", "prompt": "p"}
    EDIT: Params = {"model": "seedance2_5", "video_uri": VIDEO}

    def test_it_needs_a_prompt_or_a_reference(self) -> None:
        error = refusal(model="seedance2_5")
        assert (error.param, error.code) == ("prompt", "missing_required_parameter")
        assert check({"model": "seedance2_5", "reference_images": [URL]})

    def test_a_draft_is_finished_by_its_id_alone(self) -> None:
        assert body({"model": "seedance2_5", "draft_task_id": "1234"}) == {
            "model": "seedance2_5",
            "draftTaskId": "1234",
        }

    @pytest.mark.parametrize(
        "extra",
        [
            {"prompt": "p"},
            {"seconds": 5},
            {"size": "1280x720"},
            {"seed": 1},
            {"audio": False},
            {"reference_images": [URL]},
            {"draft": True},
            {"output_format": "mp4"},
        ],
        ids=str,
    )
    def test_nothing_else_may_stand_beside_the_id(self, extra: Params) -> None:
        error = refusal(model="seedance2_5", draft_task_id="1234", **extra)
        assert error.param in extra

    def test_what_is_empty_may(self) -> None:
        empty: Params = {"prompt": "", "reference_images": [], "seed": None}
        assert check({"model": "seedance2_5", "draft_task_id": "1234", **empty})

    @pytest.mark.parametrize("params", [TEXT, EDIT, {**TEXT, "input_reference": URL}], ids=str)
    def test_a_draft_is_mp4(self, params: Params) -> None:
        assert check({**params, "draft": True, "output_format": "mp4"})
        assert refusal(**params, draft=True, output_format="mov").param == "output_format"
        assert check({**params, "draft": False, "output_format": "mov"})

    def test_to_extend_needs_a_prompt_and_no_size(self) -> None:
        params = {**self.EDIT, "mode": "extend"}
        assert refusal(**params).param == "prompt"
        assert refusal(**params, prompt="p", size="1280x720").param == "size"
        sent = body({**params, "prompt": "p", "seconds": 7})
        assert (sent["mode"], sent["duration"], "ratio" in sent) == ("extend", 7, False)

    def test_to_edit_needs_a_prompt_no_size_and_no_length(self) -> None:
        params = {**self.EDIT, "mode": "edit"}
        assert refusal(**params).param == "prompt"
        assert refusal(**params, prompt="p", size="1280x720").param == "size"
        assert refusal(**params, prompt="p", seconds=5).param == "seconds"
        sent = body({**params, "prompt": "p"})
        assert (sent["duration"], "ratio" in sent) == ("auto", False)

    def test_a_reference_takes_length_and_size(self) -> None:
        sent = body({**self.EDIT, "mode": "reference", "seconds": 30, "size": "1920x1080"})
        assert (sent["duration"], sent["ratio"], "promptText" in sent) == (30, "1920:1080", False)

    def test_there_is_no_mode_without_a_source(self) -> None:
        assert refusal(**self.TEXT, mode="edit").param == "mode"


class TestKling:
    @pytest.mark.parametrize("model", ["kling3.0_pro", "klingO3_4k"])
    @pytest.mark.parametrize(
        ("durations", "good"), [((3,), True), ((10, 5), True), ((2,), False), ((10, 6), False)]
    )
    def test_shots_last_3_to_15_seconds_together(
        self, model: str, durations: tuple[int, ...], good: bool
    ) -> None:
        shots = [{"prompt": "a", "duration": duration} for duration in durations]
        params: Params = {"model": model, "provider_settings": {"multiPrompt": shots}}
        if good:
            assert body(params)["providerSettings"] == {"multiPrompt": shots}
        else:
            assert refusal(**params).param == "provider_settings"

    def test_intelligent_shots_need_the_prompt_too(self) -> None:
        shots = {"multiPrompt": [{"prompt": "a", "duration": 5}], "shotType": "intelligence"}
        params: Params = {"model": "klingO3_pro", "provider_settings": shots}
        assert refusal(**params).param == "prompt"
        assert check({**params, "prompt": "p"})

    def test_the_sound_of_a_source_may_be_kept(self) -> None:
        params: Params = {"model": "klingO3_pro", "prompt": "p"}
        keep = {"keepOriginalSound": True}
        assert check({**params, "video_uri": VIDEO, "provider_settings": keep})
        assert refusal(**params, provider_settings=keep).param == "provider_settings"
