"""What every page of videos asks first: who is there, and which videos are theirs."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from studio.accounts.doors import View, is_htmx, personal, signed_in, user_of
from videos import cards
from videos.models import Video, VideoQuerySet

__all__ = ["View", "find", "is_htmx", "named", "own", "personal", "signed_in", "user_of"]


def own(request: HttpRequest) -> VideoQuerySet:
    """The person's videos."""
    return Video.objects.visible_to(user_of(request))


def find(request: HttpRequest, video_id: str) -> Video:
    """The person's video. 404 for everybody else's."""
    found = own(request).filter(pk=video_id).first()
    if found is None:
        raise Http404
    return found


def named(request: HttpRequest, name: str, among: VideoQuerySet) -> Video | None:
    """The video whose id the query gives under this name."""
    value = request.GET.get(name, "")
    return among.filter(pk=value).first() if cards.ID.fullmatch(value) else None
