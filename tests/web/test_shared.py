"""Shared projects: everybody here looks at what is in them, and only owners act."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.videos.factories import make_user, make_video
from videos import cursor, shelving
from videos.models import Project, Tag, Video

from .conftest import text
from .test_slots import with_still
from .test_updates import Tab, change, shown

pytestmark = pytest.mark.django_db

ACTS = ("cancel", "delete", "give-up", "again", "retry", "look", "favourite", "project", "tags")


def doors_of(video: Video) -> list[str]:
    """Every page and file that looks at a video."""
    page = f"/v/{video.pk}/"
    parts = (
        "",
        "state",
        "copy",
        "file/video",
        "file/thumbnail",
        "file/video?download=1",
        "given/0",
    )
    return [f"{page}{part}" for part in parts] + [f"/studio/stills/{video.pk}:last"]


def answers(client: Client, video: Video) -> set[int]:
    """How those doors answer."""
    return {client.get(path).status_code for path in doors_of(video)}


def zip_of(client: Client, *videos: Video) -> Any:
    """The answer to the button for a zip."""
    return client.post("/studio/zip", {"ids": [video.pk for video in videos]})


class TestLooking:
    def test_everybody_opens_every_page_and_file(self, other: Client, shot: Video) -> None:
        assert answers(other, shot) == {200}

    @pytest.mark.parametrize("how", ["private", "no project", "trash", "deleted"])
    def test_nothing_else_of_others_exists(self, other: Client, shot: Video, how: str) -> None:
        if how == "private":
            Project.objects.update(is_shared=False)
        elif how == "no project":
            shelving.move(Video.objects.all(), None)
        elif how == "trash":
            shelving.trash(Video.objects.all())
        else:
            change(shot, deleted_at=shot.created_at)
        assert answers(other, shot) == {404}
        assert not zip_of(other, shot).streaming

    def test_the_trash_stays_the_owners(self, ana: Client, other: Client, shot: Video) -> None:
        shelving.trash(Video.objects.all())
        assert "a crane" in text(ana.get("/trash/"))
        assert "a crane" not in text(other.get("/trash/"))
        assert "a crane" not in text(other.get(f"/?in={shot.project_id}"))

    def test_the_library_shows_it_where_the_project_is_chosen(
        self, other: Client, shot: Video
    ) -> None:
        assert "a crane" not in other.get("/").content.decode()
        page = other.get(f"/?in={shot.project_id}")
        assert shown(page) == ["a crane"] and "1 video" in text(page)
        html = page.content.decode()
        assert '<optgroup label="Shared with you">' in html
        assert "Harbour film · ana@example.org" in text(page)
        assert shown(other.get(f"/studio/cards?in={shot.project_id}")) == ["a crane"]

    def test_other_filters_choose_among_it(self, stranger: Client, shot: Video) -> None:
        address = f"/?in={shot.project_id}"
        assert shown(stranger.get(f"{address}&q=crane&ratio=16:9&status=completed")) == ["a crane"]
        assert shown(stranger.get(f"{address}&q=lamp")) == []

    def test_its_owner_sees_what_others_put_in(self, ana: Client, shot: Video) -> None:
        make_video("completed", owner=make_user("bo@example.org"), project=shot.project)
        page = ana.get(f"/?in={shot.project_id}")
        assert shown(page) == ["a lighthouse", "a crane"] and "bo@example.org" in text(page)
        assert shown(ana.get("/")) == ["a crane"]

    def test_further_pages_begin_behind_somebody_elses_video(
        self, stranger: Client, shot: Video
    ) -> None:
        later = make_video("completed", project=shot.project)
        address = f"/studio/cards?in={shot.project_id}"
        assert shown(stranger.get(f"{address}&after={later.pk}")) == ["a crane"]

    def test_previous_and_next_stay_in_the_project(self, stranger: Client, shot: Video) -> None:
        later = make_video("completed", project=shot.project)
        page = stranger.get(f"/v/{shot.pk}/?in={shot.project_id}")
        assert "2 of 2" in text(page)
        assert f"/v/{later.pk}/?in={shot.project_id}" in page.content.decode()

    def test_relatives_are_shown_as_far_as_they_are_shared(
        self, stranger: Client, shot: Video
    ) -> None:
        make_video("completed", prompt="a secret", remixed_from=shot)
        make_video("completed", prompt="a remix", remixed_from=shot, project=shot.project)
        page = text(stranger.get(f"/v/{shot.pk}/"))
        assert "a remix" in page and "a secret" not in page

    def test_its_json_has_no_link_that_outlives_the_sharing(
        self, ana: Client, stranger: Client, shot: Video
    ) -> None:
        path = f"/v/{shot.pk}/copy"
        assert "signature=" in ana.get(path).content.decode()
        page = stranger.get(path).content.decode()
        assert "signature=" not in page and "sha256" in page

    def test_a_zip_has_it(self, other: Client, shot: Video) -> None:
        private = make_video("completed")
        with_still(private, "video", "video/mp4")
        answer = zip_of(other, shot, private)
        names = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
        assert len(names) == 2 and "a-crane" in names[0]


class TestPoll:
    def test_it_tells_of_others_videos(self, stranger: Client, film: Project) -> None:
        video = make_video("in_progress", project=film)
        tab, library = Tab(stranger, f"?in={film.pk}"), Tab(stranger)
        change(video, progress=60)
        new = make_video("queued", prompt="a crane", project=film)
        assert sorted(shown(tab.poll())) == ["a crane", "a lighthouse"]
        assert tab.poll().status_code == 204
        change(new, prompt="another crane")
        assert shown(tab.poll()) == ["another crane"]
        assert "crane" not in library.poll().content.decode()

    def test_what_is_in_the_trash_goes(self, stranger: Client, shot: Video) -> None:
        tab = Tab(stranger, f"?in={shot.project_id}")
        shelving.trash(Video.objects.all())
        page = tab.poll().content.decode()
        assert f'id="card-{shot.pk[6:]}" hx-swap-oob="delete"' in page and "0 videos" in page

    def test_the_end_of_others_videos_is_not_announced(
        self, stranger: Client, film: Project
    ) -> None:
        video = make_video("in_progress", project=film)
        tab = Tab(stranger, f"?in={film.pk}")
        video.refresh_from_db()
        video.mark_cancelled()
        page = tab.poll().content.decode()
        assert "a lighthouse" in page and 'id="live"' not in page

    def test_nothing_is_told_once_it_is_private(self, stranger: Client, film: Project) -> None:
        video = make_video("in_progress", project=film)
        tab = Tab(stranger, f"?in={film.pk}")
        shelving.unshare(film)
        change(video, progress=60)
        assert tab.poll().content.decode().count("lighthouse") == 0

    def test_it_reads_by_an_index(self, film: Project) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL plans by what is in the table")
        rows = Video.objects.filter(project=film).changed_since(cursor.BEGINNING)
        assert "USING INDEX project_changed" in rows.explain()


class TestActing:
    @pytest.mark.parametrize("act", ACTS)
    def test_only_the_owner_acts(self, stranger: Client, shot: Video, act: str) -> None:
        before = Video.objects.values().get()
        answer = stranger.post(f"/studio/videos/{shot.pk}/{act}", {"on": "1", "tags": "x"})
        assert answer.status_code == 404
        assert Video.objects.values().get() == before and not Tag.objects.exists()

    @pytest.mark.parametrize("deed", ["trash", "restore", "favourite", "tag", "move"])
    def test_a_selection_is_ones_own(self, stranger: Client, shot: Video, deed: str) -> None:
        before = Video.objects.values().get()
        wish = {"do": deed, "ids": shot.pk, "tag": "x", "project": ""}
        answer = stranger.post("/studio/selected", wish, follow=True)
        assert "None of your own videos is selected." in text(answer)
        stranger.post("/studio/trash/empty", {"ids": shot.pk})
        assert Video.objects.values().get() == before

    def test_nobody_else_cancels_in_the_queue(self, stranger: Client, film: Project) -> None:
        video = make_video("in_progress", project=film)
        assert stranger.post(f"/studio/queue/{video.pk}/cancel").status_code == 404
        video.refresh_from_db()
        assert not video.cancel_requested

    def test_others_see_download_and_use_again_alone(
        self, ana: Client, stranger: Client, shot: Video
    ) -> None:
        address = f"/?in={shot.project_id}"
        for path in (f"/v/{shot.pk}/", address):
            mine, theirs = (client.get(path).content.decode() for client in (ana, stranger))
            for do in ("trash", "favourite"):
                marks = f'data-do="{do}"' if path != address else f'data-do="{do}" id="star-'
                assert marks not in theirs, (path, do)
            assert mine.count('value="trash"') == theirs.count('value="trash"') + 1
            assert 'data-do="download"' in theirs and f"from={shot.pk}" in theirs
        for act in ACTS:
            assert f"{shot.pk}/{act}" not in theirs
        assert "Only its owner changes it" in text(stranger.get(f"/v/{shot.pk}/"))

    def test_a_failed_video_of_others_has_no_buttons(
        self, ana: Client, stranger: Client, film: Project
    ) -> None:
        video = make_video("failed", error_code="timed_out", project=film)
        for path in (f"/v/{video.pk}/", f"/?in={film.pk}"):
            act = f"/studio/videos/{video.pk}/"
            assert act in ana.get(path).content.decode()
            assert act not in stranger.get(path).content.decode()
