"""What changed since a page was told: one request per page."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from videos import cards, cursor, filters, outlook
from videos.arrows import TERMINAL
from videos.cards import Card
from videos.cursor import Change, Cursor
from videos.filters import Filters
from videos.models import Video, VideoQuerySet

from .doors import own, seen, signed_in, user_of
from .library import among, cards_of, is_of_all

FAST_SECONDS, SLOW_SECONDS = 2, 20
MOST_SPOKEN = 3


@dataclass(frozen=True)
class Standing:
    """What stands in the header and on cards that did not change: counts, and `whens` by key."""

    mine: int
    everybody: int
    whens: dict[str, str]

    @property
    def digest(self) -> str:
        """Changes with anything of it."""
        return f"{zlib.crc32(repr(self).encode()):08x}"


@dataclass(frozen=True)
class News:
    """What a page has to be told.

    `gone` are keys of cards that this page does not show any more or never did, and whether they
    are new ones that its filter keeps out. `ended` are the person's own that are over now, whether
    shown or not.
    """

    cards: list[Card]
    gone: list[tuple[str, bool]]
    ended: list[Card]


@require_safe
@signed_in
def updates(request: HttpRequest) -> HttpResponseBase:
    """What changed since the page was told. 204 when nothing did and its pace stays right."""
    told, found = cursor.read(request.GET.get("cursor", "")), filters.read(request.GET)
    rows = _rows(request, found, told)
    news, now = told.news(rows)[: cursor.MOST], standing(request)
    begun = request.GET.get("begun", "")
    is_behind = len(news) == cursor.MOST
    poll = _poller(told.after(rows, news), found, now, begun, is_fast=now.mine > 0 or is_behind)
    asked = (request.GET.get("pace"), request.GET.get("state"))
    if not news and asked == (str(poll["pace"]), now.digest):
        return HttpResponse(status=204)
    changes = _news(request, found, told, news, cursor.read(begun).since)
    spoken = changes.ended if len(changes.ended) <= MOST_SPOKEN else []
    count = found.apply(among(request, found)).count() if news else None
    context = {"changes": changes, "spoken": spoken, "count": count, "filters": found, **poll}
    return render(request, "videos/_updates.html", context)


def poller(request: HttpRequest, found: Filters) -> dict[str, Any]:
    """How a page that is built now will ask. Call it before the cards are read."""
    moments = (rows.aggregate(newest=Max("changed_at")) for rows in _followed(request, found))
    begin = Cursor(max(moment["newest"] or cursor.BEGINNING for moment in moments))
    rows, now = _rows(request, found, begin), standing(request)
    told = begin.after(rows, rows)
    begun = Cursor(told.since).text
    return _poller(told, found, now, begun, is_fast=now.mine > 0)


def standing(request: HttpRequest) -> Standing:
    """How many videos are under way, and when the person's own will be there."""
    mine = list(own(request).open().order_by("created_at")[: cursor.MOST])
    expected = outlook.of(mine)
    whens = {v.pk.removeprefix("video_"): cards.when(v, expected.get(v.pk)) for v in mine}
    counted = Video.objects.open().aggregate(
        all=Count("pk"), mine=Count("pk", filter=Q(owner=user_of(request)))
    )
    return Standing(counted["mine"], counted["all"], whens)


def _poller(
    told: Cursor, found: Filters, now: Standing, begun: str, *, is_fast: bool
) -> dict[str, Any]:
    pace = FAST_SECONDS if is_fast else SLOW_SECONDS
    query = urlencode({"pace": pace, "state": now.digest, "begun": begun, "cursor": told.text})
    url = f"{reverse('updates')}?{query}&{found.query}".rstrip("&")
    return {"pace": pace, "poll_url": url, "status": now}


def _followed(request: HttpRequest, found: Filters) -> list[VideoQuerySet]:
    """The videos whose changes the page is told, deleted ones too; an index serves each.

    They are the person's own and, where the page shows a shared project, those in it.
    """
    mine = Video.objects.filter(owner=user_of(request))
    if not is_of_all(found):
        return [mine]
    return [mine, Video.objects.filter(project_id=int(found.project))]


def _rows(request: HttpRequest, found: Filters, told: Cursor) -> list[Change]:
    columns = ("pk", "version", "changed_at", "status", "deleted_at")
    changed = (rows.changed_since(told.begin) for rows in _followed(request, found))
    rows = {row[0]: row for each in changed for row in each.values_list(*columns)}
    in_turn = sorted(rows.values(), key=lambda row: row[2])
    return [Change(pk, version, at, s in TERMINAL or bool(d)) for pk, version, at, s, d in in_turn]


def _news(
    request: HttpRequest, found: Filters, told: Cursor, news: list[Change], begun: datetime
) -> News:
    """The cards of what changed, and of the stacks that it belongs to."""
    ids = {row.pk for row in news}
    visible = seen(request).in_library()
    if not found.is_flat:
        heads = visible.filter(pk__in=ids).values_list("stack", flat=True)
        ids |= {head for head in heads if head}
    changed = {card.video.pk: card for card in cards_of(visible.filter(pk__in=ids))}
    shown = set(found.apply(among(request, found)).filter(pk__in=ids).values_list("pk", flat=True))
    ends = told.ends(news)
    return News(
        cards=[card for pk, card in changed.items() if pk in shown],
        gone=[
            (pk.removeprefix("video_"), _is_kept_out(changed.get(pk), shown, begun))
            for pk in sorted(ids - shown)
        ],
        ended=[
            card
            for pk, card in changed.items()
            if pk in ends and card.video.owner_id == user_of(request).pk and _ended(card, told)
        ],
    )


def _is_kept_out(card: Card | None, shown: set[str], begun: datetime) -> bool:
    """Whether it is a new one that the page's filter keeps out; takes are seen in their stack."""
    if card is None or card.video.stack_id in shown:
        return False
    return card.video.created_at > begun


def _ended(card: Card, told: Cursor) -> bool:
    end = card.video.completed_at
    return end is not None and end >= told.begin
