"""Buttons and the poll: cancel, delete, give up, send again, updates, files."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.videos.factories import make_video
from videos import actions, cards, ledger, requests
from videos.models import File, Video

from .conftest import HTMX, text
from .test_pages import with_file


def token(video: Video) -> str:
    """What a page that shows the video as it is now says about it."""
    return f"{video.pk}.{cards.make(Video.objects.with_cost().get(pk=video.pk)).token}"


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
        assert "Cancelled" in text(answer) and "No charge" in text(answer)
    else:
        assert answer["Location"] == "/"


def test_a_running_video_is_cancelled_in_two_steps_that_name_the_price(ana: Client) -> None:
    video = make_video("in_progress", provider_status="RUNNING", progress=40)
    ledger.reserve(video, Decimal(60))
    assert "Cancel, costs up to 60 cr all the same" in text(ana.get("/"))
    answer = ana.post(f"/studio/videos/{video.pk}/cancel", headers=HTMX)
    assert "Cancelling" in text(answer)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_delete_removes_a_video(ana: Client, headers: dict[str, str]) -> None:
    video = make_video("completed")
    answer = ana.post(f"/studio/videos/{video.pk}/delete", headers=headers)
    assert (answer.status_code, answer.content) == (200 if headers else 302, b"")
    assert ana.get(f"/v/{video.pk}/").status_code == 404


def test_giving_up_an_uncertain_video_shows_it_so(ana: Client) -> None:
    video = uncertain()
    answer = ana.post(f"/studio/videos/{video.pk}/give-up", headers=HTMX)
    assert "Given up" in text(answer)
    again = ana.post(f"/studio/videos/{video.pk}/give-up", headers=HTMX)
    assert "This was decided before." in text(again)
    assert ledger.cost(video) == 0


def test_sending_an_uncertain_video_again_adds_a_card(ana: Client) -> None:
    video = uncertain()
    answer = ana.post(f"/studio/videos/{video.pk}/again", headers=HTMX)
    again = Video.objects.get(again_of=video)
    html = answer.content.decode()
    assert html.index(f'id="card-{video.pk[6:]}"') < html.index(f'id="card-{again.pk[6:]}"')
    assert "Given up" in text(answer) and "Queued" in text(answer)


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


def poll(client: Client, *held: str, **query: Any) -> Any:
    """One poll of a page that shows these cards."""
    query = {"cards": ",".join(held), "pace": 2, **query}
    return client.get("/studio/updates", query, headers=HTMX)


def test_a_poll_without_news_has_no_content(ana: Client) -> None:
    video = make_video("in_progress")
    answer = poll(ana, token(video), newest=video.pk)
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_poll_slows_down_when_nothing_moves_and_speeds_up_again(ana: Client) -> None:
    assert "every 20s" in poll(ana, newest="").content.decode()
    assert poll(ana, newest="", pace=20).status_code == 204
    video = make_video()
    answer = poll(ana, newest="", pace=20).content.decode()
    assert "every 2s" in answer and f"newest={video.pk}" in answer


def test_a_poll_brings_a_percentage_without_touching_the_buttons(ana: Client) -> None:
    video = make_video("in_progress", provider_status="RUNNING", progress=40)
    held = token(video)
    Video.objects.update(progress=60)
    html = poll(ana, held, newest=video.pk).content.decode()
    assert f'id="state-{video.pk[6:]}"' in html and 'value="60"' in html
    assert "card-" not in html and "<form" not in html


def test_a_poll_brings_the_end_of_a_video_and_announces_it_once(ana: Client) -> None:
    video = with_file(make_video("storing"))
    other = with_file(make_video("completed"))
    held = token(video)
    Video.objects.filter(pk=video.pk).update(status="completed")
    answer = poll(ana, held, newest=other.pk)
    html = answer.content.decode()
    assert f'id="card-{video.pk[6:]}"' in html and "<video" in html
    assert "a lighthouse: Completed." in text(answer)
    assert other.pk not in html.replace(f"newest={other.pk}", "")
    assert html.count("hx-swap-oob") == 2, "one card and the announcement, nothing nested"


def test_a_poll_brings_what_was_made_elsewhere_once_and_in_order(ana: Client) -> None:
    old = make_video("failed")
    new = [make_video(prompt=f"shot {number}") for number in range(3)]
    html = poll(ana, newest=old.pk).content.decode()
    assert re.findall(r">(shot \d)</a>", html) == ["shot 2", "shot 1", "shot 0"]
    assert f"newest={new[2].pk}" in html
    assert poll(ana, *map(token, new), newest=new[2].pk).status_code == 204


def test_a_poll_of_a_page_further_down_brings_nothing_new(ana: Client) -> None:
    make_video("failed")
    assert poll(ana, pace=20).status_code == 204


def test_a_poll_takes_away_what_was_deleted_elsewhere(ana: Client) -> None:
    video = make_video()
    held = token(video)
    actions.delete(video)
    html = poll(ana, held, newest=video.pk).content.decode()
    assert f'<li id="card-{video.pk[6:]}" hx-swap-oob="delete">' in html


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
