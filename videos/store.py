"""Store: bring a finished task's outputs onto our storage, verified, before Runway's links die.

Called by `videos.tasks`. Each try reads the task anew, because its links are only good for a day.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from providers.errors import ProviderError, ProviderNotFound
from providers.models import ProviderKey

from . import files, leases, media, schedule
from .arrows import STORING
from .leases import Claim, Look
from .models import Superseded, Task, Video
from .requests import CheckedRequest
from .submit import load
from .wording import SAVING
from .working import work

logger = logging.getLogger(__name__)

LOST = "Runway's output could not be fetched in time. Runway calls it task {}."


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
    age = (timezone.now() - (task.ended_at or task.created_at)).total_seconds()
    try:
        with media.drafts() as folder:
            made = work([claim], lambda: _fetch(key, task.provider_id, folder, video))
            _complete(video, made)
    except Superseded:
        raise
    except Exception as exc:  # one of ours too: it is tried again like any other, and not for ever
        if media.is_final(exc, age):
            video.mark_failed(getattr(exc, "code", ""), f"The output cannot be stored: {exc}")
        else:
            _later(claim, video, task, exc)


def _fetch(key: ProviderKey, task_id: str, folder: Path, video: Video) -> list[media.Draft]:
    """All outputs of the task, as drafts. No database in here."""
    client = key.client()
    state = client.get(task_id)
    if not state.outputs:
        raise ProviderError("Runway names no output for this task.")
    return media.fetch_videos(client, state.outputs, folder, video.pk, insisted(video))


def insisted(video: Video) -> int | None:
    """The length that the output must have: the one that was asked for.

    None where the source decides it, or has a part in it: Runway does not say what it makes then.
    """
    if not video.request:
        return video.seconds
    checked = CheckedRequest.from_json(video.request)
    return None if checked.is_extension else checked.known_seconds


def _complete(video: Video, made: list[media.Draft]) -> None:
    """Arrow g, and only with it the files: an old claim's, or a deleted video's, are never seen.

    They are moved while the row is held, so that a delete waits and then finds them.
    """
    with transaction.atomic():
        video.mark_completed(**_true_shape(made))
        files.replace_files(video, media.publish(made))


def _true_shape(made: list[media.Draft]) -> dict[str, object]:
    """The size and length that were really made, as far as the first output tells."""
    found = made[0].stored
    shape: dict[str, object] = {}
    if found.width and found.height:
        shape["size"] = f"{found.width}x{found.height}"
    if found.seconds:
        shape["seconds"] = max(1, round(found.seconds))
    return shape


def _later(claim: Claim, video: Video, task: Task, exc: Exception) -> None:
    """Try again with growing pauses, until the links' life is over."""
    video.refresh_from_db(fields=["status", "failures", "unknowns", "progress"])
    tries = video.failures + 1
    unknowns = video.unknowns + 1 if isinstance(exc, ProviderNotFound) else 0
    age = timezone.now() - (task.ended_at or task.created_at)
    is_gone = schedule.is_gone(unknowns, age.total_seconds())
    is_late = age > max(settings.STUDIO_DEADLINE, timedelta(hours=1))
    if is_gone or (is_late and tries >= schedule.GONE_AFTER_LOOKS):
        video.mark_failed("output_lost", LOST.format(task.provider_id))
        return
    is_foreseen = isinstance(exc, ProviderError | media.NotStored)
    logger.warning("%s: not stored yet: %s", video, exc, exc_info=not is_foreseen)
    reason = str(exc) if is_foreseen else "an error of ours, which is in the log"
    delay = schedule.retry_delay(1.0, tries, most=schedule.LONGEST_STORE_RETRY)
    leases.write_looks(
        [
            Look(
                claim,
                provider_status="SUCCEEDED",
                progress=video.progress,
                failures=tries,
                reason=f"{SAVING}{reason}"[:300],
                seconds=delay,
                is_fresh=False,
                unknowns=unknowns,
            )
        ]
    )


def _discard(video: Video) -> None:
    """Arrow i for a video that was deleted meanwhile: nothing of it stays."""
    files.erase(video)
    video.mark_failed("deleted", "")
