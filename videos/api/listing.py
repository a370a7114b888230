"""Which videos a list shows: filters, order and the place where a page begins.

Called by the list operation. Every filter may go with every other, and with paging: pages are cut
by (created_at, id), so that nothing is shown twice or missed however the library grows meanwhile.

EXPLAIN on SQLite and PostgreSQL, with 10,000 videos of one person among 20,000: a page walks the
index `library` from where it begins, and stops when it is full; times narrow the walk, and metadata
are looked up in their own index first. Only a filter that nearly nothing matches looks at all
videos of that person.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from django.db.models import Q
from django.http import HttpRequest, JsonResponse

from studio.accounts.errors import ApiError
from videos import values
from videos.models import MetadataPair, Video, VideoQuerySet

from . import answers, mine, wire
from .schemas import Page

_PAIR = re.compile(r"metadata\[(.*)\]", re.DOTALL)


def answer(request: HttpRequest, page: Page) -> JsonResponse:
    """One page of the caller's videos. Raises: ApiError 400, InvalidRequest."""
    videos = _with_metadata(_filtered(mine.videos(request), page), request)
    if page.after:
        videos = videos.behind(_cursor(request, page.after), page.order)
    found = list(videos.in_full().in_order(page.order)[: page.limit + 1])
    return answers.page(found[: page.limit], has_more=len(found) > page.limit)


def _filtered(videos: VideoQuerySet, page: Page) -> VideoQuerySet:
    if page.status is not None:
        videos = videos.filter(wire.matching(page.status))
    if page.model:
        model = values.text(page.model, "model").removeprefix("runway/")
        videos = videos.filter(Q(model=model) | Q(resolved_model=model))
    if page.mode:
        videos = videos.filter(mode=values.text(page.mode, "mode"))
    if page.created_after is not None:
        videos = videos.filter(created_at__gte=datetime.fromtimestamp(page.created_after, UTC))
    if page.created_before is not None:
        videos = videos.filter(created_at__lt=datetime.fromtimestamp(page.created_before, UTC))
    if page.prompt:
        # Not `icontains`: SQLite's LIKE ignores the case of ASCII letters only.
        videos = videos.filter(prompt__iregex=re.escape(values.text(page.prompt, "prompt")))
    return videos


def _with_metadata(videos: VideoQuerySet, request: HttpRequest) -> VideoQuerySet:
    """Those that have all pairs of `metadata[key]=value`."""
    asked = {
        match[1]: value
        for name, value in request.GET.items()
        if (match := _PAIR.fullmatch(name)) is not None
    }
    for key, value in values.pairs(asked, "metadata").items():
        pairs = MetadataPair.objects.filter(key=key, value=value)
        videos = videos.filter(pk__in=pairs.values("video"))
    return videos


def _cursor(request: HttpRequest, after: str) -> Video:
    """The video that a page begins behind; one deleted meanwhile still marks its place."""
    match = mine.VIDEO_ID.match(after)
    theirs = Video.objects.filter(owner=mine.key(request).owner)
    video = theirs.filter(pk=match[1]).first() if match else None
    if video is None:
        message = "'after' must be the id of one of your videos."
        raise ApiError(400, message, code="invalid_value", param="after")
    return video
