"""Whose request it is, and which videos they may see. Called by the API's routes.

What belongs to somebody else does not exist: 404.
"""

from __future__ import annotations

import re

from django.http import HttpRequest

from studio.accounts.errors import ApiError
from studio.accounts.models import ApiKey
from videos.models import Video, VideoQuerySet

from . import wire

VIDEO_ID = re.compile(r"(video_[0-9a-f]{32})(?::runway)?\Z")


def key(request: HttpRequest) -> ApiKey:
    """The API key that the request carries."""
    found: ApiKey = request.auth  # type: ignore[attr-defined]  # set by ninja from ApiKeyAuth
    return found


def videos(request: HttpRequest) -> VideoQuerySet:
    """The caller's own videos: what others share in projects is for the pages alone."""
    return Video.objects.owned_by(key(request).owner)


def video(request: HttpRequest, video_id: str, param: str = "video_id") -> Video:
    """The caller's video. Raises ApiError 404, also for what belongs to somebody else."""
    match = VIDEO_ID.match(video_id)
    found = videos(request).filter(pk=match[1]).first() if match else None
    if found is None:
        raise ApiError(404, "There is no video with this id.", code="not_found", param=param)
    return found


def not_ready(video: Video) -> ApiError:
    """Why there is no content of a video that is not completed."""
    if video.is_terminal:
        message = f"This video has no content: {video.error_message}"
        return ApiError(404, message, code="video_failed", param="video_id")
    message = f"This video is not ready yet: its status is '{wire.status(video)}'."
    return ApiError(400, message, code="video_not_ready", param="video_id")
