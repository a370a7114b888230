"""What every page asks first: who is there, and which videos are theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from studio.accounts.models import User
from videos import cards
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


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To the page of ours that the form names in `next`, or to that of this name."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return redirect(target)
    return redirect(otherwise)


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
    return among.filter(pk=value).first() if cards.ID.fullmatch(value) else None
