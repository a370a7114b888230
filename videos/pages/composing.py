"""What stands around the form: its draft, presets, earlier prompts, and pictures to pick."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from videos import form_media
from videos.arrows import COMPLETED
from videos.delivery import deliver
from videos.form_media import FROM
from videos.models import Draft, File, Preset, UserFile, Video

from . import asking
from .doors import is_htmx, own, seen, signed_in, user_of

MOST_PROMPTS, MOST_PICKS, LOOKED_AT = 50, 24, 400
MOST_DRAFT_CHARS = 64_000
NOT_IN_PRESETS = ("prompt", "project", "seed", "seed_lock")


@dataclass(frozen=True)
class Choice:
    """One thing to pick: its token, what it shows, and what it is called."""

    token: str
    still: str
    name: str


@require_POST
@signed_in
def draft(request: HttpRequest) -> HttpResponseBase:
    """Keep what is typed in the form, for a reload or another device."""
    values = asking.fields(request.POST)
    if sum(map(len, values.values())) <= MOST_DRAFT_CHARS:
        kept = {"values": values, "saved_at": Now()}
        Draft.objects.update_or_create(owner=user_of(request), defaults=kept)
    return HttpResponse(status=204) if is_htmx(request) else redirect("studio")


@require_safe
@signed_in
def prompts(request: HttpRequest) -> HttpResponseBase:
    """The person's last prompts, the newest first, each once."""
    rows = own(request).exclude(prompt="").order_by("-created_at", "-pk")
    newest = dict.fromkeys(rows.values_list("prompt", flat=True)[:LOOKED_AT])
    return JsonResponse({"prompts": list(newest)[:MOST_PROMPTS]})


@require_POST
@signed_in
def save_preset(request: HttpRequest) -> HttpResponseBase:
    """Keep the form's settings under a new name, or instead of those under an old one."""
    values = asking.fields(request.POST)
    settings = {
        name: value
        for name, value in values.items()
        if name not in NOT_IN_PRESETS and not name.endswith(FROM)
    }
    presets, name = user_of(request).presets, _typed_name(request)
    if old := _preset(request):
        presets.filter(pk=old.pk).update(values=settings)
        return _presets(request, _("Saved as %(name)s.") % {"name": old.name})
    if not name:
        return _presets(request, _("Give it a name first."), status=422)
    presets.update_or_create(name=name, defaults={"values": settings})
    return _presets(request, _("Saved as %(name)s.") % {"name": name})


@require_POST
@signed_in
def rename_preset(request: HttpRequest) -> HttpResponseBase:
    """Call a preset by the name that was typed."""
    name, old = _typed_name(request), _preset(request)
    if old is None:
        return _presets(request, _("This preset is gone."), status=422)
    if not name:
        return _presets(request, _("Type the new name first."), status=422)
    if user_of(request).presets.filter(name=name).exclude(pk=old.pk).exists():
        return _presets(request, _("There is a preset of this name."), status=422)
    Preset.objects.filter(pk=old.pk).update(name=name)
    return _presets(request, _("It is called %(name)s now.") % {"name": name})


@require_POST
@signed_in
def delete_preset(request: HttpRequest) -> HttpResponseBase:
    """Forget a preset."""
    old = _preset(request)
    if old is not None:
        old.delete()
    return _presets(request)


@require_safe
@signed_in
def picker(request: HttpRequest) -> HttpResponseBase:
    """Recent pictures, videos or sounds that fit into `?slot=`: a fragment, or a whole page."""
    slot = request.GET.get("slot", form_media.FRAME)
    if slot not in form_media.LABELS:
        raise Http404
    kinds = form_media.KINDS.get(slot, "image").split(" or ")
    choices = [choice for kind in kinds for choice in islice(_choices(request, kind), MOST_PICKS)]
    context = {"slot": slot, "label": form_media.LABELS[slot], "choices": choices}
    template = "videos/_picker.html" if is_htmx(request) else "videos/picker.html"
    return render(request, template, context)


@require_safe
@signed_in
def still(request: HttpRequest, token: str) -> HttpResponseBase:
    """The picture that stands for what a token names."""
    found: File | UserFile | None = form_media.stored(token, seen(request))
    if found is None:
        found = UserFile.objects.visible_to(user_of(request)).filter(pk=token).first()
    if found is None or not found.content_type.startswith("image/"):
        raise Http404
    return deliver(request, found)


def _choices(request: HttpRequest, kind: str) -> Iterator[Choice]:
    """Stills and clips of finished videos, then what was given to videos or uploaded."""
    made = own(request).in_library().filter(status=COMPLETED).order_by("-created_at", "-pk")
    if kind != "audio":
        yield from _of_videos(made[: MOST_PICKS // 3], kind)
    inputs = File.objects.filter(video__in=own(request), kind=File.INPUT)
    rows = inputs.filter(content_type__startswith=kind).order_by("-created_at", "-pk")
    files = UserFile.objects.visible_to(user_of(request)).filter(content_type__startswith=kind)
    yield from _once([*rows[:LOOKED_AT], *files.order_by("-created_at")[:MOST_PICKS]])


def _of_videos(videos: Iterable[Video], kind: str) -> Iterator[Choice]:
    for video in videos:
        name = video.prompt[:60] or video.pk
        whats = {"last": _("Last frame"), "first": _("First frame")}
        for what, label in {"video": _("Video")}.items() if kind == "video" else whats.items():
            token = f"{video.pk}:{what}"
            yield Choice(token, token, f"{label} · {name}")


def _once(rows: Iterable[File | UserFile]) -> Iterator[Choice]:
    """Each picture once, however often it was given."""
    seen: set[str] = set()
    for row in rows:
        if row.sha256 in seen:
            continue
        seen.add(row.sha256)
        if isinstance(row, File):
            token, name = f"{row.video_id}:input-{row.position}", _("Used before")
        else:
            token, name = row.pk, row.filename
        yield Choice(token, token if row.content_type.startswith("image/") else "", name)


def _typed_name(request: HttpRequest) -> str:
    return request.POST.get("preset_name", "").replace("\0", "").strip()[:80]


def _preset(request: HttpRequest) -> Preset | None:
    """The person's preset whose button was pressed."""
    typed = request.POST.get("preset", "")
    known = typed.isdecimal() and len(typed) < 10
    return user_of(request).presets.filter(pk=int(typed)).first() if known else None


def _presets(request: HttpRequest, told: str = "", status: int = 200) -> HttpResponse:
    """The list of presets, and what happened."""
    if not is_htmx(request):
        return redirect("studio")
    context: dict[str, Any] = {"presets": user_of(request).presets.all(), "told": told, "oob": True}
    return render(request, "videos/_presets.html", context, status=status)
