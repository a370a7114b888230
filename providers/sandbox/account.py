"""The standing of the sandbox's only customer: what it has left, what it used, what it may.

Called by `providers.sandbox.routes`. What the sandbox makes is free, so the balance never falls
below a floor and no request is refused for it.

Source: Runway OpenAPI document 2024-11-06, /v1/organization and /v1/organization/usage; docstrings
of runwayml 5.24.0 (organization_retrieve_usage_params).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from providers import catalog
from providers.sandbox import answers, limits, refusals
from providers.sandbox.answers import Answer, Issue
from providers.sandbox.limits import Limits
from providers.sandbox.timeline import Record

BALANCE = 100_000
FLOOR = 10_000
USUAL_DAYS, MOST_DAYS = timedelta(days=30), timedelta(days=90)


def organization(records: Iterable[Record], allowed: Limits, now: float) -> dict[str, Any]:
    """Credits left, limits and the generations of the last 24 hours, per model."""
    listed = list(records)
    spent = sum(record.charged for record in listed)
    today = limits.made_today(listed, now)
    names = [model.id for model in catalog.load().models.values() if not model.is_retired]
    each = {
        "maxConcurrentGenerations": allowed.concurrent,
        "maxDailyGenerations": allowed.daily,
    }
    return {
        "tier": {"maxMonthlyCreditSpend": BALANCE, "models": dict.fromkeys(names, each)},
        "creditBalance": max(BALANCE - spent, FLOOR),
        "usage": {"models": {name: {"dailyGenerations": today[name]} for name in names}},
    }


def usage(records: Iterable[Record], body: Any, today: date) -> Answer:
    """Net credits by day (UTC, of the create) and model, from startDate to before beforeDate."""
    if not isinstance(body, dict):
        issue = refusals.wrong_type((), "object", refusals.kind_of(body))
        return answers.invalid([issue])
    issues = list(_bad_period(body, today))
    if issues:
        return answers.invalid(issues)
    start, before = _period(body, today)
    days: dict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        day = datetime.fromtimestamp(record.at, UTC).date()
        if start <= day < before:
            days[day.isoformat()][record.model] += record.charged
    return answers.as_json(
        {
            "models": sorted({model for day in days.values() for model in day}),
            "results": [_day(day, used) for day, used in sorted(days.items())],
        }
    )


def _day(day: str, used: Counter[str]) -> dict[str, Any]:
    listed = [{"model": model, "amount": used[model]} for model in sorted(used)]
    return {"date": day, "usedCredits": listed}


def _bad_period(body: dict[str, Any], today: date) -> Iterator[Issue]:
    yield from refusals.unknown_keys((), body, ("startDate", "beforeDate"))
    are_dates = True
    for name in ("startDate", "beforeDate"):
        if name in body and not _is_date(body[name]):
            are_dates = False
            message = "Invalid ISO date"
            yield Issue("invalid_format", (name,), message, {"format": "date"})
    if are_dates:
        start, before = _period(body, today)
        if before < start:
            yield Issue("custom", ("beforeDate",), "beforeDate must not be before startDate")
        if before - start > MOST_DAYS:
            message = f"beforeDate must be at most {MOST_DAYS.days} days after startDate"
            yield Issue("custom", ("beforeDate",), message)


def _period(body: dict[str, Any], today: date) -> tuple[date, date]:
    """The first day, and the one after the last."""
    start = date.fromisoformat(body["startDate"]) if "startDate" in body else today - USUAL_DAYS
    if "beforeDate" in body:
        return start, date.fromisoformat(body["beforeDate"])
    return start, min(start, date.max - USUAL_DAYS) + USUAL_DAYS


def _is_date(value: object) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
