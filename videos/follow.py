"""Follow: what Runway says about accepted tasks, and the arrows that come of it.

Timed-out ones are looked back at for a week, because what Runway still makes of them is paid for.

`looking` does the reading; decisions and all writing are here. Called by `videos.tasks`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from providers import routing
from providers.errors import ProviderError, ProviderNotFound
from providers.tasks import TaskState

from . import failures, files, leases, ledger, media, schedule
from .arrows import FAILED, IN_PROGRESS
from .leases import Claim, Look
from .looking import Seen, age, looks_at, newest_task
from .models import Superseded, Task, Video, from_now
from .submit import cancel, fail

logger = logging.getLogger(__name__)

LATE = "Runway did not finish this video before its deadline."
GONE = "Runway no longer knows this video's task."


def follow(claims: list[Claim]) -> None:
    """Look at every claimed task once; old claims are left alone."""
    looks: list[Look] = []
    for claim, video, result in looks_at(claims, IN_PROGRESS):
        try:
            look = _after(video, claim, result)
        except Superseded as exc:
            logger.info("%s", exc)
        except Exception:  # one video's, which must not take the batch with it
            logger.exception("%s: the look came to nothing", video)
            look = _bad_look(claim, video, ProviderError("An error of ours, which is in the log."))
            looks += [look] if look else []
        else:
            looks += [look] if look else []
    leases.write_looks(looks)


def look_back(claims: list[Claim]) -> None:
    """Look once at every claimed task that timed out: arrow m for what ended after all."""
    for claim, video, result in looks_at(claims, FAILED):
        try:
            _look_back(video, claim, result)
        except Superseded as exc:
            logger.info("%s", exc)


def _look_back(video: Video, claim: Claim, result: Callable[[], Seen]) -> None:
    held = Video.objects.filter(pk=video.pk, fence=claim[1])
    oldest = Now() - timedelta(days=schedule.LOOK_BACK_DAYS)
    try:
        state = result().state
    except (ProviderError, media.NotStored) as exc:
        logger.info("%s: %s", video, exc)
    else:
        if state and state.is_over:
            video.mark_found(f"task {state.id} ended after the deadline")
            return
        if state is None:
            held.update(next_at=None)
            return
    if not held.filter(completed_at__lt=oldest).update(next_at=None):
        leases.hand_back([claim], schedule.LOOK_BACK_SECONDS)


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
    if seen.trouble:
        return _frame_look(video, claim, seen.state, seen.trouble)
    if seen.state.is_over:
        _over(video, seen.state, seen.frame)
        return None
    if video.is_late:
        _timed_out(video)
        return None
    return _good_look(claim, video, seen.state)


def _frame_look(
    video: Video, claim: Claim, state: TaskState, trouble: ProviderError | media.NotStored
) -> Look | None:
    """The first frame is made and paid, but we have not got it: again, while that may help."""
    task = newest_task(video)
    if not (video.is_late or media.is_final(trouble, age(task))):
        return _bad_look(claim, video, trouble)
    with transaction.atomic():
        _end(task, state)
        code = getattr(trouble, "code", "output_lost")
        fail(video, code, f"The first frame cannot be stored: {trouble}")
    return None


def _over(video: Video, state: TaskState, frame: media.Stored | None) -> None:
    """Arrow f, h, j or k of a task that ended, with its cost, in one transaction."""
    task = newest_task(video)
    with transaction.atomic():
        _end(task, state)
        if state.status == "FAILED":
            _failed(video, state)
        elif state.status == "CANCELLED" or video.deleted_at:
            cancel(video)
            if video.deleted_at:  # a first frame may have come down meanwhile
                files.erase(video)
        elif frame:
            _keep_frame(video, frame)
        elif task.kind == Task.FIRST_FRAME:  # cancelled, but the frame was made and is paid
            cancel(video)
        else:
            video.mark_storing()
            ledger.settle(video)


def _failed(video: Video, state: TaskState) -> None:
    """Arrow k when the failure was free and may pass, else h."""
    free = video.tasks.filter(status="FAILED", attempt__lte=video.attempt).count()
    may_retry = failures.is_retryable(state.failure_code) and state.credits == 0
    if may_retry and free <= settings.STUDIO_TASK_RETRIES and not video.is_unwanted:
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
    task = newest_task(video)
    was_seen = video.seen_at is not None and video.seen_at > task.created_at
    status = state.status if state else video.provider_status if was_seen else ""
    is_free = status in ("PENDING", "THROTTLED")
    with transaction.atomic():
        _assume(task, Decimal(0) if is_free else _most(video, state))
        cancel(video)
    if video.deleted_at:
        files.erase(video)


def _timed_out(video: Video) -> None:
    task = newest_task(video)
    with transaction.atomic():
        _assume(task, _most(video, None))
        back = None if video.deleted_at else from_now(schedule.LOOK_BACK_SECONDS)
        fail(video, "timed_out", LATE, next_at=back)


def _unknown_look(claim: Claim, video: Video) -> Look | None:
    """Runway answers 404: a new task may not be visible yet, an old one is gone."""
    task = newest_task(video)
    if not schedule.is_gone(video.unknowns + 1, age(task)):
        unknown = ProviderNotFound("Runway does not know this task (yet).", status=404)
        return _bad_look(claim, video, unknown)
    with transaction.atomic():
        _assume(task, _most(video, None))
        fail(video, "provider_task_gone", GONE)
    return None


def _good_look(claim: Claim, video: Video, state: TaskState) -> Look:
    task = newest_task(video)
    if task.estimated_credits is None and state.estimated_credits is not None:
        Task.objects.filter(pk=task.pk).update(estimated_credits=state.estimated_credits)
    _measure(video, task, state)
    return Look(
        claim,
        provider_status=state.status[:20],
        progress=max(video.progress, state.progress or 0),
        failures=0,
        reason="Waiting for a Runway slot" if state.status == "THROTTLED" else "",
        seconds=schedule.follow_delay(
            settings.STUDIO_FOLLOW_SECONDS, waiting_seconds=age(task), is_waiting=state.is_waiting
        ),
        is_fresh=True,
    )


def _measure(video: Video, task: Task, state: TaskState) -> None:
    """Tell routing that the provider makes us wait, or has begun."""
    was_waiting = video.provider_status in ("PENDING", "THROTTLED")
    if task.provider_key_id is None or not was_waiting:
        return
    if state.status == "THROTTLED" != video.provider_status:
        routing.note_throttled(task.provider_key_id, video.resolved_model)
    elif not state.is_waiting:
        routing.note_begun(task.provider_key_id, video.resolved_model, age(task))


def _bad_look(claim: Claim, video: Video, exc: Exception) -> Look | None:
    """Nothing learnt: look again later. Past the deadline, five such looks end it."""
    tries = video.failures + 1
    if video.is_late and tries >= schedule.GONE_AFTER_LOOKS:
        _timed_out(video)
        return None
    key = newest_task(video).provider_key
    if key and isinstance(exc, ProviderError):
        routing.after_failure(key, exc, video.resolved_model)
    logger.info("%s: %s", video, exc)
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
        unknowns=video.unknowns + 1 if isinstance(exc, ProviderNotFound) else 0,
    )


def _why_silent(video: Video, exc: Exception) -> str:
    """What went wrong, and for how long nothing was heard once that is long enough to matter."""
    silence = timezone.now() - (video.seen_at or newest_task(video).created_at)
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
    """The most that the current task may cost: as Runway says, else what the estimate leaves."""
    task = newest_task(video)
    named = state.estimated_credits if state else None
    named = task.estimated_credits if named is None else named
    if named is not None:
        return named
    spent = sum((other.credits or Decimal(0) for other in video.tasks.all()), Decimal(0))
    return max(Decimal(0), (video.estimate or Decimal(0)) - spent)
