"""The poll: one request per page, with a cursor, and only what changed."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.videos.factories import make_user, make_video
from videos import actions, cursor, shelving
from videos.models import File, Video

from .conftest import HTMX, text
from .test_pages import with_file


def poll_url(page: Any) -> str:
    """Where a page, or an answer to a poll, will ask next."""
    found = re.search(r'id="updates" hx-get="([^"]+)"', page.content.decode())
    assert found
    return html.unescape(found[1])


class Tab:
    """A page that is open: asks as its script would."""

    def __init__(self, client: Client, query: str = "") -> None:
        """Opens it."""
        self.client = client
        self.url = poll_url(client.get(f"/{query}"))

    def poll(self) -> Any:
        """One poll; the next one goes on from its answer."""
        answer = self.client.get(self.url, headers=HTMX)
        if answer.status_code == 200:
            self.url = poll_url(answer)
        return answer


def shown(answer: Any) -> list[str]:
    """The prompts of the cards in an answer."""
    return re.findall(r'<h3 class="prompt"><a[^>]*>([^<]*)</a>', answer.content.decode())


def change(video: Video, **columns: Any) -> None:
    """As the worker writes."""
    Video.objects.filter(pk=video.pk).update(**columns)


def test_a_poll_without_news_has_no_content(ana: Client) -> None:
    make_video("in_progress")
    assert Tab(ana).poll().status_code == 204


def test_a_change_is_told_once(ana: Client) -> None:
    video = make_video("in_progress", provider_status="RUNNING", progress=40)
    tab = Tab(ana)
    change(video, progress=60)
    answer = tab.poll()
    page = answer.content.decode()
    assert shown(answer) == ["a lighthouse"] and 'value="60"' in page
    assert re.search(rf'id="card-{video.pk[6:]}"[^>]* hx-swap-oob="morph"', page)
    assert tab.poll().status_code == 204


def test_two_tabs_are_told_the_same(ana: Client) -> None:
    video = make_video("in_progress", provider_status="RUNNING", progress=40)
    tabs = Tab(ana), Tab(ana)
    change(video, progress=60)
    assert [shown(tab.poll()) for tab in tabs] == [["a lighthouse"]] * 2


def test_a_poll_slows_down_when_nothing_moves_and_speeds_up_again(ana: Client) -> None:
    tab = Tab(ana)
    assert "pace=20" in tab.url and tab.poll().status_code == 204
    video = make_video()
    assert "every 2s" in tab.poll().content.decode()
    actions.cancel(video)
    assert "every 20s" in tab.poll().content.decode()


def test_a_poll_brings_the_end_of_a_video_and_announces_it_once(ana: Client) -> None:
    video = with_file(make_video("storing"))
    with_file(video, File.THUMBNAIL, "image/webp")
    tab = Tab(ana)
    video.mark_completed()
    answer = tab.poll()
    assert "<img" in answer.content.decode() and "a lighthouse: Ready." in text(answer)
    change(video, is_favourite=True)
    answer = tab.poll()
    assert shown(answer) == ["a lighthouse"] and 'id="live"' not in answer.content.decode()


def test_many_ends_are_announced_as_a_number(ana: Client) -> None:
    videos = [make_video() for _ in range(5)]
    tab = Tab(ana)
    for video in videos:
        actions.cancel(video)
    assert "5 videos are over." in text(tab.poll())


def test_progress_is_never_announced(ana: Client) -> None:
    video = make_video("in_progress", provider_status="RUNNING", progress=40)
    tab = Tab(ana)
    change(video, progress=60)
    assert 'id="live"' not in tab.poll().content.decode()


def test_what_was_made_elsewhere_comes_with_its_place(ana: Client) -> None:
    tab = Tab(ana)
    video = make_video(prompt="from a script")
    answer = tab.poll()
    assert shown(answer) == ["from a script"]
    assert f'data-place="{video.created_at.timestamp():017.6f} {video.pk}"' in text_of(answer)
    assert "1 video" in text(answer)


def text_of(answer: Any) -> str:
    """The HTML."""
    found: str = answer.content.decode()
    return found


def test_what_the_filter_keeps_out_is_only_counted(ana: Client) -> None:
    old = make_video(prompt="a river", created_at=timezone.now() - timedelta(minutes=1))
    tab = Tab(ana, "?q=harbour")
    video = make_video(prompt="a lighthouse")
    change(old, progress=1)
    page = text_of(tab.poll())
    assert f'<li id="card-{video.pk[6:]}" hx-swap-oob="delete" data-new>' in page
    assert f'<li id="card-{old.pk[6:]}" hx-swap-oob="delete">' in page
    assert "<h3" not in page


@pytest.mark.parametrize(
    "away", [actions.delete, lambda v: shelving.trash(pk(v))], ids=["deleted", "trashed"]
)
def test_what_is_gone_goes(ana: Client, away: Callable[[Video], object]) -> None:
    video = make_video("failed")
    tab = Tab(ana)
    away(video)
    assert f'<li id="card-{video.pk[6:]}" hx-swap-oob="delete">' in text_of(tab.poll())


def pk(video: Video) -> Any:
    """The set of this one."""
    return Video.objects.filter(pk=video.pk)


def test_a_take_shows_in_its_stack(ana: Client) -> None:
    head = make_video(prompt="head")
    take = make_video(prompt="second", stack=head)
    tab = Tab(ana)
    actions.cancel(take)
    answer = tab.poll()
    assert shown(answer) == ["head"] and 'data-status="cancelled">' in text_of(answer)
    assert "second: Cancelled." in text(answer)


def test_others_videos_are_not_told(ana: Client) -> None:
    tab = Tab(ana)
    make_video(owner=make_user("bo@example.org"), prompt="secret")
    answer = tab.poll()
    assert "secret" not in text_of(answer) and "0/1" in text(answer)


def test_more_changes_than_fit_come_with_the_next_polls(ana: Client) -> None:
    tab = Tab(ana)
    for number in range(cursor.MOST + 20):
        make_video("failed", prompt=f"shot {number:03}")
    first, second = shown(tab.poll()), shown(tab.poll())
    assert len(first) == cursor.MOST
    assert sorted(first + second) == [f"shot {number:03}" for number in range(cursor.MOST + 20)]
    assert tab.poll().status_code in (200, 204)
    assert tab.poll().status_code == 204


def test_a_late_commit_is_told_all_the_same(ana: Client) -> None:
    late, early = make_video(prompt="late"), make_video(prompt="early")
    tab = Tab(ana)
    change(early, progress=1)
    assert shown(tab.poll()) == ["early"]
    Video.objects.filter(pk=late.pk).update(version=9, next_at=None)
    with connection.cursor() as sql:
        sql.execute(
            "UPDATE videos_video SET changed_at ="
            " (SELECT changed_at FROM videos_video WHERE id = %s) WHERE id = %s",
            [early.pk, late.pk],
        )
    assert shown(tab.poll()) == ["late"]


def test_500_videos_and_20_running_cost_few_queries(
    ana: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    first = make_video("completed")
    rows = [copy_of(first, "in_progress" if n < 20 else "completed") for n in range(499)]
    Video.objects.bulk_create(rows)
    tab = Tab(ana)
    with django_assert_max_num_queries(7):
        assert tab.poll().status_code == 204
    Video.objects.filter(status="in_progress").update(progress=50)
    with django_assert_max_num_queries(16):
        assert len(shown(tab.poll())) == 20


def copy_of(video: Video, status: str) -> Video:
    """Another row like it, not saved."""
    same = {f.name: getattr(video, f.name) for f in Video._meta.concrete_fields}
    return Video(**{**same, "id": Video().pk, "status": status})


def test_the_poll_reads_by_its_index(ana: Client) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by what is in the table")
    rows = Video.objects.filter(owner=make_user()).changed_since(cursor.BEGINNING)
    assert "USING INDEX changed" in rows.explain()
