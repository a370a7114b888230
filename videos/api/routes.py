"""The endpoints under /v1/videos. Each finds its video, calls one action, and answers JSON.

Rules live elsewhere: what may be asked for in `requests.py`, what may happen in `actions.py`.

Source: OpenAI Videos API reference.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from ninja import Query, Router

from providers import catalog
from studio.accounts.auth import ApiKeyAuth
from studio.accounts.errors import ApiError
from videos import actions, files, requests
from videos.arrows import COMPLETED
from videos.delivery import deliver
from videos.models import File, Video

from . import asked, body, mine, wire
from .schemas import (
    Content,
    DeletedVideo,
    ErrorEnvelope,
    Estimate,
    Page,
    VideoList,
    VideoObject,
)

router = Router(auth=ApiKeyAuth(), tags=["Videos"])

UPSCALER = "magnific_video_upscaler_creative"
ERRORS: dict[Any, Any] = {400: ErrorEnvelope, 401: ErrorEnvelope, 404: ErrorEnvelope}


@router.post(
    "", response={200: VideoObject, **ERRORS}, openapi_extra=asked.body(), summary="Make a video"
)
def create(request: HttpRequest) -> HttpResponseBase:
    """Accept a request and answer at once; the worker does the rest. Poll the video it returns."""
    key = mine.key(request)
    checked = requests.check(body.read(request), files.library(key.owner))
    return JsonResponse(wire.video_object(actions.accept(checked, key.owner, key)))


@router.post(
    "/estimate",
    response={200: Estimate, **ERRORS},
    openapi_extra=asked.body(),
    summary="Estimate a video",
)
def estimate(request: HttpRequest) -> HttpResponseBase:
    """What the same request would come to: model, mode, length, size, credits. Buys nothing."""
    checked = requests.check(body.read(request), files.library(mine.key(request).owner))
    return JsonResponse(wire.estimate_object(checked))


@router.post(
    "/{video_id}/upscale",
    response={200: VideoObject, **ERRORS},
    openapi_extra=asked.body(["model", *asked.options_of("video_upscale")]),
    summary="Upscale a video",
)
def upscale(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """A larger version of a completed video, as a new video."""
    key, source = mine.key(request), mine.video(request, video_id)
    if source.status != COMPLETED:
        raise mine.not_ready(source)
    params = {"model": UPSCALER, **body.read(request), "video_uri": {"video_id": source.pk}}
    checked = requests.check(params, files.library(key.owner))
    if checked.mode != "video_upscale":
        message = f"{checked.resolved_model} does not upscale. Models that do: {_upscalers()}."
        raise ApiError(400, message, code="invalid_value", param="model")
    return JsonResponse(wire.video_object(actions.accept(checked, key.owner, key, source)))


@router.get("", response={200: VideoList, **ERRORS}, summary="List videos")
def list_videos(request: HttpRequest, page: Query[Page]) -> HttpResponseBase:
    """Your videos, the newest first."""
    videos = mine.videos(request).in_order(page.order)
    if page.after:
        videos = videos.behind(_cursor(request, page.after), page.order)
    found = list(videos[: page.limit + 1])
    return JsonResponse(wire.list_object(found[: page.limit], has_more=len(found) > page.limit))


@router.get("/{video_id}", response={200: VideoObject, **ERRORS}, summary="Look at a video")
def retrieve(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Where the video stands now. A failed video is a success of this call."""
    return JsonResponse(wire.video_object(mine.video(request, video_id)))


@router.api_operation(
    ["GET", "HEAD"],
    "/{video_id}/content",
    response={200: bytes, 206: bytes, **ERRORS, 416: ErrorEnvelope},
    summary="Download a video",
    openapi_extra={"responses": {200: {"content": {"video/mp4": {"schema": {"type": "string"}}}}}},
)
def content(request: HttpRequest, video_id: str, chosen: Query[Content]) -> HttpResponseBase:
    """The bytes: MP4, or a WebP thumbnail, or a JPEG spritesheet. Understands a single range."""
    video = mine.video(request, video_id)
    if video.status != COMPLETED:
        raise mine.not_ready(video)
    file = video.files.filter(kind=chosen.variant, position=0).first()
    if file is None:
        message = f"This video has no {chosen.variant}."
        raise ApiError(404, message, code="not_found", param="variant")
    return deliver(request, file, download=file.kind == File.VIDEO)


@router.post("/{video_id}/cancel", response={200: VideoObject, **ERRORS}, summary="Cancel a video")
def cancel(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Stop a video and keep its record. One that is finished, or being stored, stays as it is."""
    return JsonResponse(wire.video_object(actions.cancel(mine.video(request, video_id))))


@router.delete("/{video_id}", response={200: DeletedVideo, **ERRORS}, summary="Delete a video")
def delete(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Cancel a video if need be, and remove it with its files."""
    video = mine.video(request, video_id)
    actions.delete(video)
    return JsonResponse(wire.deleted_object(video.pk))


def _upscalers() -> str:
    models = catalog.models()
    return ", ".join(f"'{model.id}'" for model in models if "video_upscale" in model.modes)


def _cursor(request: HttpRequest, after: str) -> Video:
    """The video that a page begins behind; one deleted meanwhile still marks its place."""
    match = mine.VIDEO_ID.match(after)
    theirs = Video.objects.filter(owner=mine.key(request).owner)
    video = theirs.filter(pk=match[1]).first() if match else None
    if video is None:
        message = "'after' must be the id of one of your videos."
        raise ApiError(400, message, code="invalid_value", param="after")
    return video
