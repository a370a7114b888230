"""Files over HTTP: whole, in ranges, and not at all when the client has them.

Source: RFC 9110 §13 and §14.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import RequestFactory

from videos.delivery import BLOCK, MediaResponse, deliver
from videos.models import File

DATA = bytes(range(100))
ETAG = '"' + "ab" * 32 + '"'


@pytest.fixture
def file(data_dir: Path) -> File:
    """A stored video of 100 bytes."""
    path = data_dir / "media" / "videos" / "video_1" / "video-0.mp4"
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA)
    return File(
        video_id="video_1",
        kind=File.VIDEO,
        path="videos/video_1/video-0.mp4",
        content_type="video/mp4",
        size=len(DATA),
        sha256="ab" * 32,
    )


def get(file: File, method: str = "GET", download: bool = False, **headers: str) -> Any:
    """The answer to a request; underscores in names of headers are dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = RequestFactory().generic(method, "/", headers=named)
    return deliver(request, file, download=download)


def body(answer: HttpResponseBase) -> bytes:
    """What it sends."""
    assert isinstance(answer, StreamingHttpResponse)
    return b"".join(answer)


def test_a_file_is_sent_whole(file: File) -> None:
    answer = get(file)
    assert (answer.status_code, body(answer)) == (200, DATA)
    assert answer["Content-Type"] == "video/mp4"
    assert answer["Content-Length"] == "100"
    assert answer["ETag"] == ETAG
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["Cache-Control"] == "private, no-cache"
    assert not answer.has_header("Content-Range")


def test_the_server_is_told_where_the_bytes_are(file: File, data_dir: Path) -> None:
    answer = get(file, Range="bytes=10-19")
    assert answer.media_path == data_dir / "media" / file.path
    assert answer.media_range == (10, 20)


def test_head_states_what_get_would(file: File) -> None:
    asked, got = get(file, "HEAD"), get(file)
    assert asked.status_code == 200
    assert asked.headers == got.headers


def test_a_range_means_nothing_to_head(file: File) -> None:
    answer = get(file, "HEAD", Range="bytes=0-9")
    assert (answer.status_code, answer["Content-Length"]) == (200, "100")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-9", 0, 9),
        ("bytes=90-99", 90, 99),
        ("bytes=90-1000", 90, 99),
        ("bytes=0-", 0, 99),
        ("bytes=99-", 99, 99),
        ("bytes=-1", 99, 99),
        ("bytes=-10", 90, 99),
        ("bytes=-1000", 0, 99),
        ("Bytes=5-6", 5, 6),
    ],
)
def test_one_range_is_sent_as_206(file: File, asked: str, start: int, end: int) -> None:
    answer = get(file, Range=asked)
    assert (answer.status_code, body(answer)) == (206, DATA[start : end + 1])
    assert answer["Content-Range"] == f"bytes {start}-{end}/100"
    assert answer["Content-Length"] == str(end - start + 1)
    assert (answer["ETag"], answer["Content-Type"]) == (ETAG, "video/mp4")


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=100-200", "bytes=5000-5001", "bytes=-0"])
def test_a_range_outside_of_the_file_is_416(file: File, asked: str) -> None:
    answer = get(file, Range=asked)
    assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */100")


@pytest.mark.parametrize(
    "asked",
    [
        *("", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=9-5", "bytes=--5", "bytes=5"),
        *("bytes=0x1-0x2", "bytes=1.5-2", "bytes=+1-2", "bytes=0-9, 20-29", "bytes=0-9,"),
        *("items=0-9", "bytes 0-9", "bytes=0-9\u00b2", "bytes=" + "9" * 4000 + "-"),
    ],
)
def test_what_is_no_single_range_is_ignored(file: File, asked: str) -> None:
    assert get(file, Range=asked).status_code == 200


def test_every_range_of_an_empty_file_lies_outside(file: File, data_dir: Path) -> None:
    file.size = 0
    (data_dir / "media" / file.path).write_bytes(b"")
    assert get(file, Range="bytes=0-").status_code == 416
    assert body(get(file)) == b""


@pytest.mark.parametrize(
    ("validator", "status"),
    [
        (ETAG, 206),
        ('"other"', 200),
        (f"W/{ETAG}", 200),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 200),
        ("nonsense", 200),
    ],
    ids=["same", "other", "weak", "date", "nonsense"],
)
def test_if_range_sends_the_range_of_the_same_file_only(
    file: File, validator: str, status: int
) -> None:
    assert get(file, Range="bytes=0-9", If_Range=validator).status_code == status


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "known",
    [ETAG, f"W/{ETAG}", f'"other", {ETAG}', f'W/"other",W/{ETAG}', "*"],
    ids=["same", "weak", "list", "weak list", "any"],
)
def test_a_client_that_has_the_file_is_told_so(file: File, method: str, known: str) -> None:
    answer = get(file, method, If_None_Match=known)
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", ETAG)
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["Content-Length"] == "100"


@pytest.mark.parametrize(
    "known", ['"other"', "", "nonsense", "ab" * 32, f'"x{ETAG[1:]}', f"W/{ETAG}x"]
)
def test_a_client_that_has_another_file_gets_this_one(file: File, known: str) -> None:
    assert get(file, If_None_Match=known).status_code == 200


def test_a_known_file_is_304_even_if_a_range_is_asked_for(file: File) -> None:
    assert get(file, Range="bytes=0-9", If_None_Match=ETAG).status_code == 304


def test_a_missing_file_is_404_in_words(file: File, data_dir: Path) -> None:
    (data_dir / "media" / file.path).unlink()
    answer = get(file, If_None_Match="*")
    assert answer.status_code == 404
    assert b"file_missing" in answer.content


def test_a_folder_is_no_file(file: File) -> None:
    file.path = "videos/video_1"
    assert get(file).status_code == 404


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "video_1.mp4"),
        ({"position": 1}, "video_1-2.mp4"),
        ({"kind": File.THUMBNAIL}, "video_1-thumbnail.mp4"),
    ],
    ids=["video", "second video", "thumbnail"],
)
@pytest.mark.parametrize(("download", "how"), [(True, "attachment"), (False, "inline")], ids=str)
def test_a_file_has_a_name_for_saving_it(
    file: File, fields: dict[str, Any], name: str, download: bool, how: str
) -> None:
    for field, value in fields.items():
        setattr(file, field, value)
    answer = get(file, download=download)
    assert answer["Content-Disposition"] == f'{how}; filename="{name}"'


def open_here(path: Path) -> int:
    """How often this process holds a file open."""
    links = [Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd")]
    return sum(link.is_symlink() and os.readlink(link) == str(path) for link in links)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of three blocks and a byte."""
    path = tmp_path / "large"
    path.write_bytes(os.urandom(3 * BLOCK + 1))
    return path


def test_a_large_file_comes_in_blocks(large: Path) -> None:
    answer = MediaResponse(large, 1, 3 * BLOCK + 1, "video/mp4")
    blocks: Any = list(answer)
    assert [len(block) for block in blocks] == [BLOCK] * 3
    assert b"".join(blocks) == large.read_bytes()[1:]
    assert open_here(large) == 0


@pytest.mark.django_db  # closing a response looks at the connection
def test_a_client_that_leaves_early_keeps_no_file_open(large: Path) -> None:
    answer = MediaResponse(large, 0, 3 * BLOCK, "video/mp4")
    blocks: Any = iter(answer)
    next(blocks)
    assert open_here(large) == 1
    answer.close()
    assert open_here(large) == 0


@pytest.mark.django_db  # closing a response looks at the connection
def test_an_answer_that_nobody_reads_opens_no_file(large: Path) -> None:
    answer = MediaResponse(large, 0, 3 * BLOCK, "video/mp4")
    assert open_here(large) == 0
    answer.close()
