"""The queue's page: what runs, what waits, what needs a person; and who may see and stop it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.videos.factories import make_key, make_user, make_video
from videos import actions
from videos.models import Video
from videos.urls import QUEUE_PAGES

from .conftest import HTMX, browser_of, text
from .test_pages import is_strict

RUNNING = {"provider_status": "RUNNING", "progress": 58}
ID = "video_" + "0" * 32
READ = {"queue", "queue-rows"}
NAMES = [str(page.name) for page in QUEUE_PAGES]


@pytest.fixture(autouse=True)
def nothing_measured() -> Iterator[None]:
    """How long a model takes is found out by each test anew."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def root(db: None) -> Client:
    """An administrator's browser."""
    return browser_of("root@example.org", is_staff=True, is_superuser=True)


def path_of(name: str, video_id: str = ID) -> str:
    """The path of a page by its name."""
    return reverse(name, args=[video_id] if name == "queue-cancel" else [])


def sections(client: Client) -> dict[str, str]:
    """What the page says, by the heading of the section."""
    html = client.get("/queue/").content.decode()
    parts = re.findall(r'<section aria-labelledby="(\w+)">(.*?)</section>', html, re.DOTALL)
    return {name: " ".join(re.sub(r"<[^>]*>", " ", part).split()) for name, part in parts}


def made(seconds: int) -> None:
    """Three videos that took this long, so that there is a median."""
    now = timezone.now()
    for _ in range(3):
        video = make_video("completed", completed_at=now, is_sandbox=False)
        Video.objects.filter(pk=video.pk).update(created_at=now - timedelta(seconds=seconds))


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_nobody_gets_in_without_signing_in(name: str) -> None:
    send = Client().get if name in READ else Client().post
    assert send(path_of(name))["Location"].startswith("/sign-in/?next=/")
    assert send(path_of(name), headers=HTMX).status_code == 401


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_read_and_an_action_is_posted(ana: Client, name: str) -> None:
    wrong = ana.post if name in READ else ana.get
    assert wrong(path_of(name)).status_code == 405


def test_an_empty_queue_says_so_in_words(ana: Client) -> None:
    page = text(ana.get("/queue/"))
    assert "Nothing is being made, nothing waits, and nothing needs you." in page
    assert "0 running · 0 waiting" in page
    assert "Cancel all mine" not in page


def test_it_tells_what_runs_what_waits_and_how_long_it_takes(ana: Client) -> None:
    made(120)
    make_video("in_progress", prompt="a tram", **RUNNING)
    make_video("queued", prompt="a dew drop")
    make_video("in_progress", prompt="a storm", provider_status="THROTTLED")
    page = text(ana.get("/queue/"))
    assert "1 running · 2 waiting · est. 6 min" in page
    told = sections(ana)
    assert "58 % a tram In progress" in told["running"]
    assert "~2 min left" in told["running"]
    assert "Waiting for a Runway slot" in told["waiting"]
    assert told["waiting"].index("a storm") < told["waiting"].index("#1 a dew drop Queued")


def test_others_are_there_without_a_word_of_theirs(ana: Client, stranger: Client) -> None:
    make_video("queued", prompt="The secret of Ana")
    html = stranger.get("/queue/").content.decode()
    assert "secret" not in html and "ana@" not in html
    assert "#1 Another person's shot gen4.5 5 s" in sections(stranger)["waiting"]
    assert "queue/video_" not in html and "Cancel all mine" not in html


def test_an_administrator_sees_everyones_and_whose_they_are(ana: Client, root: Client) -> None:
    make_video("queued", prompt="The secret of Ana")
    make_video("failed", prompt="a wreck", error_code="bad_output", completed_at=timezone.now())
    told = sections(root)
    assert "The secret of Ana Queued · ana@example.org" in told["waiting"]
    assert "a wreck" in told["troubles"]


def test_only_an_administrator_sees_what_each_key_makes(ana: Client, root: Client) -> None:
    make_video("in_progress", provider_key=make_key("B"))
    make_video("submitting", provider_key=make_key("A"), resolved_model="veo3.1")
    assert "A veo3.1 1 B gen4.5 1" in sections(root)["capacity"]
    assert "capacity" not in sections(ana)


def test_what_needs_a_person_comes_with_advice(ana: Client) -> None:
    now = timezone.now()
    make_video("failed", error_code="moderation_blocked", completed_at=now)
    make_video("failed", error_code="submission_uncertain", completed_at=now - timedelta(days=9))
    make_video("storing", prompt="waves", reason="Saving: the disk is full")
    told = sections(ana)
    assert "running" not in told
    for words in (
        "Blocked by content rules · No charge",
        "Change the words or the picture",
        "We do not know whether Runway took it",
        "Decide",
        "waves Made, not saved yet",
        "The disk is full",
    ):
        assert words in told["troubles"]


def test_old_failures_and_decided_doubts_need_nobody(ana: Client) -> None:
    now = timezone.now()
    make_video("failed", error_code="task_failed", completed_at=now - timedelta(days=2))
    make_video("failed", error_code="task_failed", completed_at=now, trashed_at=now)
    doubt = make_video("failed", error_code="submission_uncertain", completed_at=now)
    assert "troubles" in sections(ana)
    actions.give_up(doubt)
    assert "troubles" not in sections(ana)


def test_cancelling_a_row_stops_it_and_tells_the_queue_anew(ana: Client) -> None:
    first, second = make_video("queued"), make_video("queued")
    answer = ana.post(path_of("queue-cancel", first.pk), headers=HTMX)
    assert 'id="queue"' in answer.content.decode() and first.pk not in answer.content.decode()
    assert ana.post(path_of("queue-cancel", second.pk))["Location"] == "/queue/"
    assert set(Video.objects.values_list("status", flat=True)) == {"cancelled"}


def test_a_running_one_asks_before_it_costs(ana: Client) -> None:
    video = make_video("in_progress", **RUNNING)
    html = ana.get("/queue/").content.decode()
    assert "charges for it all the same" in html
    assert re.search(r'<button type="button"[^>]*popovertarget="sure-', html)
    ana.post(path_of("queue-cancel", video.pk))
    video.refresh_from_db()
    assert video.cancel_requested


def test_others_cannot_be_cancelled_but_by_an_administrator(stranger: Client, root: Client) -> None:
    video = make_video("queued")
    assert stranger.post(path_of("queue-cancel", video.pk)).status_code == 404
    assert root.post(path_of("queue-cancel", video.pk)).status_code == 302
    assert Video.objects.get().status == "cancelled"


def test_cancel_all_mine_leaves_those_of_others(ana: Client) -> None:
    mine = [make_video("queued"), make_video("in_progress"), make_video("completed")]
    theirs = make_video("queued", owner=make_user("bo@example.org"))
    answer = ana.post(path_of("cancel-mine"), headers=HTMX)
    assert "2 videos are cancelled." in text(answer)
    rows = {pk: (status, asked) for pk, status, asked in
            Video.objects.values_list("pk", "status", "cancel_requested")}  # fmt: skip
    assert rows[mine[0].pk][0] == "cancelled" and rows[mine[1].pk][1]
    assert rows[mine[2].pk] == ("completed", False) and rows[theirs.pk] == ("queued", False)


def test_it_asks_often_only_while_something_is_under_way(ana: Client) -> None:
    assert 'hx-trigger="every 20s"' in ana.get("/queue/").content.decode()
    make_video("queued", owner=make_user("bo@example.org"))
    assert 'hx-trigger="every 3s"' in ana.get("/studio/queue").content.decode()


def test_the_page_is_strict_and_as_cheap_when_it_is_long(
    root: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    make_video("queued")
    for number in range(30):
        make_video(("queued", "in_progress", "storing")[number % 3], prompt="<b>bold</b>")
    html = root.get("/queue/").content.decode()
    assert is_strict(html) and "<b>" not in html
    with django_assert_max_num_queries(8):
        root.get("/studio/queue")
