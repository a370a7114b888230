"""How OpenAI says it: a Video row as the Video object of its API. Pure, but for the row's columns.

Called by the API's modules alone; they load rows `in_full` for `video_object`.

Source: OpenAI Videos API reference, "The video object": 13 keys that are always there, nulls
included; four statuses; whole seconds as a string.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from videos import ledger
from videos.arrows import CANCELLED, COMPLETED, FAILED, IN_PROGRESS, QUEUED, STORING, SUBMITTING
from videos.checked import CheckedRequest
from videos.models import File, Video
from videos.outlook import Outlook

from . import links

WAITING = ("PENDING", "THROTTLED")


def status(video: Video) -> str:
    """One of queued, in_progress, completed, failed."""
    if video.status in (FAILED, CANCELLED):
        return FAILED
    if video.status == IN_PROGRESS and video.provider_status not in WAITING:
        return IN_PROGRESS
    return {STORING: IN_PROGRESS, COMPLETED: COMPLETED}.get(video.status, "queued")


def matching(word: str) -> Q:
    """The rows whose `status` on the wire is this word."""
    waits = Q(status=IN_PROGRESS, provider_status__in=WAITING)
    return {
        "queued": Q(status__in=(QUEUED, SUBMITTING)) | waits,
        "in_progress": Q(status__in=(IN_PROGRESS, STORING)) & ~waits,
        "completed": Q(status=COMPLETED),
        "failed": Q(status__in=(FAILED, CANCELLED)),
    }[word]


def video_object(video: Video, expected: Outlook) -> dict[str, Any]:
    """The Video object, with our own keys behind OpenAI's."""
    return {
        "id": video.pk,
        "object": "video",
        "model": video.model,
        "status": status(video),
        "progress": video.progress,
        "created_at": _unix(video.created_at),
        "completed_at": _unix(video.completed_at),
        "expires_at": None,
        "prompt": video.prompt or None,
        "size": video.size,
        "seconds": "auto" if video.seconds is None else str(video.seconds),
        "remixed_from_video_id": video.remixed_from_id,
        "error": _error(video),
        "mode": video.mode,
        "resolved_model": video.resolved_model,
        "sandbox": video.is_sandbox,
        "warnings": video.warnings,
        "videos": [_output(file) for file in video.outputs if video.status == COMPLETED],
        "cost": _cost(video),
        "queue_position": expected.queue_position,
        "estimated_completion": _soon(expected.seconds_left),
        "metadata": {pair.key: pair.value for pair in video.pairs.all()},
    }


def list_object(
    videos: Sequence[Video], expected: Mapping[str, Outlook], *, has_more: bool
) -> dict[str, Any]:
    """A page of a list. Node's SDK stops without `has_more`, both stop without `last_id`."""
    return {
        "object": "list",
        "data": [video_object(video, expected.get(video.pk, Outlook())) for video in videos],
        "first_id": videos[0].pk if videos else None,
        "last_id": videos[-1].pk if videos else None,
        "has_more": has_more,
    }


def estimate_object(checked: CheckedRequest) -> dict[str, Any]:
    """What a request would come to. `credits` is null where no price is known before."""
    tasks = checked.tasks()
    return {
        "object": "video.estimate",
        "model": checked.model,
        "resolved_model": checked.resolved_model,
        "mode": checked.mode,
        "tasks": [f"/v1/{mode}" for mode in tasks],
        "seconds": "auto" if checked.known_seconds is None else str(checked.known_seconds),
        "size": checked.size,
        "audio": bool(checked.audio),
        "options": checked.options,
        "credits": None if checked.credits is None else float(checked.credits),
        "is_price_set": checked.is_price_set,
        "warnings": list(checked.warnings),
    }


def deleted_object(video_id: str) -> dict[str, Any]:
    """The answer to a DELETE."""
    return {"id": video_id, "object": "video.deleted", "deleted": True}


def _output(file: File) -> dict[str, Any]:
    """One output as Bifrost says it, with what it takes to check the bytes."""
    return {
        "type": "url",
        "url": links.url(file),
        "content_type": file.content_type,
        "bytes": file.size,
        "sha256": file.sha256,
    }


def _cost(video: Video) -> dict[str, Any]:
    """What the books say; `credits` is null while no price is known."""
    is_unknown = video.estimate is None and not video.cost and ledger.is_open(video)
    return {
        "credits": None if is_unknown else float(video.cost),
        "is_final": not ledger.is_open(video),
        "is_assumed": video.last_mark in (ledger.ASSUMED, ledger.UNCERTAIN),
    }


def _soon(seconds_left: float | None) -> int | None:
    return None if seconds_left is None else math.ceil(time.time() + seconds_left)


def _error(video: Video) -> dict[str, str] | None:
    if not video.error_code:
        return None
    return {"code": video.error_code, "message": video.error_message}


def _unix(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None
