"""The endpoints under /v1/videos. Each finds its video, calls one action, and answers JSON.

Rules live elsewhere: what may be asked for in `requests.py`, what may happen in `actions.py`.

Source: OpenAI Videos API reference.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from ninja import Query, Router

from providers import house
from studio.accounts.auth import ApiKeyAuth
from studio.accounts.errors import ApiError, ErrorEnvelope
from studio.accounts.models import Scope
from videos import actions, files, pricing, requests
from videos.arrows import COMPLETED
from videos.delivery import deliver
from videos.media import SUFFIXES
from videos.models import File, Video

from . import answers, asked, body, links, listing, mine, repeats, wire
from .repeats import Remember
from .schemas import (
    BODY_ERRORS,
    ERRORS,
    Content,
    DeletedVideo,
    Estimate,
    Page,
    VideoList,
    VideoObject,
    media,
)

router = Router(auth=ApiKeyAuth(), tags=["Videos"])

UPSCALER = "magnific_video_upscaler_creative"


@router.post(
    "",
    response={200: VideoObject, **BODY_ERRORS},
    openapi_extra=asked.making(),
    summary="Make a video",
)
def create(request: HttpRequest) -> HttpResponseBase:
    """Accept a request and answer at once; the worker does the rest. Poll the video it returns."""
    key, params = mine.key(request), body.read(request)

    def make(remember: Remember) -> Video:
        checked = requests.check(params, files.library(key.owner), house.current())
        return actions.accept(checked, key.owner, key, also=remember)

    return repeats.once(request, params, make)


@router.post(
    "/estimate",
    auth=ApiKeyAuth(Scope.READ),
    response={200: Estimate, **BODY_ERRORS},
    openapi_extra=asked.body(),
    summary="Estimate a video",
)
def estimate(request: HttpRequest) -> HttpResponseBase:
    """What the same request would come to: model, mode, length, size, credits. Buys nothing."""
    library = files.library(mine.key(request).owner)
    checked = requests.check(body.read(request), library, house.current())
    return JsonResponse(wire.estimate_object(pricing.priced(checked)))


@router.post(
    "/{video_id}/upscale",
    response={200: VideoObject, **BODY_ERRORS},
    openapi_extra=asked.making(["model", "metadata", *asked.options_of("video_upscale")]),
    summary="Upscale a video",
)
def upscale(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """A larger version of a completed video, as a new video."""
    key = mine.key(request)
    params = {"model": UPSCALER, **body.read(request), "video_uri": {"video_id": video_id}}

    def make(remember: Remember) -> Video:
        source = mine.video(request, video_id)
        if source.status != COMPLETED:
            raise mine.not_ready(source)
        checked = requests.check(params, files.library(key.owner), house.current())
        if checked.mode != "video_upscale":
            message = f"{checked.resolved_model} does not upscale. Models that do: {_upscalers()}."
            raise ApiError(400, message, code="invalid_value", param="model")
        return actions.accept(checked, key.owner, key, remember, remixed_from=source)

    return repeats.once(request, params, make)


@router.get(
    "",
    response={200: VideoList, **ERRORS},
    openapi_extra={"parameters": [asked.METADATA_FILTER]},
    summary="List videos",
)
def list_videos(request: HttpRequest, page: Query[Page]) -> HttpResponseBase:
    """Your videos, the newest first; every filter narrows what the others leave."""
    return listing.answer(request, page)


@router.get(
    "/{video_id}",
    response={200: VideoObject, **ERRORS},
    openapi_extra={"responses": {200: {"headers": asked.POLL_HEADER}}},
    summary="Look at a video",
)
def retrieve(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Where the video stands now. A failed video is a success of this call."""
    return answers.reload(mine.video(request, video_id))


@router.api_operation(
    ["GET", "HEAD"],
    "/{video_id}/content",
    response={200: bytes, 206: bytes, 304: None, **ERRORS, 403: ErrorEnvelope, 416: ErrorEnvelope},
    auth=[links.SignedLink(), ApiKeyAuth()],
    summary="Download a video",
    openapi_extra=media(*(kind for kind in SUFFIXES if not kind.startswith("audio/"))),
)
def content(request: HttpRequest, video_id: str, chosen: Query[Content]) -> HttpResponseBase:
    """The bytes: MP4, or a WebP thumbnail, or a JPEG spritesheet. Understands a single range."""
    video = links.video(request, chosen.variant) or mine.video(request, video_id)
    if video.status != COMPLETED:
        raise mine.not_ready(video)
    file = video.files.filter(kind=chosen.variant, position=chosen.output).first()
    if file is None:
        numbered = f" of output {chosen.output}" if chosen.output else ""
        param = "output" if chosen.output else "variant"
        raise ApiError(
            404, f"There is no {chosen.variant}{numbered}.", code="not_found", param=param
        )
    return deliver(request, file, download=file.kind == File.VIDEO)


@router.post(
    "/{video_id}/cancel",
    auth=ApiKeyAuth(Scope.CANCEL),
    response={200: VideoObject, **ERRORS},
    summary="Cancel a video",
)
def cancel(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Stop a video and keep its record. One that is finished, or being stored, stays as it is."""
    return answers.reload(actions.cancel(mine.video(request, video_id)))


@router.delete("/{video_id}", response={200: DeletedVideo, **ERRORS}, summary="Delete a video")
def delete(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Cancel a video if need be, and remove it with its files."""
    video = mine.video(request, video_id)
    actions.delete(video)
    return JsonResponse(wire.deleted_object(video.pk))


def _upscalers() -> str:
    models = house.current().models
    return ", ".join(f"'{model.id}'" for model in models if "video_upscale" in model.modes)
