"""Claims on what is due: the raw SQL of the hot path, one statement where it can be one.

Videos are due, and so are deliveries of webhooks.

A claim moves `next_at` to the end of a lease and counts `fence` up; whoever holds an older fence
can write nothing more. Times are the database's. Called by the clock and the worker.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from . import turns
from .arrows import QUEUED

Claim = tuple[str, int]
Row = list[str | int]

VIDEOS, DELIVERIES = "videos_video", "videos_webhookdelivery"

_FROM_NOW = {
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', %s || ' seconds')",
    "postgresql": "statement_timestamp() + (%s || ' seconds')::interval",
}
_SKIP_LOCKED = {"sqlite": "", "postgresql": "FOR UPDATE SKIP LOCKED"}


@dataclass(frozen=True)
class Look:
    """What a look at an unfinished task brought; `seconds` until the next one."""

    claim: Claim
    provider_status: str
    progress: int
    failures: int
    reason: str
    seconds: float
    is_fresh: bool
    unknowns: int = 0


def claim(status: str, limit: int, closed: Collection[str] = ()) -> list[Claim]:
    """Take up to `limit` due videos of one status: (id, fence) pairs, leased to the caller.

    Of queued ones, people take turns; those of `closed` models are left alone unless they are late.
    """
    if status == QUEUED and limit > 0:
        return _claim_in_turn(limit, sorted(closed))
    return _claim(VIDEOS, status, limit)


def claim_deliveries(limit: int) -> list[Claim]:
    """Take up to `limit` due deliveries of webhooks in the same way."""
    return _claim(DELIVERIES, "pending", limit)


def renew(claims: Iterable[Claim], table: str = VIDEOS) -> None:
    """Keep the lease of everything in work; rows that somebody else took are left alone."""
    hand_back(claims, settings.STUDIO_LEASE_SECONDS, table)


def hand_back(claims: Iterable[Claim], seconds: float = 0, table: str = VIDEOS) -> None:
    """Give up the lease of what was not done: due again in `seconds`."""
    sql = f"""
        UPDATE {table} SET next_at = {_from_now()}
        WHERE id = %s AND fence = %s AND next_at IS NOT NULL"""  # noqa: S608
    _execute_many(sql, [[f"{seconds:.3f}", *claim] for claim in claims])


def write_looks(looks: list[Look]) -> None:
    """Note what looks brought that is no arrow, in one transaction; old fences write nothing."""
    seen = "(provider_status, progress, reason) <> (%s, %s, %s)"
    sql = f"""
        UPDATE videos_video SET
            version = CASE WHEN {seen} THEN version + 1 ELSE version END,
            changed_at = CASE WHEN {seen} THEN {_from_now()} ELSE changed_at END,
            provider_status = %s, progress = %s, reason = %s, failures = %s,
            unknowns = %s, next_at = {_from_now()},
            seen_at = CASE WHEN %s THEN {_from_now()} ELSE seen_at END
        WHERE id = %s AND fence = %s AND next_at IS NOT NULL"""  # noqa: S608
    rows: list[Row] = [
        [
            *shown,
            *shown,
            "0",
            *shown,
            look.failures,
            look.unknowns,
            f"{look.seconds:.3f}",
            look.is_fresh,
            "0",
            *look.claim,
        ]
        for look in looks
        for shown in [(look.provider_status, look.progress, look.reason)]
    ]
    _execute_many(sql, rows)


def _claim(table: str, status: str, limit: int) -> list[Claim]:
    if limit < 1:
        return []
    return _take(
        table,
        f"""
        SELECT id FROM {table} WHERE status = %s AND next_at <= {_from_now()}
        ORDER BY next_at LIMIT %s""",  # noqa: S608 - only our own constants are put in
        [status, "0", limit],
    )


def _claim_in_turn(limit: int, closed: list[str]) -> list[Claim]:
    now, marks = _from_now(), ", ".join(["%s"] * len(closed))
    chosen = turns.NEXT.format(now=now, is_open=f"resolved_model NOT IN ({marks})")
    if not closed:
        chosen = turns.NEXT.format(now=now, is_open="1 = 1")
    return _take(
        VIDEOS,
        f"""
        SELECT id FROM videos_video
        WHERE status = 'queued' AND next_at <= {now} AND id IN ({chosen})""",  # noqa: S608
        ["0", "0", *closed, "0", limit],
    )


def _take(table: str, chosen: str, values: Row) -> list[Claim]:
    """Lease the chosen rows, but for those that somebody else is just taking."""
    sql = f"""
        UPDATE {table} SET next_at = {_from_now()}, fence = fence + 1
        WHERE id IN ({chosen} {_SKIP_LOCKED[connection.vendor]})
        RETURNING id, fence"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [str(settings.STUDIO_LEASE_SECONDS), *values])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def _execute_many(sql: str, rows: list[Row]) -> None:
    if rows:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, rows)


def _from_now() -> str:
    return _FROM_NOW[connection.vendor]
