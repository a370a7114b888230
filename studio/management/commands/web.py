"""`manage.py web`: granian with our bridge, for pages and API."""

from __future__ import annotations

import resource
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

WORKERS = 2
CONNECTIONS = 1024
OPEN_FILES = 4096
HEADER_SECONDS = 15
STOP_SECONDS = 5


class Command(BaseCommand):
    """Serves until it is told to stop."""

    help = "Serve pages and API."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        parser.add_argument("--port", type=int, default=settings.STUDIO_PORT)
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *args: Any, **options: Any) -> None:
        """Two processes, each with eight threads for Django (see studio/rsgi.py)."""
        connections.close_all()  # the workers are forked
        Granian(
            "studio.rsgi:app",
            address=options["host"],
            port=options["port"],
            interface=Interfaces.RSGI,
            workers=WORKERS,
            websockets=False,
            http=HTTPModes.http1,  # "auto" never ends a connection that says nothing
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
            backpressure=connections_per_worker(),
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
            workers_kill_timeout=STOP_SECONDS,
        ).serve()


def connections_per_worker() -> int:
    """Raise the limit of open files, and count: a connection takes its socket, a file, a pipe."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < OPEN_FILES:
        soft = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(16, min(CONNECTIONS, (soft - 128) // 3))
