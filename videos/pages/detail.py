"""One video: its page and its files."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from videos import composer, telling
from videos.delivery import deliver
from videos.models import File

from .doors import find, own, signed_in
from .library import card_of

KINDS = (File.VIDEO, File.THUMBNAIL, File.SPRITESHEET)


@require_safe
@signed_in
def video(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """One video: player, recipe, cost, and its events in words."""
    card = card_of(request, find(request, video_id))
    events = list(card.video.events.order_by("id"))
    told = telling.sentences((event.arrow, event.detail) for event in events)
    context = {
        "card": card,
        "timeline": list(zip(events, told, strict=True)),
        "recipe": composer.values_of(card.video),
        "again_of": own(request).filter(pk=card.video.again_of_id or "").first(),
    }
    return render(request, "videos/video.html", context)


@require_safe
@signed_in
def file(request: HttpRequest, video_id: str, kind: str) -> HttpResponseBase:
    """The bytes of a video, its thumbnail or spritesheet; `?download=1` to keep them."""
    stored = File.objects.filter(video=find(request, video_id), kind=kind, position=0).first()
    if kind not in KINDS or stored is None:
        raise Http404
    return deliver(request, stored, download="download" in request.GET)
