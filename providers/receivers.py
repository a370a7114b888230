"""Where webhooks may be sent, and the one request that sends one.

A webhook's address is somebody else's text, and what answers there may be hostile. It must be https
on a public address, checked after the name lookup; a host that the operator lists in
STUDIO_WEBHOOK_HOSTS may be anywhere and speak plain http, but is never a cloud's metadata service.
Called by the webhook steps of `videos`.

Source: Standard Webhooks 1.0, "Server side request forgery".
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError, NewConnectionError

from . import egress

PORTS = (443, 8443)
MAX_URL_CHARS = 2000
ANSWER_SECONDS = 15.0
KEPT_BYTES = 4096

_TIMEOUT = (5.0, ANSWER_SECONDS)
_INSIDE = ("localhost", "local", "internal", "lan", "home", "arpa")


class ReceiverForbidden(Exception):
    """The address is none that we send to; the message says what would be."""


class ReceiverUnreachable(Exception):
    """No answer came; the message says why, in words for people."""


@dataclass(frozen=True)
class Reply:
    """What a receiver answered: the status, and the first 4 KiB as text."""

    status: int
    text: str

    @property
    def is_success(self) -> bool:
        """2xx. A redirect is none."""
        return 200 <= self.status < 300


def check(url: str) -> None:
    """Judge an address as far as its text tells. Raises: ReceiverForbidden."""
    if len(url) > MAX_URL_CHARS or not egress.is_plain(url) or "#" in url:
        raise ReceiverForbidden("The address is not a plain URL.")
    scheme, host, port = egress.origin(url)
    if is_listed(url):
        if scheme not in ("http", "https"):
            raise ReceiverForbidden("The address must begin with http:// or https://.")
        return
    if scheme != "https":
        raise ReceiverForbidden("The address must begin with https://.")
    if port not in PORTS:
        raise ReceiverForbidden("The address must use port 443 or 8443.")
    if not _looks_public(host):
        raise ReceiverForbidden("The address must lead to a host on the public internet.")


def is_listed(url: str) -> bool:
    """Whether the operator allows this host. `host` in the setting is every port of it."""
    host, port = urlsplit(url).hostname or "", egress.origin(url)[2]
    shown = f"[{host}]" if ":" in host else host
    listed = {text.strip().lower() for text in settings.STUDIO_WEBHOOK_HOSTS}
    return not listed.isdisjoint({shown, f"{shown}:{port}"})


def send(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    resolver: egress.Resolver = egress.resolve,
    answer_seconds: float = ANSWER_SECONDS,
) -> Reply:
    """POST JSON, once, over a new connection; redirects are not followed.

    Raises: ReceiverForbidden before anything is sent; ReceiverUnreachable.
    """
    check(url)
    every = {
        "Content-Type": "application/json",
        "User-Agent": "Rushes-Webhooks/1.0",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **headers,
    }
    try:
        with _session(url, resolver, answer_seconds) as session:
            request = session.prepare_request(requests.Request("POST", url, every, data=body))
            with session.send(
                request, timeout=_TIMEOUT, allow_redirects=False, stream=True
            ) as response:
                return Reply(response.status_code, _beginning(response))
    except (requests.exceptions.RequestException, HTTPError, OSError, ValueError) as exc:
        raise ReceiverUnreachable(_words(exc)) from exc


def _session(url: str, resolver: egress.Resolver, answer_seconds: float) -> requests.Session:
    if is_listed(url):
        allowed = {"http": egress.is_no_metadata, "https": egress.is_no_metadata}
    else:
        allowed = {"https": egress.is_public}
    return egress.pinned_session(allowed, ReceiverForbidden, resolver, answer_seconds)


def _beginning(response: requests.Response) -> str:
    """The first 4 KiB, as text that every database can hold; nothing where they do not come."""
    data = b""
    with suppress(HTTPError, OSError):  # the status was read, and it decides
        data = response.raw.read(KEPT_BYTES, decode_content=False) or b""
    return data.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _looks_public(host: str) -> bool:
    """False for what is certainly none, without a lookup: an inner address, in any spelling."""
    with suppress(ValueError):
        return egress.is_public(str(ip_address(host)))
    with suppress(OSError, UnicodeError):
        return egress.is_public(socket.inet_ntoa(socket.inet_aton(host)))
    name = host.rstrip(".")
    return "." in name and name.rpartition(".")[2] not in _INSIDE


def _words(exc: BaseException) -> str:
    """Why there was no answer, without anything that a hostile peer could have written."""
    chain: list[BaseException] = []
    while exc and exc not in chain:
        chain.append(exc)
        reason = getattr(exc, "reason", None) or (exc.args[0] if exc.args else None)
        inner = reason if isinstance(reason, BaseException) else exc.__cause__ or exc.__context__
        exc = inner  # type: ignore[assignment]  # None ends the loop
    names = {type(link).__name__ for link in chain}
    if any("SSL" in name or "Certificate" in name for name in names):
        return "The receiver's TLS certificate or handshake is not acceptable."
    if any(isinstance(link, NewConnectionError) for link in chain):
        return "The receiver could not be reached: no connection."
    if any("Timeout" in name for name in names):
        return "The receiver did not answer in time."
    return "The receiver broke the connection off, or did not speak HTTP."
