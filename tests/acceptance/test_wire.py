"""Bytes on the wire as no client library would send them, against the running server.

After each test the server still answers, and its log has no traceback.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import ninja
import pytest
from PIL import Image

from tests.live import Studio, eventually

pytestmark = pytest.mark.process

JSON = "Content-Type: application/json\r\n"
FORM = "Content-Type: multipart/form-data; boundary=edge\r\n"
PLAIN = "Content-Type: text/plain\r\n"
EXPECT = "Expect: 100-continue\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"
GOOD = b'{"model": "gen4.5", "seconds": "2", "prompt": "cut off"}'
TOO_LARGE = "request_too_large"
TOO_MANY_BYTES = 25 * 1024 * 1024


@dataclass
class Answer:
    """One HTTP answer: status, headers in lower case, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """What stands in the envelope; fails the test when there is none."""
        assert self.headers["content-type"] == "application/json", self
        error: dict[str, Any] = json.loads(self.body)["error"]
        assert set(error) == {"message", "type", "param", "code"}
        return error


@pytest.fixture(autouse=True)
def _unharmed(studio: Studio) -> Iterator[None]:
    lines = len(studio.lines)
    yield
    assert studio.answers()
    assert "Traceback" not in "\n".join(studio.lines[lines:])


@pytest.fixture(scope="module")
def clip(studio: Studio) -> str:
    """The path of a finished video's content. The video was asked for in chunks, with a picture."""
    picture = BytesIO()
    Image.frombytes("RGB", (640, 360), os.urandom(640 * 360 * 3)).save(picture, "PNG")
    body = chunks(form("in chunks", picture.getvalue()), 16_000) + b"0\r\n\r\n"
    answer = ask(studio, post(studio, FORM + CHUNKED, body))
    assert answer.status == 200, answer.body
    video_id = json.loads(answer.body)["id"]
    video = studio.wait(video_id)
    assert video["status"] == "completed", video
    return f"/v1/videos/{video_id}/content"


def connect(studio: Studio, first: bytes = b"", *, buffer_bytes: int = 0) -> socket.socket:
    """A connection that has sent this; `buffer_bytes` limits what it takes in unread."""
    connection = socket.socket()
    if buffer_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
    connection.settimeout(15)
    connection.connect(("127.0.0.1", studio.port))
    connection.sendall(first)
    return connection


def head(studio: Studio, line: str, headers: str = "") -> bytes:
    """A request's head, with our key."""
    common = f"Host: 127.0.0.1\r\nAuthorization: Bearer {studio.key}\r\n"
    return f"{line}\r\n{common}{headers}\r\n".encode("latin-1")


def post(studio: Studio, headers: str, body: bytes) -> bytes:
    """A whole POST /v1/videos, but for a Content-Length."""
    return head(studio, "POST /v1/videos HTTP/1.1", headers) + body


def receive(connection: socket.socket) -> Answer:
    """The next answer."""
    with connection.makefile("rb") as file:
        status = int(file.readline().split()[1])
        lines = iter(lambda: file.readline().decode("latin-1").rstrip("\r\n"), "")
        headers = {
            name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)
        }
        return Answer(status, headers, file.read(int(headers.get("content-length", 0))))


def ask(studio: Studio, request: bytes, *, then_close: bool = False) -> Answer:
    """The one answer to these bytes; `then_close` says that no more will come."""
    with connect(studio, request) as connection:
        if then_close:
            connection.shutdown(socket.SHUT_WR)
        return receive(connection)


def chunks(body: bytes, size: int) -> bytes:
    """The body in chunks, without the last, empty one."""
    parts = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


def form(prompt: str, picture: bytes = b"") -> bytes:
    """A multipart body with its end."""
    fields = {"model": "gen4.5", "seconds": "2", "prompt": prompt}
    body = "".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ).encode()
    if picture:
        body += (
            b'--edge\r\nContent-Disposition: form-data; name="input_reference"; filename="a.png"'
        )
        body += b"\r\nContent-Type: image/png\r\n\r\n" + picture + b"\r\n"
    return body + b"--edge--\r\n"


def nothing_was_made(studio: Studio) -> bool:
    """Whether no request of these tests that had to be refused left a video."""
    return studio.rows("SELECT count(*) FROM videos_video WHERE prompt LIKE 'cut off%'") == [(0,)]


def open_files(studio: Studio) -> int:
    """How many files and sockets the web server holds, but for its threads' database."""
    count = 0
    for pid in studio.pids("manage.py web"):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                count += "sqlite3" not in os.readlink(entry)
    return count


def test_a_chunked_upload_makes_a_video(studio: Studio, clip: str) -> None:
    assert ask(studio, head(studio, f"GET {clip} HTTP/1.1")).body[4:8] == b"ftyp"


def test_expect_100_continue_is_answered(studio: Studio) -> None:
    body = form("go on")
    headers = f"{FORM}{EXPECT}Content-Length: {len(body)}\r\n"
    with connect(studio, post(studio, headers, b"")) as connection:
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert receive(connection).status == 200


@pytest.mark.parametrize("headers", [f"Content-Length: {TOO_MANY_BYTES}\r\n", CHUNKED])
def test_a_client_that_sends_too_much_still_reads_why(studio: Studio, headers: str) -> None:
    body = b"x" * TOO_MANY_BYTES if headers != CHUNKED else chunks(b"x" * TOO_MANY_BYTES, 65536)
    answer = ask(studio, post(studio, JSON + headers, body))
    assert (answer.status, answer.error["code"]) == (413, TOO_LARGE)


CUT_FORM = form("cut off, and then")[:-20]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (f"{JSON}Content-Length: {len(GOOD) + 1}\r\n", GOOD),
        (f"{JSON}Content-Length: 9\r\n", b""),
        (JSON + CHUNKED, chunks(GOOD, 20)),
        (JSON + CHUNKED, chunks(GOOD, 20) + b"zz\r\n"),
        (f"{FORM}Content-Length: {len(CUT_FORM) + 20}\r\n", CUT_FORM),
        (FORM + CHUNKED, chunks(CUT_FORM, 20)),
    ],
    ids=["length", "no body", "no last chunk", "bad chunk", "form, length", "form, chunks"],
)
def test_a_body_that_breaks_off_makes_nothing(studio: Studio, headers: str, body: bytes) -> None:
    answer = ask(studio, post(studio, headers, body), then_close=True)
    assert (answer.status, answer.error["code"]) == (400, "invalid_body")
    assert nothing_was_made(studio)


def test_a_length_that_is_too_short_ends_the_connection(studio: Studio) -> None:
    request = post(studio, f"{JSON}Content-Length: {len(GOOD) - 5}\r\n", GOOD)
    with connect(studio, request) as connection, connection.makefile("rb") as file:
        assert file.read().count(b"HTTP/1.1 400 ") == 2
    assert nothing_was_made(studio)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"no parts at all"),
        (
            FORM,
            b'--edge\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n\xff\r\n--edge--\r\n',
        ),
        ("Content-Type: multipart/form-data\r\n", form("cut off")),
        (JSON, b'{"model": "gen4.5", "prompt": "cut off\\u0000"}'),
        (JSON, b'{"model": "gen4.5", "prompt": "cut off\\ud800"}'),
        (JSON, b'{"model": "gen4.5", "prompt": "cut off", "x": ' + b"[" * 100_000),
        (JSON, b'{"model": "gen4.5", "prompt": "cut off", "seed": ' + b"9" * 5000 + b"}"),
        (JSON, b'{"model": "gen4.5", "prompt": "cut off", "seconds": "' + b"9" * 5000 + b'"}'),
        (JSON + "Idempotency-Key: \xe9\r\n", GOOD),
    ],
    ids=["no parts", "not UTF-8", "no boundary", "NUL", "surrogate", "deep", "digits", "text", "é"],
)
def test_what_cannot_be_read_is_refused(studio: Studio, kind: str, body: bytes) -> None:
    answer = ask(studio, post(studio, f"{kind}Content-Length: {len(body)}\r\n", body))
    assert answer.status == 400
    assert answer.error["message"]
    assert nothing_was_made(studio)


@pytest.mark.parametrize(
    ("line", "headers", "status", "code"),
    [
        ("GET /v1/videos?limit=x HTTP/1.1", "", 400, "invalid_value"),
        ("GET /v1/videos?after=\xe4\xb8\xad HTTP/1.1", "", 400, "invalid_value"),
        ("GET /v1/nothing HTTP/1.1", "", 404, "not_found"),
        ("GET /v1/videos/%00 HTTP/1.1", "", 404, "not_found"),
        ("GET /v1/videos/%ff%ed%a0%80 HTTP/1.1", "", 404, "not_found"),
        ("GET /v1/videos/" + "9" * 5000 + " HTTP/1.1", "", 404, "not_found"),
        ("PATCH /v1/videos HTTP/1.1", "", 405, "method_not_allowed"),
        ("POST /v1/videos HTTP/1.1", f"{EXPECT}Content-Length: 99999999\r\n", 413, TOO_LARGE),
        ("POST /v1/videos HTTP/1.1", PLAIN + CHUNKED, 415, "unsupported_media_type"),
    ],
    ids=lambda value: str(value)[:40].encode("ascii", "replace").decode(),
)
def test_errors_have_the_envelope(
    studio: Studio, line: str, headers: str, status: int, code: str
) -> None:
    body = b"2\r\nhi\r\n0\r\n\r\n" if CHUNKED in headers else b""
    answer = ask(studio, head(studio, line, headers) + body)
    assert (answer.status, answer.error["code"]) == (status, code)
    assert answer.headers["x-request-id"]


def test_a_connection_lives_on_after_errors_and_head(studio: Studio, clip: str) -> None:
    pipeline = (
        head(studio, "GET /v1/nothing HTTP/1.1")
        + head(studio, f"HEAD {clip} HTTP/1.1")
        + head(studio, "GET /v1/videos?limit=1 HTTP/1.0")
    )
    with connect(studio, pipeline) as connection, connection.makefile("rb") as file:
        everything = file.read()
    statuses = [line for line in everything.split(b"\r\n") if b"HTTP/1." in line]
    assert [line[line.index(b"HTTP/1.") :][9:12] for line in statuses] == [b"404", b"200", b"200"]


def test_stalled_clients_do_not_keep_others_waiting(studio: Studio, clip: str) -> None:
    stalls = [
        head(studio, "GET /v1/videos HTTP/1.1")[:-2],
        post(studio, f"{JSON}Content-Length: 9000\r\n", b"{"),
        head(studio, f"GET {clip} HTTP/1.1"),
    ]
    with ExitStack() as stack:
        for number in range(50):
            stack.enter_context(connect(studio, stalls[number % 3], buffer_bytes=4096))
        for _ in range(20):
            assert ask(studio, head(studio, "GET /v1/videos HTTP/1.1")).status == 200


def test_a_download_that_was_cut_can_be_resumed(studio: Studio, clip: str) -> None:
    whole = ask(studio, head(studio, f"GET {clip} HTTP/1.1"))
    assert len(whole.body) == int(whole.headers["content-length"])
    with connect(studio, head(studio, f"GET {clip} HTTP/1.1"), buffer_bytes=4096) as connection:
        begin = connection.recv(4000).partition(b"\r\n\r\n")[2]
    headers = f"Range: bytes={len(begin)}-\r\nIf-Range: {whole.headers['etag']}\r\n"
    rest = ask(studio, head(studio, f"GET {clip} HTTP/1.1", headers))
    assert rest.status == 206
    assert begin + rest.body == whole.body


def test_clients_that_go_away_leave_nothing_open(studio: Studio, clip: str) -> None:
    script = "/static/ninja/redoc.standalone.js"
    before = open_files(studio)
    upload = post(studio, f"{JSON}Content-Length: 9000000\r\n", b"x" * 3_000_000)
    for request in (
        upload,
        head(studio, f"GET {clip} HTTP/1.1"),
        head(studio, f"GET {script} HTTP/1.1"),
    ):
        for _ in range(20):
            connect(studio, request, buffer_bytes=4096).close()
    eventually("few open files", 20, lambda: open_files(studio) <= before + 4)
    answer = ask(studio, head(studio, f"GET {script} HTTP/1.1"))
    static = Path(str(ninja.__file__)).parent / "static" / "ninja" / "redoc.standalone.js"
    assert answer.body == static.read_bytes()
