"""What was measured of each key, by minute: calls, failures, throttling, waiting. In the database.

`routing` weighs keys by the last minutes, and counts a day's tasks. Every process writes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Sum
from django.utils import timezone

WINDOW = timedelta(minutes=10)
KEPT = timedelta(days=1)
DOUBT = 5  # calls that count as good beforehand, so that one failure alone condemns no key
LEAST_SHARE = 0.05  # of its weight stays, so that a key that got better is noticed
SLOW_SECONDS = 60.0  # of waiting at the provider halve a key's share

PerModel = Mapping[tuple[int, str], int]


class KeyMinute(models.Model):
    """What happened to the tasks of one key and model within one minute."""

    key = models.ForeignKey("providers.ProviderKey", models.CASCADE, related_name="minutes")
    model = models.CharField(max_length=80)
    minute = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    throttled = models.PositiveIntegerField(default=0, help_text="429, or made to wait there.")
    begun = models.PositiveIntegerField(default=0, help_text="Tasks that were seen to begin.")
    waited = models.PositiveIntegerField(default=0, help_text="Seconds until they began.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "model", "minute"], name="one_row_a_minute")
        ]
        indexes: ClassVar = [models.Index(fields=["minute"], name="minutes")]

    def __str__(self) -> str:
        return f"{self.model} at {self.minute:%H:%M}"


@dataclass(frozen=True)
class Measured:
    """A key's last minutes, over all its models. `waited` is in seconds."""

    calls: int = 0
    failures: int = 0
    throttled: int = 0
    begun: int = 0
    waited: int = 0

    @property
    def share(self) -> float:
        """How much of its weight the key deserves: 1 for a good or unknown one, never 0."""
        trouble = (self.failures + self.throttled) / (self.calls + DOUBT)
        pause = self.waited / self.begun if self.begun else 0.0
        return max(LEAST_SHARE, 1 - trouble) / (1 + pause / SLOW_SECONDS)


def note(key_id: int, model: str, **counts: int) -> None:
    """Add to the counts of this minute; two short statements."""
    minute = timezone.now().replace(second=0, microsecond=0)
    row, _ = KeyMinute.objects.get_or_create(key_id=key_id, model=model, minute=minute)
    added = {name: F(name) + count for name, count in counts.items()}
    KeyMinute.objects.filter(pk=row.pk).update(**added)


def lately() -> dict[int, Measured]:
    """The last minutes of every key that did something, by key."""
    rows = KeyMinute.objects.filter(minute__gte=timezone.now() - WINDOW)
    names = ("calls", "failures", "throttled", "begun", "waited")
    found = rows.values_list("key_id").annotate(*(Sum(name) for name in names))
    return {key_id: Measured(*counts) for key_id, *counts in found}


def accepted_since_test() -> PerModel:
    """Tasks accepted since each key's standing was read, by (key id, model).

    The minute of that reading counts whole: rather a task too many than one too few.
    """
    rows = KeyMinute.objects.filter(
        accepted__gt=0,
        minute__gte=timezone.now() - KEPT,
        minute__gt=F("key__standing_at") - timedelta(minutes=1),
    )
    found = rows.values_list("key_id", "model").annotate(Sum("accepted"))
    return {(key_id, model): count for key_id, model, count in found}


def forget_old() -> None:
    """Delete what nobody asks for any more. The clock calls it now and then."""
    KeyMinute.objects.filter(minute__lt=timezone.now() - KEPT).delete()
