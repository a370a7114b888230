"""Values out of foreign JSON, whatever it holds: each is of the asked kind, or nothing.

Used by `providers.runway` and `.transport`. Pure.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from .errors import Issue
from .tasks import UsedCredits

MOST_CREDITS = 10_000_000
MOST_BALANCE = 10_000_000_000


def issues(body: Any) -> tuple[Issue, ...]:
    """The complaints of a refusal, at most twenty."""
    found = body.get("issues") if isinstance(body, dict) else None
    issues = (
        [issue for issue in found if isinstance(issue, dict)] if isinstance(found, list) else []
    )
    return tuple(
        Issue(_path(issue.get("path")), text(issue.get("message")), text(issue.get("code")))
        for issue in issues[:20]
    )


def _path(value: Any) -> str:
    """["promptImage", 0, "uri"] as promptImage[0].uri"""
    parts = value[:10] if isinstance(value, list) else []
    path = "".join(
        f"[{part}]" if isinstance(part, int) else f".{text(part)}"
        for part in parts
        if isinstance(part, int | str)
    )
    return path.removeprefix(".")[:200]


def percent(value: Any) -> int | None:
    """Runway's 0 to 1 as 0 to 100."""
    return round(max(0, min(1, value)) * 100) if _is_number(value) else None


def credits(body: dict[str, Any], name: str) -> Decimal | None:
    """Credits under a field such as "cost"; None where none are told."""
    cost = body.get(name)
    return decimal(cost.get("credits")) if isinstance(cost, dict) else None


def decimal(value: Any, most: int = MOST_CREDITS) -> Decimal | None:
    """A sensible number of credits, None for anything else."""
    return Decimal(str(value)) if _is_number(value) and 0 <= value < most else None


def number(value: Any) -> int | None:
    """A whole number, None for anything else."""
    return int(value) if _is_number(value) and value >= 0 else None


def _is_number(value: Any) -> bool:
    """A number of a size that makes sense; not true, nor the NaN that Python's JSON lets in."""
    is_one = isinstance(value, int | float) and not isinstance(value, bool)
    return is_one and -MOST_BALANCE < value < MOST_BALANCE


def usage(results: list[Any]) -> list[UsedCredits]:
    """The days of an account's usage; entries that make no sense are left out."""
    return [
        UsedCredits(day, one_line(entry.get("model"), 80), amount)
        for result in results
        if isinstance(result, dict) and (day := _day(result.get("date")))
        for entry in _objects(result.get("usedCredits"))
        if (amount := decimal(entry.get("amount"), MOST_BALANCE)) is not None
    ]


def _day(value: Any) -> date | None:
    """The day at the beginning of an ISO date or time."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _objects(value: Any) -> list[dict[str, Any]]:
    entries = value if isinstance(value, list) else []
    return [entry for entry in entries if isinstance(entry, dict)]


def inside(body: dict[str, Any], *names: str) -> Any:
    """A value by its path through objects, None where it ends."""
    found: Any = body
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def items(value: Any) -> list[tuple[str, dict[str, Any]]]:
    """The entries of an object that are objects."""
    items = value.items() if isinstance(value, dict) else ()
    return [(name, limits) for name, limits in items if isinstance(limits, dict)]


def text(value: Any) -> str:
    """Text of at most a thousand characters, "" for anything else."""
    return one_line(value, 1000)


def texts(value: Any) -> tuple[str, ...]:
    """The strings of a list."""
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def one_line(value: Any, most: int) -> str:
    """Foreign text, fit for a log line and for every database; "" for what is no text."""
    text = value[:most] if isinstance(value, str) else ""
    return "".join(c if c.isprintable() else " " for c in text).strip()
