"""`manage.py rotate_encryption`: every secret anew, with the first encryption key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from providers import rotation
from providers.secrets import SecretUnavailable
from studio.accounts.audit import OPERATOR


class Command(BaseCommand):
    """Writes what older keys encrypted anew; may be broken off and begun again."""

    help = "Encrypt every secret (provider keys, webhooks) with the first STUDIO_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many are done and left. Raises: CommandError (exit 1) if any are."""
        try:
            rotated = rotation.rotate(OPERATOR)
        except SecretUnavailable as exc:
            raise CommandError(str(exc)) from exc
        self.stdout.write(rotated.words())
        if rotated.left or rotated.lost:
            raise CommandError("Keep the older keys in STUDIO_ENCRYPTION_KEYS for now.")
        self.stdout.write("The older keys in STUDIO_ENCRYPTION_KEYS may go.")
