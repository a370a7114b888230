"""Endpoints that make a video from a video: remix, edits, extensions. Characters are not there.

Source: OpenAI Videos API reference ("Remix", "Edit", "Extend", "Characters").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from ninja import Router

from providers import house
from studio.accounts.auth import ApiKeyAuth
from studio.accounts.errors import ApiError, ErrorEnvelope
from videos import actions, deriving, files, requests, values
from videos.arrows import COMPLETED
from videos.deriving import Source
from videos.models import Video
from videos.requests import InvalidRequest

from . import asked, body, mine, repeats, wire
from .repeats import Remember
from .schemas import BODY_ERRORS, VideoObject

router = Router(auth=ApiKeyAuth(), tags=["Videos"])

REFUSED: dict[Any, Any] = dict.fromkeys((400, 401, 500, 503), ErrorEnvelope)
SOURCE: dict[str, Any] = {
    "anyOf": [
        {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        {"type": "object", "properties": {"file_id": {"type": "string"}}, "required": ["file_id"]},
        {"type": "string", "description": "https://, runway:// or data:"},
    ],
    "examples": [{"id": "video_0123456789abcdef0123456789abcdef"}],
    "description": "The video to work on: one of yours, an uploaded file, an address, or a part.",
}

Params = Mapping[str, object]
Ask = Callable[[Params, Source, str], dict[str, Any]]


def _body(*names: str) -> dict[str, Any]:
    """`openapi_extra` with the field `video` besides."""
    extra = deepcopy(asked.making(["model", "prompt", "metadata", *names]))
    for kind, content in extra["requestBody"]["content"].items():
        binary = {"type": "string", "format": "binary"}
        content["schema"]["properties"]["video"] = SOURCE if kind == body.JSON else binary
    return extra


@router.post(
    "/edits",
    response={200: VideoObject, **BODY_ERRORS},
    openapi_extra=_body(*asked.options_of("video_to_video")),
    summary="Change a video",
)
def edit(request: HttpRequest) -> HttpResponseBase:
    """A new video: the given one, changed as the prompt says."""
    return _once(request, deriving.edit, settings.STUDIO_EDIT_MODEL)


@router.post(
    "/extensions",
    response={200: VideoObject, **BODY_ERRORS},
    openapi_extra=_body("seconds", "seed", "audio"),
    summary="Extend a video",
)
def extend(request: HttpRequest) -> HttpResponseBase:
    """A new video: the given one and `seconds` more. Its `seconds` are the total."""
    return _once(request, deriving.extension, settings.STUDIO_EXTEND_MODEL)


@router.api_operation(
    ["GET", "POST"], "/characters", response=REFUSED, summary="Make a character: not supported"
)
def characters(request: HttpRequest) -> HttpResponseBase:
    """Always a 400: Runway has no characters to keep."""
    message = "Characters are not supported. Show who is to be seen in 'reference_images'."
    raise ApiError(400, message, code="not_supported")


@router.api_operation(
    ["GET", "POST"],
    "/characters/{character_id}",
    response=REFUSED,
    summary="Look at a character: not supported",
)
def character(request: HttpRequest, character_id: str) -> HttpResponseBase:
    """Always a 400."""
    return characters(request)


@router.post(
    "/{video_id}/remix",
    response={200: VideoObject, **BODY_ERRORS},
    openapi_extra=asked.making(["prompt", "model", "metadata"]),
    summary="Remix a video",
)
def remix(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """A new video: this one, changed as the prompt says. It keeps model, size and length."""
    given = body.read(request)

    def make(remember: Remember) -> Video:
        video = _completed(mine.video(request, video_id))
        source = _of(video)
        fields = deriving.edit(given, source, settings.STUDIO_EDIT_MODEL)
        return _accept(request, fields, (given, source, video), remember)

    return repeats.once(request, given, make)


def _once(
    request: HttpRequest, shape: Callable[[Params, Source, str], dict[str, object]], model: str
) -> HttpResponseBase:
    """A new video from the one that `video` names, of the shape that `deriving` gives it."""
    params = dict(body.read(request))
    given = {name: value for name, value in params.items() if name != "video"}

    def make(remember: Remember) -> Video:
        video, source = _source(request, params.get("video"))
        return _accept(request, shape(given, source, model), (given, source, video), remember)

    return repeats.once(request, params, make)


def _accept(
    request: HttpRequest,
    fields: Params,
    asking: tuple[Params, Source, Video | None],
    remember: Remember,
) -> Video:
    """A video of these fields; `asking` is what was asked for, of what, and whose video that is."""
    key, (given, source, video) = mine.key(request), asking
    try:
        checked = requests.check(fields, files.library(key.owner), house.current())
    except InvalidRequest as exc:
        if exc.param != "video_uri":
            raise
        message = exc.message.replace("'video_uri'", "'video'")
        raise InvalidRequest(message, "video", exc.code) from exc
    checked = deriving.recorded(checked, given, source)
    return actions.accept(checked, key.owner, key, remember, remixed_from=video)


def _source(request: HttpRequest, value: object) -> tuple[Video | None, Source]:
    """What `video` names. Raises: ApiError, InvalidRequest."""
    if value is None:
        message = "Missing required parameter: 'video'."
        raise InvalidRequest(message, "video", "missing_required_parameter")
    video_id = _id(value)
    if video_id is None:
        return None, Source(value)
    video = _completed(mine.video(request, video_id, "video"), "video")
    return video, _of(video)


def _id(value: object) -> str | None:
    """The id of a video where one is given, None for a file or an address."""
    if isinstance(value, str) and mine.VIDEO_ID.match(value):
        return value
    if isinstance(value, dict) and len(value) == 1 and value.keys() & {"id", "video_id"}:
        return values.text(next(iter(value.values())), "video")
    return None


def _completed(video: Video, param: str = "video_id") -> Video:
    """The same. Raises ApiError 400 unless there is something to work on."""
    if video.status == COMPLETED:
        return video
    message = f"This video is not completed: its status is '{wire.status(video)}'."
    raise ApiError(400, message, code="video_not_ready", param=param)


def _of(video: Video) -> Source:
    return Source(
        uri={"video_id": video.pk},
        model=video.model,
        size=video.size,
        seconds=video.seconds,
        has_audio=bool(video.request.get("audio")),
    )
