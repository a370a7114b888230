"""Where we fetch outputs from, and how: never from an address that is not public.

A link in a task's output is somebody else's text. It must be https to a host all of whose addresses
are public, and the connection goes to the very address that was checked. The one exception is the
origin of the key's own base URL, which the operator named: the sandbox, or a test upstream.
Used by `providers.runway` alone.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from .errors import OutputForbidden

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]

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
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise OutputForbidden("The output link is not a URL.") from exc
    if parts.username is not None or not parts.hostname:
        raise OutputForbidden("The output link has no plain host.")
    if origin(url) == origin(own_origin):
        return False
    if parts.scheme != "https" or port not in (None, 443):
        raise OutputForbidden("Outputs are only fetched over https on port 443.")
    return True


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL, as a browser compares them."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return parts.scheme, (parts.hostname or "").lower(), port


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def public_session(resolver: Resolver = resolve) -> requests.Session:
    """A session whose every connection goes to a public address, checked after the name lookup."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", _PublicAdapter(resolver))
    return session


class _PublicAdapter(HTTPAdapter):
    """Gives requests a pool that checks addresses."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)  # type: ignore[no-untyped-call]
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"https": _pool_class(self._resolver)}


def _pool_class(resolver: Resolver) -> Any:
    class Connection(HTTPSConnection):
        """Looks the name up, checks every address, and connects to one that was checked."""

        def _new_conn(self) -> socket.socket:
            addresses = _checked(self._dns_host, self.port or 443, resolver)
            self._dns_host, name = addresses[0], self._dns_host
            try:
                return super()._new_conn()
            finally:
                self._dns_host = name

    class Pool(HTTPSConnectionPool):
        """Connections as above."""

        ConnectionCls = Connection

    return Pool


def _checked(host: str, port: int, resolver: Resolver) -> list[str]:
    """The host's addresses, all of them public. Raises: OutputForbidden."""
    try:
        addresses = resolver(host, port)
    except OSError as exc:
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
