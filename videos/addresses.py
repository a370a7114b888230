"""Where a picture, video or sound comes from: a data URI or an address, as text.

Called by `inputs.py` alone. Addresses are looked at, never fetched.

Source: Runway's OpenAPI document 2024-11-06 (lengths of addresses), and "Inputs" of its guide.
"""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlsplit

from providers.rules import MediaLimits

from .values import InvalidRequest

LEAST_CHARS = 13
RUNWAY_MAX_CHARS = 5000


def is_data(text: str) -> bool:
    """Whether the text is a data URI, good or bad, or the bare base64 of a picture."""
    return text[:5].lower() == "data:" or _is_bare(text)


def decoded(uri: str, name: str) -> bytes:
    """The bytes of a data URI. Raises: InvalidRequest."""
    head, comma, payload = uri.partition(",")
    if _is_bare(uri):
        payload = uri
    elif not comma or not head.lower().endswith(";base64"):
        raise InvalidRequest("The data URI must be base64: data:image/png;base64,…", name)
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise InvalidRequest("The data URI is not valid base64.", name) from exc


def _is_bare(text: str) -> bool:
    """Whether the text begins as a JPEG, PNG or WebP does in base64: so Bifrost has pictures."""
    return text.startswith(("iVBORw0KGgo", "/9j/", "UklGR"))


def address(url: str, name: str, limits: MediaLimits) -> str:
    """The address as it is, if Runway may be given it. Raises: InvalidRequest."""
    if url.startswith("runway://"):
        if not LEAST_CHARS <= len(url) <= RUNWAY_MAX_CHARS or not url.isprintable() or " " in url:
            message = f"A runway:// address has {LEAST_CHARS} to {RUNWAY_MAX_CHARS} characters."
            raise InvalidRequest(message, name)
        return url
    if url[:8].lower() != "https://":
        hint = " (http:// is not accepted)" if url[:7].lower() == "http://" else ""
        message = f"'{name}' must be a file, an https URL or a data URI{hint}."
        raise InvalidRequest(message, name)
    if len(url) > limits.uri_max_chars:
        raise InvalidRequest(f"The URL is longer than {limits.uri_max_chars} characters.", name)
    if len(url) < LEAST_CHARS or not _has_hostname(url):
        message = "The URL must name a public host (no IP address, no user name, no spaces)."
        raise InvalidRequest(message, name)
    return url


def _has_hostname(url: str) -> bool:
    """Whether the URL is printable and its host is a name with a dot, without user or password."""
    if "\\" in url or any(char.isspace() or not char.isprintable() for char in url):
        return False
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        return False
    labels = host.split(".")
    is_name = len(labels) > 1 and all(labels) and not labels[-1].isdigit() and ":" not in host
    return is_name and "@" not in parts.netloc
