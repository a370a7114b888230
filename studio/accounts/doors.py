"""What every page asks first: who is there, and what this person may do.

For the pages of accounts and of everything above.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from .models import User

View = Callable[..., HttpResponseBase]

LOOKS = ("GET", "HEAD", "OPTIONS")


def signed_in(view: View) -> View:
    """Sends strangers to the sign-in page, and lets a viewer look but change nothing.

    A fragment answers 401, so that a page can say so. Every POST of a viewer is a 403, unless the
    view is `personal` instead.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in LOOKS and not user_of(request).may_make:
            raise PermissionDenied(
                _("You are a viewer, who looks and changes nothing. Ask an administrator.")
            )
        return view(request, *args, **kwargs)

    return personal(wrapped)


def personal(view: View) -> View:
    """As `signed_in`, for what everybody may change, viewers too: their own way of working."""

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
