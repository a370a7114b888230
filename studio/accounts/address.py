"""From where a request comes. Called wherever an address is kept, and by django-axes.

Source: RFC 7239, section 7.4: of `X-Forwarded-For` only what one's own proxy wrote can be believed.
"""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The client's IP address; None where there is none, as behind a socket file.

    Behind a proxy (`STUDIO_BEHIND_PROXY`) it is the last value of `X-Forwarded-For`, which that
    proxy wrote. Without one the header is anybody's word, and counts for nothing.
    """
    told = request.META.get("REMOTE_ADDR", "")
    if settings.STUDIO_BEHIND_PROXY:
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2]
        return _checked(forwarded) or _checked(told)
    return _checked(told)


def _checked(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None
