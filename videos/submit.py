"""Submit: one queued video, one request to Runway, at most once.

Called by `videos.tasks` and, for what a dead worker left, by the clock. The database knows that a
submission is under way before anything leaves. What nobody can know is said, not retried.
"""

from __future__ import annotations

import logging
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from providers import routing
from providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderOutOfCredits,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUncertain,
)
from providers.models import ProviderKey
from providers.pool import Wish
from providers.reasons import why_none
from providers.tasks import CreatedTask, TaskRequest

from . import budgets, capacity, leases, ledger, media, sending, slots, spool
from .arrows import FAILED, QUEUED, SUBMITTING
from .inputs import STORED
from .leases import Claim
from .models import File, Superseded, Task, Video
from .requests import CheckedRequest
from .working import work

logger = logging.getLogger(__name__)

NO_KEY_SECONDS = 5.0
NO_SLOT_SECONDS = 0.2
NO_PLACE = "Every provider key has just become busy; this video waits for a free place."
UNCERTAIN = (
    "We do not know whether Runway took this request. "
    "It was not sent again, because it may be paid already."
)
LATE = "The video could not be sent before its deadline."


def submit(claim: Claim, worker_dir: Path) -> None:
    """Send one claimed video with a key of the pool: arrows b, then c, d or e (or l, or none)."""
    video = load(claim, QUEUED)
    if video.is_unwanted:
        cancel(video)
        return
    if video.is_late:
        fail(video, "timed_out", LATE)
        return
    if reason := media.why_no_room():
        _put_off(video, claim, reason, NO_KEY_SECONDS)
        return
    with slots.slot(worker_dir) as is_ours:
        if is_ours:
            _offer(video, claim)
        else:
            leases.hand_back([claim], NO_SLOT_SECONDS)


def load(claim: Claim, status: str) -> Video:
    """The claimed video with what its step needs. Raises Superseded when the claim is old."""
    video = (
        Video.objects.select_related("provider_key")
        .with_lateness()
        .filter(pk=claim[0], fence=claim[1], status=status)
        .first()
    )
    if video is None:
        raise Superseded(f"{claim[0]}: claim {claim[1]} is old")
    return video


def fail(video: Video, code: str, message: str, **changes: Any) -> None:
    """The failing arrow of wherever the video is, with its books closed."""
    with transaction.atomic():
        video.mark_failed(code, message, **changes)
        ledger.settle(video)


def cancel(video: Video) -> None:
    """Arrow j, with its books closed."""
    with transaction.atomic():
        video.mark_cancelled()
        ledger.settle(video)


def note_accepted(video_id: str, attempt: int, provider_id: str) -> None:
    """Arrow c or m: a task id for this attempt turned up, on time or late. Safe to repeat."""
    video = Video.objects.filter(pk=video_id).first()
    if video and not Task.objects.filter(provider_id=provider_id).exists():
        if video.attempt != attempt or video.status not in (SUBMITTING, FAILED):
            logger.error("%s: task %s of attempt %s fits nothing", video, provider_id, attempt)
        else:
            _note(video, CreatedTask(provider_id))
    spool.drop(video_id, attempt)


def give_up_on(claim: Claim) -> None:
    """Arrow e for a submission whose worker died: nobody can know. The reservation stays."""
    video = load(claim, SUBMITTING)
    for video_id, attempt, provider_id in spool.entries():
        if video_id == video.pk and attempt == video.attempt:
            _note(video, CreatedTask(provider_id))
            return
    _say_uncertain(video)


def _is_affordable(video: Video, key: ProviderKey) -> bool:
    """Whether a video that the sandbox was to make free of charge may be made by a real key."""
    if not video.is_sandbox or key.is_sandbox:
        return True
    try:
        with transaction.atomic():
            budgets.take_over(video)
    except budgets.OverBudget as exc:
        fail(video, "over_budget", exc.message)
        return False
    return True


def _offer(video: Video, claim: Claim) -> None:
    """Offer it to one key after the other, to none twice, until one takes it or it is over."""
    wish, tried, said = Wish(video.resolved_model, video.estimate), set[int](), ""
    while key := routing.choose(wish, capacity.load(), tried):
        tried.add(key.pk)
        said = _try(key, video, claim, wish)
        if not said:
            return
    pool = routing.survey(capacity.load())
    if pool.usable(wish):  # it is no key's fault, so that none rests
        _put_off(video, claim, said or NO_PLACE, NO_KEY_SECONDS)
    else:
        _put_off(video, claim, why_none(pool, wish), pool.seconds_until_back(wish.model))


def _try(key: ProviderKey, video: Video, claim: Claim, wish: Wish) -> str:
    """Why the next key is to be asked; "" when the round is over."""
    if not _is_affordable(video, key):
        return ""
    try:
        client = key.client()
        inline = partial(sending.inline, build_request(video), client)
        request = work([claim], inline)
    except FileNotFoundError:
        fail(video, "input_gone", "A file of this request is no longer on our storage.")
        return ""
    except ProviderRejected as exc:
        fail(video, exc.code, _refusal(exc))
        return ""
    except ProviderError as exc:  # the key's secret cannot be had, or an upload did not arrive
        routing.after_failure(key, exc, wish.model, wish.credits)
        return str(exc)[:300]
    if not _begin(key, video, wish):
        return NO_PLACE
    try:
        created = work([claim], partial(client.create, request))
    except ProviderError as exc:
        routing.after_failure(key, exc, wish.model, wish.credits)
        return "" if _after_refusal(video, exc) else str(exc)[:300]
    _keep(video, created)
    routing.after_success(key, wish.model, created.estimated_credits or wish.credits)
    return ""


def _begin(key: ProviderKey, video: Video, wish: Wish) -> bool:
    """Arrow b, unless others took the key's last place, or it away, since it was chosen.

    Committed here, before anything leaves. The lock makes others wait who begin with this key.
    """
    with transaction.atomic():
        locked = ProviderKey.objects.select_for_update().filter(pk=key.pk).first()
        if locked is None or not capacity.has_room(locked, wish):
            return False
        video.mark_submitting(locked)
    return True


def _keep(video: Video, created: CreatedTask) -> None:
    """Arrow c, with the task id on disk first."""
    try:
        spool.keep(video.pk, video.attempt, created.id)
    except OSError:
        logger.exception("%s: task %s is not on disk; noting it at once", video, created.id)
    try:
        _note(video, created)
    except Superseded:
        note_accepted(video.pk, video.attempt, created.id)
    spool.drop(video.pk, video.attempt)


def build_request(video: Video) -> TaskRequest:
    """What to send now: the first frame's task if one is needed and missing, else the video's.

    Files of ours are named, not read.
    """
    checked = CheckedRequest.from_json(video.request)
    first_frame = checked.first_frame_task()
    if first_frame is None:
        return checked.video_task()
    made = video.files.filter(kind=File.FIRST_FRAME).first()
    return checked.video_task(STORED + made.path) if made else first_frame


def _note(video: Video, created: CreatedTask) -> None:
    """Arrow c (or m, when it was given up), the Task row and its reservation: one transaction."""
    with transaction.atomic():
        if video.status == SUBMITTING:
            video.mark_in_progress(created.id, settings.STUDIO_FOLLOW_SECONDS)
        else:
            video.mark_found(f"task {created.id} turned up late")
        Task.objects.create(
            video=video,
            kind=_kind(video),
            provider_key=video.provider_key,
            provider_id=created.id,
            attempt=video.attempt,
            estimated_credits=created.estimated_credits,
        )
        ledger.reserve(video, max(video.estimate or ledger.NOTHING, _most(video, created)))
        budgets.warn(video)
    unwanted = Q(cancel_requested=True) | Q(deleted_at__isnull=False)
    Video.objects.filter(unwanted, pk=video.pk).update(next_at=Now())


def _kind(video: Video) -> str:
    checked = CheckedRequest.from_json(video.request) if video.request else None
    needs_frame = checked is not None and checked.first_frame_task() is not None
    has_frame = video.files.filter(kind=File.FIRST_FRAME).exists()
    return Task.FIRST_FRAME if needs_frame and not has_frame else Task.VIDEO


def _most(video: Video, created: CreatedTask) -> Decimal:
    """What its tasks have cost so far, and the most that this one may cost."""
    spent = sum((task.credits or ledger.NOTHING for task in video.tasks.all()), ledger.NOTHING)
    return spent + (created.estimated_credits or ledger.NOTHING)


def _after_refusal(video: Video, exc: ProviderError) -> bool:
    """Arrow d where it was certainly not taken, else arrow e. Whether the video is settled."""
    if isinstance(exc, SubmissionUncertain):
        logger.warning("%s: %s", video, exc)
        _say_uncertain(video)
        return True
    if isinstance(exc, ProviderUnavailable | ProviderAuthError | ProviderOutOfCredits):
        return _queue_again(video, exc)
    fail(video, exc.code, _refusal(exc))
    return True


def _queue_again(video: Video, exc: ProviderError) -> bool:
    """Arrow d, still ours: the next key is asked at once. Whether somebody cancelled meanwhile."""
    with transaction.atomic():
        video.mark_queued_again("d", str(exc)[:300], settings.STUDIO_LEASE_SECONDS)
        video.refresh_from_db()
        if video.is_unwanted:
            cancel(video)
    return video.is_terminal


def _say_uncertain(video: Video) -> None:
    """Arrow e of what nobody can know. A deleted video has nobody left to end the doubt."""
    with transaction.atomic():
        video.mark_failed("submission_uncertain", UNCERTAIN)
        video.refresh_from_db()
        if video.deleted_at:
            ledger.release_uncertain(video)


def _refusal(exc: ProviderError) -> str:
    issues = getattr(exc, "issues", ()) if isinstance(exc, ProviderRejected) else ()
    details = "; ".join(f"{issue.path}: {issue.message}" for issue in issues)
    return f"Runway refused the request: {details or exc}"


def _put_off(video: Video, claim: Claim, reason: str, seconds: float) -> None:
    look = leases.Look(
        claim, video.provider_status, video.progress, video.failures, reason, seconds, False
    )
    leases.write_looks([look])
