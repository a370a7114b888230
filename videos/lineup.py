"""When the last of many videos will be there, and how a length of time is said. Pure.

Called by the queue's page with what `outlook` knows of each video.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from django.utils.translation import gettext as _


def finish_times(running: Sequence[float], waiting: Sequence[float]) -> list[float]:
    """Seconds until each of the waiting is made, in their order.

    `running` are the seconds left of those under way: as many as that are made side by side, at
    least one. `waiting` are the seconds that each takes.
    """
    free_in = list(running) or [0.0]
    heapq.heapify(free_in)
    ends = []
    for seconds in waiting:
        end = heapq.heappop(free_in) + seconds
        heapq.heappush(free_in, end)
        ends.append(end)
    return ends


def about(seconds: float) -> str:
    """For people: "20 s" below a minute and a half, in steps of five; else "4 min"."""
    if seconds < 90:
        return _("%(count)d s") % {"count": max(5, 5 * round(seconds / 5))}
    return _("%(count)d min") % {"count": round(seconds / 60)}


def clock(seconds: float) -> str:
    """A stretch of time as a clock shows it: "0:42", "61:05"."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes}:{rest:02}"
