"""Remix, edits and extensions: a new video from a completed one, or from a file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.videos import clips
from tests.videos.factories import make_video
from videos import store
from videos.models import File, Video

from .conftest import Caller
from .test_files import file_id

FILM = clips.film()
SNOW = {"prompt": "make it snow"}
MORE = {"prompt": "it goes on", "seconds": "5"}


def finished(caller: Caller, data_dir: Path, seconds: int = 8, **extra: Any) -> Video:
    """A completed video of Sora's kind with its file."""
    values = {"model": "sora-2", "resolved_model": "veo3.1_fast", "size": "720x1280", **extra}
    video = make_video("completed", owner=caller.owner, seconds=seconds, **values)
    path = data_dir / "media" / "videos" / video.pk / "video-0.mp4"
    path.parent.mkdir(parents=True)
    path.write_bytes(FILM)
    File.objects.create(
        video=video,
        kind=File.VIDEO,
        path=f"videos/{video.pk}/video-0.mp4",
        content_type="video/mp4",
        size=len(FILM),
        sha256="0" * 64,
        width=720,
        height=1280,
        seconds=float(seconds),
    )
    return video


def made(answer: Any) -> tuple[dict[str, Any], Video]:
    """The Video object and its row."""
    assert answer.status_code == 200, answer.content
    return answer.json(), Video.objects.get(pk=answer.json()["id"])


def form(caller: Caller, fields: dict[str, Any], path: str = "") -> Any:
    """POST of a multipart form below /v1/videos."""
    headers = {"Authorization": f"Bearer {caller.token}"}
    return Client().post(f"/v1/videos{path}", fields, headers=headers)


def error(answer: Any, status: int = 400) -> tuple[str | None, str]:
    """(param, code) of a refusal that made nothing."""
    assert answer.status_code == status, answer.content
    assert Video.objects.filter(status="queued").count() == 0
    found = answer.json()["error"]
    return found["param"], found["code"]


class TestRemix:
    def test_it_keeps_model_size_and_length(self, caller: Caller, data_dir: Path) -> None:
        source = finished(caller, data_dir)
        shown, row = made(caller.post(f"/{source.pk}/remix", SNOW))
        assert (shown["model"], shown["size"], shown["seconds"]) == ("sora-2", "720x1280", "8")
        assert (shown["remixed_from_video_id"], shown["status"]) == (source.pk, "queued")
        assert (shown["mode"], shown["resolved_model"]) == ("video_to_video", "aleph2")
        assert shown["prompt"] == "make it snow"
        [item] = row.request["media"]
        assert item["uri"] == f"file:videos/{row.pk}/input-0.mp4"
        assert row.estimate == 8 * 28

    def test_it_takes_a_form_too(self, caller: Caller, data_dir: Path) -> None:
        source = finished(caller, data_dir)
        shown, _ = made(form(caller, SNOW, f"/{source.pk}:runway/remix"))
        assert shown["remixed_from_video_id"] == source.pk

    def test_the_model_is_a_setting(self, caller: Caller, data_dir: Path, settings: Any) -> None:
        settings.STUDIO_EDIT_MODEL = "seedance2"
        source = finished(caller, data_dir, request={"audio": True})
        shown, row = made(caller.post(f"/{source.pk}/remix", SNOW))
        assert (shown["resolved_model"], shown["size"]) == ("seedance2", "720x1280")
        assert (row.request["seconds"], row.request["audio"]) == ("auto", True)
        assert row.request["ratio"] == "720:1280"

    def test_a_model_with_a_purpose_is_told_to_edit(
        self, caller: Caller, data_dir: Path, settings: Any
    ) -> None:
        settings.STUDIO_EDIT_MODEL = "seedance2_5"
        source = finished(caller, data_dir)
        shown, row = made(caller.post(f"/{source.pk}/remix", SNOW))
        assert row.request["options"] == {"mode": "edit"}
        assert (row.request["seconds"], row.request["ratio"]) == ("auto", None)
        assert (shown["size"], shown["seconds"]) == ("720x1280", "8")

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({}, ("prompt", "missing_required_parameter")),
            ({"prompt": "  "}, ("prompt", "missing_required_parameter")),
            ({"prompt": 5}, ("prompt", "invalid_type")),
            ({**SNOW, "seconds": 5}, ("seconds", "invalid_value")),
            ({**SNOW, "video": {"id": "x"}}, ("video", "unknown_parameter")),
            ({**SNOW, "video_uri": "https://example.org/a"}, ("video_uri", "unknown_parameter")),
            ({**SNOW, "model": "gen4.5"}, ("model", "invalid_value")),
            ({**SNOW, "model": "gen9"}, ("model", "model_not_found")),
            ({**SNOW, "model": 9}, ("model", "invalid_type")),
        ],
        ids=str,
    )
    def test_a_field_that_makes_no_sense_is_named(
        self, caller: Caller, data_dir: Path, body: dict[str, Any], expected: tuple[str, str]
    ) -> None:
        source = finished(caller, data_dir)
        assert error(caller.post(f"/{source.pk}/remix", body)) == expected

    @pytest.mark.parametrize("status", ["in_progress", "storing", "failed", "cancelled"])
    def test_the_source_must_be_completed(self, caller: Caller, status: str) -> None:
        source = make_video(status, owner=caller.owner)
        answer = caller.post(f"/{source.pk}/remix", SNOW)
        assert error(answer) == ("video_id", "video_not_ready")

    def test_somebody_elses_does_not_exist(
        self, caller: Caller, stranger: Caller, data_dir: Path
    ) -> None:
        source = finished(caller, data_dir)
        assert error(stranger.post(f"/{source.pk}/remix", SNOW), 404) == ("video_id", "not_found")

    def test_one_that_is_too_long_is_told_so(self, caller: Caller, data_dir: Path) -> None:
        source = finished(caller, data_dir, seconds=31)
        answer = caller.post(f"/{source.pk}/remix", SNOW)
        assert error(answer) == ("video", "invalid_value")
        assert "'video' lasts 31.0 s" in answer.json()["error"]["message"]

    def test_one_whose_file_is_gone_is_a_400(self, caller: Caller, data_dir: Path) -> None:
        source = finished(caller, data_dir)
        (data_dir / "media" / source.files.get().path).unlink()
        assert error(caller.post(f"/{source.pk}/remix", SNOW))[1] == "file_missing"

    def test_a_repeat_makes_no_second_one(self, caller: Caller, data_dir: Path) -> None:
        path = f"/{finished(caller, data_dir).pk}/remix"
        key = {"Idempotency-Key": "one"}
        first, again = (caller.post(path, SNOW, **key).json() for _ in range(2))
        assert first["id"] == again["id"]


class TestEdits:
    @pytest.mark.parametrize("word", ["id", "video_id"])
    def test_a_video_of_ones_own_is_named_by_its_id(
        self, caller: Caller, data_dir: Path, word: str
    ) -> None:
        source = finished(caller, data_dir)
        shown, _ = made(caller.post("/edits", {**SNOW, "video": {word: source.pk}}))
        assert (shown["model"], shown["resolved_model"]) == ("sora-2", "aleph2")
        assert shown["remixed_from_video_id"] == source.pk

    def test_a_form_names_it_with_brackets(self, caller: Caller, data_dir: Path) -> None:
        source = finished(caller, data_dir)
        shown, _ = made(form(caller, {**SNOW, "video[id]": source.pk}, "/edits/"))
        assert shown["remixed_from_video_id"] == source.pk

    def test_an_upload_is_changed_too(self, caller: Caller) -> None:
        film = SimpleUploadedFile("upload", FILM, "application/octet-stream")
        shown, row = made(form(caller, {**SNOW, "model": "sora-2", "video": film}, "/edits"))
        assert (shown["model"], shown["resolved_model"]) == ("sora-2", "aleph2")
        assert (shown["seconds"], shown["remixed_from_video_id"]) == ("2", None)
        assert row.files.get().content_type == "video/mp4"

    def test_so_is_an_uploaded_file(self, caller: Caller) -> None:
        video = {"file_id": file_id(caller, FILM)}
        shown, _ = made(caller.post("/edits", {**SNOW, "video": video}))
        assert (shown["model"], shown["seconds"]) == ("aleph2", "2")

    @pytest.mark.parametrize(
        "video", ["https://example.org/a.mp4", {"url": "https://example.org/a.mp4"}], ids=str
    )
    def test_so_is_an_address(self, caller: Caller, video: object) -> None:
        shown, _ = made(caller.post("/edits", {**SNOW, "video": video}))
        assert (shown["seconds"], shown["size"]) == ("auto", "auto")

    def test_fields_of_the_model_may_be_given(self, caller: Caller, data_dir: Path) -> None:
        video = {"id": finished(caller, data_dir).pk}
        body = {**SNOW, "video": video, "model": "runway/seedance2", "seconds": 6, "audio": True}
        shown, row = made(caller.post("/edits", body))
        assert (shown["model"], shown["seconds"]) == ("seedance2", "6")
        assert row.request["audio"] is True

    @pytest.mark.parametrize(
        ("video", "expected"),
        [
            (None, ("video", "missing_required_parameter")),
            ({}, ("video", "invalid_type")),
            ({"id": 5}, ("video", "invalid_type")),
            ({"id": "x", "uri": "https://example.org"}, ("video", "invalid_type")),
            ({"0": "137", "1": "80"}, ("video", "invalid_type")),
            ({"file_id": "file-1"}, ("video", "invalid_value")),
            ([1], ("video", "invalid_type")),
            (5, ("video", "invalid_type")),
            ("text", ("video", "invalid_value")),
        ],
        ids=str,
    )
    def test_a_source_that_makes_no_sense_is_named(
        self, caller: Caller, video: object, expected: tuple[str, str]
    ) -> None:
        assert error(caller.post("/edits", {**SNOW, "video": video})) == expected

    def test_bytes_of_another_kind_are_refused(self, caller: Caller) -> None:
        answer = form(caller, {**SNOW, "video": io.BytesIO(clips.picture())}, "/edits")
        assert error(answer) == ("video", "invalid_value")

    @pytest.mark.parametrize("path", ["/edits", "/extensions"])
    def test_the_source_must_be_completed_and_ones_own(
        self, caller: Caller, stranger: Caller, path: str
    ) -> None:
        source = make_video("in_progress", owner=caller.owner)
        body = {**MORE, "video": {"id": source.pk}}
        assert error(caller.post(path, body)) == ("video", "video_not_ready")
        assert error(stranger.post(path, body), 404) == ("video", "not_found")


class TestExtensions:
    def test_its_seconds_are_the_total(self, caller: Caller, data_dir: Path) -> None:
        source = finished(caller, data_dir)
        shown, row = made(caller.post("/extensions", {**MORE, "video": {"id": source.pk}}))
        assert (shown["seconds"], shown["size"]) == ("13", "720x1280")
        assert (shown["model"], shown["resolved_model"]) == ("sora-2", "seedance2_5")
        assert shown["remixed_from_video_id"] == source.pk
        assert (row.request["seconds"], row.request["options"]) == (5, {"mode": "extend"})
        assert (row.request["ratio"], row.request["audio"]) == (None, False)

    def test_it_sounds_if_its_source_does(self, caller: Caller, data_dir: Path) -> None:
        source = finished(caller, data_dir, request={"audio": True})
        body: dict[str, Any] = {**MORE, "video": {"id": source.pk}}
        assert made(caller.post("/extensions", body))[1].request["audio"] is True
        body["audio"] = False
        assert made(caller.post("/extensions", body))[1].request["audio"] is False

    def test_an_upload_can_be_extended_by_a_form(self, caller: Caller) -> None:
        film = SimpleUploadedFile("a.mp4", FILM, "video/mp4")
        shown, _ = made(form(caller, {**MORE, "video": film}, "/extensions"))
        assert (shown["model"], shown["seconds"]) == ("seedance2_5", "7")

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"seconds": None}, ("seconds", "missing_required_parameter")),
            ({"seconds": "3"}, ("seconds", "invalid_value")),
            ({"seconds": 21}, ("seconds", "invalid_value")),
            ({"seconds": "auto"}, ("seconds", "invalid_value")),
            ({"seconds": [4]}, ("seconds", "invalid_type")),
            ({"prompt": None}, ("prompt", "missing_required_parameter")),
            ({"model": "aleph2"}, ("model", "invalid_value")),
            ({"mode": "edit"}, ("mode", "invalid_value")),
            ({"size": "1280x720"}, ("size", "invalid_value")),
        ],
        ids=str,
    )
    def test_a_field_that_makes_no_sense_is_named(
        self, caller: Caller, data_dir: Path, body: dict[str, Any], expected: tuple[str, str]
    ) -> None:
        video = {"id": finished(caller, data_dir).pk}
        answer = caller.post("/extensions", {**MORE, "video": video, **body})
        assert error(answer) == expected

    def test_an_ordinary_request_may_extend_as_well(self, caller: Caller) -> None:
        video = {"file_id": file_id(caller, FILM)}
        body = {**MORE, "model": "seedance2_5", "mode": "extend", "video_uri": video}
        assert made(caller.post("", body))[0]["seconds"] == "7"

    def test_no_length_is_insisted_on_that_runway_does_not_promise(
        self, caller: Caller, data_dir: Path
    ) -> None:
        source = finished(caller, data_dir)
        extended = made(caller.post("/extensions", {**MORE, "video": {"id": source.pk}}))[1]
        remixed = made(caller.post(f"/{source.pk}/remix", SNOW))[1]
        asked = made(caller.post("", {"model": "gen4.5", "prompt": "x", "seconds": 4}))[1]
        assert [store.insisted(video) for video in (extended, remixed, asked)] == [None, None, 4]


class TestCharacters:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize("path", ["", "/char_1"])
    def test_they_are_not_supported(self, caller: Caller, method: str, path: str) -> None:
        answer: Any = caller.send(method, f"/characters{path}")
        assert error(answer) == (None, "not_supported")

    @pytest.mark.parametrize("name", ["characters[][id]", "characters[]"])
    def test_nor_in_a_request(self, caller: Caller, name: str) -> None:
        answer = form(caller, {"model": "gen4.5", "prompt": "x", name: ["char_1", "char_2"]})
        assert error(answer) == ("characters", "not_supported")

    def test_an_empty_list_of_them_does_no_harm(self, caller: Caller) -> None:
        made(caller.post("", {"model": "gen4.5", "prompt": "x", "characters": []}))
