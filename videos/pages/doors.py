"""What every page asks first: who is there, and which videos are theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from studio.accounts.models import User
from videos.files import ID
from videos.models import Video, VideoQuerySet

View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """Sends strangers to the sign-in page; a fragment answers 401, so that a page can say so."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if is_htmx(request):
            return HttpResponse(_("You were signed out."), status=401)
        return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")

    return wrapped


def user_of(request: HttpRequest) -> User:
    """The person behind a request that passed `signed_in`."""
    assert isinstance(request.user, User)
    return request.user


def is_htmx(request: HttpRequest) -> bool:
    """Whether a fragment is asked for."""
    return request.headers.get("HX-Request") == "true"


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
    return Video.objects.visible_to(user_of(request))


def find(request: HttpRequest, video_id: str) -> Video:
    """The person's video. 404 for everybody else's."""
    found = own(request).filter(pk=video_id).first()
    if found is None:
        raise Http404
    return found


def named(request: HttpRequest, name: str, among: VideoQuerySet) -> Video | None:
    """The video whose id the query gives under this name."""
    value = request.GET.get(name, "")
    return among.filter(pk=value).first() if ID.fullmatch(value) else None
