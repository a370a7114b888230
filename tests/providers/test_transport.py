"""The boundary to HTTP over real sockets: never sent, or nobody can know; and what is capped.

Names that end in .invalid do not resolve anywhere (RFC 6761).
"""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from providers.connections import LIMITS, Limits, fresh_session, pooled_session
from providers.errors import ProviderUnavailable, SubmissionUncertain
from providers.runway import RunwayClient
from providers.tasks import MediaInput, TaskRequest
from providers.transport import Answer, NoAnswer, exchange

from .conftest import SECRET, TASK, TEXT
from .sockets import Peer, Script, dripping, free_port, http, peer, saying, silent

QUICK = replace(LIMITS, connect=0.3, silence=0.3, answer=0.5)
CREATED = json.dumps({"id": TASK}).encode()
HEADERS = {"Authorization": f"Bearer {SECRET}"}


def post(origin: str, limits: Limits = LIMITS) -> Answer:
    """One exchange over a fresh connection."""
    return exchange(fresh_session(limits.answer), "POST", origin, HEADERS, {"a": 1}, limits)


def create(origin: str, limits: Limits = QUICK) -> str:
    """One create, with little patience; the task's id."""
    return RunwayClient(SECRET, origin, limits).create(TEXT).id


def test_a_whole_answer_comes_through() -> None:
    with peer(saying(http(CREATED, "Retry-After: 7"))) as found:
        assert post(found.origin) == Answer(200, {"id": TASK}, 7.0)
    assert f"Authorization: Bearer {SECRET}".encode() in found.requests[0]


def test_a_refused_connection_sent_nothing() -> None:
    with pytest.raises(ProviderUnavailable):
        create(f"http://127.0.0.1:{free_port()}")


def test_a_name_that_does_not_resolve_sent_nothing() -> None:
    with pytest.raises(ProviderUnavailable):
        create("https://runway.invalid")


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".invalid", "127.0.0.1.."])
def test_a_name_that_cannot_be_one_sent_nothing(host: str) -> None:
    with pytest.raises(ProviderUnavailable):
        create(f"http://{host}")


def test_a_connection_that_is_not_made_in_time_sent_nothing() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        with pytest.raises(ProviderUnavailable):
            create(f"http://127.0.0.1:{full.getsockname()[1]}")


@pytest.mark.parametrize(
    "script",
    [saying(b"HTTP/1.1 200 OK\r\n\r\n"), saying(), silent],
    ids=["speaks no TLS", "hangs up", "says nothing"],
)
def test_a_failed_handshake_sent_nothing(script: Script) -> None:
    with peer(script, reads=False) as found, pytest.raises(ProviderUnavailable):
        create(f"https://127.0.0.1:{found.port}")
    assert found.connections == 1


UNKNOWN: dict[str, Script] = {
    "hangs up": saying(),
    "says nothing": silent,
    "speaks no HTTP": saying(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "endless status": saying(b"HTTP/1.1 200 " + b"x" * 100_000),
    "endless headers": dripping(b"HTTP/1.1 200 OK\r\n", b"X-More: yes\r\n" * 200),
    "cut head": saying(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "cut body": saying(http(CREATED, length=len(CREATED) + 1)),
    "cut chunk": saying(http(b"ff\r\nabc", "Transfer-Encoding: chunked", length=None)),
    "bad chunk": saying(http(b"zz\r\nabc", "Transfer-Encoding: chunked", length=None)),
    "two lengths": saying(http(CREATED, "Content-Length: 7")),
    "endless body": dripping(http(b"", length=None), b" " * 1_000_000, 0.0),
    "long body": saying(http(b" " * (LIMITS.answer_bytes + 1))),
    "bad gzip": saying(http(b"no gzip", "Content-Encoding: gzip")),
}


@pytest.mark.parametrize("script", UNKNOWN.values(), ids=UNKNOWN)
def test_after_something_was_sent_a_bad_answer_leaves_it_uncertain(script: Script) -> None:
    with peer(script) as found, pytest.raises(SubmissionUncertain):
        create(found.origin)
    assert found.connections == 1


@pytest.mark.parametrize(
    "script",
    [
        dripping(b"", b"H"),
        dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        dripping(http(b"", length=None), b" "),
        dripping(http(b"", "Transfer-Encoding: chunked", length=None), b"1\r\n \r\n"),
    ],
    ids=["status", "header", "body", "chunks"],
)
def test_a_slow_drip_ends_in_time(script: Script) -> None:
    with peer(script) as found:
        begin = time.monotonic()
        with pytest.raises(NoAnswer):
            post(found.origin, QUICK)
        assert time.monotonic() - begin < QUICK.answer + 1


def test_silence_ends_an_answer_before_its_deadline() -> None:
    with peer(silent) as found:
        patient = replace(QUICK, silence=0.2, answer=60)
        begin = time.monotonic()
        with pytest.raises(NoAnswer):
            exchange(fresh_session(60), "GET", found.origin, {}, None, patient)
        assert time.monotonic() - begin < 2


@pytest.mark.parametrize("status", ["400 Bad", "429 Slow down", "503 Busy"])
def test_a_refusal_counts_even_where_its_body_is_cut(status: str) -> None:
    with peer(saying(http(b'{"error": "n', status=status, length=99))) as found:
        answer = post(found.origin)
    assert (answer.status, answer.body) == (int(status[:3]), None)


def test_a_sender_is_given_longer_than_connecting_takes() -> None:
    def slow_reader(connection: socket.socket, over: threading.Event) -> None:
        over.wait(QUICK.connect * 2)
        while not connection.recv(1 << 20).endswith(b"}"):
            pass
        connection.sendall(http(CREATED))

    picture = MediaInput("input_reference", "data:image/png;base64," + "A" * 20_000_000)
    request = TaskRequest("image_to_video", "gen4_turbo", ratio="1280:720", media=(picture,))
    patient = replace(LIMITS, connect=QUICK.connect)
    with peer(slow_reader, reads=False) as found:
        assert RunwayClient(SECRET, found.origin, patient).create(request).id == TASK


def test_a_compressed_answer_is_not_asked_for_but_understood() -> None:
    with peer(saying(http(gzip.compress(CREATED), "Content-Encoding: gzip"))) as found:
        assert create(found.origin, LIMITS) == TASK
    assert b"Accept-Encoding: identity" in found.requests[0]


def test_a_compressed_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 50_000_000, 9), 9)
    with peer(saying(http(bomb, "Content-Encoding: gzip, gzip"))) as found:
        tracemalloc.start()
        try:
            with pytest.raises(NoAnswer):
                post(found.origin)
            assert tracemalloc.get_traced_memory()[1] < 16_000_000
        finally:
            tracemalloc.stop()


HOSTILE_PLACES = ["http://[::1", "//", "http://a:b:c/", "\xff\xfe", "javascript:alert(1)"]


@pytest.mark.parametrize("place", HOSTILE_PLACES, ids=ascii)
def test_a_redirect_is_an_answer_wherever_it_points(place: str) -> None:
    with peer(saying(http(b"{}", f"Location: {place}", status="302 Found"))) as found:
        assert post(found.origin).status == 302


def test_a_redirect_is_not_followed() -> None:
    with peer(silent) as canary:
        place = f"Location: {canary.origin}/elsewhere"
        with peer(saying(http(b"", place, status="307 Temporary"))) as found:
            assert post(found.origin).status == 307
    assert canary.connections == 0


def test_the_endless_body_of_a_redirect_is_not_read() -> None:
    head = http(b"", "Location: /", status="302 Found", length=None)
    with peer(dripping(head, b" " * 1_000_000, 0.0)) as found, pytest.raises(NoAnswer):
        post(found.origin)


def test_a_cookie_is_never_sent_back() -> None:
    with peer(saying(http(b"{}", "Set-Cookie: who=first-key; Path=/"))) as found:
        for _ in range(2):
            exchange(pooled_session(), "GET", found.origin, HEADERS)
    assert [b"Cookie" in sent for sent in found.requests] == [False, False]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Everything in the environment that requests would listen to."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("no certificate")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login root password from-netrc")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(bundle))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)


def set_proxy(monkeypatch: pytest.MonkeyPatch, proxy: Peer) -> None:
    """Name a proxy for everything, in every spelling."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.origin)
        monkeypatch.setenv(name.lower(), proxy.origin)


@pytest.mark.usefixtures("environment")
def test_no_proxy_and_no_netrc_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with peer(silent) as proxy, peer(saying(http(CREATED))) as found:
        set_proxy(monkeypatch, proxy)
        client = RunwayClient(SECRET, found.origin)
        client.create(TEXT)
        client.cancel(TASK)
        exchange(pooled_session(), "GET", found.origin, {})
    assert proxy.connections == 0
    assert [f"Bearer {SECRET}".encode() in sent for sent in found.requests] == [True, True, False]
    assert [b"Basic" in sent for sent in found.requests] == [False] * 3


@pytest.mark.usefixtures("environment")
def test_the_certificates_of_the_environment_are_not_used() -> None:
    with peer(saying(), reads=False) as found, pytest.raises(ProviderUnavailable) as caught:
        create(f"https://127.0.0.1:{found.port}")
    assert found.connections == 1
    assert "bundle" not in repr(caught.value.__cause__)
