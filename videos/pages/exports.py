"""The ledger of the usage page as a streamed file: CSV for spreadsheets, JSON Lines for scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from providers import house
from studio.accounts import audit, sheets
from videos import usage
from videos.usage import Entry, Wish

from .doors import signed_in, user_of
from .usage import choices_of, wish_of

COLUMNS = (
    "at",
    "video",
    "made_at",
    "person",
    "api_key",
    "project",
    "model",
    "kind",
    "credits",
    "balance",
    "money",
    "currency",
    "mark",
    "deleted",
)


@require_safe
@signed_in
def as_csv(request: HttpRequest) -> HttpResponseBase:
    """Every line of the chosen ledger, oldest first."""
    return _answer(request, "csv", "text/csv; charset=utf-8", _csv)


@require_safe
@signed_in
def as_json_lines(request: HttpRequest) -> HttpResponseBase:
    """The same, an object in each line."""
    return _answer(request, "jsonl", "application/jsonl", _json_lines)


def row(entry: Entry) -> dict[str, Any]:
    """One line with everything that is known about it."""
    line, video, now = entry.line, entry.line.video, house.current()
    return {
        "at": line.at.isoformat(timespec="seconds"),
        "video": video.pk,
        "made_at": video.created_at.isoformat(timespec="seconds"),
        "person": video.owner.email,
        "api_key": str(video.api_key or ""),
        "project": str(video.project or ""),
        "model": video.resolved_model,
        "kind": line.kind,
        "credits": float(line.credits),
        "balance": float(entry.balance),
        "money": float(line.credits * now.credit_price),
        "currency": now.currency,
        "mark": line.mark,
        "deleted": video.deleted_at is not None,
    }


def _answer(
    request: HttpRequest, suffix: str, kind: str, lines: Callable[[Iterable[Entry]], Iterator[Any]]
) -> HttpResponseBase:
    wish = wish_of(request, choices_of(user_of(request)))
    if request.method != "HEAD":
        audit.record(audit.by(request), "usage.exported", "usage", after=_told(wish, suffix))
    answer = StreamingHttpResponse(lines(usage.every_entry(wish)), content_type=kind)
    name = f"ledger-{wish.first}-{wish.last}.{suffix}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _told(wish: Wish, suffix: str) -> dict[str, Any]:
    """What was taken away, for the audit."""
    whose = wish.owner.email if wish.owner else "everybody"
    days = {"first": str(wish.first), "last": str(wish.last)}
    return {"format": suffix, "whose": whose, **days, "lines": wish.lines().count()}


def _csv(entries: Iterable[Entry]) -> Iterator[str]:
    rows = (row(entry) for entry in entries)
    return sheets.lines(COLUMNS, ([each[name] for name in COLUMNS] for each in rows))


def _json_lines(entries: Iterable[Entry]) -> Iterator[bytes]:
    for entry in entries:
        yield orjson.dumps(row(entry)) + b"\n"
