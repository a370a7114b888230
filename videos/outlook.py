"""How soon a video will be there, as far as this installation can tell. For API and pages.

The guess is the median of what the same model took lately, from the request to the stored file.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from .arrows import COMPLETED, QUEUED
from .models import Video

logger = logging.getLogger(__name__)

LOOKED_AT, ENOUGH, CACHE_SECONDS = 500, 3, 60

Pace = dict[tuple[str, bool], float]


@dataclass(frozen=True)
class Outlook:
    """What is to be expected. `queue_position` begins with 1, None for what does not wait with us.

    `seconds_left` is None where nothing is known: too few videos of that model, or this one takes
    longer than they did.
    """

    queue_position: int | None = None
    seconds_left: float | None = None


def of(videos: Iterable[Video]) -> dict[str, Outlook]:
    """The outlook of each unfinished video, by id. Two queries however many, and often none."""
    waiting = [video for video in videos if not video.is_terminal]
    if not waiting:
        return {}
    places = _places([video.pk for video in waiting if video.status == QUEUED])
    pace, now = _pace(), datetime.now(UTC)
    return {
        video.pk: Outlook(places.get(video.pk), _seconds_left(video, pace, now))
        for video in waiting
    }


def usual_seconds(videos: Iterable[Video]) -> dict[str, float]:
    """What a video of this model usually takes, by id; nothing for what was made too seldom."""
    pace = _pace()
    found = {video.pk: _usual(video, pace) for video in videos}
    return {pk: seconds for pk, seconds in found.items() if seconds is not None}


def _places(ids: list[str]) -> dict[str, int]:
    if not ids:
        return {}
    place = Window(RowNumber(), order_by=[F("created_at").asc(), F("id").asc()])
    queue = Video.objects.filter(status=QUEUED).annotate(place=place)
    # Beside a condition on the place, the ids are looked for after the counting and not before.
    return dict(queue.filter(Q(place=0) | Q(pk__in=ids)).values_list("pk", "place"))


def _pace() -> Pace:
    """The median seconds by model and whether the sandbox made it; a minute old at most.

    A cache that is away costs the guess, never the answer.
    """
    try:
        found: Pace | None = cache.get("outlook.pace")
        if found is None:
            found = _measured()
            cache.set("outlook.pace", found, CACHE_SECONDS)
    except DatabaseError:
        raise
    except Exception:
        logger.warning("the cache does not answer", exc_info=True)
        return {}
    return found


def _measured() -> Pace:
    made = Video.objects.filter(status=COMPLETED).order_by(F("completed_at").desc())
    rows = made.values_list("resolved_model", "is_sandbox", "created_at", "completed_at")
    took: defaultdict[tuple[str, bool], list[float]] = defaultdict(list)
    for model, is_sandbox, begin, end in rows[:LOOKED_AT]:
        if end is not None:
            took[model, is_sandbox].append((end - begin).total_seconds())
    return {key: median(times) for key, times in took.items() if len(times) >= ENOUGH}


def _seconds_left(video: Video, pace: Pace, now: datetime) -> float | None:
    seconds = _usual(video, pace)
    if seconds is None:
        return None
    left = seconds - (now - video.created_at).total_seconds()
    return left if left > 0 else None


def _usual(video: Video, pace: Pace) -> float | None:
    seconds = pace.get((video.resolved_model, video.is_sandbox))
    if seconds is None and not video.attempt:  # nobody knows yet who will make it
        return pace.get((video.resolved_model, True))
    return seconds
