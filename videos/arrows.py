"""The allowed changes of a video's status, each with a letter. Only `Video.move` reads them.

`docs/lifecycle.md` draws the same table, and a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass

QUEUED = "queued"
SUBMITTING = "submitting"
IN_PROGRESS = "in_progress"
STORING = "storing"
COMPLETED = "completed"
FAILED = "failed"
CANCELLED = "cancelled"

STATUSES = (QUEUED, SUBMITTING, IN_PROGRESS, STORING, COMPLETED, FAILED, CANCELLED)
TERMINAL = (COMPLETED, FAILED, CANCELLED)
OPEN = (QUEUED, SUBMITTING, IN_PROGRESS, STORING)


@dataclass(frozen=True)
class Arrow:
    """One allowed change: from any of `sources` (none for a new row) to `target`."""

    letter: str
    sources: tuple[str, ...]
    target: str
    meaning: str


_TABLE = (
    Arrow("a", (), QUEUED, "accepted by us, credits reserved"),
    Arrow("b", (QUEUED,), SUBMITTING, "noted before the request leaves"),
    Arrow("c", (SUBMITTING,), IN_PROGRESS, "Runway accepted, its task id is saved"),
    Arrow("d", (SUBMITTING,), QUEUED, "certainly not taken: another key, or later"),
    Arrow("e", (SUBMITTING,), FAILED, "refused, or nobody can know whether it was taken"),
    Arrow("f", (IN_PROGRESS,), STORING, "the task succeeded"),
    Arrow("g", (STORING,), COMPLETED, "the file is on our storage, verified"),
    Arrow("h", (IN_PROGRESS,), FAILED, "the task failed, or its deadline passed"),
    Arrow("i", (STORING,), FAILED, "the output is gone for good"),
    Arrow("j", (QUEUED, IN_PROGRESS), CANCELLED, "cancelled"),
    Arrow("k", (IN_PROGRESS,), QUEUED, "the next task: first frame made, or a free second try"),
    Arrow("l", (QUEUED,), FAILED, "its deadline passed, or an input is gone"),
    Arrow("m", (FAILED,), IN_PROGRESS, "an uncertain or timed-out task turned up"),
)
ARROWS = {arrow.letter: arrow for arrow in _TABLE}
