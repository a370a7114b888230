"""The library: its cards, a page of them at a time."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from videos import cards
from videos.cards import Card
from videos.models import Video, VideoQuerySet

from .doors import named, own, signed_in, user_of

PAGE = 24


@require_safe
@signed_in
def more(request: HttpRequest) -> HttpResponseBase:
    """The cards behind `?after=<id>`."""
    return render(request, "videos/_cards.html", shelf(request))


def shelf(request: HttpRequest) -> dict[str, Any]:
    """One page of cards, and where the next one begins."""
    videos = own(request)
    if after := cursor(request, "after"):
        videos = videos.behind(after, "desc")
    found = cards_of(videos, limit=PAGE + 1)
    shown = found[:PAGE]
    return {"cards": shown, "next": shown[-1].video.pk if len(found) > PAGE else ""}


def cards_of(videos: VideoQuerySet, order: str = "desc", limit: int | None = None) -> list[Card]:
    """The cards of these videos, by time of creation."""
    rows = videos.with_cost().prefetch_related("files").in_order(order)[:limit]
    return [cards.make(row) for row in rows]


def card_of(request: HttpRequest, video: Video) -> Card:
    """The card of one video of the person, as it is now."""
    return cards_of(own(request).filter(pk=video.pk))[0]


def cursor(request: HttpRequest, name: str) -> Video | None:
    """The video behind which to go on; one deleted meanwhile still marks its place."""
    return named(request, name, Video.objects.filter(owner=user_of(request)))
