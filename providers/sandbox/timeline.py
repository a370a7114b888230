"""The life of a sandbox task as a pure function of its record and the time.

Only `providers.sandbox` calls this. Nothing here reads a clock or a file.

Source: Runway OpenAPI document 2024-11-06, GET /v1/tasks/{id}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from providers.sandbox.directives import Directives

PENDING_SECONDS = 0.6
RUNNING_SECONDS = 3.5

_FAILURES = {
    "SAFETY": "The request was flagged by content moderation.",
    "INPUT_PREPROCESSING": "The input could not be processed.",
    "ASSET": "An asset of the request is not valid.",
    "INTERNAL": "An unexpected error occurred.",
    "THIRD_PARTY": "The provider of this model is unavailable.",
}


@dataclass(frozen=True)
class Record:
    """A task as it lies on disk.

    `at` and `pending`, `throttled`, `running`, `drip` are seconds (Unix time, and lengths already
    divided by the pace). `rendered` says that all files exist, `render_error` why they never will.
    `body` lacks its pictures: `pictures` has, for each, its "position" and either the "host" of its
    address or the name of its "file". `links` and `downloads` count what was handed out, for the
    directives that spoil the first. `deleted_as` is the status in which it was deleted.
    """

    id: str
    path: str
    model: str
    body: Mapping[str, Any]
    at: float
    credits: int
    pending: float
    throttled: float
    running: float
    pictures: Sequence[Mapping[str, str]] = ()
    outputs: int = 1
    fail: str | None = None
    expire: bool = False
    truncate: bool = False
    corrupt: bool = False
    drip: float = 0.0
    vanish: bool = False
    rendered: bool = False
    render_error: bool = False
    links: int = 0
    downloads: int = 0
    deleted_as: str | None = None

    @property
    def suffix(self) -> str:
        """What its files are called after the dot."""
        return "png" if self.path == "/v1/text_to_image" else "mp4"

    @property
    def charged(self) -> int:
        """Credits it has cost by the time it was deleted, or costs once it succeeds."""
        if self.deleted_as in ("PENDING", "THROTTLED", "FAILED") or self.render_error or self.fail:
            return 0
        return self.credits


class Lengths(NamedTuple):
    """How many seconds a task is pending, throttled and running."""

    pending: float
    throttled: float
    running: float


def lengths(directives: Directives, pace: float) -> Lengths:
    """How long a new task takes at a pace of 1, of 20 (twenty times faster), ..."""
    running = RUNNING_SECONDS if directives.slow is None else directives.slow
    throttled = directives.throttle or 0.0
    return Lengths(PENDING_SECONDS / pace, throttled / pace, running / pace)


def status(record: Record, now: float) -> str:
    """The task's status word at `now` (Unix time)."""
    elapsed = now - record.at
    if elapsed < record.pending:
        return "PENDING"
    if elapsed < record.pending + record.throttled:
        return "THROTTLED"
    ran = elapsed - record.pending - record.throttled
    if record.render_error or (record.fail is not None and ran >= record.running / 2):
        return "FAILED"
    return "SUCCEEDED" if ran >= record.running and record.rendered else "RUNNING"


def state(record: Record, now: float) -> dict[str, Any]:
    """The body of GET /v1/tasks/{id} at `now`, without the links of a finished task."""
    word = status(record, now)
    created = datetime.fromtimestamp(record.at, UTC).isoformat(timespec="milliseconds")
    body: dict[str, Any] = {
        "id": record.id,
        "createdAt": created.replace("+00:00", "Z"),
        "status": word,
    }
    if word == "FAILED":
        return body | _failure(record)
    if word == "SUCCEEDED":
        return body | {"cost": {"credits": record.credits}}
    if word == "RUNNING":
        body["progress"] = _progress(record, now)
    return body | {"estimatedCost": {"credits": record.credits}}


def _progress(record: Record, now: float) -> float:
    ran = now - record.at - record.pending - record.throttled
    share = ran / record.running if record.running else 1.0
    return round(min(max(share, 0.0), 0.99), 2)


def _failure(record: Record) -> dict[str, Any]:
    code = record.fail or "INTERNAL"
    text = _FAILURES.get(code.split(".")[0].upper(), "The task failed.")
    return {"failure": text, "failureCode": code, "cost": {"credits": 0}}
