"""The library: filters, takes, selection, trash, projects, zips."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.videos.factories import make_user, make_video
from videos import actions, shelving
from videos.models import File, Project, Tag, Video

from .conftest import HTMX, text
from .test_pages import with_file


def prompts(client: Client, address: str = "/") -> list[str]:
    """The prompts that a page shows, in order."""
    return re.findall(
        r'<h3 class="prompt"><a[^>]*>([^<]*)</a>', client.get(address).content.decode()
    )


def do(client: Client, deed: str, *videos: Video, **fields: Any) -> Any:
    """Press a button of the selection."""
    ids = [video.pk for video in videos]
    return client.post("/studio/selected", {"do": deed, "ids": ids, **fields}, headers=HTMX)


@pytest.fixture
def shots(key: object) -> dict[str, Video]:
    """Videos that differ in everything."""
    film = Project.objects.create(owner=make_user(), name="Harbour film")
    night = Tag.objects.create(owner=make_user(), name="night")
    shots = {
        "boat": make_video("completed", prompt="A boat at night", project=film),
        "river": make_video("failed", prompt="A river at night", is_favourite=True),
        "old": make_video(
            "completed", prompt="An old pier", created_at=datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
        ),
        "wide": make_video(prompt="A wide field", model="veo3.1", size="720x1280"),
    }
    shots["boat"].tags.add(night)
    return shots


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["A wide field", "A river at night", "A boat at night", "An old pier"]),
        ("order=oldest", ["An old pier", "A boat at night", "A river at night", "A wide field"]),
        ("q=night", ["A river at night", "A boat at night"]),
        ("q=night+boat", ["A boat at night"]),
        ("status=running", ["A wide field"]),
        ("status=failed", ["A river at night"]),
        ("status=completed&q=boat", ["A boat at night"]),
        ("status=favourite", ["A river at night"]),
        ("by=veo3.1", ["A wide field"]),
        ("ratio=9:16", ["A wide field"]),
        ("ratio=16:9&q=night", ["A river at night", "A boat at night"]),
        ("tag=night", ["A boat at night"]),
        ("since=2026-03-01&until=2026-03-01", ["An old pier"]),
        ("until=2026-02-28", []),
        ("q=night&status=failed&without=status", ["A river at night", "A boat at night"]),
        (
            "q=nothing&without=all&until=2026-03-01",
            ["A wide field", "A river at night", "A boat at night", "An old pier"],
        ),
        (
            "status=x&in=x&since=x&until=9999-99-99&order=x&stack=x&after=x&loads=x",
            ["A wide field", "A river at night", "A boat at night", "An old pier"],
        ),
        (
            "q=%00&in=99999999999&since=9999-12-31",
            ["A wide field", "A river at night", "A boat at night", "An old pier"],
        ),
    ],
)
def test_filters_combine_and_nonsense_filters_nothing(
    ana: Client, shots: dict[str, Video], query: str, found: list[str]
) -> None:
    assert prompts(ana, f"/?{query}") == found


def test_a_project_is_a_filter(ana: Client, shots: dict[str, Video]) -> None:
    address = f"/?in={shots['boat'].project_id}"
    assert prompts(ana, address) == ["A boat at night"]
    assert "Harbour film" in text(ana.get(address)) and "1 video" in text(ana.get(address))


def test_the_form_shows_what_is_filtered(ana: Client, shots: dict[str, Video]) -> None:
    page = ana.get("/?q=boat&status=completed&tag=night").content.decode()
    assert 'data-do="search" value="boat"' in page
    assert 'value="completed" checked' in page and "<option selected>night</option>" in page


def test_when_nothing_matches_the_filters_are_said_and_can_be_cleared(ana: Client) -> None:
    page = text(ana.get("/?q=unicorn&status=failed"))
    for words in ("No videos match", "“unicorn”", "Failed", "Clear filters", "0 videos"):
        assert words in page
    assert "Your videos appear here" not in page


def test_with_htmx_the_library_comes_alone_and_names_the_pages_address(
    ana: Client, shots: dict[str, Video]
) -> None:
    answer = ana.get("/studio/library?q=boat&status=&by=", headers=HTMX)
    assert answer.headers["HX-Push-Url"] == "/?q=boat"
    assert answer.content.decode().lstrip().startswith("<section")
    assert ana.get("/studio/library?q=boat")["Location"] == "/?q=boat"


def test_pages_go_on_within_the_filter_though_new_ones_arrive(ana: Client) -> None:
    for number in range(30):
        make_video("failed", prompt=f"shot {number:02}")
    make_video("failed", prompt="other")
    first = ana.get("/?q=shot").content.decode()
    link = re.search(r'hx-get="(/studio/cards[^"]+)" hx-trigger="revealed, click"', first)
    assert link
    make_video("failed", prompt="shot 99")
    rest = prompts(ana, link[1].replace("&amp;", "&"))
    assert rest == [f"shot {number:02}" for number in reversed(range(6))]


def test_after_three_pages_a_button_has_to_be_pressed(ana: Client) -> None:
    for _ in range(25):
        make_video("failed")
    assert 'hx-trigger="revealed, click"' in ana.get("/studio/cards?loads=2").content.decode()
    assert 'hx-trigger="click"' in ana.get("/studio/cards?loads=3").content.decode()


def stack(*statuses: str) -> list[Video]:
    """Takes of one shot."""
    head = make_video(statuses[0], prompt="take 1")
    return [head] + [
        make_video(status, prompt=f"take {number}", stack=head)
        for number, status in enumerate(statuses[1:], 2)
    ]


def test_takes_are_one_card_and_stand_for_themselves_when_filtered(ana: Client) -> None:
    head, *_ = stack("completed", "completed", "failed", "queued")
    assert prompts(ana) == ["take 1"]
    assert "4 takes" in text(ana.get("/"))
    assert prompts(ana, f"/?stack={head.pk}") == ["take 4", "take 3", "take 2", "take 1"]
    assert prompts(ana, "/?status=failed") == ["take 3"]


@pytest.mark.parametrize("away", ["trash", "delete"])
def test_when_the_first_take_goes_the_next_one_leads(ana: Client, away: str) -> None:
    head, second, third = stack("completed", "completed", "failed")
    if away == "trash":
        do(ana, "trash", head)
    else:
        actions.delete(head)
    assert prompts(ana) == ["take 2"]
    assert "2 takes" in text(ana.get("/"))
    assert Video.objects.get(pk=third.pk).stack_id == second.pk


def test_undo_brings_takes_back_to_their_places(ana: Client) -> None:
    takes = stack("completed", "completed", "failed")
    do(ana, "trash", takes[0], takes[1])
    assert prompts(ana) == ["take 3"]
    do(ana, "restore", takes[0], takes[1])
    assert prompts(ana) == ["take 1"] and "3 takes" in text(ana.get("/"))
    do(ana, "trash", *takes)
    assert prompts(ana) == []
    do(ana, "restore", *takes)
    assert prompts(ana) == ["take 1"] and "3 takes" in text(ana.get("/"))


def test_only_what_is_over_goes_to_the_trash(ana: Client) -> None:
    over, running = make_video("failed", prompt="over"), make_video(prompt="running")
    answer = do(ana, "trash", over, running)
    assert "Moved to the trash. Undo" in text(answer)
    assert running.pk not in answer.content.decode()
    assert prompts(ana) == ["running"]
    assert "cancel them first" in text(do(ana, "trash", running))


def test_the_trash_gives_back_and_deletes(ana: Client, data_dir: Path) -> None:
    video = make_video("completed", prompt="thrown away")
    do(ana, "trash", video)
    page = text(ana.get("/trash/"))
    assert "thrown away" in page and "Deleted for good in 29 days" in page
    ana.post("/studio/selected", {"do": "restore", "ids": video.pk})
    assert prompts(ana) == ["thrown away"]
    do(ana, "trash", video)
    assert ana.post("/studio/trash/empty", {"ids": video.pk})["Location"] == "/"
    assert ana.get(f"/v/{video.pk}/").status_code == 404
    assert "The trash is empty" in text(ana.get("/trash/"))


def test_emptying_the_trash_leaves_the_library_alone(ana: Client) -> None:
    kept, thrown = make_video("failed", prompt="kept"), make_video("failed", prompt="thrown")
    do(ana, "trash", thrown)
    ana.post("/studio/trash/empty", {"ids": kept.pk})
    ana.post("/studio/trash/empty", {"all": "1"})
    assert prompts(ana) == ["kept"]
    assert Video.objects.get(pk=thrown.pk).deleted_at


def test_after_thirty_days_it_is_deleted_for_good(ana: Client) -> None:
    fresh, old = make_video("failed", prompt="fresh"), make_video("failed", prompt="old")
    do(ana, "trash", fresh, old)
    Video.objects.filter(pk=old.pk).update(trashed_at=timezone.now() - timedelta(days=31))
    shelving.purge()
    assert Video.objects.get(pk=old.pk).deleted_at
    assert Video.objects.get(pk=fresh.pk).deleted_at is None


def test_what_is_in_the_trash_is_still_there_for_scripts_and_plays(ana: Client) -> None:
    video = make_video("completed")
    do(ana, "trash", video)
    assert ana.get(f"/v/{video.pk}/").status_code == 200


def test_favourites_tags_and_projects_are_given_to_many_at_once(ana: Client) -> None:
    one, two = make_video("completed"), make_video("completed")
    do(ana, "favourite", one, two)
    do(ana, "tag", one, two, tag="  sea   night ")
    do(ana, "move", one, two, new_project="Harbour film")
    project = Project.objects.get()
    for video in Video.objects.all():
        assert (video.is_favourite, video.project) == (True, project)
        assert [tag.name for tag in video.tags.all()] == ["sea night"]
    do(ana, "unfavourite", one)
    do(ana, "untag", one, two, tag="sea night")
    do(ana, "move", one, project="")
    do(ana, "move", two, project=project.pk)
    assert not Tag.objects.exists()
    assert Video.objects.get(pk=one.pk).project is None
    assert Video.objects.get(is_favourite=True).project == project


def test_every_change_of_the_selection_counts_as_a_change(ana: Client) -> None:
    video = make_video("completed")
    for deed, fields in (
        ("favourite", {}),
        ("tag", {"tag": "sea"}),
        ("move", {"new_project": "x"}),
    ):
        before = Video.objects.get(pk=video.pk).version
        do(ana, deed, video, **fields)
        assert Video.objects.get(pk=video.pk).version > before, deed


@pytest.mark.parametrize(
    ("deed", "fields"), [("nothing", {}), ("tag", {"tag": " "}), ("tag", {"tag": "\0"})]
)
def test_what_makes_no_sense_changes_nothing(
    ana: Client, deed: str, fields: dict[str, str]
) -> None:
    video = make_video("completed")
    assert do(ana, deed, video, **fields).status_code == 200
    assert Video.objects.get(pk=video.pk).version == video.version


def test_others_videos_and_projects_are_out_of_reach(ana: Client, stranger: Client) -> None:
    video = make_video("failed")
    theirs = Project.objects.create(owner=make_user("bo@example.org"), name="Theirs")
    assert "None of your own videos is selected." in text(do(stranger, "trash", video))
    assert stranger.post("/studio/trash/empty", {"ids": video.pk}).status_code == 302
    do(ana, "move", video, project=theirs.pk)
    video.refresh_from_db()
    assert (video.trashed_at, video.deleted_at, video.project) == (None, None, None)
    for path in (f"/studio/projects/{theirs.pk}/rename", f"/studio/projects/{theirs.pk}/delete"):
        assert ana.post(path, {"name": "Mine"}).status_code == 404


def test_projects_are_created_renamed_and_deleted_and_videos_stay(ana: Client) -> None:
    ana.post("/studio/projects/add", {"name": " Harbour  film "})
    project = Project.objects.get()
    video = make_video("completed", project=project)
    assert "1 video" in text(ana.get("/projects/")) and project.name == "Harbour film"
    ana.post("/studio/projects/add", {"name": "Harbour film"})
    assert "already" in text(ana.get("/projects/"))
    ana.post(f"/studio/projects/{project.pk}/rename", {"name": "Sea film"})
    assert Project.objects.get().name == "Sea film"
    ana.post(f"/studio/projects/{project.pk}/rename", {"name": ""})
    assert "A project needs a name." in text(ana.get("/projects/"))
    ana.post(f"/studio/projects/{project.pk}/delete")
    video.refresh_from_db()
    assert (video.project, Project.objects.count()) == (None, 0)


def stored(data_dir: Path, prompt: str, content: bytes) -> Video:
    """A completed video whose file is on the storage."""
    video = with_file(make_video("completed", prompt=prompt, request={"seed": 7}))
    path = data_dir / "media" / video.files.get().path
    path.parent.mkdir(parents=True)
    path = path.with_suffix(".mp4")
    path.write_bytes(content)
    video.files.update(size=len(content), path=f"videos/{video.pk}/{File.VIDEO}.mp4")
    return video


def test_a_zip_has_every_file_and_how_it_was_made(ana: Client, data_dir: Path) -> None:
    videos = [
        stored(data_dir, "A boat, at night!", b"one"),
        stored(data_dir, "A boat at night", b"2"),
    ]
    videos.append(make_video(prompt="still running"))
    answer: Any = ana.post("/studio/zip", {"ids": [video.pk for video in videos]})
    content = b"".join(answer)
    assert int(answer["Content-Length"]) == len(content)
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    day = f"{videos[0].created_at:%Y-%m-%d}"
    names = [f"{day}-a-boat-at-night", f"{day}-a-boat-at-night-2"]
    assert archive.namelist() == [f"{n}.{end}" for n in names for end in ("mp4", "json")]
    assert archive.read(f"{names[0]}.mp4") == b"one"
    recipe = json.loads(archive.read(f"{names[0]}.json"))
    assert (recipe["prompt"], recipe["seed"], recipe["model"]) == ("A boat, at night!", 7, "gen4.5")


def test_a_zip_of_nothing_is_said(ana: Client, stranger: Client, data_dir: Path) -> None:
    video = stored(data_dir, "mine", b"x")
    assert stranger.post("/studio/zip", {"ids": video.pk}).status_code == 302
    assert "has a file yet" in text(stranger.get("/"))
