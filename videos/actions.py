"""What a person or a script may do with a video: accept, cancel, delete, send again, give up.

Called by the API and the pages; the worker does the rest. Nothing here talks to a provider.
"""

from __future__ import annotations

import base64
from dataclasses import replace

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from providers.tasks import ImageInput
from studio.accounts.models import ApiKey, User

from . import files, ledger, media
from .arrows import FAILED, IN_PROGRESS, QUEUED, STORING, SUBMITTING
from .models import File, Superseded, Video, VideoEvent, from_now, new_id
from .requests import CheckedRequest

FILE_SCHEME = "file:"


def accept(checked: CheckedRequest, owner: User, api_key: ApiKey | None = None) -> Video:
    """Arrow a: a queued video with its credits reserved. The committed row is the promise.

    Pictures that came as bytes are kept on our storage and referred to from the request.
    """
    video_id = new_id()
    inputs, pictures = _keep_inputs(video_id, checked.inputs)
    with transaction.atomic():
        video = Video.objects.create(
            id=video_id,
            owner=owner,
            api_key=api_key,
            model=checked.model,
            resolved_model=checked.resolved_model,
            mode=checked.mode,
            prompt=checked.prompt,
            seconds=checked.seconds,
            size=checked.size,
            request=replace(checked, inputs=inputs).as_json(),
            warnings=list(checked.warnings),
            estimate=checked.credits,
            deadline_at=from_now(settings.STUDIO_DEADLINE.total_seconds()),
        )
        File.objects.bulk_create(pictures)
        VideoEvent.objects.create(video=video, arrow="a", target=QUEUED)
        ledger.reserve(video, checked.credits)
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


def delete(video: Video) -> None:
    """Cancel if need be, hide for ever, erase prompt, request and files; books and events stay."""
    _stop(video, deleted=True)
    Video.objects.filter(pk=video.pk).update(
        prompt="", request={}, warnings=[], error_message="", reason=""
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

    Both may be paid for in the end. Raises: Superseded as `give_up` does; FileNotFoundError when a
    picture of the request is gone. Either way nothing has changed.
    """
    with transaction.atomic():
        _end_doubt(video)
        checked = CheckedRequest.from_json(video.request)
        inputs = tuple(with_bytes(video, image) for image in checked.inputs)
        again = accept(replace(checked, inputs=inputs), user)
        Video.objects.filter(pk=again.pk).update(again_of=video)
    again.refresh_from_db()
    return again


def with_bytes(video: Video, image: ImageInput) -> ImageInput:
    """An input as it was accepted: a kept picture as a data URI. Raises: FileNotFoundError."""
    if not image.uri.startswith(FILE_SCHEME):
        return image
    path = image.uri.removeprefix(FILE_SCHEME)
    file = video.files.filter(path=path).first()
    if file is None:
        raise FileNotFoundError(path)
    return replace(image, uri=media.data_uri(path, file.content_type))


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
    if marks:
        Video.objects.filter(pk=video.pk).update(**marks)


def _keep_inputs(
    video_id: str, inputs: tuple[ImageInput, ...]
) -> tuple[tuple[ImageInput, ...], list[File]]:
    kept, pictures = [], []
    for position, image in enumerate(inputs):
        if image.uri.startswith("data:"):
            file = _keep(video_id, position, image.uri)
            pictures.append(file)
            kept.append(replace(image, uri=FILE_SCHEME + file.path))
        else:
            kept.append(image)
    return tuple(kept), pictures


def _keep(video_id: str, position: int, data_uri: str) -> File:
    head, _, payload = data_uri.partition(",")
    content_type = head.removeprefix("data:").partition(";")[0]
    data = base64.b64decode(payload)
    return files.save_bytes(
        File(video_id=video_id, kind=File.INPUT, position=position, content_type=content_type), data
    )
