"""Who may see what: everything is behind sign-in, and other people's videos do not exist."""

from __future__ import annotations

import pytest
from django.contrib.admin.utils import quote
from django.test import Client
from django.urls import reverse

from tests.videos.factories import make_user, make_video
from videos.urls import PAGES

from .conftest import browser_of, text

ID = "video_" + "0" * 32
ACTIONS = ("cancel", "delete", "give-up", "send-again", "try-again", "look-now", "frame")
ARRANGING = ("set-favourite", "set-project", "set-tags")
OF_A_PROJECT = ("rename-project", "share-project", "delete-project")
POSTS = {"create", "draft", "selected", "zip", "empty-trash", "add-project", *OF_A_PROJECT}
POSTS |= {"save-preset", "rename-preset", "delete-preset", *ACTIONS, *ARRANGING}
OF_A_VIDEO = ("video", "video-state", "copy", "file", "given", "still", *ACTIONS, *ARRANGING)


def path_of(name: str, video_id: str = ID) -> str:
    """The path of a page by its name."""
    if name == "still":
        return reverse(name, args=[f"{video_id}:last"])
    if name in OF_A_PROJECT:
        return reverse(name, args=[1])
    extra = {"file": "video", "given": "0"}.get(name)
    return reverse(name, args=[video_id, *([extra] if extra else [])] if name in OF_A_VIDEO else [])


@pytest.mark.parametrize("name", [str(page.name) for page in PAGES])
def test_a_page_is_read_and_an_action_is_posted(ana: Client, name: str) -> None:
    path = path_of(name)
    wrong = ana.get(path) if name in POSTS else ana.post(path)
    assert wrong.status_code == 405


@pytest.mark.parametrize("name", OF_A_VIDEO)
def test_other_peoples_videos_do_not_exist(stranger: Client, name: str) -> None:
    video = make_video("completed")
    send = stranger.post if name in POSTS else stranger.get
    answer = send(path_of(name, video.pk))
    assert answer.status_code == 404
    assert "somebody else" in text(answer)
    video.refresh_from_db()
    assert video.deleted_at is None


def test_other_peoples_videos_are_on_no_page(stranger: Client) -> None:
    video = make_video("queued", prompt="Ana's secret shot")
    for path in (
        "/",
        f"/?from={video.pk}",
        "/studio/cards",
        f"/studio/updates?newest=&cards={video.pk}.00000000.00000000",
    ):
        answer = stranger.get(path)
        assert "secret shot" not in answer.content.decode(), path


@pytest.mark.parametrize("path", ["/v/video_1/", "/v/%00/", f"/v/{ID.upper()}/", "/v/../"])
def test_a_path_without_an_id_is_nothing(ana: Client, path: str) -> None:
    assert ana.get(path).status_code == 404


@pytest.mark.parametrize("query", ["after=%00", "from=%00", "after=x", "prompt=%00", "seconds=%00"])
def test_a_query_that_makes_no_sense_is_left_alone(ana: Client, query: str) -> None:
    assert ana.get(f"/?{query}").status_code == 200
    assert ana.get(f"/studio/updates?newest=%00&cards=%00,;&{query}").status_code == 200
    assert ana.get(f"/studio/controls?model=%00&size=9x9&{query}").status_code == 200


def test_signing_in_leads_to_the_studio_and_out_again(key: object) -> None:
    user = make_user("eve@example.org")
    user.set_password("a long enough one")
    user.save()
    client = Client()
    wrong = client.post("/sign-in/", {"username": user.email, "password": "no"})
    assert wrong.status_code == 200
    assert "do not match" in text(wrong)
    assert 'value="eve@example.org"' in wrong.content.decode()
    good = {"username": user.email, "password": "a long enough one", "next": "/v/x/"}
    answer = client.post("/sign-in/", good)
    assert (answer.status_code, answer["Location"]) == (302, "/v/x/")
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302


def test_only_staff_see_the_administration(ana: Client) -> None:
    assert "Administration" not in text(ana.get("/"))
    staff = browser_of("root@example.org", is_staff=True, is_superuser=True)
    assert "Administration" in text(staff.get("/"))


@pytest.mark.django_db
def test_the_administration_shows_videos_and_changes_none() -> None:
    staff = browser_of("root@example.org", is_staff=True, is_superuser=True)
    video = make_video("in_progress", id="video_22" + "0" * 30)  # which Django's would misread
    assert "0 cr" in text(staff.get("/admin/videos/video/"))
    page = staff.get(f"/admin/videos/video/{quote(video.pk)}/change/")
    assert "a lighthouse" in text(page)
    assert 'name="_save"' not in page.content.decode()
    assert staff.get("/admin/videos/video/add/").status_code == 403
    assert staff.post(f"/admin/videos/video/{quote(video.pk)}/delete/").status_code == 403


@pytest.mark.django_db
def test_guessing_passwords_is_stopped_in_our_own_words_and_for_that_address_only() -> None:
    user = make_user("ana@example.org")
    user.set_password("right password")
    user.save()
    wrong = {"username": "ana@example.org", "password": "guess"}
    answers = [Client().post("/sign-in/", wrong, REMOTE_ADDR="198.51.100.7") for _ in range(10)]
    assert answers[-1].status_code == 429
    assert "Too many tries" in answers[-1].content.decode()
    right = {**wrong, "password": "right password"}
    forged = {"X-Forwarded-For": "192.0.2.1"}
    assert (
        Client().post("/sign-in/", right, headers=forged, REMOTE_ADDR="198.51.100.7").status_code
        == 429
    )
    assert Client().post("/sign-in/", right, REMOTE_ADDR="203.0.113.9").status_code == 302
