"""What a request becomes: size, length, frames a second, container, and its price."""

from __future__ import annotations

from typing import Any

import pytest

from providers.sandbox import plan
from providers.sandbox.look import Measures
from providers.sandbox.media import Medium
from providers.sandbox.plan import Plan
from providers.sandbox.shapes import Named

TEXT = {"promptText": "A quiet sea"}
SHOTS = {"multiPrompt": [{"prompt": "A", "duration": 4}, {"prompt": "B", "duration": 3}]}


def made(endpoint: str, body: dict[str, Any], *media: Medium) -> Plan:
    return plan.make(f"/v1/{endpoint}", TEXT | body, media)


def given(role: str, width: int = 640, height: int = 360, **measures: Any) -> Medium:
    """A picture, or with a length a video, that is here."""
    kind = "video" if "seconds" in measures else "image"
    return Medium(Named((), "data:", kind, role), Measures(width, height, **measures), b"x")


@pytest.mark.parametrize(
    ("endpoint", "body", "size"),
    [
        ("text_to_video", {"model": "gen4.5", "ratio": "720:1280", "duration": 2}, (720, 1280)),
        ("text_to_video", {"model": "seedance2", "ratio": "2206:946"}, (2206, 946)),
        ("text_to_video", {"model": "hailuo3", "ratio": "16:9"}, (1366, 768)),
        ("text_to_video", {"model": "hailuo3", "ratio": "9:16", "resolution": "2k"}, (1440, 2560)),
        ("text_to_video", {"model": "hailuo3", "ratio": "1:1", "resolution": "768P"}, (768, 768)),
        ("text_to_video", {"model": "hailuo3"}, (1366, 768)),
        ("text_to_video", {"model": "h3_max", "resolution": "480p"}, (854, 480)),
        ("text_to_video", {"model": "kling_4", "ratio": "auto_1080p"}, (1920, 1080)),
        ("text_to_video", {"model": "kling3.0_pro", "ratio": "1440:1440"}, (1440, 1440)),
        ("text_to_video", {"model": "klingO3_4k", "ratio": "3840:2160"}, (3840, 2160)),
        ("text_to_image", {"model": "gen4_image", "ratio": "1680:720"}, (1680, 720)),
    ],
    ids=str,
)
def test_every_word_for_a_size_means_pixels(
    endpoint: str, body: dict[str, Any], size: tuple[int, int]
) -> None:
    planned = made(endpoint, body)
    assert (planned.width, planned.height) == size


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ({"model": "h3_max"}, (768, 1366)),
        ({"model": "kling2.5_turbo_pro"}, (720, 1280)),
        ({"model": "happyhorse_1_0", "resolution": "1080p"}, (1080, 1920)),
        ({"model": "grok_imagine_1_5_lite", "ratio": "auto_480p"}, (480, 854)),
        ({"model": "wan3"}, (720, 1280)),
        ({"model": "hailuo3", "ratio": "adaptive"}, (768, 1366)),
        ({"model": "gen4_turbo", "ratio": "1280:720"}, (1280, 720)),
    ],
    ids=str,
)
def test_what_has_no_size_of_its_own_follows_the_picture(
    body: dict[str, Any], size: tuple[int, int]
) -> None:
    planned = made("image_to_video", body, given("first", 360, 640))
    assert (planned.width, planned.height) == size


@pytest.mark.parametrize(
    ("endpoint", "body", "size"),
    [
        ("video_to_video", {"model": "aleph2"}, (640, 360)),
        ("video_to_video", {"model": "aleph2", "targetAspectRatio": "1:1"}, (480, 480)),
        ("video_to_video", {"model": "seedance2"}, (1280, 720)),
        ("video_to_video", {"model": "seedance2_5", "mode": "extend"}, (640, 360)),
        ("video_to_video", {"model": "kling_4"}, (1280, 720)),
        ("video_upscale", {"model": "enhance_frame_rate", "targetFramerate": "60"}, (640, 360)),
        (
            "video_upscale",
            {"model": "magnific_video_upscaler_creative", "resolution": "1k"},
            (1920, 1080),
        ),
        ("video_upscale", {"model": "magnific_video_upscaler_creative"}, (1920, 1080)),
    ],
    ids=str,
)
def test_what_works_on_a_video_follows_it(
    endpoint: str, body: dict[str, Any], size: tuple[int, int]
) -> None:
    planned = made(endpoint, body, given("source", seconds=4.0, rate=25.0))
    assert (planned.width, planned.height) == size


@pytest.mark.parametrize("size", [(8000, 10), (10, 8000)], ids=str)
def test_no_shape_is_too_strange(size: tuple[int, int]) -> None:
    planned = made("image_to_video", {"model": "kling2.5_turbo_pro"}, given("first", *size))
    assert min(planned.width, planned.height) >= 16
    assert max(planned.width, planned.height) <= 3840


@pytest.mark.parametrize(
    ("endpoint", "body", "frames"),
    [
        ("text_to_video", {"model": "gen4.5", "ratio": "1280:720", "duration": 3}, 72),
        ("text_to_video", {"model": "veo3.1", "ratio": "1280:720"}, 144),
        ("text_to_video", {"model": "seedance2", "duration": "auto"}, 120),
        (
            "text_to_video",
            {"model": "kling3.0_standard", "ratio": "1280:720", "providerSettings": SHOTS},
            7 * 24,
        ),
    ],
    ids=str,
)
def test_a_length_is_as_asked_or_usual(endpoint: str, body: dict[str, Any], frames: int) -> None:
    assert made(endpoint, body).frames == frames


@pytest.mark.parametrize(
    ("endpoint", "body", "frames"),
    [
        ("video_to_video", {"model": "aleph2"}, 60),
        ("video_to_video", {"model": "klingO3_pro"}, 60),
        ("video_to_video", {"model": "seedance2", "duration": "auto"}, 96),
        ("video_to_video", {"model": "seedance2", "duration": 6}, 144),
        ("video_to_video", {"model": "seedance2_5", "mode": "extend", "duration": 4}, 156),
        ("character_performance", {"model": "act_two"}, 60),
        ("video_upscale", {"model": "magnific_video_upscaler_creative"}, 62),
        ("video_upscale", {"model": "magnific_video_upscaler_creative", "fpsBoost": True}, 120),
    ],
    ids=str,
)
def test_without_a_length_of_its_own_a_video_is_as_long_as_the_source(
    endpoint: str, body: dict[str, Any], frames: int
) -> None:
    role = "performance" if endpoint == "character_performance" else "source"
    assert made(endpoint, body, given(role, seconds=2.5, rate=25.0)).frames == frames


@pytest.mark.parametrize(
    ("target", "rate", "frames"), [("60", "60", 120), ("23_98", "24000/1001", 48)]
)
def test_a_frame_rate_is_as_asked(target: str, rate: str, frames: int) -> None:
    body = {"model": "enhance_frame_rate", "targetFramerate": target}
    planned = made("video_upscale", body, given("source", seconds=2.0, rate=25.0))
    assert (planned.rate, planned.frames) == (rate, frames)


@pytest.mark.parametrize(
    ("more", "codec", "suffix"),
    [
        ({}, "h264", "mp4"),
        ({"outputFormat": "hdr10"}, "h264", "mp4"),
        ({"outputFormat": "prores"}, "prores:4", "mov"),
        ({"outputFormat": "prores", "proresProfile": "422 Proxy"}, "prores:0", "mov"),
        ({"outputFormat": "hdr_prores"}, "prores:3", "mov"),
        ({"outputFormat": "png_sequence"}, "frames", "zip"),
        ({"outputFormat": "hdr_exr_acescg_sequence_2_0"}, "frames", "zip"),
    ],
    ids=str,
)
def test_a_format_decides_the_container(more: dict[str, Any], codec: str, suffix: str) -> None:
    planned = made("text_to_video", {"model": "gen4.5", "ratio": "1280:720", "duration": 2} | more)
    assert (planned.codec, planned.suffix) == (codec, suffix)


@pytest.mark.parametrize(
    ("endpoint", "body", "estimate", "cost"),
    [
        ("text_to_video", {"model": "gen4.5", "ratio": "1280:720", "duration": 2}, 24, 24),
        ("text_to_video", {"model": "seedance2_5", "duration": "auto"}, 900, 150),
        ("text_to_video", {"model": "wan3_prime", "ratio": "auto_480p", "duration": 2}, 14, 14),
        ("text_to_video", {"model": "kling2.5_turbo_pro", "duration": 5}, 50, 50),
        ("text_to_image", {"model": "gen4_image", "ratio": "1920:1080"}, 8, 8),
        ("text_to_image", {"model": "gen4_image_turbo", "ratio": "1920:1080"}, 5, 5),
    ],
    ids=str,
)
def test_auto_is_estimated_at_the_most_and_charged_as_made(
    endpoint: str, body: dict[str, Any], estimate: int, cost: int
) -> None:
    planned = made(endpoint, body)
    assert (planned.estimate, planned.cost) == (estimate, cost)


@pytest.mark.parametrize(
    ("endpoint", "model", "cost"),
    [
        ("video_to_video", "aleph2", 112),
        ("video_upscale", "magnific_video_upscaler_creative", 90),
        ("character_performance", "act_two", 20),
    ],
)
def test_a_video_is_charged_by_its_source(endpoint: str, model: str, cost: int) -> None:
    role = "performance" if endpoint == "character_performance" else "source"
    assert made(endpoint, {"model": model}, given(role, seconds=4.0, rate=25.0)).cost == cost
