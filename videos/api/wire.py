"""How OpenAI says it: a Video row as the Video object of its API. Pure, but for the row's columns.

Called by the API's routes alone.

Source: OpenAI Videos API reference, "The video object": 13 keys that are always there, nulls
included; four statuses; whole seconds as a string.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from videos.arrows import CANCELLED, COMPLETED, FAILED, IN_PROGRESS, STORING
from videos.checked import CheckedRequest
from videos.models import Video

WAITING = ("PENDING", "THROTTLED")


def status(video: Video) -> str:
    """One of queued, in_progress, completed, failed."""
    if video.status in (FAILED, CANCELLED):
        return FAILED
    if video.status == IN_PROGRESS and video.provider_status not in WAITING:
        return IN_PROGRESS
    return {STORING: IN_PROGRESS, COMPLETED: COMPLETED}.get(video.status, "queued")


def video_object(video: Video) -> dict[str, Any]:
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
    }


def list_object(videos: Sequence[Video], *, has_more: bool) -> dict[str, Any]:
    """A page of a list. Node's SDK stops without `has_more`, both stop without `last_id`."""
    return {
        "object": "list",
        "data": [video_object(video) for video in videos],
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
        "warnings": list(checked.warnings),
    }


def deleted_object(video_id: str) -> dict[str, Any]:
    """The answer to a DELETE."""
    return {"id": video_id, "object": "video.deleted", "deleted": True}


def _error(video: Video) -> dict[str, str] | None:
    if not video.error_code:
        return None
    return {"code": video.error_code, "message": video.error_message}


def _unix(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None
