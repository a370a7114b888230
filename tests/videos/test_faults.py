"""What naive gateways get wrong, row by row; every test bears the name of its row."""

from __future__ import annotations

from typing import Any

import pytest

from providers import bodies, catalog
from videos.requests import InvalidRequest, Upload, check

URL = "https://example.com/a.png"
VIDEO = "https://example.com/a.mp4"
Params = dict[str, Any]


def sent(**params: Any) -> Params:
    return bodies.task_body(check(params).video_task())[1]


def refusal(**params: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        check(params)
    return caught.value


class TestANaiveGateway:
    """Two seconds of 1280:720 for every model whose name contains "gen"."""

    def test_gen4_turbo_text_only(self) -> None:
        checked = check({"model": "gen4_turbo", "prompt": "p"})
        assert checked.tasks() == ["text_to_image", "image_to_video"]

    def test_gen4_5_with_image_no_prompt(self) -> None:
        assert refusal(model="gen4.5", input_reference=URL).param == "prompt"

    @pytest.mark.parametrize("model", ["gen3a_turbo", "gen4_aleph"])
    def test_gen3a_turbo_gen4_aleph(self, model: str) -> None:
        error = refusal(model=model, prompt="p", input_reference=URL)
        assert error.code == "model_not_found"
        assert "successor" in error.message

    @pytest.mark.parametrize(
        "model", ["veo3.1", "veo3.1_fast", "kling3.0_standard", "kling3.0_pro", "klingO3_4k"]
    )
    def test_no_gen_in_the_name_and_no_ratio(self, model: str) -> None:
        ratio = sent(model=model, prompt="p")["ratio"]
        assert ratio in catalog.load().models[model].modes["text_to_video"].ratios

    def test_gen4_5_t2v_with_ratio_960_960(self) -> None:
        assert refusal(model="gen4.5", prompt="p", size="960:960").param == "size"

    @pytest.mark.parametrize(
        ("model", "shortest"),
        [
            ("veo3.1", 4),
            ("veo3.1_fast", 4),
            ("hailuo3", 5),
            ("happyhorse_1_0", 3),
            ("gemini_omni_flash", 3),
            ("gemini_omni_flash_1.1", 3),
            ("seedance2", 4),
            ("seedance2_fast", 4),
            ("seedance2_mini", 4),
            ("seedance2_5", 4),
            ("kling2.5_turbo_pro", 5),
        ],
    )
    def test_two_seconds_where_they_are_too_short(self, model: str, shortest: int) -> None:
        assert sent(model=model, prompt="pp")["duration"] == shortest
        assert refusal(model=model, prompt="pp", seconds=2).param == "seconds"

    def test_hailuo3_with_1280_720(self) -> None:
        body = sent(model="hailuo3", prompt="p", size="1280x720")
        assert (body["ratio"], body["resolution"]) == ("16:9", "768p")

    @pytest.mark.parametrize("model", ["aleph2", "gemini_omni_flash"])
    def test_aleph2_or_gemini_v2v_with_duration(self, model: str) -> None:
        params: Params = {"model": model, "prompt": "p", "video_uri": VIDEO}
        assert "duration" not in sent(**params)
        assert refusal(**params, seconds=2).param == "seconds"

    def test_happyhorse_i2v_with_ratio(self) -> None:
        params: Params = {"model": "happyhorse_1_0", "input_reference": URL}
        assert "ratio" not in sent(**params)
        assert refusal(**params, size="1280x720").param == "size"

    @pytest.mark.parametrize("model", ["hailuo3", "happyhorse_1_0"])
    def test_seed_on_hailuo3_happyhorse(self, model: str) -> None:
        assert refusal(model=model, prompt="pp", seed=1).param == "seed"

    @pytest.mark.parametrize("model", ["gen4.5", "gemini_omni_flash", "happyhorse_1_0"])
    def test_audio_on_gen4_5_gemini_happyhorse(self, model: str) -> None:
        assert refusal(model=model, prompt="pp", audio=True).param == "audio"
        assert "audio" not in sent(model=model, prompt="pp", audio=False)

    def test_audio_omitted_on_veo3_1(self) -> None:
        assert sent(model="veo3.1", prompt="p")["audio"] is False
        assert check({"model": "veo3.1", "prompt": "p"}).credits == 80

    def test_prompt_video_sent_to_aleph2_or_video_uri_to_seedance(self) -> None:
        assert "videoUri" in sent(model="aleph2", video_uri=VIDEO)
        assert "promptVideo" in sent(model="seedance2", video_uri=VIDEO)

    def test_seconds_4_from_an_openai_client(self) -> None:
        assert type(sent(model="veo3.1", prompt="p", seconds="4")["duration"]) is int

    def test_unset_optional_values_are_omitted(self) -> None:
        for model in catalog.models():
            if "text_to_video" in model.modes:
                assert None not in sent(model=model.id, prompt="pp").values()


class TestBifrost:
    """The rows of its table that a validator or the body decides, by number."""

    def test_07_content_moderation_has_runway_s_key_and_runway_s_models(self) -> None:
        moderation = {"public_figure_threshold": "low"}
        body = sent(model="gen4.5", prompt="p", content_moderation=moderation)
        assert body["contentModeration"] == {"publicFigureThreshold": "low"}
        error = refusal(model="veo3.1", prompt="p", content_moderation=moderation)
        assert error.param == "content_moderation"

    def test_08_references_are_addresses_alone_and_their_tags_are_mentioned(self) -> None:
        params: Params = {"model": "seedance2", "prompt": "p"}
        references = [{"uri": URL, "tag": "boat"}]
        assert sent(**params, references=references)["references"] == [{"uri": URL}]
        assert check({**params, "references": references}).warnings

    def test_09_reference_images_become_the_model_s_own_kind(self) -> None:
        for model in catalog.models():
            rules = model.modes.get("text_to_video")
            if rules is not None and rules.takes("reference_images"):
                body = sent(model=model.id, prompt="p", reference_images=[URL])
                assert body["references"] == [{"uri": URL}]
                assert "referenceImages" not in body

    @pytest.mark.parametrize(
        ("model", "fields"),
        [
            ("aleph2", {"model", "videoUri", "promptText"}),
            ("gemini_omni_flash", {"model", "videoUri", "promptText"}),
            ("klingO3_pro", {"model", "promptVideo", "promptText"}),
        ],
    )
    def test_10_a_video_is_edited_with_the_fields_that_the_model_has(
        self, model: str, fields: set[str]
    ) -> None:
        assert sent(model=model, prompt="p", video_uri=VIDEO).keys() == fields

    def test_11_a_ratio_is_not_always_sent(self) -> None:
        assert sent(model="hailuo3", prompt="p")["ratio"] == "16:9"
        assert "ratio" not in sent(model="happyhorse_1_0", input_reference=URL)
        assert "ratio" not in sent(model="gemini_omni_flash", prompt="p", video_uri=VIDEO)

    def test_12_no_family_is_guessed_from_a_name(self) -> None:
        assert sent(model="seedance2", prompt="p", audio=True)["audio"] is True
        assert sent(model="aleph2", video_uri=VIDEO, seed=7)["seed"] == 7
        assert sent(model="hailuo3", prompt="p")["duration"] == 5

    def test_13_a_negative_prompt_is_sent_or_refused(self) -> None:
        assert sent(model="veo3.1", prompt="p", negative_prompt="fog")["negativePrompt"] == "fog"
        assert refusal(model="gen4.5", prompt="p", negative_prompt="fog").param == "negative_prompt"

    @pytest.mark.parametrize(
        ("params", "word", "value"),
        [
            ({"model": "gen4.5", "output_format": "png_sequence"}, "outputFormat", "png_sequence"),
            (
                {"model": "gen4.5", "output_format": "prores", "prores_profile": "422 HQ"},
                "proresProfile",
                "422 HQ",
            ),
            ({"model": "hailuo3", "resolution": "2k"}, "resolution", "2k"),
            (
                {"model": "seedance2", "reference_videos": [VIDEO]},
                "referenceVideos",
                [{"type": "video", "uri": VIDEO}],
            ),
            (
                {"model": "seedance2", "reference_audio": [URL]},
                "referenceAudio",
                [{"type": "audio", "uri": URL}],
            ),
            (
                {"model": "aleph2", "video_uri": VIDEO, "keyframes": [{"uri": URL, "at": 0.5}]},
                "keyframes",
                [{"uri": URL, "at": 0.5}],
            ),
            ({"model": "seedance2_5", "video_uri": VIDEO, "mode": "extend"}, "mode", "extend"),
            (
                {"model": "aleph2", "video_uri": VIDEO, "target_aspect_ratio": "1:1"},
                "targetAspectRatio",
                "1:1",
            ),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_14_every_further_field_is_reachable(
        self, params: Params, word: str, value: object
    ) -> None:
        assert sent(prompt="p", **params)[word] == value

    def test_15_uploads_at_runway_are_addresses_and_http_is_none(self) -> None:
        params: Params = {"model": "gen4_turbo", "prompt": "p"}
        assert sent(**params, input_reference="runway://abcdefgh")["promptImage"]
        assert refusal(**params, input_reference="http://example.com/a.png").param
        assert refusal(**params, input_reference=Upload(b"x")).param == "input_reference"

    def test_16_pictures_have_positions(self) -> None:
        body = sent(model="veo3.1", input_reference=URL, last_frame=VIDEO)
        assert [item["position"] for item in body["promptImage"]] == ["first", "last"]

    def test_17_a_prompt_is_needed_only_where_the_model_needs_it(self) -> None:
        assert "promptText" not in sent(model="gen4_turbo", input_reference=URL)
        assert refusal(model="gen4.5", prompt="p", seconds=11).param == "seconds"
        assert refusal(model="gen4.5", prompt="a" * 1001).param == "prompt"
