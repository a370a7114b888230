"""Pictures, videos and sounds of a request, in every shape, against the limits of their fields."""

from __future__ import annotations

from typing import Any

import pytest

from providers import catalog
from providers.sandbox import media, rules
from tests.providers.sandbox.conftest import (
    data_uri,
    image_bytes,
    image_uri,
    sound_uri,
    video_bytes,
    video_uri,
)

URL = "https://example.com/a"
VIDEO = {"type": "video", "uri": URL}
EDIT = {"model": "aleph2", "videoUri": URL}
ACT = {"model": "act_two", "character": {"type": "image", "uri": URL}, "reference": VIDEO}
SEEDANCE = {"model": "seedance2", "promptText": "A quiet sea"}
FRAMES = {"model": "seedance2", "promptImage": URL}
IMAGE = {"model": "gen4_image", "promptText": "A quiet sea", "ratio": "1280:720"}


def issues(endpoint: str, body: dict[str, Any]) -> list[tuple[str, list[str | int]]]:
    """The code and path of every complaint."""
    path = f"/v1/{endpoint}"
    found = [*rules.check(path, body), *media.collect(path, body, lambda uri: None)[1]]
    return [(issue.code, list(issue.path)) for issue in found]


def message(endpoint: str, body: dict[str, Any]) -> str:
    [issue] = media.collect(f"/v1/{endpoint}", body, lambda uri: None)[1]
    return issue.message


def frames(*positions: str | None) -> list[dict[str, str]]:
    return [{"uri": URL} | ({"position": position} if position else {}) for position in positions]


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        (["first", "last"], []),
        ([None] * 9, []),
        ([None] * 10, [("too_big", ["promptImage"])]),
        (["first", None], [("custom", ["promptImage"])]),
        (["last"], [("custom", ["promptImage"])]),
        (["first", "first"], [("custom", ["promptImage"])]),
        (["middle"], [("invalid_value", ["promptImage", 0, "position"])]),
    ],
    ids=str,
)
def test_pictures_have_either_positions_or_none(
    positions: list[str | None], expected: list[Any]
) -> None:
    assert issues("image_to_video", {**FRAMES, "promptImage": frames(*positions)}) == expected


def test_a_middle_picture_needs_a_first() -> None:
    body = {"model": "kling_4", "promptImage": frames("middle", "last")}
    assert issues("image_to_video", body) == [("custom", ["promptImage"])]
    body["promptImage"] = frames("first", "middle", "last")
    assert issues("image_to_video", body) == []


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("reference", {"type": "image", "uri": URL}, ("invalid_value", ["reference", "type"])),
        ("reference", {"uri": URL}, ("invalid_value", ["reference", "type"])),
        ("reference", {"type": "video"}, ("invalid_type", ["reference", "uri"])),
        ("reference", {**VIDEO, "x": 1}, ("unrecognized_keys", ["reference"])),
        ("reference", URL, ("invalid_type", ["reference"])),
        ("character", {"type": "audio", "uri": URL}, ("invalid_value", ["character", "type"])),
        ("expressionIntensity", 6, ("too_big", ["expressionIntensity"])),
        ("expressionIntensity", 2.5, ("invalid_type", ["expressionIntensity"])),
        ("bodyControl", "yes", ("invalid_type", ["bodyControl"])),
    ],
    ids=str,
)
def test_a_performance_has_its_own_shape(field: str, value: Any, expected: Any) -> None:
    assert issues("character_performance", {**ACT, field: value}) == [expected]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (URL, [("invalid_type", ["referenceVideos"])]),
        ([], [("too_small", ["referenceVideos"])]),
        ([VIDEO] * 4, [("too_big", ["referenceVideos"])]),
        ([URL], [("invalid_type", ["referenceVideos", 0])]),
        ([{**VIDEO, "type": "audio"}], [("invalid_value", ["referenceVideos", 0, "type"])]),
        ([{**VIDEO, "uri": "ftp://a.io/a"}], [("custom", ["referenceVideos", 0, "uri"])]),
    ],
    ids=str,
)
def test_a_malformed_list_of_videos_is_refused(value: Any, expected: Any) -> None:
    assert issues("text_to_video", {**SEEDANCE, "referenceVideos": value}) == expected


@pytest.mark.parametrize(
    ("keyframes", "expected"),
    [
        ([{"uri": URL, "seconds": 1.5}, {"uri": URL, "at": 1}], []),
        ([{"uri": URL}], ("invalid_union", ["keyframes", 0])),
        ([{"uri": URL, "at": 0, "seconds": 0}], ("invalid_union", ["keyframes", 0])),
        ([{"uri": URL, "at": 1.1}], ("too_big", ["keyframes", 0, "at"])),
        ([{"uri": URL, "seconds": -1}], ("too_small", ["keyframes", 0, "seconds"])),
        ([{"uri": URL, "at": 0}] * 6, ("too_big", ["keyframes"])),
        ([{"uri": URL, "at": 0, "range": [0, 1]}], ("invalid_type", ["keyframes", 0, "range"])),
    ],
    ids=str,
)
def test_a_keyframe_stands_at_a_second_or_a_fraction(keyframes: Any, expected: Any) -> None:
    found = issues("video_to_video", {**EDIT, "keyframes": keyframes})
    assert found == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("start", "end", "moment", "expected"),
    [(1, 3, 2, []), (3, 3, 3, ["custom"]), (1, 3, 3, ["custom"]), (0.5, 3, 2, ["invalid_type"])],
)
def test_a_keyframe_lies_within_its_range(
    start: float, end: float, moment: float, expected: list[str]
) -> None:
    window = {"start_seconds": start, "end_seconds": end}
    keyframe = {"uri": URL, "seconds": moment, "range": window}
    found = issues("video_to_video", {**EDIT, "keyframes": [keyframe]})
    assert [code for code, _ in found] == expected


def test_all_keyframes_have_a_range_or_none_has() -> None:
    window = {"start_seconds": 0, "end_seconds": 3}
    keyframes = [{"uri": URL, "seconds": 1, "range": window}, {"uri": URL, "seconds": 2}]
    found = issues("video_to_video", {**EDIT, "keyframes": keyframes})
    assert found == [("custom", ["keyframes"])]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["fox", "Den_2"], []),
        (["a"], [("custom", ["referenceImages", 0, "tag"])]),
        (["2nd"], [("custom", ["referenceImages", 0, "tag"])]),
        ([5], [("invalid_type", ["referenceImages", 0, "tag"])]),
        (["fox", "fox"], [("custom", ["referenceImages"])]),
    ],
    ids=str,
)
def test_a_tag_is_a_word_of_its_own(tags: list[Any], expected: list[Any]) -> None:
    images = [{"uri": URL, "tag": tag} for tag in tags]
    assert issues("text_to_image", {**IMAGE, "referenceImages": images}) == expected


@pytest.mark.parametrize(
    ("model", "seconds", "is_taken"),
    [("gemini_omni_flash", 10, True), ("gemini_omni_flash", 10.5, False), ("aleph2", 30.5, False)],
)
def test_a_source_may_last_only_so_long(model: str, seconds: float, is_taken: bool) -> None:
    body = {"model": model, "promptText": "In snow", "videoUri": video_uri(seconds, rate=2)}
    assert issues("video_to_video", body) == ([] if is_taken else [("custom", ["videoUri"])])


@pytest.mark.parametrize(("seconds", "is_taken"), [(2, False), (3, True), (31, False)])
def test_a_performance_lasts_3_to_30_seconds(seconds: float, is_taken: bool) -> None:
    reference = {"type": "video", "uri": video_uri(seconds, rate=2)}
    found = issues("character_performance", {**ACT, "reference": reference})
    assert found == ([] if is_taken else [("custom", ["reference", "uri"])])


def test_a_wrong_length_is_measured() -> None:
    body = {**ACT, "reference": {"type": "video", "uri": video_uri(2)}}
    assert message("character_performance", body) == (
        "Invalid asset duration. Seconds must be at least 3. Got 2.000."
    )


@pytest.mark.parametrize(
    ("field", "uris", "is_taken"),
    [
        ("referenceVideos", [video_uri(7), video_uri(8)], True),
        ("referenceVideos", [video_uri(8), video_uri(8)], False),
        ("referenceAudio", [sound_uri(8), sound_uri(6)], True),
        ("referenceAudio", [sound_uri(8), sound_uri(8)], False),
    ],
    ids=["videos", "long videos", "sounds", "long sounds"],
)
def test_references_last_only_so_long_together(field: str, uris: list[str], is_taken: bool) -> None:
    kind = "video" if field == "referenceVideos" else "audio"
    body = {**SEEDANCE, field: [{"type": kind, "uri": uri} for uri in uris]}
    assert issues("text_to_video", body) == ([] if is_taken else [("custom", [field])])


@pytest.mark.parametrize(
    "uri",
    [
        "data:video/mp4;base64,AAAA",
        data_uri("video/mp4", b"\0\0\0\x18ftypisom" + bytes(500)),
        data_uri("video/mp4", video_bytes()[:900]),
        data_uri("video/mp4", image_bytes()),
        data_uri("video/x-msvideo", video_bytes()),
        data_uri("video/mp4", bytes(4_000_000)),
        "runway://00000000-0000-0000-0000-000000000000",
        "https://example.com/" + "a" * 2048,
        "http://example.com/a.mp4",
    ],
    ids=["short", "bare", "cut", "picture", "other type", "large", "upload", "long", "http"],
)
def test_a_video_that_runway_could_not_use_is_refused(uri: str) -> None:
    assert issues("video_to_video", {**EDIT, "videoUri": uri}) == [("custom", ["videoUri"])]


@pytest.mark.parametrize("kind", ["mp4", "mov", "matroska"])
def test_videos_of_every_container_are_taken(kind: str) -> None:
    uri = data_uri("video/mp4", video_bytes(kind=kind))
    assert issues("video_to_video", {**EDIT, "videoUri": uri}) == []


def test_a_picture_may_be_too_small_or_too_large_for_a_model() -> None:
    body = {"model": "h3_max", "promptText": "A quiet sea", "promptImage": image_uri(255, 300)}
    assert issues("image_to_video", body) == [("custom", ["promptImage"])]
    body["promptImage"] = image_uri(8001, 300)
    assert "8000 pixels" in message("image_to_video", body)


def test_no_data_uri_may_be_longer_than_the_limit() -> None:
    most = catalog.load().media["image"].data_uri_max_chars
    body = {**FRAMES, "promptImage": "data:image/png;base64,".ljust(most + 1, "A")}
    assert f"at most {most} characters" in message("image_to_video", body)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"multiPrompt": [{"prompt": "A", "duration": 5}]}, []),
        (5, [("invalid_type", ["providerSettings"])]),
        ({"shotType": "wide"}, [("invalid_value", ["providerSettings", "shotType"])]),
        ({"x": 1}, [("unrecognized_keys", ["providerSettings"])]),
        ({"multiPrompt": {}}, [("invalid_type", ["providerSettings", "multiPrompt"])]),
        (
            {"multiPrompt": [{"prompt": "A"}]},
            [("invalid_type", ["providerSettings", "multiPrompt", 0, "duration"])],
        ),
        (
            {"multiPrompt": [{"prompt": "A", "duration": 9}] * 2},
            [("custom", ["providerSettings", "multiPrompt"])],
        ),
    ],
    ids=str,
)
def test_the_settings_of_a_provider_are_checked(chosen: Any, expected: Any) -> None:
    body = {"model": "kling3.0_standard", "promptImage": URL, "providerSettings": chosen}
    assert issues("image_to_video", body) == expected


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("auto", []),
        ("5", [("invalid_union", ["duration"])]),
        (True, [("invalid_type", ["duration"])]),
        (3, [("too_small", ["duration"])]),
    ],
    ids=repr,
)
def test_a_length_may_be_left_to_the_model(duration: Any, expected: Any) -> None:
    assert issues("text_to_video", {**SEEDANCE, "duration": duration}) == expected
