"""Connections to providers and output hosts, and the sessions that use them.

Used by `providers.transport`, `providers.runway` and `providers.egress`. No redirect is followed
and no cookie kept, answers end in time, a failure to connect is told apart from one after something
was sent, and no proxy or certificate setting of the environment reaches a call.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from typing import Any, ClassVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError


@dataclass(frozen=True)
class Limits:
    """How long and how much, in seconds and bytes; tests pass smaller ones.

    `silence` is between two pieces of an answer, and bounds sending; `answer` and `download` are
    for the whole of either.
    """

    connect: float = 5.0
    silence: float = 30.0
    answer: float = 30.0
    answer_bytes: int = 1024 * 1024
    download: float = 1800.0

    @property
    def timeout(self) -> tuple[float, float]:
        """As requests takes it."""
        return self.connect, self.silence


LIMITS = Limits()


@cache
def pooled_session(answer_seconds: float = LIMITS.answer) -> requests.Session:
    """The process's session for reads; secrets go into each call's headers, never into it."""
    return session_over(_pools(answer_seconds), size=64)


def fresh_session(answer_seconds: float = LIMITS.answer) -> requests.Session:
    """A session for one create: its connection is new.

    A kept one that the other side closed meanwhile would look like a lost answer.
    """
    return session_over(_pools(answer_seconds))


def session_over(pools: Mapping[str, type], size: int = 1) -> requests.Session:
    """A session that connects through these pools, by scheme, and through nothing else."""
    session = _Session()
    for scheme in pools:
        session.mount(f"{scheme}://", _Adapter(pools, size))
    return session


class PlainConnection(HTTPConnection):
    """Says by its exception that connecting failed: nothing was sent. Its answers end in time."""

    answer_seconds: ClassVar[float] = LIMITS.answer

    def connect(self) -> None:
        _connect(super().connect, self)

    def getresponse(self) -> Any:
        _end_in_time(self, self.answer_seconds)
        return super().getresponse()


class SecureConnection(HTTPSConnection):
    """The same over TLS, whose handshake belongs to connecting."""

    answer_seconds: ClassVar[float] = LIMITS.answer

    def connect(self) -> None:
        _connect(super().connect, self)

    def getresponse(self) -> Any:
        _end_in_time(self, self.answer_seconds)
        return super().getresponse()


def _pools(answer_seconds: float) -> dict[str, type]:
    """Pools of the connections above, whose answers take this long at most."""
    limit = {"answer_seconds": answer_seconds}
    plain = type("Plain", (PlainConnection,), limit)
    secure = type("Secure", (SecureConnection,), limit)
    return {
        "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }


def _connect(connect: Callable[[], None], connection: HTTPConnection) -> None:
    """Connect; then sending has as long as `silence`, not only as long as connecting had."""
    try:
        connect()
    except (HTTPError, OSError) as exc:
        raise NewConnectionError(connection, f"Not connected: {type(exc).__name__}") from exc
    connection.sock.settimeout(LIMITS.silence)


def _end_in_time(connection: HTTPConnection, seconds: float) -> None:
    connection.response_class = partial(_TimedResponse, seconds=seconds)  # type: ignore[assignment]  # called like one


class _Session(requests.Session):
    """Knows nothing of the environment, keeps no cookie, and does not even look at redirects.

    requests reads the whole body of a redirect, however long, before it asks whether to follow.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.adapters.clear()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class _Adapter(HTTPAdapter):
    """Gives requests our pools."""

    def __init__(self, pools: Mapping[str, type], size: int) -> None:
        self._pools = pools
        super().__init__(pool_connections=8, pool_maxsize=size, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools


class _TimedResponse(HTTPResponse):
    """An answer that ends in time: a peer that drips bytes, in head or body, does not hold us."""

    def __init__(self, sock: socket.socket, *args: Any, seconds: float, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimedReader(sock, self.fp.detach(), seconds))


class _TimedReader(io.RawIOBase):
    """A socket's bytes until an end, with the socket's own timeout between two pieces."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, seconds: float) -> None:
        self._sock, self._raw = sock, raw
        self._silence = sock.gettimeout() or seconds
        self._end = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("The answer did not end in time.")
        self._sock.settimeout(min(self._silence, left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        with suppress(OSError):  # closed already
            self._sock.settimeout(self._silence)
        self._raw.close()
        super().close()
