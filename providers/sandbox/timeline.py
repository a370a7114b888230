"""The life of a sandbox task as a pure function of its record and the time.

Only `providers.sandbox` calls this. Nothing here reads a clock or a file.

Source: Runway OpenAPI document 2024-11-06, GET /v1/tasks/{id}.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    divided by the pace). `credits` is the most it may cost, `cost` what it costs in the end, None
    for the same. `key4` is the end of the key that made it. `plan` describes its file. `body` lacks
    its media: `media` has, for each that is drawn, its "role" and "kind" and either the "host" of
    its address or the name of its "file".
    `slots` is how many tasks of the model may run at once, None for any number. `rendered` says
    that all files exist since `over_at`, `render_error` that they never will. `links` and
    `downloads` count what was handed out, for the directives that spoil the first. `deleted_as` is
    the status in which it was deleted, at `deleted_at`.
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
    plan: Mapping[str, Any] = field(default_factory=dict)
    media: Sequence[Mapping[str, str]] = ()
    cost: int | None = None
    key4: str = ""
    slots: int | None = None
    outputs: int = 1
    fail: str | None = None
    expire: bool = False
    truncate: bool = False
    corrupt: bool = False
    drip: float = 0.0
    vanish: bool = False
    rendered: bool = False
    render_error: bool = False
    over_at: float = 0.0
    links: int = 0
    downloads: int = 0
    deleted_as: str | None = None
    deleted_at: float | None = None

    @property
    def suffix(self) -> str:
        """What its files are called after the dot."""
        usual = "png" if self.path == "/v1/text_to_image" else "mp4"
        return str(self.plan.get("suffix", usual))

    @property
    def ready(self) -> float:
        """When it runs if there is room for it."""
        return self.at + self.pending + self.throttled

    @property
    def charged(self) -> int:
        """Credits: what it cost; until it is over, what it may cost at most."""
        if self.deleted_as == "RUNNING":
            return self.credits
        if self.deleted_as in ("PENDING", "THROTTLED", "FAILED") or self.render_error or self.fail:
            return 0
        return self.final_cost if self.rendered else self.credits

    @property
    def final_cost(self) -> int:
        """Credits that it costs once it succeeds."""
        return self.credits if self.cost is None else self.cost


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


def end(record: Record, start: float) -> float:
    """When a task that runs from `start` is over (Unix time); infinite while that is not known."""
    if record.render_error:
        over = max(start, record.over_at)
    elif record.fail is not None:
        over = start + record.running / 2
    elif record.rendered or record.vanish:
        over = max(start + record.running, record.over_at)
    else:
        over = math.inf
    return over if record.deleted_at is None else min(over, record.deleted_at)


def status(record: Record, now: float, start: float | None = None) -> str:
    """The task's status word at `now` (Unix time). `start` is when it runs, None for when ready."""
    start = record.ready if start is None else start
    if now < record.at + record.pending:
        return "PENDING"
    if now < start:
        return "THROTTLED"
    if now < end(record, start):
        return "RUNNING"
    return "FAILED" if record.render_error or record.fail is not None else "SUCCEEDED"


def state(record: Record, now: float, start: float | None = None) -> dict[str, Any]:
    """The body of GET /v1/tasks/{id} at `now`, without the links of a finished task."""
    start = record.ready if start is None else start
    word = status(record, now, start)
    created = datetime.fromtimestamp(record.at, UTC).isoformat(timespec="milliseconds")
    body: dict[str, Any] = {
        "id": record.id,
        "createdAt": created.replace("+00:00", "Z"),
        "status": word,
    }
    if word == "FAILED":
        return body | _failure(record)
    if word == "SUCCEEDED":
        return body | {"cost": {"credits": record.final_cost}}
    if word == "RUNNING":
        body["progress"] = _progress(record, now - start)
    return body | {"estimatedCost": {"credits": record.credits}}


def _progress(record: Record, ran: float) -> float:
    share = ran / record.running if record.running else 1.0
    return round(min(max(share, 0.0), 0.99), 2)


def _failure(record: Record) -> dict[str, Any]:
    code = record.fail or "INTERNAL"
    text = _FAILURES.get(code.split(".")[0].upper(), "The task failed.")
    return {"failure": text, "failureCode": code, "cost": {"credits": 0}}
