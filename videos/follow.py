"""Follow: what Runway says about accepted tasks, and the arrows that come of it.

A batch of claims is read side by side by threads; this module's decisions and all writing happen in
the main thread. Called by `videos.tasks`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from providers import routing
from providers.errors import ProviderError, ProviderNotFound
from providers.runway import RunwayClient
from providers.tasks import TaskState

from . import failures, files, leases, ledger, media, schedule
from .arrows import IN_PROGRESS
from .leases import Claim, Look
from .models import Superseded, Task, Video
from .submit import fail
from .working import work_all

logger = logging.getLogger(__name__)

LATE = "Runway did not finish this video before its deadline."
GONE = "Runway no longer knows this video's task."


@dataclass(frozen=True)
class Seen:
    """What one look brought: the task's state, and what was done about it at Runway.

    `state` is None when Runway does not know the task. `frame` is the stored first frame.
    """

    state: TaskState | None
    is_cancelled: bool = False
    frame: media.Stored | None = None


def follow(claims: list[Claim]) -> None:
    """Look at every claimed task once; old claims are left alone."""
    videos = _load(claims)
    looks: list[Look] = []
    jobs = []
    for claim in claims:
        video = videos.get(claim[0])
        if video is None or video.fence != claim[1]:
            continue
        try:
            jobs.append((claim, _look(video)))
        except ProviderError as exc:
            look = _bad_look(claim, video, exc)
            looks += [look] if look else []
    for claim, future in work_all(jobs):
        try:
            look = _after(videos[claim[0]], claim, future.result)
        except Superseded as exc:
            logger.info("%s", exc)
        else:
            looks += [look] if look else []
    leases.write_looks(looks)


def _load(claims: list[Claim]) -> dict[str, Video]:
    ids = [claim[0] for claim in claims]
    rows = (
        Video.objects.filter(pk__in=ids, status=IN_PROGRESS)
        .with_lateness()
        .prefetch_related("tasks__provider_key", "files")
    )
    return {video.pk: video for video in rows}


def _look(video: Video) -> Callable[[], Seen]:
    """The work of one thread, without the database. Raises ProviderError if the key is unusable."""
    task = _task(video)
    if task.provider_key is None:
        raise ProviderError("The provider key that made this task was removed.")
    client = task.provider_key.client()
    wants_cancel = video.cancel_requested
    is_frame = task.kind == Task.FIRST_FRAME and not wants_cancel
    video_id = video.pk

    def look() -> Seen:
        state = _read(client, task.provider_id)
        if wants_cancel and (state is None or not state.is_over):
            if state:
                client.cancel(task.provider_id)
            return Seen(state, is_cancelled=True)
        if is_frame and state and state.status == "SUCCEEDED":
            return Seen(state, frame=_fetch_frame(client, video_id, state))
        return Seen(state)

    return look


def _read(client: RunwayClient, task_id: str) -> TaskState | None:
    try:
        return client.get(task_id)
    except ProviderNotFound:
        return None


def _fetch_frame(client: RunwayClient, video_id: str, state: TaskState) -> media.Stored:
    if not state.outputs:
        raise media.BadOutput("The first frame's task has no output.")
    return media.fetch_image(client, state.outputs[0], video_id)


def _after(video: Video, claim: Claim, result: Callable[[], Seen]) -> Look | None:
    """Write the arrow that the look calls for, or answer what to note until the next one."""
    try:
        seen = result()
    except (ProviderError, media.NotStored) as exc:
        return _bad_look(claim, video, exc)
    if seen.is_cancelled:
        _cancelled(video, seen.state)
        return None
    if seen.state is None:
        return _unknown_look(claim, video)
    if seen.state.is_over:
        _over(video, seen.state, seen.frame)
        return None
    if video.is_late:
        _timed_out(video)
        return None
    return _good_look(claim, video, seen.state)


def _over(video: Video, state: TaskState, frame: media.Stored | None) -> None:
    """Arrow f, h, j or k of a task that ended, with its cost, in one transaction."""
    task = _task(video)
    with transaction.atomic():
        _end(task, state)
        if state.status == "FAILED":
            _failed(video, state)
        elif state.status == "CANCELLED" or (video.cancel_requested and video.deleted_at):
            video.mark_cancelled()
            ledger.settle(video)
            if video.deleted_at:  # a first frame may have come down meanwhile
                files.erase(video)
        elif frame:
            _keep_frame(video, frame)
        elif task.kind == Task.FIRST_FRAME:  # cancelled, but the frame was made and is paid
            video.mark_cancelled()
            ledger.settle(video)
        else:
            video.mark_storing()
            ledger.settle(video)


def _failed(video: Video, state: TaskState) -> None:
    """Arrow k when the failure was free and may pass, else h."""
    free = video.tasks.filter(status="FAILED", attempt__lte=video.attempt).count()
    may_retry = failures.is_retryable(state.failure_code) and state.credits == 0
    if may_retry and free <= settings.STUDIO_TASK_RETRIES and not video.cancel_requested:
        delay = schedule.retry_delay(settings.STUDIO_FOLLOW_SECONDS, 0)
        video.mark_queued_again("k", "Runway failed at no cost; trying once more", delay)
        return
    code, message = failures.explain(state.failure_code)
    fail(video, code, message)


def _keep_frame(video: Video, frame: media.Stored) -> None:
    files.replace_files(video, [frame])
    video.mark_queued_again("k", "The first frame is made", 0.0)


def _cancelled(video: Video, state: TaskState | None) -> None:
    """Arrow j. A running task is paid in full, a waiting one not at all, as far as anyone knows."""
    task = _task(video)
    status = state.status if state else video.provider_status
    is_free = status in ("PENDING", "THROTTLED")
    with transaction.atomic():
        _assume(task, Decimal(0) if is_free else _most(video, state))
        video.mark_cancelled()
        ledger.settle(video)
    if video.deleted_at:
        files.erase(video)


def _timed_out(video: Video) -> None:
    task = _task(video)
    with transaction.atomic():
        _assume(task, _most(video, None))
        fail(video, "timed_out", LATE)


def _unknown_look(claim: Claim, video: Video) -> Look | None:
    """Runway answers 404: a new task may not be visible yet, an old one is gone."""
    task = _task(video)
    age = (timezone.now() - task.created_at).total_seconds()
    if not schedule.is_gone(video.failures + 1, age):
        return _bad_look(claim, video, ProviderError("Runway does not know this task (yet)."))
    with transaction.atomic():
        _assume(task, _most(video, None))
        fail(video, "provider_task_gone", GONE)
    return None


def _good_look(claim: Claim, video: Video, state: TaskState) -> Look:
    waited = (timezone.now() - _task(video).created_at).total_seconds()
    return Look(
        claim,
        provider_status=state.status[:20],
        progress=max(video.progress, state.progress or 0),
        failures=0,
        reason="Waiting for a Runway slot" if state.status == "THROTTLED" else "",
        seconds=schedule.follow_delay(
            settings.STUDIO_FOLLOW_SECONDS, waiting_seconds=waited, is_waiting=state.is_waiting
        ),
        is_fresh=True,
    )


def _bad_look(claim: Claim, video: Video, exc: Exception) -> Look | None:
    """Nothing learnt: look again later, until the deadline ends it."""
    if video.is_late:
        _timed_out(video)
        return None
    key = _task(video).provider_key
    if key and isinstance(exc, ProviderError):
        routing.after_failure(key, exc)
    logger.info("%s: %s", video, exc)
    tries = video.failures + 1
    return Look(
        claim,
        provider_status=video.provider_status,
        progress=video.progress,
        failures=tries,
        reason=_why_silent(video, exc)[:300],
        seconds=schedule.retry_delay(
            settings.STUDIO_FOLLOW_SECONDS, tries, getattr(exc, "retry_after", None)
        ),
        is_fresh=False,
    )


def _why_silent(video: Video, exc: Exception) -> str:
    """What went wrong, and for how long nothing was heard once that is long enough to matter."""
    silence = timezone.now() - (video.seen_at or _task(video).created_at)
    if silence < settings.STUDIO_SILENCE:
        return str(exc)
    return f"No answer from Runway for {silence.total_seconds() // 60:.0f} minutes: {exc}"


def _end(task: Task, state: TaskState) -> None:
    """The task's last word. A cost that Runway does not tell counts as its estimate, assumed."""
    is_free = task.video.is_sandbox
    task.status = state.status
    task.failure_code = state.failure_code[:120]
    task.failure = state.failure[:1000]
    task.is_assumed = state.credits is None and not is_free
    cost = state.credits if state.credits is not None else task.estimated_credits
    task.credits = Decimal(0) if is_free else (cost or Decimal(0))
    task.save()
    Task.objects.filter(pk=task.pk).update(ended_at=Now())


def _assume(task: Task, credits: Decimal) -> None:
    is_free = task.video.is_sandbox
    Task.objects.filter(Q(pk=task.pk)).update(
        credits=Decimal(0) if is_free else credits, is_assumed=not is_free, ended_at=Now()
    )


def _most(video: Video, state: TaskState | None) -> Decimal:
    """The most that the current task may cost."""
    named = state.estimated_credits if state else None
    return named or _task(video).estimated_credits or video.estimate or Decimal(0)


def _task(video: Video) -> Task:
    """The newest of the prefetched tasks."""
    return max(video.tasks.all(), key=lambda task: task.pk)
