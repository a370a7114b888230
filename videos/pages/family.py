"""Where a video stands: its place in the library as it was looked at, its takes, its relatives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from videos import filters
from videos.cards import Card
from videos.models import Video

from .doors import seen
from .library import among, cards_of

MOST = 24


@dataclass(frozen=True)
class Place:
    """Which of how many a video is in the library, and who stands before and behind it."""

    number: int
    total: int
    previous: Video | None
    next: Video | None


@dataclass(frozen=True)
class Family:
    """Takes of one request (this one among them), what it was made from, what was made from it."""

    takes: list[Card] = field(default_factory=list)
    parents: list[Card] = field(default_factory=list)
    children: list[Card] = field(default_factory=list)


def place(request: HttpRequest, video: Video) -> Place | None:
    """The place of a video in the library that the person came from; None where it is not there."""
    found = filters.read(request.GET)
    videos, order = found.apply(among(request, found)), found.direction
    if not videos.filter(pk=video.pk).exists():
        return None
    back = "asc" if order == "desc" else "desc"
    before, behind = videos.behind(video, back), videos.behind(video, order)
    return Place(
        number=before.count() + 1,
        total=videos.count(),
        previous=before.in_order(back).first(),
        next=behind.in_order(order).first(),
    )


def family(request: HttpRequest, video: Video) -> Family:
    """The relatives of a video that the person can see."""
    first = video.stack_id or video.pk
    takes = _cards(request, Q(pk=first) | Q(stack=first))
    return Family(
        takes=takes if len(takes) > 1 else [],
        parents=_cards(request, Q(pk__in=[video.remixed_from_id or "", video.again_of_id or ""])),
        children=_cards(request, Q(remixed_from=video) | Q(again_of=video)),
    )


def _cards(request: HttpRequest, which: Any) -> list[Card]:
    return cards_of(seen(request).in_library().filter(which), order="asc", limit=MOST)
