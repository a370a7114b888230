"""One video: its page, what of it moves by itself, and its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from providers import house
from videos import composer, probing, telling, uploaded
from videos.delivery import deliver
from videos.models import File, Project, Tag, Video
from videos.values import InvalidRequest, Upload

from . import family, verbs
from .doors import look, signed_in, user_of
from .library import card_of
from .live import FAST_SECONDS, SLOW_SECONDS

KINDS = (File.VIDEO, File.THUMBNAIL, File.SPRITESHEET, File.FIRST_FRAME)
SLOTS = ("first_frame", "last_frame")
# Ends that a late answer of Runway may still undo (arrow m).
MAY_COME_BACK = ("submission_uncertain", "timed_out")
# What a browser may show as a picture; everything else is offered as a file.
PICTURES = ("image/png", "image/jpeg", "image/webp")


@require_safe
@signed_in
def video(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """One video: player, recipe, cost, relatives, and its events in words.

    The query of the address is that of the library where the person came from.
    """
    return render(request, "videos/video.html", _told(request, look(request, video_id)))


@require_safe
@signed_in
def state(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """What of the page may have changed; 204 while the video is as `?seen=` says."""
    found = look(request, video_id)  # where it was deleted meanwhile, the page says so itself
    if request.GET.get("seen") == str(found.version):
        return HttpResponse(status=204)
    return render(request, "videos/_moved.html", _told(request, found))


@require_safe
@signed_in
def file(request: HttpRequest, video_id: str, kind: str) -> HttpResponseBase:
    """The bytes of a video, its thumbnail or spritesheet; `?download=1` to keep them."""
    stored = _stored(look(request, video_id), kind) if kind in KINDS else None
    if stored is None:
        raise Http404
    return deliver(request, stored, download="download" in request.GET)


@require_safe
@signed_in
def given(request: HttpRequest, video_id: str, position: int) -> HttpResponseBase:
    """The bytes of a picture, clip or sound that the request brought along."""
    stored = _stored(look(request, video_id), File.INPUT, position)
    if stored is None:
        raise Http404
    shown = stored.content_type in PICTURES and "download" not in request.GET
    return deliver(request, stored, download=not shown)


@require_POST
@signed_in
def frame(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """The frame that is shown `at` so many seconds, as the first or last frame of the form."""
    video = look(request, video_id)
    stored = _stored(video, File.VIDEO)
    if stored is None:
        raise Http404
    slot = request.POST.get("slot")
    try:
        data = probing.still(Path(default_storage.path(stored.path)), _moment(request))
        upload = Upload(data, f"{video.pk}.png")
        kept = uploaded.keep(user_of(request), upload, "vision")
    except (probing.Unreadable, InvalidRequest, ValueError) as exc:
        reason = str(exc) or _("that is no moment of it")
        messages.error(request, _("The frame could not be copied: %(why)s") % {"why": reason})
        return redirect("video", video_id)
    query = urlencode({slot if slot in SLOTS else SLOTS[0]: kept.pk})
    return redirect(f"{reverse('studio')}?{query}")


def _told(request: HttpRequest, video: Video) -> dict[str, Any]:
    """All that the page says, as the templates want it."""
    card = card_of(request, video)
    events = list(card.video.events.order_by("id"))
    sentences = telling.sentences((event.arrow, event.detail) for event in events)
    user, now = user_of(request), house.current()
    return {
        "card": card,
        "video": card.video,
        "player": _stored(video, File.VIDEO) if card.player else None,
        "inputs": _inputs(video),
        "timeline": list(zip(events, sentences, strict=True)),
        "took": telling.duration(video.created_at, video.completed_at),
        "recipe": composer.values_of(card.video),
        "verbs": verbs.of(card, now),
        "others": verbs.others(card.video, now),
        "family": family.family(request, video),
        "place": family.place(request, video),
        "query": _query(request),
        "is_mine": video.owner_id == user.pk,
        "project": card.video.project.label_for(user) if card.video.project else "",
        "projects": [each.label_for(user) for each in Project.objects.open_to(user)],
        "tags": ", ".join(tag.name for tag in video.tags.all()),
        "all_tags": Tag.objects.filter(owner=user),
        "tasks": video.tasks.select_related("provider_key").order_by("id") if user.is_staff else [],
        "pace": _pace(video),
    }


def _pace(video: Video) -> int:
    """Seconds between two looks of the page; 0 where nothing happens without anybody asking."""
    if not video.is_terminal:
        return FAST_SECONDS
    return SLOW_SECONDS if video.error_code in MAY_COME_BACK else 0


def _query(request: HttpRequest) -> str:
    """The query of the library that the page was reached from."""
    query = request.GET.copy()
    query.pop("seen", None)
    return query.urlencode()


def _inputs(video: Video) -> list[tuple[File, str]]:
    """The files that came with the request, and the field that each was given for."""
    media = video.request.get("media", [])
    fields = {item["uri"].removeprefix("file:"): item["field"] for item in media}
    kept = video.files.filter(kind__in=(File.INPUT, File.FIRST_FRAME)).order_by("kind", "position")
    return [(each, telling.field(fields.get(each.path, "made"))) for each in kept]


def _stored(video: Video, kind: str, position: int = 0) -> File | None:
    return File.objects.filter(video=video, kind=kind, position=position).first()


def _moment(request: HttpRequest) -> float:
    """Seconds from the beginning. Raises: ValueError."""
    seconds = float(request.POST.get("at") or 0)
    if not 0 <= seconds < 24 * 3600:
        raise ValueError
    return seconds
