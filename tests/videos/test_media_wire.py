"""Downloads over a real connection: lengths that lie, caps, and what is sent along."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from providers.errors import OutputTooLarge, OutputUnavailable
from providers.runway import RunwayClient

from .clips import film
from .factories import SECRET
from .test_media import bring, files_under


@pytest.fixture
def media_root(data_dir: Path) -> Path:
    """Where the files go."""
    return data_dir / "media"


class Wire(BaseHTTPRequestHandler):
    """Sends `data` after announcing `size` bytes (or nothing), then closes."""

    data = b""
    size: int | None = 0
    seen: list[dict[str, str]]

    def do_GET(self) -> None:
        self.seen.append(dict(self.headers))
        self.send_response(200)
        if self.size is not None:
            self.send_header("Content-Length", str(self.size))
        self.end_headers()
        self.wfile.write(self.data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def wire(data: bytes, size: int | None) -> Iterator[tuple[RunwayClient, str, list[dict[str, str]]]]:
    """A real server with one output: a client of it, the link, and the headers that came."""
    seen: list[dict[str, str]] = []
    handler = type("Once", (Wire,), {"data": data, "size": size, "seen": seen})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    origin = f"http://127.0.0.1:{server.server_port}"
    try:
        yield RunwayClient(SECRET, origin), f"{origin}/outputs/1.mp4", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_declared_length_over_the_cap_is_not_downloaded(media_root: Path, settings: Any) -> None:
    settings.STUDIO_MAX_VIDEO_BYTES = 1000
    with wire(b"", 1001) as (client, link, _), pytest.raises(OutputTooLarge):
        bring(link, client=client)
    assert files_under(media_root) == []


def test_an_undeclared_length_over_the_cap_is_cut_off(media_root: Path, settings: Any) -> None:
    settings.STUDIO_MAX_VIDEO_BYTES = 1000
    with wire(film(), None) as (client, link, _), pytest.raises(OutputTooLarge):
        bring(link, client=client)
    assert files_under(media_root) == []


def test_fewer_bytes_than_declared_are_no_output(media_root: Path) -> None:
    with (
        wire(film(), len(film()) + 1) as (client, link, _),
        pytest.raises(OutputUnavailable),
    ):
        bring(link, client=client)
    assert files_under(media_root) == []


def test_a_length_need_not_be_declared(media_root: Path) -> None:
    with wire(film(), None) as (client, link, _):
        assert bring(link, client=client)[0].size == len(film())


def test_the_key_is_not_sent_along() -> None:
    with wire(film(), len(film())) as (client, link, seen):
        bring(link, client=client)
    assert [SECRET in str(headers) for headers in seen] == [False]
