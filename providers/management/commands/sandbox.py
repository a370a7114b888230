"""`manage.py sandbox`: an offline stand-in for Runway's HTTP API; see docs/sandbox.md."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from providers.sandbox import options
from providers.sandbox.limits import Limits
from providers.sandbox.server import serve


class Command(BaseCommand):
    """Runs the sandbox in the foreground until it is interrupted."""

    help = "Run an offline stand-in for Runway's API that renders real clips at no cost."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sandbox's own options; its files lie in the data directory by default."""
        options.add_to(parser, settings.STUDIO_DATA_DIR / "sandbox")
        options.add_limits(parser)

    def handle(self, *args: Any, **chosen: Any) -> None:
        """Serve."""
        limits = Limits(chosen["concurrency"], chosen["daily"])
        serve(chosen["port"], chosen["data"], chosen["pace"], limits)
