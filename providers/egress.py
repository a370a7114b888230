"""Where we fetch outputs from, and how: never from an address that is not public.

A link in a task's output is somebody else's text. It must be https to a host all of whose addresses
are public, and the connection goes to the very address that was checked. The one exception is the
origin of the key's own base URL, which the operator named: the sandbox, or a test upstream.
Used by `providers.runway` alone.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import requests
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from .connections import LIMITS, SecureConnection, session_over
from .errors import OutputForbidden

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]

_PLAIN = re.compile(r"[!-\[\]-~]{1,4096}\Z")
_NAT64 = ip_network("64:ff9b::/96")
_6TO4 = ip_network("2002::/16")
# `is_global` calls these global, or they hold other addresses inside.
_DENIED = [
    ip_network(text)
    for text in (
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
]


def is_public(text: str) -> bool:
    """Whether an IP address is global unicast, also under v4-mapped, NAT64 or 6to4 clothing."""
    try:
        address = _unmapped(ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address in net for net in _DENIED if net.version == address.version)


def check_link(url: str, own_origin: str) -> bool:
    """Whether an output link may be fetched: True if it must be by a checked address.

    False for the key's own origin. Raises: OutputForbidden for everything else.
    """
    if not is_plain(url):
        raise OutputForbidden("The output link is not a plain URL.")
    if origin(url) == origin(own_origin):
        return False
    scheme, _, port = origin(url)
    if (scheme, port) != ("https", 443):
        raise OutputForbidden("Outputs are only fetched over https on port 443.")
    return True


def is_plain(url: str) -> bool:
    """Whether all readers of a URL find the same host: ASCII, no user name, no backslash."""
    if not _PLAIN.match(url):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL, as a browser compares them. Raises: ValueError."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return parts.scheme, (parts.hostname or "").lower(), port


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def public_session(
    resolver: Resolver = resolve, answer_seconds: float = LIMITS.download
) -> requests.Session:
    """A session whose every connection goes to a public address, checked after the name lookup."""
    values = {"resolver": staticmethod(resolver), "answer_seconds": answer_seconds}
    connection = type("Public", (_PublicConnection,), values)
    pool = type("PublicPool", (HTTPSConnectionPool,), {"ConnectionCls": connection})
    return session_over({"https": pool})


class _PublicConnection(SecureConnection):
    """Looks the name up once, checks every address, and connects to those that were checked."""

    resolver: Resolver

    def _new_conn(self) -> socket.socket:
        name, port = self._dns_host, self.port or 443
        failure: Exception | None = None
        for address in _checked(name, port, self.resolver):
            self._dns_host = address
            try:
                return super()._new_conn()
            except (HTTPError, OSError) as exc:
                failure = exc
            finally:
                self._dns_host = name
        raise failure or OSError("no address")


def _checked(host: str, port: int, resolver: Resolver) -> list[str]:
    """The host's addresses, all of them public. Raises: OutputForbidden."""
    try:
        addresses = resolver(host, port)
    except (OSError, UnicodeError) as exc:
        raise OutputForbidden(f"The output's host {host} cannot be resolved.") from exc
    if not addresses or not all(is_public(address) for address in addresses):
        raise OutputForbidden(f"The output's host {host} is not on the public internet.")
    return addresses


def _unmapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where there is one."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _6TO4:
        return IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    return address
