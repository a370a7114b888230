"""Shared projects: who shares them, who puts videos in, and what is made from what is there."""

from __future__ import annotations

import pytest
from django.test import Client

from studio.accounts.models import ApiKey
from tests.videos.factories import make_user, make_video
from videos import shelving
from videos.models import Budget, File, Project, UserFile, Video

from .conftest import text
from .test_create import FORM
from .test_slots import picks

pytestmark = pytest.mark.django_db


class TestSharing:
    def test_its_owner_switches_it_on_and_off(self, ana: Client, stranger: Client) -> None:
        film = Project.objects.create(owner=make_user(), name="Harbour film")
        video = make_video("completed", project=film)
        assert "Harbour film" not in text(stranger.get("/projects/"))
        ana.post(f"/studio/projects/{film.pk}/share", {"on": "1"})
        assert "Harbour film · ana@example.org 1 video" in text(stranger.get("/projects/"))
        assert stranger.get(f"/v/{video.pk}/").status_code == 200
        assert "Everybody here sees it" in text(ana.get("/projects/"))
        ana.post(f"/studio/projects/{film.pk}/share", {"on": "0"})
        assert stranger.get(f"/v/{video.pk}/").status_code == 404

    @pytest.mark.parametrize("act", ["share", "rename", "delete"])
    def test_nobody_else_changes_it(self, stranger: Client, film: Project, act: str) -> None:
        answer = stranger.post(f"/studio/projects/{film.pk}/{act}", {"on": "0", "name": "x"})
        film.refresh_from_db()
        assert answer.status_code == 404 and (film.name, film.is_shared) == ("Harbour film", True)

    def test_others_videos_leave_it_when_it_is_private_again(
        self, ana: Client, stranger: Client, shot: Video
    ) -> None:
        theirs = make_video("completed", owner=make_user("bo@example.org"), project=shot.project)
        ana.post(f"/studio/projects/{shot.project_id}/share", {"on": "0"})
        theirs.refresh_from_db()
        assert theirs.project is None and Video.objects.get(pk=shot.pk).project
        assert stranger.get(f"/v/{theirs.pk}/").status_code == 200
        assert ana.get(f"/v/{theirs.pk}/").status_code == 404


class TestPuttingIn:
    def test_a_member_makes_a_video_in_it(
        self, ana: Client, stranger: Client, film: Project
    ) -> None:
        stranger.post("/studio/videos/", {**FORM, "project": film.pk})
        video = Video.objects.get()
        assert (video.owner.email, video.project) == ("bo@example.org", film)
        assert ana.get(f"/v/{video.pk}/").status_code == 200
        assert ana.post(f"/studio/videos/{video.pk}/cancel").status_code == 404

    def test_a_member_moves_a_video_into_it(self, stranger: Client, film: Project) -> None:
        video = make_video("completed", owner=make_user("bo@example.org"))
        stranger.post("/studio/selected", {"do": "move", "ids": video.pk, "project": film.pk})
        assert Video.objects.get().project == film
        stranger.post(f"/studio/videos/{video.pk}/project", {"project": ""})
        assert Video.objects.get().project is None
        stranger.post(
            f"/studio/videos/{video.pk}/project", {"project": "Harbour film · ana@example.org"}
        )
        assert Video.objects.get().project == film

    def test_a_name_alone_means_a_project_of_ones_own(
        self, stranger: Client, film: Project
    ) -> None:
        video = make_video("completed", owner=make_user("bo@example.org"))
        stranger.post(f"/studio/videos/{video.pk}/project", {"project": "Harbour film"})
        found = Video.objects.get().project
        assert found and found != film and not found.is_shared

    def test_a_private_one_of_others_takes_nothing(self, stranger: Client, film: Project) -> None:
        Project.objects.update(is_shared=False)
        answer = stranger.post("/studio/videos/", {**FORM, "project": film.pk})
        assert answer.status_code == 422 and not Video.objects.exists()
        video = make_video("completed", owner=make_user("bo@example.org"))
        stranger.post("/studio/selected", {"do": "move", "ids": video.pk, "project": film.pk})
        assert Video.objects.get().project is None

    def test_its_budget_counts_everybodys_videos(
        self, ana: Client, stranger: Client, film: Project
    ) -> None:
        Budget.objects.create(scope="project", project=film, amount=100)
        ana.post("/studio/videos/", {**FORM, "project": film.pk})
        answer = stranger.post("/studio/videos/", {**FORM, "project": film.pk})
        assert answer.status_code == 422 and "40 cr of 100 cr are left" in text(answer)
        assert Video.objects.count() == 1


class TestUsingAgain:
    def test_the_form_is_filled_with_what_is_shared(self, stranger: Client, shot: Video) -> None:
        answer = stranger.get(f"/?from={shot.pk}")
        assert "a crane" in answer.content.decode()
        assert picks(answer, "input_reference") == [f"{shot.pk}:input-0"]
        answer = stranger.get(f"/?continue={shot.pk}")
        assert picks(answer, "input_reference") == [f"{shot.pk}:last"]

    @pytest.mark.parametrize("name", ["from", "edit", "extend", "continue", "prompt_from"])
    def test_it_is_filled_with_nothing_else(self, stranger: Client, shot: Video, name: str) -> None:
        shelving.unshare(Project.objects.get())
        html = stranger.get(f"/?{name}={shot.pk}").content.decode()
        assert "a crane" not in html and f"{shot.pk}:" not in html

    @pytest.mark.parametrize("what", ["last", "input-0"])
    def test_a_video_made_from_it_is_ones_own_and_keeps_its_picture(
        self, stranger: Client, shot: Video, what: str
    ) -> None:
        form = {**FORM, "input_reference_from": f"{shot.pk}:{what}"}
        assert stranger.post("/studio/videos/", form).status_code == 302
        made = Video.objects.exclude(pk=shot.pk).get()
        assert made.owner.email == "bo@example.org" and made.project is None
        assert made.files.get(kind=File.INPUT).path.startswith(f"videos/{made.pk}/")

    @pytest.mark.parametrize("what", ["last", "video", "input-0"])
    def test_a_token_opens_nothing_private(self, stranger: Client, shot: Video, what: str) -> None:
        shelving.unshare(Project.objects.get())
        slot = "video_uri_from" if what == "video" else "input_reference_from"
        model = "aleph2" if what == "video" else "gen4.5"
        form = {**FORM, "model": model, slot: f"{shot.pk}:{what}"}
        assert stranger.post("/studio/videos/", form).status_code == 422
        assert Video.objects.count() == 1
        assert stranger.get(f"/studio/stills/{shot.pk}:{what}").status_code == 404

    def test_the_picker_offers_ones_own(self, stranger: Client, shot: Video) -> None:
        answer = stranger.get("/studio/picker?slot=input_reference")
        assert answer.status_code == 200 and shot.pk not in answer.content.decode()


class TestApi:
    def test_it_keeps_to_ones_own_videos(self, client: Client, shot: Video) -> None:
        token = ApiKey.issue(make_user("bo@example.org"), "script", ("read", "create", "cancel"))[1]
        headers = {"Authorization": f"Bearer {token}"}
        for path in ("", "/content"):
            answer = client.get(f"/v1/videos/{shot.pk}{path}", headers=headers)
            assert answer.status_code == 404, path
        assert client.get("/v1/videos", headers=headers).json()["data"] == []
        assert client.delete(f"/v1/videos/{shot.pk}", headers=headers).status_code == 404
        body = {"prompt": "on", "video": {"id": shot.pk}}
        answer = client.post("/v1/videos/edits", body, "application/json", headers=headers)
        assert answer.status_code == 404
        frame = {"type": "image", "video_id": shot.pk, "frame": "last"}
        body = {"model": "gen4.5", "prompt": "on", "input_reference": frame}
        answer = client.post("/v1/videos", body, "application/json", headers=headers)
        assert answer.status_code == 400 and Video.objects.count() == 1
        assert not UserFile.objects.exists()
