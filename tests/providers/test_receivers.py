"""Where webhooks may be sent, and what a hostile receiver can do to us: nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest

from providers import receivers
from providers.receivers import ReceiverForbidden, ReceiverUnreachable

from .sockets import Peer, dripping, free_port, http, peer, saying, silent

FORBIDDEN = {
    "plain http": "http://hooks.example.org/",
    "another scheme": "ftp://hooks.example.org/",
    "no scheme": "hooks.example.org",
    "another port": "https://hooks.example.org:22/",
    "port 0": "https://hooks.example.org:0/",
    "user name": "https://ana@hooks.example.org/",
    "password": "https://ana:secret@hooks.example.org/",
    "backslash": "https://hooks.example.org\\@127.0.0.1/",
    "fragment": "https://hooks.example.org/#here",
    "newline": "https://hooks.example.org/\r\nX: y",
    "NUL": "https://hooks.example.org/\0",
    "not ASCII": "https://höks.example.org/",
    "circled digits": "https://①②⑦.⓪.⓪.①/",
    "endless": "https://hooks.example.org/" + "x" * 2000,
    "loopback": "https://127.0.0.1/",
    "short loopback": "https://127.1/",
    "one number": "https://2130706433/",
    "hex": "https://0x7f000001/",
    "octal": "https://0177.0.0.1/",
    "zero": "https://0/",
    "name of loopback": "https://localhost/",
    "final dot": "https://localhost./",
    "inner name": "https://printer.local/",
    "one word": "https://intranet/",
    "IPv6 loopback": "https://[::1]/",
    "mapped": "https://[::ffff:127.0.0.1]/",
    "NAT64": "https://[64:ff9b::7f00:1]/",
    "private": "https://10.0.0.1/",
    "shared": "https://100.64.0.1/",
    "metadata": "https://169.254.169.254/",
    "public metadata": "https://168.63.129.16/",
    "nothing": "",
}
METADATA = [
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd20:ce::254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "fe80::1%lo",
]


@pytest.mark.parametrize("url", FORBIDDEN.values(), ids=FORBIDDEN)
def test_an_address_that_is_not_public_https_is_refused(url: str) -> None:
    with pytest.raises(ReceiverForbidden):
        receivers.check(url)
    with pytest.raises(ReceiverForbidden):
        receivers.send(url, b"{}", {})


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.org",
        "https://hooks.example.org:8443/a?b=c",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
    ],
)
def test_public_https_is_accepted(url: str) -> None:
    receivers.check(url)


@pytest.mark.parametrize(
    ("listed", "url", "is_allowed"),
    [
        ("hooks.inner", "http://hooks.inner:9000/", True),
        ("hooks.inner", "http://HOOKS.inner/", True),
        ("HOOKS.inner:9000", "http://hooks.inner:9000/", True),
        ("hooks.inner:9000", "http://hooks.inner:9001/", False),
        ("hooks.inner:443", "https://hooks.inner/", True),
        ("[::1]:9000", "http://[::1]:9000/", True),
        ("hooks.inner", "http://a.hooks.inner/", False),
        ("hooks.inner", "ftp://hooks.inner/", False),
        ("hooks.inner", "http://hooks.inner@evil.example/", False),
    ],
)
def test_the_operator_lists_hosts(settings: Any, listed: str, url: str, is_allowed: bool) -> None:
    settings.STUDIO_WEBHOOK_HOSTS = [listed]
    if is_allowed:
        receivers.check(url)
    else:
        with pytest.raises(ReceiverForbidden):
            receivers.check(url)


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["169.254.169.254"], ["fd00::1"], []],
    ids=["loopback", "loopback second", "metadata", "private", "none"],
)
def test_a_name_that_leads_inside_is_refused_before_connecting(addresses: list[str]) -> None:
    with peer(silent, reads=False) as canary:
        with pytest.raises(ReceiverForbidden):
            receivers.send(
                "https://hooks.example.org:8443/", b"{}", {}, lambda host, port: addresses
            )
        assert canary.connections == 0


@pytest.mark.parametrize("address", METADATA)
def test_metadata_is_never_called_though_the_host_is_listed(settings: Any, address: str) -> None:
    settings.STUDIO_WEBHOOK_HOSTS = ["hooks.inner"]
    with pytest.raises(ReceiverForbidden):
        receivers.send("http://hooks.inner/", b"{}", {}, lambda host, port: [address])


def test_a_name_is_looked_up_once_and_the_connection_goes_to_that_address(settings: Any) -> None:
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    with peer(saying(http(b"ok"))) as found:
        settings.STUDIO_WEBHOOK_HOSTS = ["hooks.inner"]
        reply = receivers.send(
            f"http://hooks.inner:{found.port}/x", b"{}", {}, lambda host, port: answers.pop(0)
        )
    assert (reply.status, len(answers)) == (200, 1)
    assert b"Host: hooks.inner" in found.requests[0]


def test_a_name_that_does_not_resolve_is_refused() -> None:
    def nothing(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(ReceiverForbidden, match="cannot be resolved"):
        receivers.send("https://hooks.example.org/", b"{}", {}, nothing)


def send(settings: Any, found: Peer, seconds: float = 5) -> receivers.Reply:
    """POST to it."""
    settings.STUDIO_WEBHOOK_HOSTS = [f"127.0.0.1:{found.port}"]
    return receivers.send(found.origin, b"{}", {}, answer_seconds=seconds)


def test_four_kibibytes_of_an_endless_answer_are_kept(settings: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with peer(dripping(head, b"\0x" * 4096, 0.001)) as found:
        reply = send(settings, found)
    assert (reply.status, len(reply.text)) == (200, 4096)
    assert "\0" not in reply.text


def test_what_is_no_text_is_kept_as_well_as_it_goes(settings: Any) -> None:
    with peer(saying(http(b"\xff<b>", "Content-Encoding: gzip"))) as found:
        assert send(settings, found).text == "\N{REPLACEMENT CHARACTER}<b>"


def test_a_success_whose_body_never_ends_is_a_success(settings: Any) -> None:
    with peer(dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x")) as found:
        began = time.monotonic()
        assert send(settings, found, seconds=0.3).is_success
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "script",
    [dripping(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"), silent],
    ids=["endless head", "silence"],
)
def test_an_answer_that_never_comes_ends_in_time(settings: Any, script: Any) -> None:
    with peer(script) as found, pytest.raises(ReceiverUnreachable):
        send(settings, found, seconds=0.3)


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_answer_is_told_in_our_words(settings: Any, said: bytes) -> None:
    with peer(saying(said)) as found, pytest.raises(ReceiverUnreachable) as caught:
        send(settings, found)
    assert "SSH" not in str(caught.value)


def test_nobody_there_is_told_apart(settings: Any) -> None:
    port = free_port()
    settings.STUDIO_WEBHOOK_HOSTS = ["127.0.0.1"]
    with pytest.raises(ReceiverUnreachable, match="no connection"):
        receivers.send(f"http://127.0.0.1:{port}/", b"{}", {})


def test_a_foreign_certificate_is_told_apart(settings: Any) -> None:
    settings.STUDIO_WEBHOOK_HOSTS = ["127.0.0.1"]
    plain = peer(saying(http(b"plain")), reads=False)
    with plain as found, pytest.raises(ReceiverUnreachable, match="TLS"):
        receivers.send(f"https://127.0.0.1:{found.port}/", b"{}", {})
