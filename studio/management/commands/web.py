"""`manage.py web`: granian with our bridge, for pages and API."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

WORKERS = 2


class Command(BaseCommand):
    """Serves until it is told to stop."""

    help = "Serve pages and API."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8080))
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
            backpressure=1024,
            http1_settings=HTTP1Settings(header_read_timeout=15_000),
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
            workers_kill_timeout=10,
        ).serve()
