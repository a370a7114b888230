"""What is done with selected videos at once: one POST for the lot."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from videos import shelving
from videos.models import Project, VideoQuerySet

from .doors import done, own, signed_in, user_of

MOST = 1000


@require_POST
@signed_in
def selected(request: HttpRequest) -> HttpResponseBase:
    """Do what the pressed button says (`do`) with the videos `ids`."""
    act = _DEEDS.get(request.POST.get("do", ""))
    videos = chosen(request, own(request))
    if act is None or not videos.exists():
        return done(request, _("None of your own videos is selected."))
    return act(request, videos)


def chosen(request: HttpRequest, among: VideoQuerySet) -> VideoQuerySet:
    """Those of these videos that the form names."""
    ids = [video_id for video_id in request.POST.getlist("ids")[:MOST] if "\0" not in video_id]
    return among.filter(pk__in=ids)


def _trash(request: HttpRequest, videos: VideoQuerySet) -> HttpResponseBase:
    moved = shelving.trash(videos)
    if not moved:
        return done(request, _("Only videos that are over can go to the trash: cancel them first."))
    said = ngettext("Moved to the trash.", "%(count)s videos moved to the trash.", len(moved))
    return done(request, said % {"count": len(moved)}, undo=moved)


def _restore(request: HttpRequest, videos: VideoQuerySet) -> HttpResponseBase:
    count = shelving.restore(videos)
    said = ngettext("The video is back.", "%(count)s videos are back.", count)
    return done(request, said % {"count": count})


def _favourite(request: HttpRequest, videos: VideoQuerySet) -> HttpResponseBase:
    shelving.favour(videos, is_favourite=True)
    return done(request)


def _unfavourite(request: HttpRequest, videos: VideoQuerySet) -> HttpResponseBase:
    shelving.favour(videos, is_favourite=False)
    return done(request)


def _tag(request: HttpRequest, videos: VideoQuerySet) -> HttpResponseBase:
    name = " ".join(request.POST.get("tag", "").replace("\0", "").split())[:40]
    if not name:
        return done(request, _("Name a tag first."))
    shelving.tag(videos, user_of(request), name)
    return done(request, _("Tagged “%(name)s”.") % {"name": name})


def _untag(request: HttpRequest, videos: VideoQuerySet) -> HttpResponseBase:
    name = " ".join(request.POST.get("tag", "").replace("\0", "").split())[:40]
    shelving.untag(videos, user_of(request), name)
    return done(request)


def _move(request: HttpRequest, videos: VideoQuerySet) -> HttpResponseBase:
    """Into the chosen project, perhaps a shared one, or into a new one of the typed name."""
    project = _project(request)
    shelving.move(videos, project)
    if project is None:
        return done(request, _("In no project any more."))
    return done(request, _("Moved to “%(name)s”.") % {"name": project.name})


def _project(request: HttpRequest) -> Project | None:
    user = user_of(request)
    name = " ".join(request.POST.get("new_project", "").replace("\0", "").split())[:80]
    if name:
        return Project.objects.get_or_create(owner=user, name=name)[0]
    number = request.POST.get("project", "")
    known = number.isdecimal() and len(number) < 10
    return Project.objects.open_to(user).filter(pk=number).first() if known else None


_DEEDS: dict[str, Callable[[HttpRequest, VideoQuerySet], HttpResponseBase]] = {
    "trash": _trash,
    "restore": _restore,
    "favourite": _favourite,
    "unfavourite": _unfavourite,
    "tag": _tag,
    "untag": _untag,
    "move": _move,
}
