"""What changed since a page was told: one request per page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from videos import cards
from videos.cards import Card

from .doors import own, signed_in
from .library import PAGE, cards_of, cursor

FAST_SECONDS, SLOW_SECONDS = 2, 20


@require_safe
@signed_in
def updates(request: HttpRequest) -> HttpResponseBase:
    """What changed since the page was told: `cards` are those it watches, `newest` its first one.

    204 when nothing did and the page's pace stays right.
    """
    held = cards.held(request.GET.get("cards", ""))
    watched = cards_of(own(request).filter(pk__in=held)) if held else []
    changes = cards.changes(held, watched)
    created, newest = _created_since(request)
    told = poller(newest, is_fast=any(not c.video.is_terminal for c in (*watched, *created)))
    same_pace = request.GET.get("pace") == str(told["pace"])
    if same_pace and not (changes.whole or changes.states or changes.gone or created):
        return HttpResponse(status=204)
    context = {"changes": changes, "created": created, **told}
    return render(request, "videos/_updates.html", context)


def poller(newest: str | None, *, is_fast: bool = True) -> dict[str, Any]:
    """How the page goes on asking: from which card on, and after how many seconds."""
    pace = FAST_SECONDS if is_fast else SLOW_SECONDS
    query = urlencode({"pace": pace} if newest is None else {"pace": pace, "newest": newest})
    return {"pace": pace, "poll_url": f"{reverse('updates')}?{query}"}


def _created_since(request: HttpRequest) -> tuple[list[Card], str | None]:
    """Cards newer than the page's first one, newest first, and the id of its first one then.

    The oldest of them come first, the rest with the next polls. A page that begins further down
    does not say `newest`, and gets none.
    """
    if "newest" not in request.GET:
        return [], None
    videos, first = own(request), cursor(request, "newest")
    created = cards_of(videos.behind(first, "asc") if first else videos, "asc", PAGE)
    if created:
        return created[::-1], created[-1].video.pk
    return [], first.pk if first else ""
