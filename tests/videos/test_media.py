"""From links to files: through the real client and the real probe; only the wire is faked."""

from __future__ import annotations

import hashlib
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import responses
from django.core.files.storage import default_storage

from providers.errors import OutputForbidden, OutputUnavailable
from providers.runway import RunwayClient
from videos import media

from .clips import archive, film, picture, song
from .factories import BASE_URL, SECRET

LINK = f"{BASE_URL}/outputs/1.mp4?sig=1"
CLIENT = RunwayClient(SECRET, BASE_URL)


@pytest.fixture
def runway() -> Iterator[responses.RequestsMock]:
    """Runway at the wire; whatever is not registered is refused."""
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def media_root(data_dir: Path) -> Path:
    """Where the files go."""
    return data_dir / "media"


def bring(*links: str, client: RunwayClient = CLIENT, seconds: int = 2) -> list[media.Stored]:
    """Fetch and publish outputs as the store step does."""
    with media.drafts() as folder:
        made = media.fetch_videos(client, links, folder, "video_1", seconds)
        return media.publish(made)


def files_under(root: Path) -> list[str]:
    """Every file under a folder, by its relative path."""
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_video_comes_home_with_thumbnail_and_spritesheet(
    runway: responses.RequestsMock, media_root: Path
) -> None:
    runway.get(LINK, body=film())
    video, thumbnail, sheet, *stills = bring(LINK)
    assert (video.kind, video.content_type, video.path) == (
        *("video", "video/mp4"),
        "videos/video_1/video-0.mp4",
    )
    assert (video.width, video.height, video.seconds) == (96, 64, 2.0)
    assert (thumbnail.content_type, sheet.content_type) == ("image/webp", "image/jpeg")
    assert [(still.kind, still.width, still.height) for still in stills] == [
        ("frame_first", 96, 64),
        ("frame_last", 96, 64),
    ]
    everything = [video, thumbnail, sheet, *stills]
    assert files_under(media_root) == sorted(stored.path for stored in everything)


def test_size_and_checksum_are_those_of_the_bytes_that_came(
    runway: responses.RequestsMock, media_root: Path
) -> None:
    runway.get(LINK, body=film())
    for stored in bring(LINK):
        data = (media_root / stored.path).read_bytes()
        assert stored.size == len(data)
        assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert (media_root / "videos/video_1/video-0.mp4").read_bytes() == film()


def test_files_lie_where_the_default_storage_says(runway: responses.RequestsMock) -> None:
    runway.get(LINK, body=film())
    for stored in bring(LINK):
        with default_storage.open(stored.path) as file:
            assert len(file.read()) == stored.size


def test_files_are_written_by_us_alone_and_never_executable(
    runway: responses.RequestsMock, media_root: Path
) -> None:
    runway.get(LINK, body=film())
    for stored in bring(LINK):
        path = media_root / stored.path
        assert path.stat().st_mode & 0o7133 == 0
        assert path.parent.stat().st_mode & 0o7022 == 0


def test_all_outputs_are_kept_with_pictures_of_the_first(
    runway: responses.RequestsMock, media_root: Path
) -> None:
    links = [f"{BASE_URL}/outputs/{number}" for number in range(3)]
    for link, species in zip(links, ("mp4", "prores", "mkv"), strict=True):
        runway.get(link, body=film(species))
    kept = [stored.path.removeprefix("videos/video_1/") for stored in bring(*links)]
    assert kept == [
        *("video-0.mp4", "thumbnail-0.webp", "spritesheet-0.jpg"),
        *("frame_first-0.jpg", "frame_last-0.jpg", "video-1.mov", "video-2.mkv"),
    ]
    assert len(files_under(media_root)) == 7


def test_a_zip_of_frames_comes_home(runway: responses.RequestsMock) -> None:
    runway.get(LINK, body=archive(a_png=picture(), b_png=picture()))
    stored = bring(LINK)
    assert [file.content_type for file in stored] == ["application/zip", "image/webp"]
    assert stored[0].seconds is None


def test_nothing_else_stays_behind(runway: responses.RequestsMock, media_root: Path) -> None:
    runway.get(LINK, body=film())
    bring(LINK)
    assert list((media_root / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<!doctype html>", "no video"),
        (film()[:-100], "cut short"),
        (song(), "no video"),
        (picture(), "a picture"),
        (film(seconds=4), "lasts 4.0 s instead of 2 s"),
        (archive(a_txt=b""), "no frames"),
    ],
    ids=["empty", "html", "cut", "song", "picture", "too long", "zip without frames"],
)
def test_bad_bytes_are_refused_and_leave_nothing(
    runway: responses.RequestsMock, media_root: Path, data: bytes, words: str
) -> None:
    runway.get(LINK, body=data)
    with pytest.raises(media.BadOutput, match=words):
        bring(LINK)
    assert [path.name for path in media_root.iterdir()] == ["incoming"]
    assert list((media_root / "incoming").iterdir()) == []


def test_one_bad_output_of_several_leaves_nothing_of_the_others(
    runway: responses.RequestsMock, media_root: Path
) -> None:
    runway.get(LINK, body=film())
    runway.get(f"{BASE_URL}/outputs/2", body=b"<html>")
    with pytest.raises(media.BadOutput):
        bring(LINK, f"{BASE_URL}/outputs/2")
    assert files_under(media_root) == []


@pytest.mark.parametrize("status", [302, 403, 404, 500])
def test_a_link_that_does_not_answer_200_leaves_nothing(
    runway: responses.RequestsMock, media_root: Path, status: int
) -> None:
    runway.get(LINK, body=film(), status=status)
    with pytest.raises(OutputUnavailable, match=str(status)):
        bring(LINK)
    assert files_under(media_root) == []


@pytest.mark.parametrize("link", ["http://127.0.0.1:9/x", "https://127.0.0.1/x", "file:///x", "x"])
def test_a_link_to_where_we_never_fetch_from_leaves_nothing(media_root: Path, link: str) -> None:
    with pytest.raises(OutputForbidden):
        bring(link)
    assert files_under(media_root) == []


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """The system lets this process write no file larger than `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_takes_no_more_is_said_and_leaves_nothing(
    runway: responses.RequestsMock, media_root: Path
) -> None:
    runway.get(LINK, body=film())
    with room_for(500), pytest.raises(media.NoSpace, match="no room"):
        bring(LINK)
    assert files_under(media_root) == []


def test_a_disk_that_fails_is_said(media_root: Path) -> None:
    media_root.parent.mkdir(parents=True)
    media_root.write_text("not a folder")
    with pytest.raises(media.NoSpace, match="Our disk failed"):
        bring(LINK)


def test_a_new_try_replaces_what_a_dead_worker_made_visible(
    runway: responses.RequestsMock, media_root: Path
) -> None:
    old = media_root / "videos" / "video_1" / "video-0.mp4"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"half")
    runway.get(LINK, body=film())
    bring(LINK)
    assert old.read_bytes() == film()


def test_a_first_frame_comes_home(runway: responses.RequestsMock, media_root: Path) -> None:
    runway.get(LINK, body=picture())
    frame = media.fetch_image(CLIENT, LINK, "video_1")
    assert (frame.kind, frame.content_type, frame.width) == ("first_frame", "image/png", 96)
    assert files_under(media_root) == [frame.path] == ["videos/video_1/first_frame-0.png"]


def test_a_first_frame_must_be_a_picture(runway: responses.RequestsMock, media_root: Path) -> None:
    runway.get(LINK, body=film())
    with pytest.raises(media.BadOutput, match="not a picture"):
        media.fetch_image(CLIENT, LINK, "video_1")
    assert files_under(media_root) == []


def test_what_crashes_left_is_removed_and_downloads_under_way_stay(media_root: Path) -> None:
    for name, age in (("old", 3700), ("young", 3500)):
        folder = media_root / "incoming" / name
        folder.mkdir(parents=True)
        (folder / "output").write_bytes(b"half")
        os.utime(folder, (time.time() - age,) * 2)
    assert media.clean_drafts() == 1
    assert files_under(media_root) == ["incoming/young/output"]
