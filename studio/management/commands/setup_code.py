"""`manage.py setup_code`: the code for the first-run page of a studio that has no people yet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from studio.accounts import setup_code
from studio.accounts.models import User


class Command(BaseCommand):
    """Prints where to go, the code, and how long it works. Changes nothing."""

    help = "Print the code that the first-run page /setup/ asks for."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it. Raises: CommandError when there are people already."""
        if User.objects.exists():
            raise CommandError(
                "This studio has people already, so /setup/ is closed. "
                "`manage.py changepassword E-MAIL` sets a password anew."
            )
        code, end = setup_code.make(datetime.now(UTC))
        self.stdout.write(
            f"Create the first administrator at {settings.STUDIO_BASE_URL}/setup/\n"
            f"with the code {code}, which works until {end:%H:%M} UTC.\n"
        )
