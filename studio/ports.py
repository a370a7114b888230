"""Ports: which numbers there are, and why one cannot be had. Used by the settings and by `run`."""

from __future__ import annotations

import errno
import os
import socket

from django.core.exceptions import ImproperlyConfigured

HIGHEST = 65535
FREE_FOR_ALL = 1024


def checked(text: str) -> int:
    """A port to serve on. Raises: ImproperlyConfigured."""
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= HIGHEST:
        return int(text)
    raise ImproperlyConfigured(f"PORT must be a number from 1 to {HIGHEST}, not {text[:40]!r}.")


def why_not(port: int) -> str:
    """Why nobody can be served on this port of 127.0.0.1, in one line; "" when it is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as exc:
            return explain(port, exc)
    return ""


def explain(port: int, exc: OSError) -> str:
    """What the system's refusal of a port means, and which one to take instead."""
    other = port + 1 if port < HIGHEST else port - 1
    if exc.errno in (errno.EACCES, errno.EPERM):
        why, other = "is not allowed for this user", 8080 if port < FREE_FOR_ALL else other
    elif exc.errno == errno.EADDRINUSE:
        why = "is in use"
    else:
        why = f"cannot be had ({os.strerror(exc.errno or 0)})"
    return f"Port {port} {why}. Choose another one: PORT={other} make run"
