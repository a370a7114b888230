"""The standing of the sandbox's only customer: what it has left and what it used.

Called by `providers.sandbox.server`. What the sandbox makes is free, so the balance never falls
below a floor and no request is refused for it.

Source: Runway OpenAPI document 2024-11-06, /v1/organization and /v1/organization/usage.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from providers import catalog
from providers.sandbox.timeline import Record

BALANCE = 100_000
FLOOR = 10_000
DAY_SECONDS = 24 * 3600


def organization(records: Iterable[Record], now: float) -> dict[str, Any]:
    """Credits left, limits (none) and the generations of the last 24 hours, per model."""
    listed = list(records)
    spent = sum(record.charged for record in listed)
    today = Counter(record.model for record in listed if record.at > now - DAY_SECONDS)
    names = [model.id for model in catalog.load().models.values() if not model.is_retired]
    free = {"maxConcurrentGenerations": None, "maxDailyGenerations": None}
    return {
        "tier": {"maxMonthlyCreditSpend": BALANCE, "models": dict.fromkeys(names, free)},
        "creditBalance": max(BALANCE - spent, FLOOR),
        "usage": {"models": {name: {"dailyGenerations": today[name]} for name in names}},
    }


def usage(records: Iterable[Record]) -> dict[str, Any]:
    """Credits by day and model, over everything that was ever made."""
    days: dict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        days[datetime.fromtimestamp(record.at, UTC).date().isoformat()][record.model] += (
            record.charged
        )
    return {
        "models": sorted({model for day in days.values() for model in day}),
        "results": [
            {
                "date": date,
                "usedCredits": [{"model": model, "amount": day[model]} for model in sorted(day)],
            }
            for date, day in sorted(days.items())
        ],
    }
