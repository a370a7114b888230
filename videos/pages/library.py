"""The library: its cards, a page of them at a time, and what they can be filtered by."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from videos import cards, filters, outlook
from videos.cards import Card
from videos.filters import Filters
from videos.models import Project, Tag, Video, VideoQuerySet

from .doors import named, own, seen, signed_in, user_of

PAGE = 24
AUTOMATIC = 3  # pages that come by themselves, before a button has to be pressed


@require_safe
@signed_in
def more(request: HttpRequest) -> HttpResponseBase:
    """The cards behind `?after=<id>`."""
    return render(request, "videos/_cards.html", shelf(request))


def shelf(request: HttpRequest) -> dict[str, Any]:
    """One page of the cards that match, and where the next one begins."""
    found = filters.read(request.GET)
    videos = found.apply(among(request, found))
    if after := cursor(request, "after"):
        videos = videos.behind(after, found.direction)
    shown = cards_of(videos, found.direction, PAGE + 1)
    page = shown[:PAGE]
    loads = request.GET.get("loads", "")
    loaded = int(loads) if loads.isdecimal() and len(loads) < 4 else 0
    return {
        "cards": page,
        "filters": found,
        "next": page[-1].video.pk if len(shown) > PAGE else "",
        "loads": loaded + 1,
        "is_automatic": loaded < AUTOMATIC,
    }


def among(request: HttpRequest, found: Filters) -> VideoQuerySet:
    """What the filters choose from: the person's videos, or all of a shared project they name."""
    if is_of_all(found):
        return seen(request).filter(project_id=int(found.project))
    return own(request)


def is_of_all(found: Filters) -> bool:
    """Whether everybody's videos are looked at: those of a shared project."""
    return bool(found.project) and Project.objects.filter(pk=found.project, is_shared=True).exists()


def choices(request: HttpRequest, found: Filters) -> dict[str, Any]:
    """What the filter form offers, how many videos match, and which filters are active."""
    user, videos = user_of(request), among(request, found).in_library()
    projects = list(Project.objects.filter(owner=user))
    shared = list(Project.objects.shared_with(user))
    names = {str(each.pk): each.label_for(user) for each in (*projects, *shared)}
    states = {name: Count("pk", filter=wanted) for name, wanted in filters.STATUSES.items()}
    counts = videos.aggregate(**states)
    shown_counts = {name: counts[name] for name in ("running", "failed")}
    return {
        "statuses": [
            (value, name, shown_counts.get(value)) for value, name in filters.STATUS_NAMES.items()
        ],
        "models": sorted(videos.order_by().values_list("model", flat=True).distinct()),
        "ratios": sorted({filters.shape(size) for size in filters.sizes_of(videos)}),
        "projects": projects,
        "shared": shared,
        "tags": list(Tag.objects.filter(owner=user)),
        "chips": _chips(found, names),
        "count": found.apply(videos).count(),
    }


def _chips(found: Filters, projects: dict[str, str]) -> list[tuple[str, str]]:
    """The active filters: name in the address, and words."""
    words = {
        "q": _("“%(words)s”") % {"words": found.words},
        "status": str(filters.STATUS_NAMES[found.status]),
        "in": projects.get(found.project, _("A project that is gone")),
        "since": _("since %(day)s") % {"day": found.since},
        "until": _("until %(day)s") % {"day": found.until},
        "stack": _("Takes of one shot"),
    }
    return [(name, words.get(name, value)) for name, value in found.active.items()]


def cards_of(videos: VideoQuerySet, order: str = "desc", limit: int | None = None) -> list[Card]:
    """The cards of these videos, by time of creation."""
    rows = list(videos.for_cards().in_order(order)[:limit])
    expected = outlook.of(rows)
    return [cards.make(row, expected.get(row.pk)) for row in rows]


def card_of(request: HttpRequest, video: Video) -> Card:
    """The card of one video that the person may look at, as it is now."""
    return cards_of(seen(request).filter(pk=video.pk))[0]


def cursor(request: HttpRequest, name: str) -> Video | None:
    """The video behind which to go on; one deleted meanwhile still marks its place."""
    theirs = Q(owner=user_of(request)) | Q(project__is_shared=True)
    return named(request, name, Video.objects.filter(theirs))
