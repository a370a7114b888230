"""The rows and bytes of a video's files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from videos import files
from videos.media import Stored
from videos.models import File, Video
from videos.values import Upload

from .factories import make_video

pytestmark = pytest.mark.django_db


def put(video: Video, name: str, data: bytes = b"x") -> Path:
    """A file that no row knows."""
    path = Path(default_storage.path(f"{files.folder(video.pk)}/{name}"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def stored(kind: str, position: int = 0, size: int = 1) -> Stored:
    """A file on our storage."""
    return Stored(kind, position, f"videos/x/{kind}-{position}.mp4", "video/mp4", size, "0" * 64)


def test_small_content_is_written_with_size_and_checksum() -> None:
    saved = files.keep_upload("video_1", 1, Upload(b"picture", "../a.exe", "image/png"))
    assert (saved.kind, saved.content_type) == (File.INPUT, "image/png")
    assert saved.path == "videos/video_1/input-1.png"
    assert (saved.size, saved.sha256) == (7, hashlib.sha256(b"picture").hexdigest())
    with default_storage.open(saved.path) as written:
        assert written.read() == b"picture"


def test_a_second_file_of_the_same_name_overwrites_nothing() -> None:
    paths = {
        files.keep_upload("v", 0, Upload(data, content_type="image/png")).path
        for data in (b"one", b"two")
    }
    assert len(paths) == 2


def test_rows_replace_those_of_the_same_kinds_only() -> None:
    video = make_video()
    files.replace_files(video, [stored("input"), stored("video", 0), stored("video", 1)])
    files.replace_files(video, [stored("video", 0, size=2)])
    rows = video.files.order_by("kind", "position").values_list("kind", "position", "size")
    assert list(rows) == [("input", 0, 1), ("video", 0, 2)]


def test_erasing_removes_rows_and_bytes_also_those_that_no_row_knows() -> None:
    video, other = make_video(), make_video()
    path, kept = put(video, "video-0.mp4"), put(other, "video-0.mp4")
    files.replace_files(video, [stored("video")])
    files.erase(video)
    assert not video.files.exists()
    assert not path.parent.exists()
    assert kept.exists()


def test_erasing_twice_is_fine() -> None:
    video = make_video()
    put(video, "video-0.mp4")
    files.erase(video)
    files.erase(video)
    assert not default_storage.exists(files.folder(video.pk))


def test_a_folder_that_cannot_be_removed_whole_loses_its_files() -> None:
    video = make_video()
    path = put(video, "video-0.mp4")
    (path.parent / "inner").mkdir()
    files.erase(video)
    assert [entry.name for entry in path.parent.iterdir()] == ["inner"]
