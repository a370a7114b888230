"""What every page of videos asks first: who is there, and which videos are theirs.

`own` and `find` are for acting and for a person's own library; `seen` and `look` for looking alone,
where others' videos of shared projects count, too.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import trigger_client_event

from studio.accounts.doors import View, is_htmx, personal, signed_in, user_of
from videos.files import ID
from videos.models import Video, VideoQuerySet

__all__ = [
    "View",
    "back",
    "done",
    "find",
    "is_htmx",
    "look",
    "named",
    "own",
    "personal",
    "seen",
    "signed_in",
    "user_of",
]


def done(request: HttpRequest, note: str = "", undo: list[str] | None = None) -> HttpResponse:
    """The answer to anything that was done: the page asks what changed, and says the note.

    Without htmx, back to where it was done. `undo` are the ids that a button brings back from the
    trash.
    """
    if not is_htmx(request):
        if note:
            messages.info(request, note)
        return redirect(back(request))
    if not note:
        return trigger_client_event(HttpResponse(status=204), "changed")
    answer = render(request, "videos/_toast.html", {"note": note, "undo": undo or []})
    return trigger_client_event(answer, "changed")


def back(request: HttpRequest) -> str:
    """The page of ours that a form stood on; the studio's where nobody says."""
    page = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        page, {request.get_host()}, require_https=request.is_secure()
    )
    return page if is_ours else reverse("studio")


def own(request: HttpRequest) -> VideoQuerySet:
    """The person's videos."""
    return Video.objects.owned_by(user_of(request))


def seen(request: HttpRequest) -> VideoQuerySet:
    """The videos that the person may look at, take along and use again."""
    return Video.objects.visible_to(user_of(request))


def find(request: HttpRequest, video_id: str) -> Video:
    """The person's video. 404 for everybody else's."""
    return _one(own(request), video_id)


def look(request: HttpRequest, video_id: str) -> Video:
    """A video that the person may look at. 404 for every other."""
    return _one(seen(request), video_id)


def named(request: HttpRequest, name: str, among: VideoQuerySet) -> Video | None:
    """The video whose id the query gives under this name."""
    value = request.GET.get(name, "")
    return among.filter(pk=value).first() if ID.fullmatch(value) else None


def _one(among: VideoQuerySet, video_id: str) -> Video:
    found = among.filter(pk=video_id).first()
    if found is None:
        raise Http404
    return found
