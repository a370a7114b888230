"""What every page asks first: who is there. For the pages of accounts and of everything above."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from .models import User

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
