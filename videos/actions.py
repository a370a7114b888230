"""What a person or a script may do with a video: accept, cancel, delete, ask again, give up.

Called by the API and the pages; the worker does the rest. Nothing here talks to a provider.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypedDict, Unpack

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from providers import routing
from providers.tasks import MediaInput
from studio.accounts import audit
from studio.accounts.audit import Actor
from studio.accounts.models import ApiKey, User

from . import budgets, files, ledger, pricing, takes
from .arrows import CANCELLED, FAILED, IN_PROGRESS, QUEUED, STORING, SUBMITTING
from .hooks import WebhookDelivery
from .inputs import STORED, UPLOAD
from .models import File, MetadataPair, Project, Superseded, Video, VideoEvent, from_now
from .requests import CheckedRequest


class Links(TypedDict, total=False):
    """What a new video belongs to: what it was made from or repeats, its first take, its project.

    `stack` is the first take itself, which has none.
    """

    remixed_from: Video | None
    again_of: Video | None
    stack: Video | None
    project: Project | None


def accept(
    checked: CheckedRequest,
    owner: User,
    api_key: ApiKey | None = None,
    also: Callable[[Video], None] | None = None,
    **links: Unpack[Links],
) -> Video:
    """Arrow a: a queued video with its credits reserved. The committed row is the promise.

    What came as bytes, or from another video, is kept on our storage and referred to from the
    request. `also` writes in the same transaction; what it raises undoes everything.
    Raises: OverBudget; FileNotFoundError when a file of another video is gone.
    """
    checked = pricing.priced(checked)
    video = Video(
        owner=owner,
        api_key=api_key,
        model=checked.model,
        resolved_model=checked.resolved_model,
        mode=checked.mode,
        prompt=checked.prompt,
        seconds=checked.made_seconds,
        size=checked.size,
        warnings=list(checked.warnings),
        estimate=checked.credits,
        is_sandbox=routing.is_sandboxed(checked.resolved_model),
        deadline_at=from_now(settings.STUDIO_DEADLINE.total_seconds()),
        **links,
    )
    try:
        kept, rows = _keep_media(video.pk, checked)
        video.request = replace(checked, media=kept).as_json()
        with transaction.atomic():
            video.save(force_insert=True)
            File.objects.bulk_create(rows)
            VideoEvent.objects.create(video=video, arrow="a", target=QUEUED)
            MetadataPair.objects.bulk_create(
                MetadataPair(video=video, key=key, value=value)
                for key, value in checked.metadata.items()
            )
            budgets.reserve(video)
            if also is not None:
                also(video)
    except BaseException:
        files.erase_folder(video.pk)
        raise
    video.refresh_from_db()
    return video


def cancel(video: Video) -> Video:
    """Stop a video and keep its record.

    A queued one ends now (arrow j). One that Runway may have is cancelled there by the worker; one
    whose output is being stored is paid for, and it completes. Doing it twice changes nothing.
    """
    _stop(video, deleted=False)
    video.refresh_from_db()
    return video


def cancel_for(video: Video, actor: Actor) -> Video:
    """As `cancel`, by somebody who is not its owner: on record."""
    with transaction.atomic():
        audit.record(actor, "video.cancelled", video, after={"owner": video.owner.email})
        return cancel(video)


def delete(video: Video) -> None:
    """Cancel if need be, hide for ever, erase request and files; books and events stay."""
    _stop(video, deleted=True)
    takes.regroup(takes.heads([video]))
    Video.objects.filter(pk=video.pk).update(
        prompt="", request={}, warnings=[], error_message="", reason=""
    )
    MetadataPair.objects.filter(video=video).delete()
    pending = WebhookDelivery.objects.filter(event__video=video, status=WebhookDelivery.PENDING)
    pending.update(
        status=WebhookDelivery.FAILED,
        next_at=None,
        fence=F("fence") + 1,
        error="The video was deleted before this was delivered.",
    )
    files.erase(video)


def give_up(video: Video) -> None:
    """End the doubt about an uncertain submission: its reservation is released, once.

    Its status stays, so that a late answer of Runway still finds it (arrow m). Raises: Superseded
    when there is no doubt, or somebody ended it before.
    """
    with transaction.atomic():
        _end_doubt(video)


def send_again(video: Video, user: User) -> Video:
    """Give an uncertain submission up and accept the same request as a new video of this person.

    Both may be paid for in the end. Raises: Superseded as `give_up` does; OverBudget;
    FileNotFoundError when a picture of the request is gone. Either way nothing has changed.
    """
    with transaction.atomic():
        _end_doubt(video)
        return _repeat(video, user)


def try_again(video: Video, user: User) -> Video:
    """Accept the request of a video that came to nothing as a new one of this person.

    Raises: Superseded while it may still come to something, or did; FileNotFoundError when a
    picture of the request is gone.
    """
    has_failed = video.status == FAILED and video.error_code != "submission_uncertain"
    if not (has_failed or video.status == CANCELLED or ledger.is_given_up(video)):
        raise Superseded(f"{video.pk} is {video.status}")
    return _repeat(video, user)


def look_now(video: Video) -> None:
    """Have the worker look at once: at a task that is silent or timed out, at an output to save.

    Raises: Superseded when there is nothing to look at any more.
    """
    late = Q(status=FAILED, error_code="timed_out")
    waiting = Video.objects.filter(late | Q(status__in=(IN_PROGRESS, STORING)), pk=video.pk)
    if not waiting.filter(deleted_at=None).update(next_at=Now()):
        raise Superseded(f"{video.pk} is not waited for")


def _repeat(video: Video, user: User) -> Video:
    metadata = {pair.key: pair.value for pair in video.pairs.all()}
    checked = replace(CheckedRequest.from_json(video.request), metadata=metadata)
    return accept(checked, user, again_of=video, project=video.project)


def _end_doubt(video: Video) -> None:
    """Release the reservation. The row is held, so that of two callers one comes too late."""
    doubtful = Video.objects.filter(status=FAILED, error_code="submission_uncertain")
    held = doubtful.filter(pk=video.pk, deleted_at=None).select_for_update().first()
    if held is None or ledger.is_given_up(held):
        raise Superseded(f"{video.pk} has no uncertain submission to decide on")
    ledger.release_uncertain(held)


def _stop(video: Video, *, deleted: bool) -> None:
    """Write the wish down in one transaction; retried while the worker moves the row under us."""
    marks: dict[str, object] = {"deleted_at": Now()} if deleted else {}
    for _ in range(10):
        video.refresh_from_db()
        try:
            with transaction.atomic():
                _stop_once(video, marks)
                return
        except Superseded:
            continue
    raise Superseded(f"{video.id} changes too fast to be stopped")


def _stop_once(video: Video, marks: dict[str, object]) -> None:
    row = Video.objects.filter(pk=video.pk, status=video.status, fence=video.fence)
    if marks:  # before any arrow: nobody hears of the end of a deleted video
        Video.objects.filter(pk=video.pk).update(**marks)
    if video.status == QUEUED:
        video.mark_cancelled()
        ledger.settle(video)
    elif video.status == SUBMITTING:
        # No new fence: the answer of the submission under way must still be noted.
        if not row.update(cancel_requested=True):
            raise Superseded(video.id)
    elif video.status == IN_PROGRESS or (video.status == STORING and marks):
        changed = row.update(cancel_requested=True, next_at=Now(), fence=F("fence") + 1)
        if not changed:
            raise Superseded(video.id)
    elif video.status == FAILED and marks:
        _forget_failed(video)


def _forget_failed(video: Video) -> None:
    """Nobody will look for its task or end its doubt any more, if there is one."""
    if not Video.objects.filter(pk=video.pk, status=FAILED, fence=video.fence).update(next_at=None):
        raise Superseded(video.id)
    is_doubtful = video.error_code == "submission_uncertain" and not video.deleted_at
    if is_doubtful and not ledger.is_given_up(video):
        ledger.release_uncertain(video)


def _keep_media(
    video_id: str, checked: CheckedRequest
) -> tuple[tuple[MediaInput, ...], list[File]]:
    """The media as they go on record: bytes and files of other videos become this one's.

    Raises: FileNotFoundError when a file of another video is gone.
    """
    kept, rows = [], []
    for position, item in enumerate(checked.media):
        if item.uri.startswith(UPLOAD):
            upload = checked.uploads[int(item.uri.removeprefix(UPLOAD))]
            rows.append(files.keep_upload(video_id, position, upload))
        elif item.uri.startswith(STORED):
            rows.append(files.keep_copy(video_id, position, item.uri.removeprefix(STORED)))
        else:
            kept.append(item)
            continue
        kept.append(replace(item, uri=STORED + rows[-1].path))
    return tuple(kept), rows
