"""The endpoints under /v1/files: pictures, videos and sounds that requests may name by their id.

Source: OpenAI API reference, "Files".
"""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from ninja import Query, Router

from studio.accounts.auth import ApiKeyAuth
from studio.accounts.errors import ApiError, ErrorEnvelope
from videos import addresses, uploaded, values
from videos.delivery import deliver
from videos.media import SUFFIXES
from videos.models import UserFile
from videos.requests import InvalidRequest, Upload

from . import body, filewire, mine
from .filewire import DeletedFile, FileList, FileObject, FilePage
from .schemas import BODY_ERRORS, ERRORS, media

router = Router(auth=ApiKeyAuth(), tags=["Files"])

FILE_ID = re.compile(r"file-[0-9a-f]{32}\Z")


@router.post(
    "",
    response={200: FileObject, **BODY_ERRORS},
    openapi_extra=filewire.BODY,
    summary="Upload a file",
)
def create(request: HttpRequest) -> HttpResponseBase:
    """Keep a file for 30 days, or as long as `expires_after` says. Not idempotent."""
    params = body.read(request)
    unknown = next(
        (name for name in params if name not in ("file", "purpose", "expires_after")), ""
    )
    if unknown:
        shown = values.printable(unknown)
        raise InvalidRequest(f"Unknown parameter: '{shown}'.", shown, "unknown_parameter")
    purpose = _purpose(params.get("purpose"))
    kept_seconds = _kept_seconds(params.get("expires_after"))
    file = uploaded.keep(
        mine.key(request).owner, _upload(params.get("file")), purpose, kept_seconds
    )
    return JsonResponse(filewire.file_object(file))


@router.get("", response={200: FileList, **ERRORS}, summary="List files")
def list_files(request: HttpRequest, page: Query[FilePage]) -> HttpResponseBase:
    """Your files, the newest first."""
    owned = UserFile.objects.visible_to(mine.key(request).owner)
    if page.purpose:
        owned = owned.filter(purpose=values.text(page.purpose, "purpose"))
    if page.after:
        owned = owned.behind(_cursor(request, page.after), page.order)
    found = list(owned.in_order(page.order)[: page.limit + 1])
    return JsonResponse(filewire.file_list(found[: page.limit], has_more=len(found) > page.limit))


@router.get("/{file_id}", response={200: FileObject, **ERRORS}, summary="Look at a file")
def retrieve(request: HttpRequest, file_id: str) -> HttpResponseBase:
    """What is known about it."""
    return JsonResponse(filewire.file_object(_find(request, file_id)))


@router.api_operation(
    ["GET", "HEAD"],
    "/{file_id}/content",
    response={200: bytes, 206: bytes, 304: None, **ERRORS, 416: ErrorEnvelope},
    summary="Download a file",
    openapi_extra=media(*SUFFIXES),
)
def content(request: HttpRequest, file_id: str) -> HttpResponseBase:
    """The bytes, as an attachment. Understands a single range."""
    return deliver(request, _find(request, file_id), download=True)


@router.delete("/{file_id}", response={200: DeletedFile, **ERRORS}, summary="Delete a file")
def delete(request: HttpRequest, file_id: str) -> HttpResponseBase:
    """Remove it at once. Videos that were made with it have copies of their own."""
    file = _find(request, file_id)
    gone = file.pk
    uploaded.erase(file)
    return JsonResponse(filewire.deleted_object(gone))


def _find(request: HttpRequest, file_id: str) -> UserFile:
    """The caller's file. Raises ApiError 404, also for what belongs to somebody else."""
    owned = UserFile.objects.visible_to(mine.key(request).owner)
    file = owned.filter(pk=file_id).first() if FILE_ID.match(file_id) else None
    if file is None:
        raise ApiError(404, "There is no file with this id.", code="not_found", param="file_id")
    return file


def _cursor(request: HttpRequest, after: str) -> UserFile:
    try:
        return _find(request, after)
    except ApiError as exc:
        message = "'after' must be the id of one of your files."
        raise ApiError(400, message, code="invalid_value", param="after") from exc


def _purpose(value: object) -> str:
    if value is None:
        raise _missing("purpose")
    purpose = values.text(value, "purpose")
    if not 1 <= len(purpose) <= filewire.PURPOSE_CHARS:
        raise values.wrong_value(value, "purpose", f"1 to {filewire.PURPOSE_CHARS} characters")
    return purpose


def _upload(value: object) -> Upload:
    if isinstance(value, Upload):
        return value
    if isinstance(value, str) and addresses.is_data(value):
        return Upload(addresses.decoded(value, "file"))
    if value is None:
        raise _missing("file")
    raise values.wrong_type(value, "file", "a file part with a filename")


def _kept_seconds(value: object) -> int:
    """How long to keep it, by OpenAI's `expires_after`."""
    if value is None:
        return uploaded.KEPT_SECONDS
    if not isinstance(value, dict) or set(value) != {"anchor", "seconds"}:
        raise values.wrong_type(value, "expires_after", "an object with 'anchor' and 'seconds'")
    if value["anchor"] != "created_at":
        raise values.wrong_value(value["anchor"], "expires_after", "'created_at' as anchor")
    least, most = filewire.SECONDS
    expected = f"{least} to {most} seconds"
    seconds = values.whole(value["seconds"], "expires_after", expected)
    if not least <= seconds <= most:
        raise values.wrong_value(value["seconds"], "expires_after", expected)
    return seconds


def _missing(name: str) -> InvalidRequest:
    return InvalidRequest(
        f"Missing required parameter: '{name}'.", name, "missing_required_parameter"
    )
