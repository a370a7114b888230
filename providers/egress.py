"""Which addresses we connect to when somebody else names the host: never one that is not public.

A link in a task's output is somebody else's text. It must be https to a host all of whose addresses
are public, and the connection goes to the very address that was checked. The one exception is the
origin of the key's own base URL, which the operator named: the sandbox, or a test upstream.
Used by `providers.runway` and `providers.receivers`, which has the same care for webhooks.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import requests
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from .connections import LIMITS, PlainConnection, SecureConnection, session_over
from .errors import OutputForbidden

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]

MOST_TRIED = 4  # addresses of one host; all of them are checked

_PLAIN = re.compile(r"[!-\[\]-~]{1,4096}\Z")
_NAT64 = ip_network("64:ff9b::/96")
_6TO4 = ip_network("2002::/16")
# Where clouds answer with a machine's own credentials. One of them is a public address.
_METADATA = [
    ip_network(text)
    for text in (
        "100.100.100.200",
        "168.63.129.16",
        "169.254.0.0/16",
        "192.0.0.192",
        "fd00:ec2::/32",
        "fd20:ce::254",
        "fe80::/10",
    )
]
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
    return not any(address in net for net in (*_DENIED, *_METADATA))


def is_no_metadata(text: str) -> bool:
    """Whether an IP address is one that an operator may list: anything but a cloud's metadata."""
    try:
        address = _unmapped(ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    return not any(address in net for net in _METADATA)


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
    return pinned_session({"https": is_public}, OutputForbidden, resolver, answer_seconds)


def pinned_session(
    allowed: Mapping[str, Callable[[str], bool]],
    refusal: type[Exception],
    resolver: Resolver,
    answer_seconds: float,
) -> requests.Session:
    """A session that connects to checked addresses only.

    `allowed` says by scheme which ones they are; `refusal` is raised for others.
    """
    pools: dict[str, type] = {}
    for scheme, allows in allowed.items():
        values = {
            "allows": staticmethod(allows),
            "refusal": refusal,
            "resolver": staticmethod(resolver),
            "answer_seconds": answer_seconds,
        }
        connection, pool = _KINDS[scheme]
        pinned = type("Pinned", (_PinnedConnection, connection), values)
        pools[scheme] = type("PinnedPool", (pool,), {"ConnectionCls": pinned})
    return session_over(pools)


_KINDS: dict[str, tuple[type[HTTPConnection], type[HTTPConnectionPool]]] = {
    "http": (PlainConnection, HTTPConnectionPool),
    "https": (SecureConnection, HTTPSConnectionPool),
}


class _PinnedConnection(HTTPConnection):
    """Looks the name up once, checks every address, and connects to those that were checked."""

    allows: Callable[[str], bool]
    refusal: type[Exception]
    resolver: Resolver

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        failure: Exception | None = None
        for address in self._checked(name)[:MOST_TRIED]:
            self._dns_host = address
            try:
                return super()._new_conn()
            except (HTTPError, OSError) as exc:
                failure = exc
            finally:
                self._dns_host = name
        raise failure or OSError("no address")

    def _checked(self, host: str) -> list[str]:
        """The host's addresses, all of them allowed. Raises: `refusal`."""
        try:
            addresses = self.resolver(host, self.port or self.default_port)
        except (OSError, UnicodeError) as exc:
            raise self.refusal(f"The host {host} cannot be resolved.") from exc
        if not addresses or not all(self.allows(address) for address in addresses):
            raise self.refusal(f"The host {host} is not on the public internet.")
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
