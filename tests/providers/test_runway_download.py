"""Downloads over real sockets: lengths, caps, encodings, patience, and what is sent along."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import socket
import threading
import time
from dataclasses import replace

import pytest

from providers.connections import LIMITS, Limits
from providers.errors import OutputTooLarge, OutputUnavailable
from providers.runway import RunwayClient
from providers.tasks import Downloaded

from .conftest import SECRET
from .sockets import Peer, Script, dripping, free_port, http, peer, saying, silent

FILM = bytes(range(256)) * 4000
QUICK = replace(LIMITS, connect=0.3, silence=0.3, download=0.6)


def fetch(found: Peer, max_bytes: int = 10_000_000, limits: Limits = LIMITS) -> bytes:
    """What a download of the peer's output writes."""
    sink = io.BytesIO()
    link = f"{found.origin}/outputs/1.mp4?sig=1"
    RunwayClient(SECRET, found.origin, limits).download(link, sink, max_bytes=max_bytes)
    return sink.getvalue()


@pytest.mark.parametrize("length", [-1, None], ids=["declared", "undeclared"])
def test_every_byte_arrives_with_size_checksum_and_type(length: int | None) -> None:
    sink = io.BytesIO()
    with peer(saying(http(FILM, "Content-Type: video/mp4", length=length))) as found:
        client = RunwayClient(SECRET, found.origin)
        result = client.download(f"{found.origin}/1.mp4", sink, max_bytes=len(FILM))
    assert sink.getvalue() == FILM
    assert result == Downloaded(len(FILM), hashlib.sha256(FILM).hexdigest(), "video/mp4")


def test_chunks_are_put_together() -> None:
    chunked = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with peer(saying(http(chunked, "Transfer-Encoding: chunked", length=None))) as found:
        assert fetch(found) == b"abcde"


def test_the_key_is_not_sent_along() -> None:
    with peer(saying(http(FILM))) as found:
        fetch(found)
    [sent] = found.requests
    assert sent.startswith(b"GET /outputs/1.mp4?sig=1 HTTP/1.1\r\n")
    assert b"Authorization" not in sent and SECRET.encode() not in sent
    assert b"Accept-Encoding: identity" in sent


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone", "500 Oops"])
def test_a_link_that_died_is_unavailable(status: str) -> None:
    script = saying(http(b"<Error/>", status=status))
    with peer(script) as found, pytest.raises(OutputUnavailable) as caught:
        fetch(found)
    assert type(caught.value) is OutputUnavailable and caught.value.retryable


@pytest.mark.parametrize("status", ["204 No Content", "206 Partial Content", "304 Not Modified"])
def test_only_a_whole_output_is_one(status: str) -> None:
    with peer(saying(http(b"", status=status))) as found, pytest.raises(OutputUnavailable):
        fetch(found)


def test_a_redirect_is_not_followed() -> None:
    with peer(silent) as canary:
        place = f"Location: {canary.origin}/"
        script = saying(http(b"", place, status="302 Found"))
        with peer(script) as found, pytest.raises(OutputUnavailable):
            fetch(found)
    assert canary.connections == 0


def test_a_declared_length_over_the_cap_is_not_read() -> None:
    head = http(b"", length=1001)
    with peer(dripping(head, b"x", 0.01)) as found, pytest.raises(OutputTooLarge) as caught:
        fetch(found, max_bytes=1000)
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "head",
    [http(b"", length=None), http(b"", "Content-Length: 0x9", length=None)],
    ids=["undeclared", "nonsense"],
)
def test_an_endless_output_is_cut_off_at_the_cap(head: bytes) -> None:
    with peer(dripping(head, b"x" * 100_000, 0.0)) as found, pytest.raises(OutputTooLarge):
        fetch(found, max_bytes=1_000_000)


def test_a_lie_about_the_length_of_chunks_is_cut_off_at_the_cap() -> None:
    lie = http(b"", "Transfer-Encoding: chunked", length=5)
    with peer(dripping(lie, b"5\r\nabcde\r\n", 0.0)) as found, pytest.raises(OutputTooLarge):
        fetch(found, max_bytes=1000)


def test_fewer_bytes_than_declared_are_no_output() -> None:
    script = saying(http(FILM, length=len(FILM) + 1))
    with peer(script) as found, pytest.raises(OutputUnavailable):
        fetch(found)


def test_more_bytes_than_declared_are_not_part_of_it() -> None:
    with peer(saying(http(FILM + b"more", length=len(FILM)))) as found:
        assert fetch(found) == FILM


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, gzip", "x-unknown"])
def test_a_compressed_output_is_refused(encoding: str) -> None:
    answer = http(gzip.compress(FILM), f"Content-Encoding: {encoding}")
    with peer(saying(answer)) as found, pytest.raises(OutputUnavailable):
        fetch(found)


BROKEN: dict[str, Script] = {
    "hangs up": saying(),
    "speaks no HTTP": saying(b"hello\r\n\r\n"),
    "two lengths": saying(http(FILM, "Content-Length: 7")),
    "bad chunk": saying(http(b"zz\r\n", "Transfer-Encoding: chunked", length=None)),
    "cut chunk": saying(http(b"ff\r\nabc", "Transfer-Encoding: chunked", length=None)),
    "says nothing": silent,
}


@pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN)
def test_an_answer_that_breaks_is_unavailable(script: Script) -> None:
    with peer(script) as found, pytest.raises(OutputUnavailable):
        fetch(found, limits=QUICK)


def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(OutputUnavailable):
        fetch(Peer(free_port()))


def test_a_slow_output_is_waited_for_while_it_makes_progress() -> None:
    def slow(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(http(b"", length=8))
        for number in range(8):
            over.wait(QUICK.silence / 2)
            connection.sendall(b"%d" % number)

    with peer(slow) as found:
        assert fetch(found, limits=replace(QUICK, download=60)) == b"01234567"


def test_a_dripping_output_ends_in_time() -> None:
    with peer(dripping(http(b"", length=1000), b"x")) as found:
        begin = time.monotonic()
        with pytest.raises(OutputUnavailable):
            fetch(found, limits=QUICK)
        assert time.monotonic() - begin < QUICK.download + 1


def test_an_output_that_stops_is_given_up_before_its_deadline() -> None:
    def stop(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(http(b"abc", length=1000))
        over.wait(5)

    with peer(stop) as found:
        begin = time.monotonic()
        with pytest.raises(OutputUnavailable):
            fetch(found, limits=replace(QUICK, download=60))
        assert time.monotonic() - begin < 2


def test_a_full_disk_is_the_cause_of_its_error() -> None:
    class Full(io.BytesIO):
        def write(self, data: object, /) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with peer(saying(http(FILM))) as found, pytest.raises(OutputUnavailable) as caught:
        RunwayClient(SECRET, found.origin).download(found.origin, Full(), max_bytes=10_000_000)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
