"""The pages as a whole: every state renders, strictly and with few queries; errors have a face."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from providers.models import ProviderKey
from tests.videos.factories import make_key, make_user, make_video
from videos.arrows import STATUSES
from videos.models import File, Video, VideoEvent

from .conftest import HTMX, browser_of, text


def with_file(video: Video, kind: str = File.VIDEO, content_type: str = "video/mp4") -> Video:
    """The same video with a row for a stored file."""
    File.objects.create(
        video=video,
        kind=kind,
        path=f"videos/{video.pk}/{kind}",
        content_type=content_type,
        size=1,
        sha256="0" * 64,
    )
    return video


def is_strict(html: str) -> bool:
    """Whether nothing in the HTML needs more than a strict policy: no inline style or script."""
    attributes = re.findall(r"<[^>]*\s(?:style|on\w+|hx-on[^=\s]*|hx-vals)\s*=", html)
    scripts = [tag for tag in re.findall(r"<script[^>]*>", html) if " src=" not in tag]
    return not attributes and not scripts and "<style" not in html and "javascript:" not in html


@pytest.mark.parametrize("status", STATUSES)
def test_a_page_of_every_status_renders_and_is_strict(ana: Client, status: str) -> None:
    video = make_video(status, prompt="<b>bold</b> & “quoted”")
    if status == "completed":
        with_file(video)
        with_file(video, File.THUMBNAIL, "image/webp")
    for path in ("/", f"/v/{video.pk}/"):
        answer = ana.get(path)
        html = answer.content.decode()
        assert answer.status_code == 200
        assert is_strict(html), path
        assert "<b>" not in html
        assert "'none'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/sign-in/", "/nowhere", "/v/x/"])
def test_every_page_is_strict(ana: Client, path: str) -> None:
    client = Client() if path == "/sign-in/" else ana
    answer = client.get(path)
    assert is_strict(answer.content.decode())
    assert answer["Content-Security-Policy"]


def test_a_completed_video_shows_its_poster_and_no_video_element(ana: Client) -> None:
    video = with_file(make_video("completed"))
    html = ana.get("/").content.decode()
    assert f'data-clip="/v/{video.pk}/file/video"' in html
    assert "<video" not in html and "<img src" not in html
    with_file(video, File.THUMBNAIL, "image/webp")
    html = ana.get("/").content.decode()
    assert f'<img src="/v/{video.pk}/file/thumbnail" alt="" loading="lazy"' in html


def test_an_archive_of_frames_is_not_played(ana: Client) -> None:
    with_file(make_video("completed"), content_type="application/zip")
    html = ana.get("/").content.decode()
    assert "<video" not in html and "Download" in html


def test_every_button_works_without_javascript(ana: Client) -> None:
    for status in STATUSES:
        make_video(status)
    make_video("failed", error_code="submission_uncertain")
    html = ana.get("/").content.decode()
    for tag in re.findall(r"<form[^>]*hx-post[^>]*>", html):
        assert 'method="post"' in tag and ' action="' in tag
    for tag in re.findall(r"<a[^>]*hx-get[^>]*>", html):
        assert ' href="' in tag


def test_a_long_library_needs_as_many_queries_as_a_short_one(
    ana: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(30):
        with_file(make_video(STATUSES[number % len(STATUSES)]))
    assert ana.get("/models/").status_code == 200  # the session's first use is noted
    with django_assert_max_num_queries(31):
        assert ana.get("/").status_code == 200


def test_a_page_holds_24_and_the_next_one_goes_on_behind_it(ana: Client) -> None:
    for number in range(30):
        make_video("failed", prompt=f"shot {number:02}")
    first = ana.get("/").content.decode()
    link = re.search(r'href="(/\?&amp;after=[^"]+)"', first)
    assert link
    prompts = re.findall(r">shot (\d\d)</a>", first)
    link_to = html.unescape(link[1])
    second = ana.get(link_to).content.decode()
    assert "data-behind" in second
    fragment = ana.get(link_to.replace("/?", "/studio/cards?"), headers=HTMX).content.decode()
    rest = re.findall(r">shot (\d\d)</a>", second)
    assert prompts + rest == [f"{number:02}" for number in reversed(range(30))]
    assert re.findall(r">shot (\d\d)</a>", fragment) == rest
    assert "Load more" not in second + fragment


def test_an_empty_library_offers_three_prompts(ana: Client) -> None:
    html = ana.get("/").content.decode()
    assert "Your videos appear here" in html
    assert len(re.findall(r'<button name="prompt" value="[^"]+"', html)) == 3


def test_without_a_working_key_the_page_says_so_and_staff_get_a_link(ana: Client) -> None:
    ProviderKey.objects.update(paused_reason="Runway refused this key")
    assert "No working key: an administrator can add one." in text(ana.get("/"))
    assert "Add a key" not in text(ana.get("/"))
    staff = browser_of("root@example.org", is_staff=True)
    assert "Add a key" in text(staff.get("/"))


def test_with_the_sandbox_alone_the_page_says_that_it_is_free(ana: Client) -> None:
    assert "sandbox" not in text(ana.get("/")) and "Generate · 24 cr" in text(ana.get("/"))
    ProviderKey.objects.update(is_sandbox=True)
    assert "The sandbox makes the videos" in text(ana.get("/"))
    assert "Generate · free" in text(ana.get("/"))
    assert 'title="24 cr with a Runway key">free<' in ana.get("/").content.decode()
    controls = text(ana.get("/studio/controls?model=gen4_turbo"))
    assert "the first frame will be made." in controls
    assert "Generate · free" in controls and "Sandbox · free" in controls


def test_the_page_says_who_would_be_chosen(ana: Client) -> None:
    ProviderKey.objects.update(is_sandbox=True)
    real = make_key("real", passed_at=None)
    assert "The sandbox makes the videos" in text(ana.get("/"))
    ProviderKey.objects.filter(pk=real.pk).update(passed_at=timezone.now())
    page = text(ana.get("/"))
    assert "sandbox" not in page and "Generate · 24 cr" in page


def test_a_key_that_never_passed_its_test_is_no_working_key(ana: Client) -> None:
    ProviderKey.objects.update(passed_at=None)
    assert "No working key" in text(ana.get("/"))


def test_a_videos_own_page_tells_its_life_in_words(ana: Client) -> None:
    request = {"seed": 7, "audio": True}
    video = make_video("failed", error_code="task_failed", error_message="X.Y", request=request)
    VideoEvent.objects.create(video=video, arrow="a", target="queued")
    VideoEvent.objects.create(video=video, arrow="e", target="failed", detail="with key main")
    page = text(ana.get(f"/v/{video.pk}/"))
    for words in (
        "Accepted",
        "Runway refused it",
        "Times are in UTC",
        "Seed 7",
        "Sound yes",
        "Runway could not finish this",
    ):
        assert words in page
    assert "with key main" not in page and "X.Y" not in page


def test_staff_also_see_the_technical_details_of_their_videos(key: object) -> None:
    staff = browser_of("root@example.org", is_staff=True)
    owner = make_user("root@example.org")
    video = make_video("failed", owner=owner, error_code="task_failed", error_message="X.Y")
    assert "task_failed: X.Y" in text(staff.get(f"/v/{video.pk}/"))


def test_a_video_that_was_sent_again_leads_to_the_first(ana: Client) -> None:
    first = make_video("failed")
    again = make_video(again_of=first)
    assert f'href="/v/{first.pk}/"' in ana.get(f"/v/{again.pk}/").content.decode()


def test_a_page_that_is_not_there_has_the_products_look(ana: Client) -> None:
    answer = ana.get("/nowhere")
    assert answer.status_code == 404
    assert "Back to the studio" in text(answer)


def test_a_crash_has_a_page_that_needs_nothing(rf: Any) -> None:
    from django.views.defaults import bad_request, permission_denied, server_error

    request, problem = rf.get("/"), Exception()
    for answer in (
        server_error(request),
        bad_request(request, problem),
        permission_denied(request, problem),
    ):
        assert is_strict(answer.content.decode())
        assert "Back to the studio" in text(answer)


def test_colours_stand_in_one_file_and_the_rest_within_its_budget() -> None:
    static = settings.BASE_DIR / "static"
    for sheet in {*static.glob("css/*.css")} - {static / "css" / "tokens.css"}:
        assert not re.search(r"#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(|oklch\(", sheet.read_text())
    lines = sum(len(path.read_text().splitlines()) for path in static.glob("css/*.css"))
    script = "".join(path.read_text() for path in sorted(static.glob("js/*.js")))
    assert lines <= 900 and len(script.splitlines()) <= 490
    assert not re.search(r"\beval\(|innerHTML\s*=|\.style\b", script)
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        assert len(path.read_text().splitlines()) <= 120, path
