"""Uploaded files named by their id: in every field that takes media, judged as uploads are."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.storage import default_storage

from tests.videos import clips
from videos.models import File, UserFile, Video

from .conftest import Caller
from .test_files import FILM, file_id, send


@pytest.mark.parametrize(
    ("field", "data", "model"),
    [
        ("input_reference", clips.picture(width=128, height=128), "gen4_turbo"),
        ("video_uri", FILM, "aleph2"),
    ],
)
def test_a_request_names_it_and_gets_a_copy(
    caller: Caller, field: str, data: bytes, model: str
) -> None:
    its_id = file_id(caller, data)
    answer = caller.post(body={"model": model, "prompt": "x", field: {"file_id": its_id}})
    assert answer.status_code == 200, answer.content
    [kept] = File.objects.filter(video_id=answer.json()["id"], kind=File.INPUT)
    assert send(caller, "DELETE", f"/{its_id}").json() == {
        "id": its_id,
        "object": "file",
        "deleted": True,
    }
    with default_storage.open(kept.path) as file:
        assert file.read() == data
    assert send(caller, "GET", f"/{its_id}").status_code == 404


def test_a_form_names_it_with_brackets(caller: Caller) -> None:
    its_id = file_id(caller, clips.picture(width=128, height=128))
    fields = {"model": "gen4_turbo", "input_reference[file_id]": its_id}
    assert caller.form(fields).json()["mode"] == "image_to_video"


def test_every_other_field_takes_it_too(caller: Caller) -> None:
    picture, film = file_id(caller), file_id(caller, clips.film(seconds=3))
    song = file_id(caller, clips.song(2))
    body: dict[str, Any] = {
        "model": "seedance2",
        "prompt": "x",
        "video_uri": {"file_id": film},
        "reference_images": [{"file_id": picture}],
        "reference_videos": [{"file_id": film}],
        "reference_audio": [{"file_id": song}],
    }
    answer = caller.post(body=body)
    assert answer.status_code == 200, answer.content
    assert File.objects.filter(kind=File.INPUT).count() == 4


def test_a_character_is_what_the_file_is(caller: Caller) -> None:
    film = file_id(caller, clips.film(seconds=4))
    body = {
        "model": "act_two",
        "character": {"file_id": film},
        "performance": {"file_id": film},
    }
    assert caller.post(body=body).status_code == 200
    media = Video.objects.get().request["media"]
    assert {item["kind"] for item in media} == {"video"}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "takes image files"),
        ({"frame": "first"}, "'frame'"),
        ({"video_id": "video_1"}, "one of"),
        ({"uri": "https://example.org/a.png"}, "one of"),
    ],
    ids=str,
)
def test_a_file_of_another_kind_is_refused(
    caller: Caller, more: dict[str, str], words: str
) -> None:
    reference = {"file_id": file_id(caller, FILM), **more}
    answer = caller.post(body={"model": "gen4_turbo", "input_reference": reference})
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_what_the_model_asks_of_a_picture_is_asked_of_a_file(caller: Caller) -> None:
    slim = file_id(caller, clips.picture(width=400, height=100))
    body = {"model": "gen4.5", "prompt": "x", "input_reference": {"file_id": slim}}
    assert "width divided by its height" in caller.post(body=body).json()["error"]["message"]


def test_what_the_model_asks_of_a_video_is_asked_of_a_file(caller: Caller) -> None:
    film = file_id(caller, clips.film(seconds=1))
    body = {
        "model": "act_two",
        "character": {"file_id": file_id(caller)},
        "performance": {"file_id": film},
    }
    assert caller.post(body=body).json()["error"]["param"] == "performance"


def test_bytes_that_are_gone_are_a_400(caller: Caller) -> None:
    its_id = file_id(caller)
    default_storage.delete(UserFile.objects.get().path)
    body = {"model": "gen4_turbo", "input_reference": {"file_id": its_id}}
    answer = caller.post(body=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "file_missing")
    assert not Video.objects.exists()
    assert send(caller, "GET", f"/{its_id}/content").status_code == 404
