"""Requests over the wire, with every foreign failure turned into one of ours at this boundary.

Used by `providers.runway` alone. Nothing is retried here, redirects are not followed, answers are
read up to a limit and within a deadline, and no proxy or certificate setting of the environment
reaches a call that carries a secret.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError

from .errors import ProviderUnavailable

TIMEOUT = (5.0, 30.0)
DEADLINE_SECONDS = 60.0
MAX_ANSWER_BYTES = 1024 * 1024
LONGEST_RETRY_AFTER = 3600.0


class NoAnswer(Exception):
    """The request may have arrived, but no whole answer came back."""


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer; `body` is None where it is not JSON."""

    status: int
    body: Any
    retry_after: float | None

    @property
    def text(self) -> str:
        """The provider's own words about an error, or the status."""
        message = self.body.get("error") if isinstance(self.body, dict) else None
        return message[:500] if isinstance(message, str) else f"Runway answered {self.status}."


def exchange(
    session: requests.Session, method: str, url: str, headers: dict[str, str], body: Any = None
) -> Answer:
    """Send one request and read its answer.

    Raises: ProviderUnavailable when nothing was sent; NoAnswer when nobody can tell.
    """
    try:
        with session.request(
            method,
            url,
            json=body,
            headers=headers,
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as response:
            return Answer(
                response.status_code,
                _parsed(_read(response)),
                _retry_after(response.headers.get("Retry-After")),
            )
    except requests.exceptions.ConnectTimeout as exc:
        raise ProviderUnavailable("Runway could not be reached: no connection in time.") from exc
    except requests.exceptions.RequestException as exc:
        if _never_left(exc):
            raise ProviderUnavailable("Runway could not be reached: no connection.") from exc
        raise NoAnswer(type(exc).__name__) from exc
    except (HTTPError, OSError) as exc:
        raise NoAnswer(type(exc).__name__) from exc


@cache
def pooled_session() -> requests.Session:
    """The process's session for reads; secrets go into each call's headers, never into it."""
    session = requests.Session()
    session.trust_env = False
    adapter = HTTPAdapter(pool_connections=8, pool_maxsize=64, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def fresh_session() -> requests.Session:
    """A session for one create: its connection is new.

    A kept one that the other side closed meanwhile would look like a lost answer, and any failure
    to connect is told apart from one after something was sent.
    """
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", _FreshAdapter(max_retries=0))
    session.mount("http://", _FreshAdapter(max_retries=0))
    return session


class _PlainConnection(HTTPConnection):
    """Says by its exception that connecting failed: nothing was sent."""

    def connect(self) -> None:
        try:
            super().connect()
        except (HTTPError, OSError) as exc:
            raise NewConnectionError(self, f"Not connected: {type(exc).__name__}") from exc


class _SecureConnection(HTTPSConnection):
    """The same over TLS, whose handshake belongs to connecting."""

    def connect(self) -> None:
        try:
            super().connect()
        except (HTTPError, OSError) as exc:
            raise NewConnectionError(self, f"Not connected: {type(exc).__name__}") from exc


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _FreshAdapter(HTTPAdapter):
    """Gives requests the pools above."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)  # type: ignore[no-untyped-call]
        pools = {"http": _PlainPool, "https": _SecurePool}
        self.poolmanager.pool_classes_by_scheme = pools


def _never_left(exc: BaseException) -> bool:
    """Whether a connection was never made, as far as the exception's reasons tell."""
    reason = exc.args[0] if exc.args else None
    return isinstance(getattr(reason, "reason", reason), NewConnectionError)


def _read(response: requests.Response) -> bytes:
    """The body, up to a limit and within a deadline. Raises NoAnswer beyond either."""
    end = time.monotonic() + DEADLINE_SECONDS
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_content(64 * 1024):
        size += len(chunk)
        if size > MAX_ANSWER_BYTES or time.monotonic() > end:
            raise NoAnswer("the answer is endless")
        chunks.append(chunk)
    return b"".join(chunks)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _retry_after(value: str | None) -> float | None:
    """Seconds from now, from either form of the header; None for what makes no sense."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError):
            return None
    return min(seconds, LONGEST_RETRY_AFTER) if seconds > 0 else None
