"""Buttons and files of one video: cancel, delete, give up, send again, try again, look now."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from tests.videos.factories import make_video
from videos import actions, leases, ledger, requests
from videos.models import File, Video

from .conftest import HTMX, text
from .test_pages import with_file


def uncertain() -> Video:
    """Ana's video of which nobody knows whether Runway took it."""
    from tests.videos.factories import make_user

    video = actions.accept(requests.check({"model": "gen4.5", "prompt": "a pier"}), make_user())
    Video.objects.update(status="failed", error_code="submission_uncertain")
    return video


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_cancel_ends_a_queued_video(ana: Client, headers: dict[str, str]) -> None:
    video = make_video()
    answer = ana.post(f"/studio/videos/{video.pk}/cancel", headers=headers)
    video.refresh_from_db()
    assert video.status == "cancelled"
    if headers:
        assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, '{"changed": {}}')
    else:
        assert answer["Location"] == "/"


def test_a_running_video_is_cancelled_in_two_steps_that_name_the_price(ana: Client) -> None:
    video = make_video("in_progress", provider_status="RUNNING", progress=40)
    ledger.reserve(video, Decimal(60))
    assert "Cancel, may cost 60 cr" in text(ana.get("/"))
    ana.post(f"/studio/videos/{video.pk}/cancel", headers=HTMX)
    assert "Cancelling" in text(ana.get("/"))


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_delete_removes_a_video(ana: Client, headers: dict[str, str]) -> None:
    video = make_video("completed")
    answer = ana.post(f"/studio/videos/{video.pk}/delete", headers=headers)
    assert answer.status_code == (200 if headers else 302)
    assert ana.get(f"/v/{video.pk}/").status_code == 404


def test_without_javascript_one_comes_back_to_where_one_was(ana: Client) -> None:
    video, page = make_video(), "http://testserver/?status=running"
    url = f"/studio/videos/{video.pk}/cancel"
    assert ana.post(url, headers={"Referer": page})["Location"] == page
    assert ana.post(url, headers={"Referer": "https://evil.test/"})["Location"] == "/"


def test_giving_up_an_uncertain_video_shows_it_so(ana: Client) -> None:
    video = uncertain()
    ana.post(f"/studio/videos/{video.pk}/give-up", headers=HTMX)
    assert "Given up" in text(ana.get("/"))
    again = ana.post(f"/studio/videos/{video.pk}/give-up", headers=HTMX)
    assert "This was decided before." in text(again)
    assert ledger.cost(video) == 0


def test_sending_an_uncertain_video_again_makes_a_new_one(ana: Client) -> None:
    video = uncertain()
    ana.post(f"/studio/videos/{video.pk}/again", headers=HTMX)
    assert Video.objects.get(again_of=video).prompt == "a pier"
    assert "Given up" in text(ana.get("/"))


@pytest.mark.parametrize(
    ("status", "code"), [("failed", "task_failed"), ("cancelled", "cancelled")]
)
def test_trying_again_makes_a_new_video_linked_to_the_old_one(
    ana: Client, status: str, code: str
) -> None:
    video = uncertain()
    Video.objects.update(status=status, error_code=code)
    ana.post(f"/studio/videos/{video.pk}/retry", headers=HTMX)
    again = Video.objects.get(again_of=video)
    assert (again.status, again.prompt) == ("queued", "a pier")
    video.refresh_from_db()
    assert video.status == status


@pytest.mark.parametrize("status", ["queued", "in_progress", "completed"])
def test_what_may_come_to_something_is_not_tried_again(ana: Client, status: str) -> None:
    video = make_video(status)
    answer = ana.post(f"/studio/videos/{video.pk}/retry", headers=HTMX)
    assert "This was decided before." in text(answer)
    assert Video.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "code"), [("in_progress", ""), ("storing", ""), ("failed", "timed_out")]
)
def test_the_worker_looks_at_once_when_asked(ana: Client, status: str, code: str) -> None:
    video = make_video(status, error_code=code, next_at=timezone.now() + timedelta(hours=1))
    ana.post(f"/studio/videos/{video.pk}/look", headers=HTMX)
    assert leases.claim(status, 9) == [(video.pk, video.fence + 1)]


def test_a_video_that_is_over_is_not_looked_at(ana: Client) -> None:
    video = make_video("failed", error_code="task_failed", next_at=None)
    answer = ana.post(f"/studio/videos/{video.pk}/look", headers=HTMX)
    assert "This was decided before." in text(answer)
    video.refresh_from_db()
    assert video.next_at is None


def test_without_javascript_a_decision_that_comes_too_late_is_said(ana: Client) -> None:
    video = uncertain()
    assert ana.post(f"/studio/videos/{video.pk}/again")["Location"] == "/"
    ana.post(f"/studio/videos/{video.pk}/again")
    assert "This was decided before." in text(ana.get("/"))
    assert Video.objects.count() == 2


def test_sending_again_without_its_picture_says_so(ana: Client) -> None:
    video = uncertain()
    media = [{"field": "input_reference", "uri": "file:gone"}]
    Video.objects.update(request={**video.request, "media": media})
    answer = ana.post(f"/studio/videos/{video.pk}/again", headers=HTMX)
    assert "The picture of this request is gone" in text(answer)
    assert Video.objects.count() == 1


def stored(data_dir: Path, kind: str, content: bytes) -> Video:
    """A completed video with a file of this kind on the storage."""
    video = with_file(make_video("completed"), kind)
    path = data_dir / "media" / video.files.get().path
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    video.files.update(size=len(content))
    return video


@pytest.mark.parametrize("kind", [File.VIDEO, File.THUMBNAIL, File.SPRITESHEET])
def test_a_file_is_delivered_whole_and_in_ranges(ana: Client, data_dir: Path, kind: str) -> None:
    video = stored(data_dir, kind, b"0123456789")
    path = f"/v/{video.pk}/file/{kind}"
    whole = ana.get(path)
    assert b"".join(whole) == b"0123456789"
    part = ana.get(path, headers={"Range": "bytes=2-4"})
    assert (part.status_code, b"".join(part)) == (206, b"234")
    assert ana.head(path)["Content-Length"] == "10"
    assert ana.get(f"{path}?download=1")["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("kind", [File.INPUT, *File.FRAMES, "anything"])
def test_other_files_are_nobodys(ana: Client, data_dir: Path, kind: str) -> None:
    video = stored(data_dir, kind[:12], b"x")
    assert ana.get(f"/v/{video.pk}/file/{kind}").status_code == 404
