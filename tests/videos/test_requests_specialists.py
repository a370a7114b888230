"""What fields demand of each other on the models that do one thing only."""

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


class TestAleph2:
    PARAMS: Params = {"model": "aleph2", "video_uri": VIDEO}

    def test_it_has_an_aspect_of_its_own_kind(self) -> None:
        assert body({**self.PARAMS, "target_aspect_ratio": "21:9"})["targetAspectRatio"] == "21:9"
        assert refusal(**self.PARAMS, target_aspect_ratio="5:4").param == "target_aspect_ratio"

    @pytest.mark.parametrize(
        "keyframes",
        [
            [{"uri": URL, "seconds": 0}],
            [{"uri": URL, "seconds": 30}],
            [{"uri": URL, "at": 0}, {"uri": URL, "at": 1}],
            [{"uri": URL, "seconds": 2, "range": {"start_seconds": 2, "end_seconds": 3}}],
            [{"uri": URL, "at": 0.5}] * 5,
        ],
        ids=str,
    )
    def test_keyframes_stand_at_a_moment(self, keyframes: list[Params]) -> None:
        assert body({**self.PARAMS, "keyframes": keyframes})["keyframes"] == keyframes

    @pytest.mark.parametrize(
        "keyframes",
        [
            [{"uri": URL}],
            [{"uri": URL, "seconds": 30.5}],
            [{"uri": URL, "at": 1.1}],
            [{"uri": URL, "at": 1, "seconds": 1}],
            [{"uri": URL, "at": 0.5}] * 6,
            [
                {"uri": URL, "at": 0, "range": {"start_seconds": 0, "end_seconds": 1}},
                {"uri": URL, "at": 1},
            ],
            [{"uri": URL, "seconds": 3, "range": {"start_seconds": 2, "end_seconds": 3}}],
            [{"uri": URL, "seconds": 1, "range": {"start_seconds": 2, "end_seconds": 3}}],
            [{"uri": URL, "at": 0, "range": {"start_seconds": 3, "end_seconds": 3}}],
            [{"uri": URL, "at": 0, "range": {"start_seconds": 3, "end_seconds": 31}}],
            [{"uri": URL, "at": 0, "range": {"start_seconds": 3}}],
            [{"uri": URL, "at": 0, "range": {"start_seconds": 0.5, "end_seconds": 1}}],
        ],
        ids=str,
    )
    def test_other_keyframes_are_refused(self, keyframes: list[Params]) -> None:
        assert refusal(**self.PARAMS, keyframes=keyframes).param == "keyframes"


class TestActTwo:
    PARAMS: Params = {
        "model": "act_two",
        "performance": VIDEO,
        "character": {"type": "image", "uri": URL},
    }

    def test_character_and_performance_say_what_they_are(self) -> None:
        assert body({**self.PARAMS, "expression_intensity": 5}) == {
            "model": "act_two",
            "character": {"type": "image", "uri": URL},
            "reference": {"type": "video", "uri": VIDEO},
            "ratio": "1280:720",
            "expressionIntensity": 5,
        }

    @pytest.mark.parametrize("name", ["performance", "character"])
    def test_both_are_needed(self, name: str) -> None:
        error = refusal(**{**self.PARAMS, name: None})
        assert (error.param, error.code) == (name, "missing_required_parameter")

    def test_a_character_by_address_must_say_its_kind(self) -> None:
        assert refusal(**{**self.PARAMS, "character": URL}).param == "character"
        assert (
            refusal(**{**self.PARAMS, "character": {"type": "audio", "uri": URL}}).param
            == "character"
        )

    @pytest.mark.parametrize(("seconds", "good"), [(3, True), (30, True), (2, False), (31, False)])
    def test_a_performance_lasts_3_to_30_seconds(self, seconds: int, good: bool) -> None:
        params = {**self.PARAMS, "performance": {"video_id": "video_1"}}
        if good:
            assert check(params, of_length(seconds)).credits == 5 * seconds
            return
        with pytest.raises(InvalidRequest) as caught:
            check(params, of_length(seconds))
        assert caught.value.param == "performance"

    def test_a_moving_character_is_not_paid_for(self) -> None:
        kept = {"video_id": "video_1"}
        params = {**self.PARAMS, "performance": kept, "character": kept}
        checked = check(params, of_length(10))
        assert [item.kind for item in checked.media] == ["video", "video"]
        assert checked.credits == 50

    @pytest.mark.parametrize("extra", [{"seconds": 5}, {"prompt": "p"}, {"audio": True}], ids=str)
    def test_it_has_no_length_no_prompt_and_no_sound(self, extra: Params) -> None:
        assert refusal(**self.PARAMS, **extra).param in extra


class TestUpscalers:
    def test_the_creative_one_has_a_resolution(self) -> None:
        model = "magnific_video_upscaler_creative"
        assert body({"model": model, "video_uri": VIDEO}) == {
            "model": model,
            "videoUri": VIDEO,
            "resolution": "2k",
        }
        assert refusal(model=model, video_uri=VIDEO, creativity=101).param == "creativity"
        assert refusal(model=model, video_uri=VIDEO, resolution="8k").param == "resolution"

    def test_frame_rates_are_words(self) -> None:
        params: Params = {"model": "enhance_frame_rate", "video_uri": VIDEO}
        assert refusal(**params).param == "target_framerate"
        assert refusal(**params, target_framerate="23.98").param == "target_framerate"
        assert body({**params, "target_framerate": "23_98"})["targetFramerate"] == "23_98"
