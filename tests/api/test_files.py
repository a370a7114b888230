"""Files: uploaded once, named by their id in any request, gone when they should be."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.videos import clips
from videos import uploaded
from videos.clock import Clock
from videos.models import UserFile

from .conftest import Caller

PNG = clips.picture()
FILM = clips.film()
SONG = clips.song()


def send(caller: Caller, method: str, path: str = "", **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {caller.token}", **more.pop("headers", {})}
    return Client().generic(method, f"/v1/files{path}", headers=headers, **more)


def upload(caller: Caller, data: bytes = PNG, name: str = "a.png", **fields: Any) -> Any:
    file = SimpleUploadedFile(name, data, "application/octet-stream")
    headers = {"Authorization": f"Bearer {caller.token}"}
    return Client().post(
        "/v1/files", {"purpose": "vision", "file": file, **fields}, headers=headers
    )


def file_id(caller: Caller, data: bytes = PNG, name: str = "a.png") -> str:
    answer = upload(caller, data, name)
    assert answer.status_code == 200, answer.content
    its_id: str = answer.json()["id"]
    return its_id


class TestKeeping:
    @pytest.mark.parametrize(
        ("data", "content_type"),
        [
            (PNG, "image/png"),
            (clips.picture("JPEG"), "image/jpeg"),
            (clips.picture("WEBP"), "image/webp"),
            (FILM, "video/mp4"),
            (SONG, "audio/mp4"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_a_file_is_what_its_bytes_are(
        self, caller: Caller, data: bytes, content_type: str
    ) -> None:
        made = upload(caller, data, "whatever.txt").json()
        assert set(made) == {
            *("id", "object", "bytes", "created_at", "expires_at", "filename"),
            *("purpose", "status", "status_details"),
        }
        assert made["id"].startswith("file-")
        assert (made["object"], made["status"]) == ("file", "processed")
        assert (made["bytes"], made["filename"]) == (len(data), "whatever.txt")
        assert made["expires_at"] - made["created_at"] == 30 * 86400
        answer = send(caller, "GET", f"/{made['id']}/content")
        assert answer["Content-Type"] == content_type
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"] == 'attachment; filename="whatever.txt"'
        assert b"".join(answer.streaming_content) == data

    def test_a_range_of_it_can_be_had(self, caller: Caller) -> None:
        path = f"/{file_id(caller)}/content"
        answer = send(caller, "GET", path, headers={"Range": "bytes=1-3"})
        assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"PNG")

    @pytest.mark.parametrize(
        "data",
        [b"", b"hello", b"%PDF-1.7", b"<svg/>", PNG[:60], FILM[:500], clips.archive(a_png=PNG)],
        ids=lambda data: repr(data[:8]),
    )
    def test_anything_else_is_refused(self, caller: Caller, data: bytes) -> None:
        answer = upload(caller, data)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "file")
        assert not UserFile.objects.exists()
        assert not default_storage.exists("files")

    @pytest.mark.parametrize(
        "name", ["../../etc/passwd", "/etc/cron.d/x", "..\\x", 'a"b.png', "ü.png", "x" * 300]
    )
    def test_a_filename_is_never_a_path(self, caller: Caller, name: str, data_dir: Path) -> None:
        made = upload(caller, name=name).json()
        [path] = (entry for entry in data_dir.rglob("*") if entry.is_file())
        assert path == data_dir / "media" / "files" / f"{made['id']}.png"
        assert "/" not in made["filename"]
        answer = send(caller, "GET", f"/{made['id']}/content")
        assert answer["Content-Disposition"].startswith("attachment; filename")

    def test_a_data_uri_in_json_will_do(self, caller: Caller) -> None:
        uri = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
        answer = Client().post(
            "/v1/files",
            {"purpose": "x", "file": uri},
            "application/json",
            headers={"Authorization": f"Bearer {caller.token}"},
        )
        assert answer.json()["bytes"] == len(PNG)

    def test_it_may_expire_sooner(self, caller: Caller) -> None:
        sooner: dict[str, Any] = {
            "expires_after[anchor]": "created_at",
            "expires_after[seconds]": "3600",
        }
        made = upload(caller, **sooner).json()
        assert made["expires_at"] - made["created_at"] == 3600

    @pytest.mark.parametrize(
        ("fields", "param"),
        [
            ({"purpose": ""}, "purpose"),
            ({"purpose": "x" * 65}, "purpose"),
            ({"purpose": "a\0b"}, "purpose"),
            ({"file": "text"}, "file"),
            ({"file": ""}, "file"),
            ({"colour": "x"}, "colour"),
            ({"expires_after": "soon"}, "expires_after"),
            ({"expires_after[seconds]": "3600"}, "expires_after"),
            (
                {"expires_after[anchor]": "created_at", "expires_after[seconds]": "5"},
                "expires_after",
            ),
            (
                {"expires_after[anchor]": "now", "expires_after[seconds]": "3600"},
                "expires_after",
            ),
        ],
        ids=str,
    )
    def test_a_field_that_makes_no_sense_is_named(
        self, caller: Caller, fields: dict[str, Any], param: str
    ) -> None:
        answer = upload(caller, **fields)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
        assert not UserFile.objects.exists()

    @pytest.mark.parametrize("missing", ["file", "purpose"])
    def test_both_fields_are_needed(self, caller: Caller, missing: str) -> None:
        fields: dict[str, Any] = {"file": io.BytesIO(PNG), "purpose": "vision"}
        del fields[missing]
        headers = {"Authorization": f"Bearer {caller.token}"}
        error = Client().post("/v1/files", fields, headers=headers).json()["error"]
        assert (error["param"], error["code"]) == (missing, "missing_required_parameter")

    def test_one_that_is_too_large_is_a_413(self, caller: Caller, settings: Any) -> None:
        settings.STUDIO_MAX_BODY_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
        assert upload(caller, PNG).status_code == 413


class TestListing:
    def test_it_is_newest_first_and_pages_without_gaps(self, caller: Caller) -> None:
        made = [file_id(caller) for _ in range(5)]
        seen: list[str] = []
        more: dict[str, Any] = {"has_more": True, "last_id": ""}
        while more["has_more"]:
            more = send(caller, "GET", f"?limit=2&after={more['last_id']}").json()
            seen += [file["id"] for file in more["data"]]
        assert seen == made[::-1]
        other_way = send(caller, "GET", "?order=asc").json()
        assert [file["id"] for file in other_way["data"]] == made
        assert (other_way["first_id"], other_way["has_more"]) == (made[0], False)

    def test_it_may_be_of_one_purpose(self, caller: Caller) -> None:
        upload(caller, purpose="evals")
        [file] = send(caller, "GET", "?purpose=evals").json()["data"]
        assert file["purpose"] == "evals"
        assert send(caller, "GET", "?purpose=vision").json() == {
            "object": "list",
            "data": [],
            "first_id": None,
            "last_id": None,
            "has_more": False,
        }

    @pytest.mark.parametrize(
        "query",
        ["limit=0", "limit=10001", "order=up", "after=x", f"after=file-{'0' * 32}", "purpose=%00"],
    )
    def test_a_parameter_that_makes_no_sense_is_named(self, caller: Caller, query: str) -> None:
        answer = send(caller, "GET", f"?{query}")
        assert answer.status_code == 400
        assert answer.json()["error"]["param"] == query.partition("=")[0]


class TestWhoseItIs:
    @pytest.mark.parametrize(
        ("method", "tail"), [("GET", ""), ("GET", "/content"), ("DELETE", "")], ids=str
    )
    def test_somebody_elses_file_does_not_exist(
        self, caller: Caller, stranger: Caller, method: str, tail: str
    ) -> None:
        its_id = file_id(caller)
        assert send(stranger, method, f"/{its_id}{tail}").status_code == 404
        assert UserFile.objects.get().pk == its_id

    def test_a_list_shows_only_ones_own(self, caller: Caller, stranger: Caller) -> None:
        file_id(caller)
        assert send(stranger, "GET").json()["data"] == []

    def test_nobody_can_use_it_in_a_request(self, caller: Caller, stranger: Caller) -> None:
        body = {"model": "gen4_turbo", "input_reference": {"file_id": file_id(caller)}}
        error = stranger.post(body=body).json()["error"]
        assert (error["param"], error["code"]) == ("input_reference", "invalid_value")

    @pytest.mark.django_db
    def test_a_key_is_needed(self) -> None:
        assert Client().get("/v1/files").status_code == 401
        assert Client().post("/v1/files").status_code == 401


class TestTheEnd:
    def test_what_has_expired_is_nobodys_and_the_clock_removes_it(
        self, caller: Caller, tmp_path: Path
    ) -> None:
        its_id, stays = file_id(caller), file_id(caller)
        UserFile.objects.filter(pk=its_id).update(expires_at=timezone.now())
        assert send(caller, "GET", f"/{its_id}").status_code == 404
        body = {"model": "gen4_turbo", "input_reference": {"file_id": its_id}}
        assert caller.post(body=body).status_code == 400
        Clock(tmp_path, "hot", "store", "notify").tick()
        assert [file.pk for file in UserFile.objects.all()] == [stays]
        assert default_storage.listdir("files")[1] == [f"{stays}.png"]

    def test_bytes_without_a_row_are_removed_after_an_hour(
        self, caller: Caller, data_dir: Path
    ) -> None:
        import os

        file_id(caller)
        folder = data_dir / "media" / "files"
        (folder / "new.png").write_bytes(PNG)
        (folder / "old.png").write_bytes(PNG)
        os.utime(folder / "old.png", (0, 0))
        uploaded.clean()
        assert {path.name for path in folder.iterdir()} == {
            "new.png",
            UserFile.objects.get().path.rpartition("/")[2],
        }

    def test_there_need_not_be_any(self, db: None) -> None:
        uploaded.clean()


@pytest.mark.parametrize("limit", ["videos.uploaded.MOST_BYTES", "videos.media.LEAST_ROOM"])
def test_without_room_a_file_is_refused(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(limit, 10 if "MOST" in limit else 2**70)
    answer = upload(caller)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "storage_full")
    assert not UserFile.objects.exists()
