"""Whatever is thrown at the validator, it answers InvalidRequest with a short, clean message."""

from __future__ import annotations

import json
from typing import Any

import pytest

from videos.requests import InvalidRequest, Upload, check

GOOD: dict[str, object] = {"model": "gen4.5", "prompt": "p"}


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(depth):
        inner = {"a": inner}
    return inner


HOSTILE = {
    "nan": float("nan"),
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
    "huge float": 1e308,
    "huge integer": 10**5000,
    "huge negative integer": -(10**5000),
    "5000 digits": "9" * 5000,
    "exponent": "1e9",
    "control characters": "\x1b[31m\r\n\x07",
    "surrogate": "\ud800",
    "nul": "\0",
    "data uri": "data:image/png;base64," + "A" * 4000,
    "file": Upload(b"MZ\x90\0", "../../evil.exe"),
    "list": [1, "5"],
    "deep list": json.loads("[" * 500 + "]" * 500),
    "object": {"a": 1},
    "deep object": nested(400),
    "bytes": b"5",
    "python object": object(),
}
WORDLIKE = {"exponent", "control characters", "data uri"}
FIELDS = (
    "model",
    "seconds",
    "size",
    "input_reference",
    "seed",
    "audio",
    "output_format",
    "content_moderation",
    "references",
    "video_uri",
    "negative_prompt",
)
# Fields of other models, each with a request that would be good without it.
URL = "https://example.com/a"
KLING: dict[str, object] = {"model": "klingO3_pro", "prompt": "p"}
ELSEWHERE: dict[str, dict[str, object]] = {
    "last_frame": {"model": "veo3.1", "input_reference": URL},
    "middle_frame": {"model": "kling_4", "input_reference": URL},
    "reference_images": {"model": "seedance2", "prompt": "p"},
    "reference_videos": {"model": "seedance2", "prompt": "p"},
    "reference_audio": {"model": "seedance2", "prompt": "p"},
    "video_uri": {"model": "aleph2"},
    "keyframes": {"model": "aleph2", "video_uri": URL},
    "target_aspect_ratio": {"model": "aleph2", "video_uri": URL},
    "character": {"model": "act_two", "performance": URL},
    "performance": {"model": "act_two", "character": {"type": "image", "uri": URL}},
    "expression_intensity": {
        "model": "act_two",
        "performance": URL,
        "character": {"type": "image", "uri": URL},
    },
    "body_control": {
        "model": "act_two",
        "performance": URL,
        "character": {"type": "image", "uri": URL},
    },
    "resolution": {"model": "hailuo3", "prompt": "p"},
    "cfg_scale": {"model": "kling3.0_pro", "prompt": "p"},
    "provider_settings": KLING,
    "negative_prompt": {"model": "veo3.1", "prompt": "p"},
    "mode": {"model": "seedance2_5", "video_uri": URL},
    "draft": {"model": "seedance2_5", "prompt": "p"},
    "draft_task_id": {"model": "seedance2_5"},
    "creativity": {"model": "magnific_video_upscaler_creative", "video_uri": URL},
    "target_framerate": {"model": "enhance_frame_rate", "video_uri": URL},
    "size": {"prompt": "p"},
    "seconds": {"prompt": "p"},
}
# What is acceptable text.
TEXTS = {"negative_prompt", "draft_task_id"}


def assert_clean(error: InvalidRequest) -> None:
    assert len(error.message) < 1000  # room for the names of all models
    assert error.message.isprintable()
    assert "AAAA" not in error.message
    assert error.code
    json.dumps([error.message, error.param], ensure_ascii=False).encode()


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_value_is_refused_on_its_field(field: str, value: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check(GOOD | {field: value})
    assert caught.value.param == field
    assert_clean(caught.value)


@pytest.mark.parametrize("field", ELSEWHERE)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_value_is_refused_on_every_other_model(field: str, name: str) -> None:
    if field in TEXTS and name in WORDLIKE:
        name = "nul"
    with pytest.raises(InvalidRequest) as caught:
        check({**ELSEWHERE[field], field: HOSTILE[name]})
    assert caught.value.param == field
    assert_clean(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        {"multiPrompt": [{"prompt": "a", "duration": 10**5000}]},
        {"multiPrompt": [{"prompt": "a\0", "duration": 5}]},
        {"multiPrompt": [[]]},
        {"multiPrompt": {}},
        {"multiPrompt": []},
        {"multiPrompt": [{"prompt": "a", "duration": 5}] * 21},
        {"shotType": float("nan")},
        {"x" * 5000: 1},
    ],
)
def test_hostile_provider_settings_are_refused(value: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check({**KLING, "provider_settings": value})
    assert caught.value.param == "provider_settings"
    assert_clean(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        {"uri": URL, "seconds": float("nan")},
        {"uri": URL, "seconds": 10**5000},
        {"uri": URL, "at": 2},
        {"uri": URL, "at": 0.5, "seconds": 1},
        {"uri": URL, "seconds": 1, "range": []},
        {"uri": URL, "seconds": 1, "range": {"start_seconds": 0, "end_seconds": 10**5000}},
        {"uri": URL, "seconds": 1, "range": {"start_seconds": 0, "end_seconds": float("inf")}},
        {"uri": ["a"], "seconds": 1},
        {"uri": {"url": {"url": URL}}, "seconds": 1},
        URL,
        None,
    ],
)
def test_hostile_keyframes_are_refused(value: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check({"model": "aleph2", "video_uri": URL, "keyframes": [value]})
    assert caught.value.param == "keyframes"
    assert_clean(caught.value)


@pytest.mark.parametrize(
    "value",
    [HOSTILE[name] for name in HOSTILE if name not in WORDLIKE],
    ids=lambda v: type(v).__name__,
)
def test_a_prompt_that_is_no_storable_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check(GOOD | {"prompt": value})
    assert caught.value.param == "prompt"
    assert_clean(caught.value)


@pytest.mark.parametrize("value", [1, {"a": 1}, [1], ["\0"], [["a"]], ["\ud800"], True], ids=ascii)
def test_fallbacks_that_are_no_names_are_refused(value: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check(GOOD | {"fallbacks": value})
    assert caught.value.param == "fallbacks"
    assert_clean(caught.value)


@pytest.mark.parametrize("value", [True, False], ids=repr)
@pytest.mark.parametrize("field", ["seconds", "seed", "size", "model", "prompt", "output_format"])
def test_a_boolean_is_no_number_and_no_text(field: str, value: bool) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check(GOOD | {field: value})
    assert (caught.value.param, caught.value.code) == (field, "invalid_type")


@pytest.mark.parametrize("value", [0, 1, 0.5, "yes", "1", ""], ids=repr)
def test_what_is_not_true_or_false_is_no_switch(value: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check({"model": "veo3.1", "prompt": "p", "audio": value})
    assert caught.value.param == "audio"


@pytest.mark.parametrize(
    "name", ["x" * 5000, "a\0b", "\ud800", "\x1b[2J", "data:image/png;base64,AAAA", ""]
)
def test_an_unknown_name_is_shown_short_and_escaped(name: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check(GOOD | {name: 1})
    assert caught.value.code == "unknown_parameter"
    assert caught.value.param is not None
    assert len(caught.value.param) < 200
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    "value",
    [{"a\0": "low"}, {"publicFigureThreshold": 5}, {"publicFigureThreshold": {"a": 1}}],
    ids=repr,
)
def test_hostile_moderation_settings_are_refused(value: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check(GOOD | {"content_moderation": value})
    assert caught.value.param == "content_moderation"
    assert_clean(caught.value)
