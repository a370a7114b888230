"""Where outputs may be fetched from: addresses in every disguise, links in every form."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator

import pytest
import requests
from urllib3.util import connection as urllib3_connection

from providers import egress
from providers.errors import OutputForbidden, OutputUnavailable
from providers.runway import RunwayClient

from .conftest import BASE, SECRET
from .sockets import Peer, http, peer, saying, silent

OWN = "http://127.0.0.1:4010"
PUBLIC = ["8.8.8.8", "203.0.114.7", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::"]
NOT_PUBLIC = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "100.127.255.254", "192.0.0.1", "192.0.0.192"),
    *("192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1"),
    *("2002:7f00:1::", "2002:a9fe:a9fe::1", "2001::1", "2001:db8::1", "100::1"),
    *("fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "feff::1", "ff02::1"),
    *("", "localhost", "127.1", "8.8.8.8:443", "8.8.8.8/32", "①②⑦.⓪.⓪.①"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert egress.is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC, ids=ascii)
def test_every_other_address_is_not(address: str) -> None:
    assert not egress.is_public(address)


LINKS = {
    "plain http": "http://example.org/1.mp4",
    "ftp": "ftp://example.org/1.mp4",
    "file": "file:///etc/passwd",
    "data": "data:video/mp4;base64,AAAA",
    "no scheme": "//example.org/1.mp4",
    "no host": "https:///1.mp4",
    "another port": "https://example.org:8443/1.mp4",
    "port 0": "https://example.org:0/1.mp4",
    "impossible port": "https://example.org:99999/1.mp4",
    "port that is a word": "https://example.org:https/1.mp4",
    "user name": "https://ana@example.org/1.mp4",
    "password": "https://ana:secret@example.org/1.mp4",
    "empty user name": "https://@example.org/1.mp4",
    "backslash": "https://example.org\\@127.0.0.1/1.mp4",
    "own origin as user name": f"{OWN}@example.org/1.mp4",
    "own origin before a backslash": f"{OWN}\\@example.org/1.mp4",
    "own host, another port": "http://127.0.0.1:4011/1.mp4",
    "own host, another scheme": "https://127.0.0.1:4010/1.mp4",
    "own host in other words": "http://localhost:4010/1.mp4",
    "space": "https://example.org/a b",
    "newline": "https://exam\nple.org/1.mp4",
    "NUL": "https://example.org/\0",
    "lone surrogate": "https://example.org/\ud800",
    "circled digits": "https://①②⑦.⓪.⓪.①/1.mp4",
    "name that is not ASCII": "https://exämple.org/1.mp4",
    "broken IPv6": "https://[::1/1.mp4",
    "endless": "https://example.org/" + "x" * 5000,
    "nothing": "",
}


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_a_link_that_is_not_plain_https_is_refused(link: str) -> None:
    with pytest.raises(OutputForbidden):
        RunwayClient(SECRET, OWN).download(link, io.BytesIO(), max_bytes=10)


HOSTS = {
    "loopback": "127.0.0.1",
    "short": "127.1",
    "one number": "2130706433",
    "hex": "0x7f000001",
    "octal": "0177.0.0.1",
    "zero": "0",
    "name": "localhost",
    "final dot": "localhost.",
    "IPv6": "[::1]",
    "mapped": "[::ffff:127.0.0.1]",
    "NAT64": "[64:ff9b::7f00:1]",
    "6to4": "[2002:7f00:1::]",
    "private": "10.0.0.1",
    "link-local": "169.254.169.254",
    "IPv6 zone": "[fe80::1%25lo]",
}


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
def test_a_host_that_is_not_public_is_refused_before_connecting(
    host: str, dialled: list[str]
) -> None:
    with pytest.raises(OutputForbidden):
        RunwayClient(SECRET, BASE).download(f"https://{host}/", io.BytesIO(), max_bytes=10)
    assert dialled == []


@pytest.mark.parametrize("host", ["outputs.invalid", "a..b", "x" * 64, "*.invalid"])
def test_a_name_that_does_not_resolve_is_refused(host: str, dialled: list[str]) -> None:
    with pytest.raises((OutputForbidden, OutputUnavailable)):
        RunwayClient(SECRET, BASE).download(f"https://{host}/", io.BytesIO(), max_bytes=10)
    assert dialled == []


def test_a_name_that_does_not_resolve_now_is_told_apart_by_its_cause() -> None:
    with pytest.raises(OutputForbidden) as caught:
        RunwayClient(SECRET, BASE).download("https://a.invalid/", io.BytesIO(), max_bytes=10)
    assert isinstance(caught.value.__cause__, OSError)


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that urllib3 tries to connect to; none of them is there."""
    tried: list[str] = []

    def dial(address: tuple[str, int], *args: object, **kwargs: object) -> socket.socket:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(urllib3_connection, "create_connection", dial)
    return tried


@pytest.fixture
def canary() -> Iterator[Peer]:
    """Somebody on loopback whom nobody may call."""
    with peer(silent, reads=False) as found:
        yield found


def fetch(*answers: list[str]) -> list[str]:
    """Fetch from a name that resolves to each of these in turn; the names that were asked for."""
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    with egress.public_session(resolver) as session:
        session.get("https://outputs.example/1.mp4", timeout=1)
    return asked


@pytest.mark.parametrize(
    "addresses",
    [["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["8.8.8.8", "nonsense"], []],
    ids=["loopback second", "loopback first", "no address", "none"],
)
def test_one_bad_address_is_enough_to_refuse(addresses: list[str], dialled: list[str]) -> None:
    with pytest.raises(OutputForbidden):
        fetch(addresses)
    assert dialled == []


def test_a_name_that_turns_to_loopback_leads_nowhere(dialled: list[str]) -> None:
    with pytest.raises(requests.exceptions.ConnectionError):
        fetch(["8.8.8.8"], ["127.0.0.1"])
    assert dialled == ["8.8.8.8"]


def test_each_checked_address_is_tried(dialled: list[str]) -> None:
    with pytest.raises(requests.exceptions.ConnectionError):
        fetch(["2606:4700::1111", "8.8.8.8"])
    assert dialled == ["2606:4700::1111", "8.8.8.8"]


def test_loopback_is_never_called_over_a_public_session(canary: Peer) -> None:
    with egress.public_session(lambda host, port: ["127.0.0.1"]) as session:
        with pytest.raises(OutputForbidden):
            session.get(f"https://outputs.example:{canary.port}/", timeout=1)
        with pytest.raises(requests.exceptions.InvalidSchema):
            session.get(f"{canary.origin}/", timeout=1)
    assert canary.connections == 0


def test_the_own_origin_may_be_anywhere() -> None:
    with peer(saying(http(b"film"))) as found:
        sink = io.BytesIO()
        client = RunwayClient(SECRET, found.origin + "/proxy")
        client.download(f"{found.origin.upper()}/1.mp4", sink, max_bytes=10)
    assert sink.getvalue() == b"film"
