"""Store: bring a finished task's outputs onto our storage, verified, before Runway's links die.

Called by `videos.tasks`. Each try reads the task anew, because its links are only good for a day.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from providers.errors import OutputForbidden, OutputTooLarge, ProviderError, ProviderNotFound
from providers.models import ProviderKey

from . import files, leases, media, schedule
from .arrows import STORING
from .leases import Claim, Look
from .models import Superseded, Task, Video
from .submit import load
from .working import work

logger = logging.getLogger(__name__)

LOST = "Runway's output could not be fetched before its links expired."
FOR_GOOD = (OutputTooLarge, OutputForbidden)


def store(claim: Claim) -> None:
    """One try at one claimed video: arrow g or i, or another try later."""
    video = load(claim, STORING)
    task = video.task
    if video.deleted_at:
        _discard(video)
    elif task is None or task.provider_key is None:
        video.mark_failed("output_lost", "The provider key that made this video was removed.")
    else:
        _store(claim, video, task, task.provider_key)


def _store(claim: Claim, video: Video, task: Task, key: ProviderKey) -> None:
    try:
        stored = work([claim], lambda: _fetch(key, task.provider_id, video.pk, video.seconds))
    except FOR_GOOD as exc:
        video.mark_failed(exc.code, f"The output cannot be stored: {exc}")
    except (ProviderError, media.BadOutput, media.NoSpace) as exc:
        _later(claim, video, task, exc)
    else:
        _complete(video, stored)


def _complete(video: Video, stored: list[media.Stored]) -> None:
    """Arrow g, with the rows of the files. A video deleted meanwhile keeps nothing."""
    try:
        with transaction.atomic():
            files.replace_files(video, stored)
            video.mark_completed()
    except Superseded:
        video.refresh_from_db()
        if video.deleted_at:
            files.erase(video)
        raise


def _fetch(key: ProviderKey, task_id: str, video_id: str, seconds: int) -> list[media.Stored]:
    """All outputs of the task, on our storage. No database in here."""
    client = key.client()
    state = client.get(task_id)
    if not state.outputs:
        raise ProviderError("Runway names no output for this task.")
    return [
        stored
        for position, url in enumerate(state.outputs)
        for stored in media.fetch_video(client, url, video_id, position, seconds)
    ]


def _later(claim: Claim, video: Video, task: Task, exc: Exception) -> None:
    """Try again with growing pauses, until the links' life is over."""
    tries = video.failures + 1
    since = task.ended_at or task.created_at
    age = timezone.now() - since
    is_gone = isinstance(exc, ProviderNotFound) and schedule.is_gone(tries, age.total_seconds())
    if is_gone or age > max(settings.STUDIO_DEADLINE, timedelta(hours=1)):
        video.mark_failed("output_lost", LOST)
        return
    logger.warning("%s: not stored yet: %s", video, exc)
    delay = schedule.retry_delay(1.0, tries, most=schedule.LONGEST_STORE_RETRY)
    leases.write_looks(
        [
            Look(
                claim,
                provider_status="SUCCEEDED",
                progress=video.progress,
                failures=tries,
                reason=f"Saving: {exc}"[:300],
                seconds=delay,
                is_fresh=False,
            )
        ]
    )


def _discard(video: Video) -> None:
    """Arrow i for a video that was deleted meanwhile: nothing of it stays."""
    files.erase(video)
    video.mark_failed("deleted", "")
