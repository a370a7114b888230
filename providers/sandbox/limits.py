"""How many tasks of a model may run at once, and how many may be made in a day. Pure.

Called by `providers.sandbox.tasks` and `.account`. Too many at once are THROTTLED, first come first
served; too many in a day are refused.

Source: docs.dev.runwayml.com/usage/tiers.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from providers.sandbox import timeline
from providers.sandbox.timeline import Record

DAY_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Limits:
    """The limits of every model; None for none."""

    concurrent: int | None = None
    daily: int | None = None


UNLIMITED = Limits()


def starts(records: Iterable[Record]) -> dict[str, float]:
    """When each task begins to run (Unix time), given all tasks of one model.

    Infinite for those that wait for a task whose end is not known yet.
    """
    begun: dict[str, float] = {}
    ends: list[float] = []
    for record in sorted(records, key=lambda record: (record.ready, record.at)):
        is_full = record.slots is not None and len(ends) >= record.slots
        free = ends[-record.slots] if is_full and record.slots else -math.inf
        begun[record.id] = start = max(record.ready, free)
        if record.deleted_at is None or start < record.deleted_at:
            insort(ends, timeline.end(record, start))
    return begun


def made_today(records: Iterable[Record], now: float) -> Counter[str]:
    """How many tasks were made in the 24 hours before `now`, by model; deleted ones count."""
    return Counter(record.model for record in records if record.at > now - DAY_SECONDS)
