"""The trash: what is in it and for how long, back from it, and away for good."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from providers import house
from videos import cards, shelving

from .doors import done, own, signed_in
from .library import PAGE, cards_of, cursor
from .selecting import chosen


@require_safe
@signed_in
def trash(request: HttpRequest) -> HttpResponseBase:
    """The page, from the newest video on; `?after=<id>` goes on behind one."""
    videos = own(request).exclude(trashed_at=None)
    count = videos.count()
    if after := cursor(request, "after"):
        videos = videos.behind(after, "desc")
    found = cards_of(videos, limit=PAGE + 1)
    days = house.current().trash_days
    shown = [(card, cards.days_left(card.video.trashed_at, days)) for card in found]
    context = {
        "shown": shown[:PAGE],
        "count": count,
        "days": days,
        "next": found[PAGE - 1].video.pk if len(found) > PAGE else "",
    }
    return render(request, "videos/trash.html", context)


@require_POST
@signed_in
def empty(request: HttpRequest) -> HttpResponseBase:
    """Delete for good what the form names in the trash; all of it with `all`."""
    videos = own(request) if request.POST.get("all") else chosen(request, own(request))
    count = shelving.empty(videos)
    said = ngettext("Deleted for good.", "%(count)s videos deleted for good.", count)
    return done(request, said % {"count": count})
