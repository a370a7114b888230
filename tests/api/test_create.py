"""POST /v1/videos: what becomes a video, in either encoding."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from videos.models import File, Video

from .conftest import Caller

KITE = {"model": "gen4.5", "prompt": "a kite"}
OPENAI_KEYS = {
    "id",
    "object",
    "model",
    "status",
    "progress",
    "created_at",
    "completed_at",
    "expires_at",
    "prompt",
    "size",
    "seconds",
    "remixed_from_video_id",
    "error",
}


def png(width: int = 1280, height: int = 720) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(file, "PNG")
    return file.getvalue()


def test_the_answer_is_openais_video_object_with_every_key_of_the_right_type(
    caller: Caller,
) -> None:
    answer = caller.post(body={**KITE, "seconds": "5", "size": "1280x720"})
    video = answer.json()
    assert answer.status_code == 200
    assert video.keys() >= OPENAI_KEYS
    assert (video["object"], video["status"], video["progress"]) == ("video", "queued", 0)
    assert (video["seconds"], video["size"], video["model"]) == ("5", "1280x720", "gen4.5")
    assert type(video["created_at"]) is int
    assert video["error"] is video["completed_at"] is video["expires_at"] is None
    assert answer["x-request-id"].startswith("req_")


def test_a_script_written_for_sora_needs_no_model(caller: Caller) -> None:
    video = caller.post(body={"prompt": "a kite"}).json()
    assert (video["model"], video["resolved_model"]) == ("sora-2", "veo3.1_fast")
    assert (video["seconds"], video["size"]) == ("4", "720x1280")


def test_json_and_form_make_the_same_video(caller: Caller) -> None:
    fields = {**KITE, "seconds": "5", "seed": "7"}
    first, second = caller.post(body={**fields, "seed": 7}).json(), caller.form(fields).json()
    same = ("model", "prompt", "seconds", "size", "mode")
    assert {k: first[k] for k in same} == {k: second[k] for k in same}
    requests = [Video.objects.get(pk=v["id"]).request for v in (first, second)]
    assert requests[0] == requests[1]


def test_the_key_and_its_owner_are_on_record(caller: Caller) -> None:
    video = Video.objects.get(pk=caller.post(body=KITE).json()["id"])
    assert video.owner == caller.owner
    assert video.api_key
    assert video.api_key.name == "script"


def test_a_text_only_request_for_a_picture_model_gets_a_first_frame(caller: Caller) -> None:
    body = {"model": "runway/gen4_turbo", "prompt": "mountains"}
    video = caller.post(body=body).json()
    assert (video["model"], video["mode"]) == ("gen4_turbo", "image_to_video")
    row = Video.objects.get(pk=video["id"])
    assert row.request["first_frame"] == "1280x720"
    assert row.estimate == 2 * 5 + 5


@pytest.mark.parametrize(
    "content_type", ["image/png", "application/octet-stream", "text/plain"], ids=str
)
def test_an_uploaded_file_is_judged_by_its_bytes(caller: Caller, content_type: str) -> None:
    part = SimpleUploadedFile("../../etc/passwd", png(), content_type)
    video = caller.form({**KITE, "input_reference": part}).json()
    assert video["mode"] == "image_to_video"
    file = File.objects.get(video=video["id"], kind="input")
    assert (file.content_type, file.path) == ("image/png", f"videos/{video['id']}/input-0.png")


def test_a_file_that_is_no_picture_is_refused(caller: Caller) -> None:
    part = SimpleUploadedFile("start.png", b"<html>", "image/png")
    answer = caller.form({**KITE, "input_reference": part})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "input_reference"
    assert not Video.objects.exists()


@pytest.mark.parametrize(
    "reference",
    ["https://example.org/a.png", {"image_url": "https://example.org/a.png"}],
    ids=["string", "object"],
)
def test_a_picture_by_address_is_passed_on_and_not_fetched(caller: Caller, reference: Any) -> None:
    video = caller.post(body={**KITE, "input_reference": reference}).json()
    [image] = Video.objects.get(pk=video["id"]).request["media"]
    assert image["uri"] == "https://example.org/a.png"


def test_a_bracketed_form_field_is_an_object(caller: Caller) -> None:
    url = "https://example.org/a.png?x=1&y=2"
    video = caller.form({**KITE, "input_reference[image_url]": url}).json()
    [image] = Video.objects.get(pk=video["id"]).request["media"]
    assert image["uri"] == url


def test_a_data_uri_of_a_form_is_kept_as_a_file(caller: Caller) -> None:
    uri = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
    video = caller.form({**KITE, "input_reference[image_url]": uri}).json()
    assert File.objects.get(video=video["id"]).size == len(png())


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"model": "gen4.5"}, "prompt", "missing_required_parameter"),
        ({**KITE, "model": "gen9"}, "model", "model_not_found"),
        ({**KITE, "model": "gen4_aleph"}, "model", "model_not_found"),
        ({**KITE, "seconds": "11"}, "seconds", "invalid_value"),
        ({**KITE, "seconds": True}, "seconds", "invalid_type"),
        ({**KITE, "size": "960x960"}, "size", "invalid_value"),
        ({**KITE, "audio": True}, "audio", "invalid_value"),
        ({**KITE, "duration": 5}, "duration", "unknown_parameter"),
        ({**KITE, "input_reference": "http://example.org/a.png"}, "input_reference", None),
        ({**KITE, "input_reference": {"file_id": "file-1"}}, "input_reference", None),
        ({**KITE, "prompt": "x" * 1001}, "prompt", "invalid_value"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_made_is_a_400_that_names_the_field(
    caller: Caller, body: dict[str, Any], param: str, code: str | None
) -> None:
    answer = caller.post(body=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, param)
    assert error["type"] == "invalid_request_error"
    assert code is None or error["code"] == code
    assert error["message"]
    assert not Video.objects.exists()


def test_accepted_but_powerless_fields_are_mentioned(caller: Caller) -> None:
    video = caller.post(body={**KITE, "fallbacks": ["runway/veo3.1"]}).json()
    assert "fallbacks" in json.dumps(video["warnings"])
