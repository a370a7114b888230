"""Bodies as clients really encode them: files in every disguise, long data URLs, brackets."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from functools import cache
from typing import Any

import pytest
from django.test import Client

from tests.videos import clips
from videos.models import File, Video

from .conftest import Caller

PICTURE = clips.picture(width=128, height=128)
MODEL = {"model": "gen4_turbo"}
NAMED = 'name="input_reference"; filename="upload"'


@cache
def large_url() -> str:
    """A data URL of nearly 20 MiB, the most that OpenAI's clients may send: a padded PNG."""
    end = PICTURE.rindex(b"IEND") - 4
    room = (20 * 1024 * 1024 - 100) // 4 * 3 - len(PICTURE) - 12
    text = b"tEXtfill\0" + b"x" * (room - 5)
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    data = PICTURE[:end] + chunk + PICTURE[end:]
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def part(disposition: str, data: bytes, kind: str = "") -> bytes:
    """One part of a form."""
    head = f"Content-Disposition: form-data; {disposition}\r\n"
    head += f"Content-Type: {kind}\r\n" if kind else ""
    return b"--edge\r\n" + head.encode() + b"\r\n" + data + b"\r\n"


def send(caller: Caller, *parts: bytes) -> Any:
    """A form of these parts, for a model that animates pictures."""
    model = part('name="model"', b"gen4_turbo", "text/plain; charset=utf-8")
    body = model + b"".join(parts) + b"--edge--\r\n"
    return caller.send("POST", "", body, "multipart/form-data; boundary=edge")


def kept(answer: Any) -> File:
    """The picture of the video that was made."""
    assert answer.status_code == 200, answer.content
    assert answer.json()["mode"] == "image_to_video"
    return File.objects.get(video_id=answer.json()["id"], kind=File.INPUT)


def refusal(answer: Any) -> dict[str, Any]:
    """The error of a 400 that made nothing."""
    assert answer.status_code == 400, answer.content
    assert not Video.objects.exists()
    error: dict[str, Any] = answer.json()["error"]
    return error


@pytest.mark.parametrize(
    "kind", ["", "application/octet-stream", "image/jpeg", "text/plain", "nonsense"]
)
def test_a_file_is_judged_by_its_bytes(caller: Caller, kind: str) -> None:
    assert kept(send(caller, part(NAMED, PICTURE, kind))).content_type == "image/png"


@pytest.mark.parametrize("name", ["anonymous_file", "unknown_file", "blob", "/home/ana/ref.txt"])
def test_its_name_means_nothing(caller: Caller, name: str) -> None:
    named = f'name="input_reference"; filename="{name}"'
    assert kept(send(caller, part(named, PICTURE))).path.endswith("input-0.png")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PICTURE, "image/png"),
        (clips.picture("JPEG"), "image/jpeg"),
        (clips.picture("WEBP"), "image/webp"),
        (PICTURE, ""),
    ],
)
def test_a_file_without_a_name_is_told_to_have_one(caller: Caller, data: bytes, kind: str) -> None:
    error = refusal(send(caller, part('name="input_reference"', data, kind)))
    assert error["param"] == "input_reference"
    assert error["code"] in ("invalid_type", "invalid_body")
    assert "filename" in error["message"]


def test_a_node_buffer_is_told_to_become_a_file(caller: Caller) -> None:
    parts = [
        part(f'name="input_reference[{at}]"', str(byte).encode())
        for at, byte in enumerate(PICTURE[:100])
    ]
    error = refusal(send(caller, *parts))
    assert (error["param"], error["code"]) == ("input_reference", "invalid_type")
    assert "Send it as a file" in error["message"]


def test_so_is_a_long_one(caller: Caller) -> None:
    parts = [part(f'name="input_reference[{at}]"', b"137") for at in range(1000)]
    assert "toFile" in refusal(send(caller, *parts))["message"]


@pytest.mark.parametrize(
    "value", [{}, {"type": "Buffer", "data": [137, 80]}, {"size": 3, "type": "image/png"}], ids=str
)
def test_so_are_a_blob_and_a_buffer_in_json(caller: Caller, value: dict[str, Any]) -> None:
    error = refusal(caller.post(body={**MODEL, "input_reference": value}))
    assert error["param"] == "input_reference"


@pytest.mark.parametrize("value", ["ref.png", "./ref.png", "", "https://"])
def test_text_where_a_file_should_be_is_refused(caller: Caller, value: str) -> None:
    error = refusal(send(caller, part('name="input_reference"', value.encode())))
    assert error["param"] == "input_reference"


def test_twenty_mebibytes_of_data_url_are_taken_as_json(caller: Caller) -> None:
    body = {**MODEL, "input_reference": {"image_url": large_url()}}
    assert kept(caller.post(body=body)).size > 15_000_000


def test_twenty_mebibytes_of_data_url_are_taken_as_a_form(caller: Caller) -> None:
    url = part('name="input_reference[image_url]"', large_url().encode())
    assert kept(send(caller, url)).size > 15_000_000


def test_more_than_a_body_may_hold_is_a_413(caller: Caller) -> None:
    url = large_url() + "A" * 5_000_000
    answer = caller.post(body={**MODEL, "input_reference": {"image_url": url}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_may_be_bare_base64_as_bifrost_has_it(caller: Caller, kind: str) -> None:
    text = base64.b64encode(clips.picture(kind, width=128, height=128)).decode()
    assert kept(caller.post(body={**MODEL, "input_reference": text})).size
    assert caller.post(body={**MODEL, "input_reference": text[:90]}).status_code == 400


def test_content_may_be_asked_for_as_openais_clients_do(caller: Caller) -> None:
    headers = {"Authorization": f"Bearer {caller.token}", "accept": "application/binary"}
    file: Any = Client().post(
        "/v1/files",
        json.dumps({"purpose": "x", "file": f"data:;base64,{base64.b64encode(PICTURE).decode()}"}),
        "application/json",
        headers=headers,
    )
    answer: Any = Client().get(f"/v1/files/{file.json()['id']}/content", headers=headers)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")


def test_a_json_type_may_name_its_charset(caller: Caller) -> None:
    body = json.dumps({"model": "gen4.5", "prompt": "x"})
    answer: Any = caller.send("POST", "", body, "application/json; charset=UTF-8")
    assert answer.status_code == 200
