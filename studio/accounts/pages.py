"""The settings of a person: who, password, look, notices, shortcuts. Each section is its own form.

What belongs to videos, the defaults and the webhooks, has its pages in `videos`.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from . import audit
from .doors import personal, signed_in, user_of
from .forms import LookForm, NoticesForm, PasswordForm, ProfileForm, ShortcutsForm, UserForm
from .models import User

SECTIONS: dict[str, type[UserForm]] = {
    "profile": ProfileForm,
    "look": LookForm,
    "notices": NoticesForm,
    "shortcuts": ShortcutsForm,
}


@require_safe
@signed_in
def settings(request: HttpRequest) -> HttpResponseBase:
    """Every section with its form."""
    return _page(request)


@require_POST
@personal
def save(request: HttpRequest, section: str) -> HttpResponseBase:
    """Keep what one section says, or 422 with what is wrong. Others stay as they are."""
    if section not in SECTIONS:
        raise Http404
    # A row of its own: what is wrong must not show as the name of whoever is signed in.
    row = User.objects.get(pk=user_of(request).pk)
    form = SECTIONS[section](request.POST, instance=row)
    if not form.is_valid():
        return _page(request, status=422, **{section: form})
    form.save()
    return _saved(request, section)


@sensitive_post_parameters()
@require_POST
@personal
def password(request: HttpRequest) -> HttpResponseBase:
    """A new password. This session goes on, every other one of the person ends."""
    form = PasswordForm(user_of(request), request.POST)
    if not form.is_valid():
        return _page(request, status=422, password=form)
    with audit.change(audit.by(request), "person", form.user, ("password",)):
        update_session_auth_hash(request, form.save())
    messages.info(request, _("Your password is changed. Everywhere else you are signed out."))
    return redirect(f"{reverse('settings')}#section-password")


def _saved(request: HttpRequest, section: str) -> HttpResponse:
    messages.info(request, _("Saved."))
    return redirect(f"{reverse('settings')}#section-{section}")


def _page(request: HttpRequest, status: int = 200, **sent: BaseForm) -> HttpResponse:
    user = User.objects.get(pk=user_of(request).pk)
    forms: dict[str, Any] = {name: form(instance=user) for name, form in SECTIONS.items()}
    forms["password"] = PasswordForm(user)
    return render(request, "accounts/settings.html", {**forms, **sent}, status=status)
