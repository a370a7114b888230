"""`manage.py reconcile`: fetch what Runway says that its keys used, and name the differences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from videos import ledger, reconcile


class Command(BaseCommand):
    """Fetches, then prints. The worker does the same once a day, and the usage page shows it."""

    help = "Compare our books with Runway's figures, by key, day and model."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take for how many days."""
        parser.add_argument("--days", type=int, default=reconcile.USUAL_DAYS, metavar="1-90")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print every difference. Raises: CommandError (exit 1) where a key could not be asked."""
        days: int = options["days"]
        if not 1 <= days <= reconcile.MOST_DAYS:
            raise CommandError(f"--days is 1 to {reconcile.MOST_DAYS}.")
        looks = reconcile.fetch(days)
        last = datetime.now(UTC).date()
        found = reconcile.differences(last - timedelta(days=days - 1), last)
        for each in found:
            self.stdout.write(
                f"{each.day} {each.key.name} {each.model}: ours {ledger.words(each.ours)}, "
                f"Runway's {ledger.words(each.theirs)}, difference {ledger.words(each.credits)}"
            )
        asked = [look for look in looks if not look.error]
        self.stdout.write(f"{len(found)} differences in {days} days of {len(asked)} keys.")
        failed = [f"{look.provider_key.name}: {look.error}" for look in looks if look.error]
        if failed:
            raise CommandError("\n".join(failed))
