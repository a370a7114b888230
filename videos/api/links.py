"""Links to a video's files that need no API key: they carry a signature, and go stale in a day.

`url` makes them for the wire; `SignedLink` lets them in at the content endpoint alone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from ninja.security.apikey import APIKeyQuery

from studio.accounts.errors import ApiError
from videos.models import File, Video

VALID_SECONDS = 24 * 3600

_signer = Signer(salt="videos.content")


@dataclass(frozen=True)
class Link:
    """What a link was signed for: one output of one video."""

    video_id: str
    output: int


def url(file: File) -> str:
    """A link to an output that works for a day from now, for whoever has it."""
    expires = int(time.time()) + VALID_SECONDS
    signature = _signer.signature(_what(file.video_id, str(file.position), str(expires)))
    query = {"output": file.position, "expires": expires, "signature": signature}
    origin = settings.STUDIO_BASE_URL.rstrip("/")
    return f"{origin}/v1/videos/{file.video_id}/content?{urlencode(query)}"


class SignedLink(APIKeyQuery):
    """Answers the Link of a request that carries a signature; None for one without.

    Raises: ApiError 403 for a signature that is not ours, or stale.
    """

    param_name = "signature"
    openapi_description = "Of a link in `videos[].url`; instead of an API key."

    def authenticate(self, request: HttpRequest, key: str | None) -> Link | None:
        """Look at the signature, which covers the id, the output and the end of its validity."""
        if not key:
            return None
        match = request.resolver_match
        video_id = str(match.kwargs.get("video_id", "")) if match else ""
        output, expires = (request.GET.get(name, "") for name in ("output", "expires"))
        if not _is_signed(_what(video_id, output, expires), key) or int(expires) < time.time():
            raise _refusal()
        return Link(video_id, int(output))


def video(request: HttpRequest, variant: str) -> Video | None:
    """The video whose link let the request in; None where an API key did.

    Raises: ApiError 403 for what the link was not made for, 404 when the video was deleted.
    """
    link = request.auth  # type: ignore[attr-defined]  # set by ninja
    if not isinstance(link, Link):
        return None
    if variant != File.VIDEO:
        raise _refusal()
    theirs = Video.objects.filter(deleted_at=None, owner__is_active=True)
    found = theirs.filter(pk=link.video_id).first()
    if found is None:
        raise ApiError(404, "There is no video with this id.", code="not_found", param="video_id")
    return found


def _refusal() -> ApiError:
    message = "This link is not valid, or it has expired. Look at the video for a new one."
    return ApiError(403, message, code="invalid_link")


def _what(video_id: str, output: str, expires: str) -> str:
    return f"{video_id}/{output}/{expires}"


def _is_signed(what: str, signature: str) -> bool:
    """In constant time; a signature by an earlier secret of Django's settings counts too."""
    try:
        _signer.unsign(f"{what}:{signature}")
    except BadSignature:
        return False
    return True
