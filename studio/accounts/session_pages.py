"""The settings page that tells where one is signed in, and ends what one does not know."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from . import audit, sessions
from .doors import personal, user_of


@require_safe
@personal
def signed_in_at(request: HttpRequest) -> HttpResponseBase:
    """Every session of the person, this one marked."""
    context = {
        "sessions": sessions.of(user_of(request)),
        "this": request.session.session_key,
    }
    return render(request, "accounts/sessions.html", context)


@require_POST
@personal
def sign_out_there(request: HttpRequest) -> HttpResponseBase:
    """End one other session, named by `session`, or every other one."""
    user, chosen = user_of(request), request.POST.get("session") or None
    with transaction.atomic():
        ended = sessions.end(user, but=request.session.session_key, reference=chosen)
        if ended:
            audit.record(audit.by(request), "session.ended", user, after={"sessions": ended})
    messages.info(request, _("Signed out there.") if ended else _("There was nothing to sign out."))
    return redirect("sessions")
