"""Ways in: sign-in, and the first-run page, which is there only while nobody is."""

from __future__ import annotations

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_lockout_response
from django.contrib import messages
from django.contrib.auth import login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from . import audit
from .doors import user_of
from .forms import SetupForm
from .models import User
from .signing import SignIn

# Whose wrong codes are counted, as the wrong passwords of a person are.
NOBODY = {"username": "setup code"}
BACKEND = "django.contrib.auth.backends.ModelBackend"

_sign_in = SignIn.as_view()


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Django's own sign-in; where nobody could sign in yet, the first-run page."""
    if not request.user.is_authenticated and not User.objects.exists():
        return redirect("setup")
    return _sign_in(request)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponseBase:
    """Create the administrator, and sign him in. 404 as soon as there is anybody.

    Ten wrong codes from one address close it for a while, as wrong passwords close the sign-in.
    """
    if User.objects.exists():
        raise Http404
    if not AxesProxyHandler.is_allowed(request, NOBODY):
        locked: HttpResponseBase = get_lockout_response(request, credentials=NOBODY)
        return locked
    form = SetupForm(request.POST or None)
    if not form.is_bound:
        return render(request, "accounts/setup.html", {"form": form})
    if not form.is_valid():
        if "code" in form.errors:
            AxesProxyHandler.user_login_failed(setup, NOBODY, request)
        return render(request, "accounts/setup.html", {"form": form}, status=422)
    with transaction.atomic():
        login(request, form.save(), backend=BACKEND)
        audit.record(audit.by(request), "person.added", user_of(request))
    messages.info(request, _("You are the administrator. Welcome."))
    return redirect("studio")
