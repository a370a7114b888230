"""Store: what happens to a finished task's outputs, whatever their links bring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.utils import timezone

from providers.errors import OutputForbidden
from providers.models import ProviderKey
from videos import actions, leases, ledger
from videos.leases import Claim
from videos.models import File, Superseded, Task, Video
from videos.store import store

from .clips import film, picture
from .factories import BASE_URL, make_video
from .test_media import files_under, room_for

pytestmark = pytest.mark.django_db

TASK = "17f20503-6c24-4c16-946b-35dbbce2af2f"
LINK, FRESH = f"{BASE_URL}/outputs/1?sig=1", f"{BASE_URL}/outputs/1?sig=2"


@pytest.fixture
def runway() -> Iterator[responses.RequestsMock]:
    """Runway at the wire; whatever is not registered is refused."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def media_root(data_dir: Path) -> Path:
    """Where the files go."""
    return data_dir / "media"


def made(**extra: Any) -> Video:
    """A paid video of 2 s whose output waits at Runway."""
    video = make_video("storing", seconds=2, **extra)
    video.tasks.update(provider_id=TASK, credits=24, ended_at=timezone.now())
    ledger.reserve(video, video.estimate or ledger.NOTHING)
    ledger.settle(video)
    return video


def links(runway: responses.RequestsMock, *urls: str) -> None:
    """What the next look at the task names as its outputs."""
    body = {"id": TASK, "status": "SUCCEEDED", "output": urls, "cost": {"credits": 24}}
    runway.get(f"{BASE_URL}/v1/tasks/{TASK}", json=body)


def take(video: Video) -> Claim:
    """A claim of the video, as the clock makes one."""
    Video.objects.filter(pk=video.pk).update(next_at=timezone.now() - timedelta(seconds=1))
    [claim] = leases.claim("storing", 1)
    return claim


def try_once(video: Video) -> Video:
    """One claim and one try."""
    store(take(video))
    video.refresh_from_db()
    return video


def arrows(video: Video) -> str:
    """The letters of the video's events, in order."""
    return "".join(video.events.order_by("id").values_list("arrow", flat=True))


def test_a_stored_video_is_completed_with_its_files(
    runway: responses.RequestsMock, media_root: Path
) -> None:
    links(runway, LINK)
    runway.get(LINK, body=film())
    video = try_once(made())
    assert (video.status, arrows(video), video.progress) == ("completed", "g", 100)
    assert video.completed_at
    assert video.next_at is None
    rows = {file.kind: file for file in video.files.all()}
    assert set(rows) == {"video", "thumbnail", "spritesheet", *File.FRAMES}
    assert (media_root / rows["video"].path).read_bytes() == film()
    assert sorted(file.path for file in rows.values()) == files_under(media_root)


def test_all_outputs_are_kept(runway: responses.RequestsMock) -> None:
    links(runway, LINK, FRESH)
    runway.get(LINK, body=film())
    runway.get(FRESH, body=film("prores"))
    kept = try_once(made()).files.filter(kind="video").order_by("position")
    assert [(file.position, file.content_type) for file in kept] == [
        (0, "video/mp4"),
        (1, "video/quicktime"),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 403},
        {"status": 404},
        {"status": 503},
        {"body": requests.exceptions.ConnectionError("reset")},
        {"body": film()[:-50]},
        {"body": film(), "headers": {"Content-Length": "99999"}},
        {"body": b"<!doctype html>", "content_type": "video/mp4"},
        {"body": b""},
        {"body": film(seconds=4)},
        {"body": picture()},
    ],
    ids=[
        *("expired", "404", "503", "reset", "cut", "short", "html", "empty", "too long", "picture"),
    ],
)
def test_a_bad_download_is_tried_again_with_a_fresh_link(
    runway: responses.RequestsMock, media_root: Path, answer: dict[str, Any]
) -> None:
    links(runway, LINK)
    links(runway, FRESH)
    runway.get(LINK, **answer)
    runway.get(FRESH, body=film())
    video = try_once(made())
    assert (video.status, video.failures, arrows(video)) == ("storing", 1, "")
    assert video.reason.startswith("Saving: ")
    assert video.next_at and video.next_at > timezone.now()
    assert files_under(media_root) == []
    video = try_once(video)
    assert (video.status, video.reason, arrows(video)) == ("completed", "", "g")


@pytest.mark.parametrize("status", [404, 429, 500])
def test_a_task_that_cannot_be_read_now_is_read_later(
    runway: responses.RequestsMock, status: int
) -> None:
    runway.get(f"{BASE_URL}/v1/tasks/{TASK}", json={"error": "no"}, status=status)
    assert try_once(made()).status == "storing"


def test_a_task_without_outputs_is_read_again(runway: responses.RequestsMock) -> None:
    links(runway)
    assert try_once(made()).status == "storing"


def test_the_pauses_grow_to_a_quarter_of_an_hour(runway: responses.RequestsMock) -> None:
    links(runway)
    video = try_once(made(failures=30))
    assert video.next_at is not None
    assert 890 < (video.next_at - timezone.now()).total_seconds() < 1351


def test_what_cannot_be_fetched_for_a_day_is_lost_and_names_the_task(
    runway: responses.RequestsMock,
) -> None:
    links(runway, LINK)
    runway.get(LINK, status=403)
    video = made(failures=3)
    video.tasks.update(ended_at=timezone.now() - timedelta(hours=25))
    assert try_once(video).status == "storing"
    video = try_once(video)
    assert (video.status, video.error_code, arrows(video)) == ("failed", "output_lost", "i")
    assert TASK in video.error_message
    assert ledger.cost(video) == 24


def test_a_task_that_runway_forgot_is_lost(runway: responses.RequestsMock) -> None:
    runway.get(f"{BASE_URL}/v1/tasks/{TASK}", json={"error": "no"}, status=404)
    video = made(unknowns=3, failures=9)
    video.tasks.update(ended_at=timezone.now() - timedelta(minutes=5))
    assert try_once(video).status == "storing"
    assert try_once(video).error_code == "output_lost"


def test_what_is_no_video_for_an_hour_fails_for_good(runway: responses.RequestsMock) -> None:
    links(runway, LINK)
    runway.get(LINK, body=b"<html>")
    video = made()
    video.tasks.update(ended_at=timezone.now() - timedelta(hours=2))
    video = try_once(video)
    assert (video.status, video.error_code) == ("failed", "bad_output")
    assert ledger.cost(video) == 24


def test_an_error_of_ours_is_tried_again_with_growing_pauses(
    runway: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    links(runway, LINK)
    runway.get(LINK, body=film())
    monkeypatch.setattr("videos.media.publish", lambda made: 1 / 0)
    video = try_once(made())
    assert (video.status, video.failures, arrows(video)) == ("storing", 1, "")
    assert video.reason == "Saving: an error of ours, which is in the log"


def test_without_the_key_that_made_it_it_is_lost(runway: responses.RequestsMock) -> None:
    video = made()
    Task.objects.update(provider_key=None)
    ProviderKey.objects.all().delete()
    video = try_once(video)
    assert (video.status, video.error_code) == ("failed", "output_lost")
    assert len(runway.calls) == 0


def test_what_is_too_large_fails_for_good_and_stays_paid(
    runway: responses.RequestsMock, media_root: Path, settings: Any
) -> None:
    settings.STUDIO_MAX_VIDEO_BYTES = 500
    links(runway, LINK)
    runway.get(LINK, body=film())
    video = try_once(made())
    assert (video.status, video.error_code, arrows(video)) == ("failed", "output_too_large", "i")
    assert "500 bytes" in video.error_message
    assert ledger.cost(video) == 24
    assert files_under(media_root) == []


@pytest.mark.parametrize("link", ["http://example.org/1", "https://a:b@example.org/1", "file:///x"])
def test_a_link_to_where_we_never_fetch_from_fails_for_good(
    runway: responses.RequestsMock, link: str
) -> None:
    links(runway, link)
    assert try_once(made()).error_code == "output_forbidden"


def test_a_host_whose_name_is_not_found_just_now_is_tried_again(
    runway: responses.RequestsMock,
) -> None:
    unknown = OutputForbidden("The output's host cannot be resolved.")
    unknown.__cause__ = OSError("Temporary failure in name resolution")
    links(runway, LINK)
    runway.get(LINK, body=unknown)
    assert try_once(made()).status == "storing"


def test_a_full_disk_is_said_and_tried_again(
    runway: responses.RequestsMock, media_root: Path
) -> None:
    links(runway, LINK)
    runway.get(LINK, body=film())
    video = made()
    with room_for(500):
        video = try_once(video)
    assert (video.status, video.reason) == (
        "storing",
        "Saving: There is no room on the media disk.",
    )
    assert files_under(media_root) == []
    assert try_once(video).status == "completed"


def test_an_old_claim_asks_nothing(runway: responses.RequestsMock) -> None:
    with pytest.raises(Superseded):
        store((made().pk, 99))
    assert len(runway.calls) == 0


def test_a_deleted_video_is_not_fetched_and_nothing_of_it_stays(
    runway: responses.RequestsMock, media_root: Path
) -> None:
    video = made()
    left = media_root / "videos" / video.pk / "video-0.mp4"
    left.parent.mkdir(parents=True)
    left.touch()
    actions.delete(video)
    left.parent.mkdir()
    left.touch()
    video = try_once(video)
    assert (video.status, arrows(video), len(runway.calls)) == ("failed", "i", 0)
    assert files_under(media_root) == []


def during_the_download(runway: responses.RequestsMock, change: Callable[[], object]) -> None:
    """Let somebody else change the database while the output comes down."""

    def answer(request: object) -> tuple[int, dict[str, str], bytes]:
        try:
            change()
        finally:
            BaseDatabaseWrapper.close(connection)  # this thread's own, even in memory
        return 200, {}, film()

    links(runway, LINK)
    runway.add_callback(responses.GET, LINK, answer)


@pytest.mark.django_db(transaction=True)
def test_of_a_video_deleted_meanwhile_nothing_stays(
    runway: responses.RequestsMock, media_root: Path
) -> None:
    video = made()
    during_the_download(runway, lambda: actions.delete(Video.objects.get(pk=video.pk)))
    with pytest.raises(Superseded):
        store(take(video))
    assert files_under(media_root) == []
    assert not video.files.exists()
    assert try_once(video).status == "failed"


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_somebody_else_took_over_writes_nothing(
    runway: responses.RequestsMock, media_root: Path
) -> None:
    video = made()
    during_the_download(runway, lambda: Video.objects.update(fence=F("fence") + 1))
    with pytest.raises(Superseded):
        store(take(video))
    video.refresh_from_db()
    assert (video.status, arrows(video), video.files.count()) == ("storing", "", 0)
    assert files_under(media_root) == []
