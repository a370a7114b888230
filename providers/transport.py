"""Requests over the wire, with every foreign failure turned into one of ours at this boundary.

Used by `providers.runway` alone. Nothing is retried here, answers are read up to a limit, and what
is uncertain is told apart from what was never sent.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from urllib3.exceptions import HTTPError, NewConnectionError

from .connections import LIMITS, Limits
from .errors import ProviderUnavailable
from .reading import one_line

LONGEST_RETRY_AFTER = 3600.0
SHORTEST_HIDDEN = 8


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
        return one_line(message, 500) or f"Runway answered {self.status}."


def exchange(
    session: requests.Session,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: Any = None,
    limits: Limits = LIMITS,
) -> Answer:
    """Send one request and read its answer, in which the key itself is blotted out.

    Raises: ProviderUnavailable when nothing was sent; NoAnswer when nobody can tell.
    """
    request = _prepared(session, method, url, headers, body)
    secret = headers.get("Authorization", "").removeprefix("Bearer ")
    try:
        with session.send(
            request, timeout=limits.timeout, allow_redirects=False, stream=True
        ) as response:
            return _answer(response, limits.answer_bytes, secret)
    except requests.exceptions.RequestException as exc:
        if _never_left(exc):
            raise ProviderUnavailable("Runway could not be reached: no connection.") from exc
        raise NoAnswer(type(exc).__name__) from exc
    except (HTTPError, OSError) as exc:
        raise NoAnswer(type(exc).__name__) from exc


def _prepared(
    session: requests.Session, method: str, url: str, headers: Mapping[str, str], body: Any
) -> requests.PreparedRequest:
    """The request as it will be sent. Raises: ProviderUnavailable for what cannot be sent."""
    try:
        "".join(headers.values()).encode("latin-1")
        return session.prepare_request(
            requests.Request(method, url, headers=dict(headers), json=body)
        )
    except (requests.exceptions.RequestException, ValueError):
        # Not `from exc`: its message may hold the header with the secret.
        raise ProviderUnavailable("The request cannot be put into HTTP.") from None


def _never_left(exc: requests.exceptions.RequestException) -> bool:
    """Whether a connection was never made, as far as the exception's reasons tell."""
    if isinstance(
        exc,
        requests.exceptions.ConnectTimeout
        | requests.exceptions.InvalidURL
        | requests.exceptions.InvalidSchema,
    ):
        return True
    reason = exc.args[0] if exc.args else None
    return isinstance(getattr(reason, "reason", reason), NewConnectionError)


def _answer(response: requests.Response, most: int, secret: str) -> Answer:
    """Raises NoAnswer, or what requests raises, unless the status alone says enough."""
    body = None
    try:
        body = _parsed(_read(response, most), secret)
    except (requests.exceptions.RequestException, HTTPError, OSError, NoAnswer):
        if response.status_code < 400:
            raise
    retry_after = _retry_after(response.headers.get("Retry-After"))
    return Answer(response.status_code, body, retry_after)


def _read(response: requests.Response, most: int) -> bytes:
    """The body. Raises NoAnswer beyond so many bytes."""
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_content(64 * 1024):
        size += len(chunk)
        if size > most:
            raise NoAnswer("the answer is endless")
        chunks.append(chunk)
    return b"".join(chunks)


def _parsed(body: bytes, secret: str) -> Any:
    if len(secret) >= SHORTEST_HIDDEN:
        body = body.replace(secret.encode(), b"(the key)")
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
        except (ValueError, TypeError, OverflowError, IndexError):
            return None
    return min(seconds, LONGEST_RETRY_AFTER) if seconds > 0 else None
