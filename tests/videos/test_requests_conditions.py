"""What fields demand of each other: every rule that Runway states beside its tables, by model."""

from __future__ import annotations

from typing import Any

import pytest

from providers import bodies
from videos.requests import CheckedRequest, InvalidRequest, check

URL = "https://example.com/a.png"
VIDEO = "https://example.com/a.mp4"
SOUND = "https://example.com/a.mp3"
SEEDANCES = ("seedance2", "seedance2_fast", "seedance2_mini", "seedance2_5")
MULTISHOT = (
    "kling3.0_4k",
    "kling3.0_pro",
    "kling3.0_standard",
    "klingO3_4k",
    "klingO3_pro",
    "klingO3_standard",
)
Params = dict[str, Any]


def refusal(**params: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        check(params)
    return caught.value


def body(checked: CheckedRequest) -> Params:
    return bodies.task_body(checked.video_task())[1]


class TestPrompts:
    @pytest.mark.parametrize(
        ("model", "most"),
        [
            ("gen4.5", 1000),
            ("veo3.1", 1000),
            ("happyhorse_1_0", 2500),
            ("seedance2", 3500),
            ("gemini_omni_flash", 4000),
            ("hailuo3", 6000),
            ("seedance2_5", 15_000),
            ("wan3", 20_000),
        ],
    )
    def test_lengths_are_utf_16_units(self, model: str, most: int) -> None:
        assert check({"model": model, "prompt": "🌊" * (most // 2)})
        assert refusal(model=model, prompt="🌊" * (most // 2) + "a").param == "prompt"

    def test_happyhorse_needs_two_units(self) -> None:
        assert refusal(model="happyhorse_1_0", prompt="a").param == "prompt"
        assert check({"model": "happyhorse_1_0", "prompt": "🌊"})

    def test_gen4_5_needs_one_beside_a_picture_and_gen4_turbo_does_not(self) -> None:
        error = refusal(model="gen4.5", input_reference=URL)
        assert (error.param, error.code) == ("prompt", "missing_required_parameter")
        assert check({"model": "gen4_turbo", "input_reference": URL})

    @pytest.mark.parametrize("model", MULTISHOT)
    def test_kling_needs_one_or_several_shots(self, model: str) -> None:
        assert refusal(model=model).code == "missing_required_parameter"
        shots = {"multiPrompt": [{"prompt": "a", "duration": 5}]}
        assert check({"model": model, "provider_settings": shots})


class TestContentModeration:
    TAKERS: dict[str, Params] = {
        "gen4.5": {"prompt": "p"},
        "gen4_turbo": {"input_reference": URL},
        "aleph2": {"video_uri": VIDEO},
        "act_two": {"performance": VIDEO, "character": {"type": "image", "uri": URL}},
    }

    @pytest.mark.parametrize("model", TAKERS)
    @pytest.mark.parametrize("word", ["auto", "low"])
    def test_it_has_one_key_with_two_words(self, model: str, word: str) -> None:
        wanted = {"publicFigureThreshold": word}
        params = {"model": model, **self.TAKERS[model], "content_moderation": wanted}
        assert body(check(params))["contentModeration"] == wanted

    def test_another_key_is_refused(self) -> None:
        error = refusal(model="gen4.5", prompt="p", content_moderation={"violence": "low"})
        assert (error.param, error.code) == ("content_moderation", "unknown_parameter")


class TestPositions:
    @pytest.mark.parametrize(
        "model", ["gen4.5", "gen4_turbo", "happyhorse_1_0", "grok_imagine_1_5"]
    )
    def test_some_models_take_a_first_frame_alone(self, model: str) -> None:
        params = {"model": model, "prompt": "pp", "input_reference": URL}
        assert body(check(params))["promptImage"] == URL
        assert refusal(**params, last_frame=URL).param == "last_frame"

    @pytest.mark.parametrize(
        "model", ["veo3.1", "veo3.1_fast", "kling2.5_turbo_pro", "h3_max", *SEEDANCES, *MULTISHOT]
    )
    def test_others_take_a_last_one_too(self, model: str) -> None:
        params = {"model": model, "prompt": "p", "input_reference": URL, "last_frame": URL}
        assert body(check(params))["promptImage"] == [
            {"uri": URL, "position": "first"},
            {"uri": URL, "position": "last"},
        ]

    @pytest.mark.parametrize("model", ["veo3.1", "h3_max", "kling_4", "seedance2"])
    def test_a_last_one_needs_a_first_one(self, model: str) -> None:
        error = refusal(model=model, prompt="p", last_frame=URL)
        assert (error.param, error.code) == ("input_reference", "missing_required_parameter")

    def test_kling_4_alone_takes_a_middle_one(self) -> None:
        frames = {"input_reference": URL, "middle_frame": URL, "last_frame": URL}
        positions = [
            item["position"] for item in body(check({"model": "kling_4", **frames}))["promptImage"]
        ]
        assert positions == ["first", "middle", "last"]
        assert "Models that do: 'kling_4'." in refusal(model="veo3.1", **frames).message

    @pytest.mark.parametrize("model", [*SEEDANCES, "hailuo3", "wan3", "wan3_prime"])
    def test_frames_and_references_are_not_mixed(self, model: str) -> None:
        error = refusal(model=model, prompt="p", input_reference=URL, reference_images=[URL])
        assert error.param == "reference_images"

    @pytest.mark.parametrize("model", ["klingO3_pro", "kling_4"])
    def test_other_models_have_a_field_for_references_beside_frames(self, model: str) -> None:
        params = {"model": model, "input_reference": URL, "reference_images": [URL]}
        assert body(check(params))["references"] == [{"uri": URL}]

    def test_a_position_in_the_object_may_only_repeat_the_field_s(self) -> None:
        good = {"uri": URL, "position": "first"}
        assert check({"model": "veo3.1", "input_reference": good})
        wrong = {"uri": URL, "position": "last"}
        assert refusal(model="veo3.1", input_reference=wrong).param == "input_reference"
        assert (
            refusal(model="seedance2", prompt="p", reference_images=[wrong]).param
            == "reference_images"
        )


class TestReferences:
    @pytest.mark.parametrize(
        ("model", "name", "most"),
        [
            ("seedance2", "reference_images", 9),
            ("seedance2_5", "reference_images", 30),
            ("hailuo3", "reference_images", 9),
            ("wan3", "reference_images", 10),
            ("kling_4", "reference_images", 10),
            ("seedance2", "reference_videos", 3),
            ("seedance2_5", "reference_videos", 10),
            ("kling_4", "reference_videos", 5),
            ("hailuo3", "reference_audio", 3),
            ("seedance2_5", "reference_audio", 10),
        ],
    )
    def test_there_are_at_most_so_many(self, model: str, name: str, most: int) -> None:
        url = {"reference_images": URL, "reference_videos": VIDEO, "reference_audio": SOUND}[name]
        params = {"model": model, "prompt": "p"}
        assert len(check({**params, name: [url] * most}).media) == most
        error = refusal(**params, **{name: [url] * (most + 1)})
        assert error.param == name
        assert f"at most {most}" in error.message

    def test_kling_4_counts_frames_and_references_together(self) -> None:
        params = {"model": "kling_4", "input_reference": URL}
        assert check({**params, "reference_images": [URL] * 9})
        assert refusal(**params, reference_images=[URL] * 10).param == "reference_images"

    def test_hailuo3_takes_two_videos_beside_a_source_and_seedance2_5_nine(self) -> None:
        for model, most in (("hailuo3", 2), ("seedance2_5", 9)):
            params = {"model": model, "prompt": "p", "video_uri": VIDEO}
            assert check({**params, "reference_videos": [VIDEO] * most})
            assert (
                refusal(**params, reference_videos=[VIDEO] * (most + 1)).param == "reference_videos"
            )

    def test_grok_s_sound_needs_a_picture(self) -> None:
        params = {"model": "grok_imagine_1_5", "prompt": "p", "reference_audio": [SOUND]}
        error = refusal(**params)
        assert (error.param, error.code) == ("reference_images", "missing_required_parameter")
        assert check({**params, "reference_images": [URL]})

    def test_grok_s_pictures_cap_the_resolution_at_720p(self) -> None:
        params = {"model": "grok_imagine_1_5", "prompt": "p", "reference_images": [URL]}
        assert check(params).options["resolution"] == "720p"
        assert refusal(**params, resolution="1080p").param == "resolution"
        assert refusal(**params, size="1920x1080").param == "size"
        assert check({"model": "grok_imagine_1_5", "prompt": "p", "size": "1920x1080"}).options == {
            "resolution": "1080p"
        }

    @pytest.mark.parametrize("model", ["veo3.1", "gen4.5", "happyhorse_1_0", "gen4_turbo"])
    def test_models_without_references_refuse_them(self, model: str) -> None:
        assert refusal(model=model, prompt="pp", reference_images=[URL]).param == "reference_images"


class TestRatios:
    def test_hailuo3_adapts_only_to_a_reference(self) -> None:
        params = {"model": "hailuo3", "prompt": "p", "size": "adaptive"}
        assert refusal(**params).param == "size"
        assert body(check({**params, "reference_images": [URL]}))["ratio"] == "adaptive"
        assert body(check({**params, "reference_videos": [VIDEO]}))["ratio"] == "adaptive"
        assert refusal(**params, reference_audio=[SOUND]).param == "size"
        assert body(check({**params, "input_reference": URL}))["ratio"] == "adaptive"

    @pytest.mark.parametrize("model", ["wan3", "wan3_prime"])
    def test_wan3_s_keyframes_decide_the_shape(self, model: str) -> None:
        params = {"model": model, "prompt": "p", "input_reference": URL}
        assert body(check(params))["ratio"] == "auto_720p"
        assert (
            body(check({**params, "size": "auto_480p", "last_frame": URL}))["ratio"] == "auto_480p"
        )
        assert refusal(**params, size="1280x720").param == "size"
        assert (
            body(check({"model": model, "prompt": "p", "size": "1280x720"}))["ratio"] == "1280:720"
        )

    def test_kling_4_s_frames_decide_the_shape(self) -> None:
        params = {"model": "kling_4", "input_reference": URL}
        assert body(check(params))["ratio"] == "auto_720p"
        assert body(check({**params, "size": "auto_1080p"}))["ratio"] == "auto_1080p"
        assert refusal(**params, size="1280x720").param == "size"

    @pytest.mark.parametrize(
        "model", ["happyhorse_1_0", "kling2.5_turbo_pro", "grok_imagine_1_5", "h3_max"]
    )
    def test_some_models_follow_the_picture_and_take_no_size(self, model: str) -> None:
        params = {"model": model, "prompt": "pp", "input_reference": URL}
        assert "ratio" not in body(check(params))
        assert refusal(**params, size="1280x720").param == "size"

    def test_gen4_5_has_two_sizes_from_text_and_six_from_a_picture(self) -> None:
        params = {"model": "gen4.5", "prompt": "p", "size": "960x960"}
        assert refusal(**params).param == "size"
        assert body(check({**params, "input_reference": URL}))["ratio"] == "960:960"

    @pytest.mark.parametrize("model", ["gen4.5", "veo3.1", "kling3.0_pro", "klingO3_4k"])
    def test_a_required_ratio_is_sent_without_being_asked_for(self, model: str) -> None:
        assert "ratio" in body(check({"model": model, "prompt": "p"}))

    def test_gen4_5_s_length_is_sent_without_being_asked_for(self) -> None:
        assert body(check({"model": "gen4.5", "prompt": "p"}))["duration"] == 2


class TestSound:
    @pytest.mark.parametrize("model", ["veo3.1", "veo3.1_fast", *SEEDANCES, "wan3", *MULTISHOT])
    def test_it_is_always_said_because_silence_is_not_the_default(self, model: str) -> None:
        assert body(check({"model": model, "prompt": "p"}))["audio"] is False
        assert body(check({"model": model, "prompt": "p", "audio": True}))["audio"] is True


class TestProfiles:
    def test_a_prores_profile_needs_prores(self) -> None:
        params = {"model": "gen4.5", "prompt": "p", "prores_profile": "422 HQ"}
        assert refusal(**params).param == "prores_profile"
        assert refusal(**params, output_format="mp4").param == "prores_profile"
        assert check({**params, "output_format": "prores"})
        assert check({**params, "output_format": "hdr_prores"})

    @pytest.mark.parametrize("profile", ["422 Proxy", "422 LT", "4444 XQ"])
    def test_hdr_prores_has_no_coarse_and_no_deepest_profile(self, profile: str) -> None:
        params = {"model": "gen4.5", "prompt": "p", "prores_profile": profile}
        assert refusal(**params, output_format="hdr_prores").param == "prores_profile"
        assert check({**params, "output_format": "prores"})

    def test_aleph2_s_needs_prores_too(self) -> None:
        params = {"model": "aleph2", "video_uri": VIDEO, "prores_profile": "422"}
        assert refusal(**params, output_format="png_sequence").param == "prores_profile"
        assert check({**params, "output_format": "prores"})
