"""Looking at, listing, downloading, cancelling and deleting videos over the wire."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.videos.factories import make_video
from videos.arrows import STATUSES
from videos.models import File, Video, VideoEvent

from .conftest import Caller

WORDS = {
    "queued": "queued",
    "submitting": "queued",
    "in_progress": "in_progress",
    "storing": "in_progress",
    "completed": "completed",
    "failed": "failed",
    "cancelled": "failed",
}


def keep(video: Video, data_dir: Path, kind: str, data: bytes, content_type: str) -> File:
    """A file on the storage, with its row."""
    name = f"videos/{video.pk}/{kind}-0.bin"
    path = data_dir / "media" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return File.objects.create(
        video=video,
        kind=kind,
        path=name,
        content_type=content_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize("status", STATUSES)
def test_the_wire_knows_four_statuses(caller: Caller, status: str) -> None:
    video = make_video(status, provider_status="RUNNING")
    assert caller.get(f"/{video.pk}").json()["status"] == WORDS[status]


@pytest.mark.parametrize("word", ["PENDING", "THROTTLED"])
def test_what_waits_at_runway_is_queued(caller: Caller, word: str) -> None:
    video = make_video("in_progress", provider_status=word)
    assert caller.get(f"/{video.pk}").json()["status"] == "queued"


def test_an_id_may_carry_bifrosts_suffix(caller: Caller) -> None:
    video = make_video()
    assert caller.get(f"/{video.pk}:runway").json()["id"] == video.pk


def test_a_cancelled_video_says_so_in_its_error(caller: Caller) -> None:
    video = make_video()
    answer = caller.post(f"/{video.pk}/cancel").json()
    assert (answer["status"], answer["error"]["code"]) == ("failed", "cancelled")
    assert caller.post(f"/{video.pk}/cancel").json() == answer


def test_what_the_sandbox_made_is_marked(caller: Caller) -> None:
    video = make_video("completed", is_sandbox=True)
    assert caller.get(f"/{video.pk}").json()["sandbox"] is True


def test_a_deleted_video_is_gone_from_every_door(caller: Caller) -> None:
    video = make_video()
    answer = caller.delete(f"/{video.pk}")
    assert answer.json() == {"id": video.pk, "object": "video.deleted", "deleted": True}
    assert caller.get(f"/{video.pk}").status_code == 404
    assert caller.delete(f"/{video.pk}").status_code == 404
    assert caller.get(f"/{video.pk}/content").status_code == 404
    assert caller.get("").json()["data"] == []
    assert VideoEvent.objects.filter(video=video).exists()


def test_a_list_is_newest_first_and_pages_without_gaps(caller: Caller) -> None:
    made = [make_video().pk for _ in range(5)]
    everything = [v["id"] for v in caller.get("?limit=100").json()["data"]]
    assert set(everything) == set(made)
    pages, after = [], ""
    while True:
        page = caller.get(f"?limit=2{after}").json()
        pages += [video["id"] for video in page["data"]]
        assert (page["first_id"], page["last_id"]) == (page["data"][0]["id"], pages[-1])
        if not page["has_more"]:
            break
        after = f"&after={page['last_id']}"
    assert pages == everything
    times = [Video.objects.get(pk=pk).created_at for pk in pages]
    assert times == sorted(times, reverse=True)


def test_a_list_may_run_the_other_way(caller: Caller) -> None:
    for _ in range(3):
        make_video()
    down = [v["id"] for v in caller.get("").json()["data"]]
    first = caller.get("?order=asc&limit=2").json()
    rest = caller.get(f"?order=asc&limit=2&after={first['last_id']}").json()
    assert [v["id"] for v in first["data"] + rest["data"]] == down[::-1]


def test_an_empty_list_has_no_ids(caller: Caller) -> None:
    assert caller.get("").json() == {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": False,
    }


def test_a_page_goes_on_behind_a_video_that_was_deleted_meanwhile(caller: Caller) -> None:
    videos = [make_video() for _ in range(3)]
    page = caller.get("?limit=2").json()
    caller.delete(f"/{page['last_id']}")
    rest = caller.get(f"?limit=2&after={page['last_id']}").json()["data"]
    assert len(rest) == 1
    assert rest[0]["id"] in {video.pk for video in videos}


def test_content_is_the_stored_bytes(caller: Caller, data_dir: Path) -> None:
    video = make_video("completed")
    keep(video, data_dir, "video", b"0123456789", "video/mp4")
    answer = caller.get(f"/{video.pk}/content", accept="application/binary")
    assert (answer.status_code, body(answer)) == (200, b"0123456789")
    assert (answer["Content-Type"], answer["Content-Length"]) == ("video/mp4", "10")
    assert answer["Accept-Ranges"] == "bytes"
    assert f'filename="{video.pk}' in answer["Content-Disposition"]
    assert answer["ETag"] == f'"{hashlib.sha256(b"0123456789").hexdigest()}"'


def test_content_comes_in_ranges(caller: Caller, data_dir: Path) -> None:
    video = make_video("completed")
    keep(video, data_dir, "video", b"0123456789", "video/mp4")
    answer = caller.get(f"/{video.pk}/content", Range="bytes=2-5")
    assert (answer.status_code, body(answer)) == (206, b"2345")
    assert answer["Content-Range"] == "bytes 2-5/10"
    beyond = caller.get(f"/{video.pk}/content", Range="bytes=10-")
    assert (beyond.status_code, beyond["Content-Range"]) == (416, "bytes */10")
    assert beyond.json()["error"]["code"] == "invalid_range"


def test_head_tells_the_size_without_the_bytes(caller: Caller, data_dir: Path) -> None:
    video = make_video("completed")
    keep(video, data_dir, "video", b"0123456789", "video/mp4")
    answer: Any = caller.send("HEAD", f"/{video.pk}/content")
    assert (answer.status_code, answer["Content-Length"]) == (200, "10")
    assert body(answer) == b""


@pytest.mark.parametrize(
    ("variant", "content_type"), [("thumbnail", "image/webp"), ("spritesheet", "image/jpeg")]
)
def test_pictures_are_variants_of_the_content(
    caller: Caller, data_dir: Path, variant: str, content_type: str
) -> None:
    video = make_video("completed")
    keep(video, data_dir, variant, b"picture", content_type)
    answer = caller.get(f"/{video.pk}/content?variant={variant}")
    assert (answer["Content-Type"], body(answer)) == (content_type, b"picture")


def test_an_unknown_variant_names_the_known_ones(caller: Caller) -> None:
    video = make_video("completed")
    error = caller.get(f"/{video.pk}/content?variant=gif").json()["error"]
    assert error["param"] == "variant"
    assert "spritesheet" in error["message"]


@pytest.mark.parametrize("status", ["queued", "submitting", "in_progress", "storing"])
def test_content_before_the_end_is_a_400(caller: Caller, status: str) -> None:
    answer = caller.get(f"/{make_video(status).pk}/content")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "video_not_ready")


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_content_that_will_never_come_is_a_404(caller: Caller, status: str) -> None:
    answer = caller.get(f"/{make_video(status).pk}/content")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "video_failed")


def test_a_file_that_vanished_from_the_disk_is_a_404(caller: Caller, data_dir: Path) -> None:
    video = make_video("completed")
    keep(video, data_dir, "video", b"x", "video/mp4")
    (data_dir / "media" / "videos" / video.pk / "video-0.bin").unlink()
    answer = caller.get(f"/{video.pk}/content")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "file_missing")


def test_a_list_costs_the_same_queries_however_long(
    caller: Caller, django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        make_video("completed")
    caller.get("?limit=1")  # the key's use of this minute is noted
    with django_assert_max_num_queries(4):  # key, videos, their outputs, their metadata
        caller.get("?limit=10")


def test_the_documentation_describes_every_endpoint(caller: Caller) -> None:
    from django.test import Client

    paths = Client().get("/api/openapi.json").json()["paths"]
    assert set(paths) == {
        "/api/providers",
        "/api/providers/{provider}",
        "/api/providers/{provider}/keys",
        "/api/providers/{provider}/keys/{key_id}",
        "/v1/files",
        "/v1/files/{file_id}",
        "/v1/files/{file_id}/content",
        "/v1/models",
        "/v1/models/{model_id}",
        "/v1/videos",
        "/v1/videos/characters",
        "/v1/videos/characters/{character_id}",
        "/v1/videos/edits",
        "/v1/videos/estimate",
        "/v1/videos/extensions",
        "/v1/videos/{video_id}",
        "/v1/videos/{video_id}/cancel",
        "/v1/videos/{video_id}/content",
        "/v1/videos/{video_id}/remix",
        "/v1/videos/{video_id}/upscale",
        "/v1/webhook_endpoints",
        "/v1/webhook_endpoints/{webhook_endpoint_id}",
        "/v1/webhook_endpoints/{webhook_endpoint_id}/rotate_secret",
        "/v1/webhook_endpoints/{webhook_endpoint_id}/test",
        "/v1/webhook_event_types",
    }
    kinds = paths["/v1/videos"]["post"]["requestBody"]["content"]
    assert set(kinds) == {"application/json", "multipart/form-data"}
    page = Client().get("/api/docs")
    assert page.status_code == 200
    assert "//cdn" not in page.content.decode()
