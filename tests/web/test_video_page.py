"""The page of one video: recipe, verbs, relatives, its place, what moves, what is changed."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from tests.videos.clips import film
from tests.videos.factories import make_task, make_user, make_video
from videos import requests
from videos.models import File, Project, UserFile, Video, VideoEvent

from .conftest import HTMX, browser_of, picture, text


def made(data_dir: Path, content: bytes = b"", kind: str = File.VIDEO, **extra: Any) -> Video:
    """A completed video whose file lies on the storage."""
    video = make_video("completed", completed_at=timezone.now(), **extra)
    keep(data_dir, video, content or film(), kind, "video/mp4", fps=12.0, codec="h264")
    return video


def keep(
    data_dir: Path, video: Video, content: bytes, kind: str, content_type: str, **extra: Any
) -> File:
    """One more stored file of a video."""
    file = File.objects.create(
        video=video,
        kind=kind,
        path=f"videos/{video.pk}/{kind}-0.{content_type.partition('/')[2]}",
        content_type=content_type,
        size=len(content),
        sha256="ab" * 32,
        **extra,
    )
    path = data_dir / "media" / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return file


def links(html: str) -> dict[str, str]:
    """Where each link leads, by its words."""
    found = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', html, re.DOTALL)
    return {" ".join(re.sub(r"<[^>]*>", " ", words).split()): url for url, words in found}


def asked(**given: object) -> dict[str, Any]:
    """A request as it stands on record."""
    return requests.check({"model": "gen4.5", "prompt": "a lighthouse", **given}).as_json()


def test_the_recipe_says_what_was_asked_and_what_came(ana: Client, data_dir: Path) -> None:
    request = asked(model="veo3.1", seed=3112987004, audio=True, seconds=8)
    video = made(
        data_dir, model="sora-2", resolved_model="veo3.1", request=request, warnings=["No tag."]
    )
    page = text(ana.get(f"/v/{video.pk}/"))
    for words in (
        "sora-2 made by veo3.1",
        "5 s · 12 fps",
        "1280x720",
        "Seed 3112987004",
        "Sound yes",
        "No charge",
        "video/mp4 · h264",
        "abababababab…",
        "No tag.",
    ):
        assert words in page
    html = ana.get(f"/v/{video.pk}/").content.decode()
    assert f'title="{"ab" * 32}"' in html
    assert 'preload="metadata"' in html and 'data-fps="12.0"' in html


def test_the_pictures_of_the_request_are_shown_from_our_own_address(
    ana: Client, stranger: Client, data_dir: Path
) -> None:
    video = make_video("failed")
    png = picture().read()
    file = keep(data_dir, video, png, File.INPUT, "image/png")
    media = [{"field": "last_frame", "uri": f"file:{file.path}", "kind": "image"}]
    Video.objects.filter(pk=video.pk).update(request={**asked(), "media": media})
    address = f"/v/{video.pk}/given/0"
    html = ana.get(f"/v/{video.pk}/").content.decode()
    assert f'<img src="{address}"' in html and "Last frame" in html
    assert b"".join(ana.get(address)) == png
    assert stranger.get(address).status_code == 404
    assert ana.get(f"/v/{video.pk}/given/1").status_code == 404


def test_what_came_with_a_request_and_is_no_picture_is_only_downloaded(
    ana: Client, data_dir: Path
) -> None:
    video = make_video("failed")
    keep(data_dir, video, b"<svg>", File.INPUT, "image/svg+xml")
    answer = ana.get(f"/v/{video.pk}/given/0")
    assert answer["Content-Disposition"].startswith("attachment")


def test_each_verb_is_there_where_it_can_work(ana: Client, data_dir: Path) -> None:
    video = made(data_dir, request=asked(seed=7))
    found = links(ana.get(f"/v/{video.pk}/").content.decode())
    for words, query in (
        ("Reuse all", {"from": video.pk}),
        ("Reuse prompt", {"prompt_from": video.pk}),
        ("Same seed", {"from": video.pk, "seed": "same"}),
        ("Continue from last frame", {"continue": video.pk}),
        ("Edit", {"edit": video.pk}),
        ("Extend", {"extend": video.pk}),
        ("Upscale", {"upscale": video.pk}),
        ("Gen-4 Turbo", {"from": video.pk, "model": "gen4_turbo"}),
    ):
        assert parse_qs(urlsplit(found[words].replace("&amp;", "&")).query) == {
            name: [value] for name, value in query.items()
        }
    assert found["Download"] == f"/v/{video.pk}/file/video?download=1"


def test_a_verb_that_cannot_work_is_not_there(ana: Client) -> None:
    failed = make_video("failed", request=asked())
    found = links(ana.get(f"/v/{failed.pk}/").content.decode())
    for words in ("Same seed", "Continue from last frame", "Extend", "Upscale", "Download"):
        assert words not in found
    assert "Reuse all" in found
    upscaled = make_video("failed", mode="video_upscale", prompt="", request=asked())
    page = ana.get(f"/v/{upscaled.pk}/")
    assert not {"Reuse all", "Reuse prompt"} & links(page.content.decode()).keys()
    assert "Redo in another model" not in text(page)


def test_another_model_is_offered_if_it_takes_the_pictures_and_the_prompt(ana: Client) -> None:
    frames = [{"field": "last_frame", "uri": "https://example.org/a.png"}]
    video = make_video("failed", prompt="x" * 2000, request={**asked(), "media": frames})
    page = ana.get(f"/v/{video.pk}/").content.decode()
    others = re.findall(r"from=\w+&amp;model=([\w.]+)", page)
    assert others and "gen4_turbo" not in others and "gen4.5" not in others


def test_a_video_that_moves_asks_for_itself_and_one_that_is_over_does_not(ana: Client) -> None:
    video = make_video("queued")
    html = ana.get(f"/v/{video.pk}/?q=sea").content.decode()
    found = re.search(r'id="follow" hx-get="([^"]+)" hx-trigger="every 2s"', html)
    assert found
    address = found[1].replace("&amp;", "&")
    assert ana.get(address, headers=HTMX).status_code == 204
    Video.objects.filter(pk=video.pk).update(provider_status="RUNNING")
    answer = ana.get(address, headers=HTMX)
    assert answer.status_code == 200 and "q=sea" in answer.content.decode()
    Video.objects.filter(pk=video.pk).update(status="failed", error_code="timed_out")
    html = ana.get(address, headers=HTMX).content.decode()
    assert "every 20s" in html and "No answer in time" in html and "innerHTML:#live" in html
    Video.objects.filter(pk=video.pk).update(error_code="bad_output")
    assert "hx-trigger" not in ana.get(address, headers=HTMX).content.decode()


def test_the_place_in_the_library_and_its_neighbours(ana: Client) -> None:
    now = timezone.now()
    old, mid, new = (
        make_video("failed", created_at=now - timedelta(hours=age)) for age in (3, 2, 1)
    )
    make_video("failed", trashed_at=now)
    html = ana.get(f"/v/{mid.pk}/?status=failed").content.decode()
    found = links(html)
    assert "2 of 3" in html
    assert found["Previous video"] == f"/v/{new.pk}/?status=failed"
    assert found["Next video"] == f"/v/{old.pk}/?status=failed"
    assert found["Library"] == "/?status=failed"
    ends = links(ana.get(f"/v/{old.pk}/").content.decode())
    assert "Next video" not in ends and "Previous video" in ends


def test_takes_parents_and_children_lead_to_each_other(ana: Client) -> None:
    first = make_video("failed", prompt="first take")
    second = make_video("failed", prompt="second take", stack=first)
    child = make_video("failed", prompt="a child", remixed_from=second)
    again = make_video("failed", prompt="once more", again_of=second)
    make_video("failed", prompt="of a stranger", owner=make_user("bo@example.org"), stack=first)
    page = text(ana.get(f"/v/{second.pk}/"))
    assert "Takes 1 · first take Failed" not in page
    assert "1 · first take" in page and "2 · second take" in page
    assert "Made from it: 2" in page and "a child" in page and "once more" in page
    assert "of a stranger" not in page
    assert f'href="/v/{second.pk}/"' in ana.get(f"/v/{child.pk}/").content.decode()
    assert "Takes" not in text(ana.get(f"/v/{again.pk}/"))


def test_keys_and_task_ids_are_for_administrators(ana: Client) -> None:
    video = make_video("completed", completed_at=timezone.now())
    make_task(video, provider_id="task-17")
    VideoEvent.objects.create(video=video, arrow="c", target="in_progress", detail="task-17")
    page = text(ana.get(f"/v/{video.pk}/"))
    assert "Runway is making it" in page and "task-17" not in page and "main" not in page
    staff = browser_of("root@example.org", is_staff=True)
    Video.objects.update(owner=make_user("root@example.org"))
    page = text(staff.get(f"/v/{video.pk}/"))
    assert "Task task-17" in page and "Key main" in page


@pytest.mark.parametrize("slot", ["first_frame", "last_frame"])
def test_a_frame_becomes_a_picture_of_the_form(ana: Client, data_dir: Path, slot: str) -> None:
    video = made(data_dir)
    answer = ana.post(f"/v/{video.pk}/frame", {"at": "0.542", "slot": slot})
    file = UserFile.objects.get()
    assert answer["Location"] == f"/?{slot}={file.pk}"
    assert (file.content_type, file.width, file.height) == ("image/png", 96, 64)
    assert file.owner == video.owner


@pytest.mark.parametrize("at", ["x", "-1", "nan", "inf", "1e9"])
def test_a_moment_that_is_none_copies_nothing(ana: Client, data_dir: Path, at: str) -> None:
    video = made(data_dir)
    answer = ana.post(f"/v/{video.pk}/frame", {"at": at}, follow=True)
    assert "The frame could not be copied" in text(answer)
    assert not UserFile.objects.exists()


def test_a_clip_that_does_not_decode_says_so(ana: Client, data_dir: Path) -> None:
    video = made(data_dir, b"<html>")
    answer = ana.post(f"/v/{video.pk}/frame", {"at": "0"}, follow=True)
    assert "The frame could not be copied: it does not decode" in text(answer)


def test_a_star_is_given_and_taken(ana: Client) -> None:
    video = make_video("failed")
    path = f"/studio/videos/{video.pk}/favourite"
    answer = ana.post(path, {"on": "1"}, headers=HTMX)
    assert 'aria-pressed="true"' in answer.content.decode()
    video.refresh_from_db()
    assert video.is_favourite and video.version == 1
    assert ana.post(path, {"on": "0"})["Location"] == f"/v/{video.pk}/"
    video.refresh_from_db()
    assert not video.is_favourite


def test_a_project_is_chosen_made_and_left(ana: Client) -> None:
    video = make_video("failed")
    path = f"/studio/videos/{video.pk}/project"
    for name in ("  Harbour   film ", "Harbour film"):
        ana.post(path, {"project": name})
    assert Video.objects.get().project == Project.objects.get(name="Harbour film")
    assert 'value="Harbour film"' in ana.get(f"/v/{video.pk}/").content.decode()
    ana.post(path, {"project": ""})
    assert Video.objects.get().project is None


def test_tags_are_what_the_field_says(ana: Client) -> None:
    video = make_video("failed")
    path = f"/studio/videos/{video.pk}/tags"
    ana.post(path, {"tags": " night, sea ,,night"})
    assert {tag.name for tag in video.tags.all()} == {"night", "sea"}
    ana.post(path, {"tags": "sea\0"})
    assert [tag.name for tag in video.tags.all()] == ["sea"]


def test_the_trash_takes_what_is_over_and_gives_it_back(ana: Client) -> None:
    moving, over = make_video("queued"), make_video("failed")
    for video in (moving, over):
        ana.post("/studio/selected", {"ids": video.pk, "do": "trash"})
    assert [video.pk for video in Video.objects.exclude(trashed_at=None)] == [over.pk]
    page = text(ana.get(f"/v/{over.pk}/"))
    assert "In the trash." in page and "Move to trash" not in page
    ana.post("/studio/selected", {"ids": over.pk, "do": "restore"})
    assert not Video.objects.exclude(trashed_at=None).exists()


def test_a_form_leads_back_to_its_page_and_to_no_other_site(ana: Client) -> None:
    video = make_video("queued")
    path, page = f"/studio/videos/{video.pk}/cancel", f"http://testserver/v/{video.pk}/?q=sea"
    assert ana.post(path, headers={"Referer": page})["Location"] == page
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:1", ""):
        assert ana.post(path, headers={"Referer": elsewhere})["Location"] == "/"


def test_what_is_copied_is_what_the_api_says_and_what_asks_for_it_again(
    ana: Client, data_dir: Path
) -> None:
    media = [{"field": "input_reference", "uri": "file:videos/x/a.png", "kind": "image"}]
    video = made(data_dir, prompt="it's <b>", request={**asked(prompt="it's <b>"), "media": media})
    html = ana.get(f"/v/{video.pk}/copy").content.decode()
    assert f"&quot;id&quot;: &quot;{video.pk}&quot;" in html
    assert "curl http" in html and "client.videos.create_and_poll(" in html
    assert "input_reference.png" in html and "<b>" not in html


def test_a_video_without_a_request_is_still_copied_as_json(ana: Client) -> None:
    video = make_video("failed")
    page = text(ana.get(f"/v/{video.pk}/copy"))
    assert "What the API says about it" in page and "curl" not in page


def test_the_page_costs_a_bounded_number_of_queries(
    ana: Client, data_dir: Path, django_assert_max_num_queries: Any
) -> None:
    first = made(data_dir, request=asked())
    for number in range(20):
        make_video("failed", stack=first, remixed_from=first, prompt=f"take {number}")
    with django_assert_max_num_queries(32):
        assert ana.get(f"/v/{first.pk}/").status_code == 200
