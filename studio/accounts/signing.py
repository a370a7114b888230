"""Signing in, on record. Called by the entrance."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.http import HttpResponse

from . import audit
from .models import User


class SignIn(LoginView):
    """Django's, throttled by django-axes; every sign-in is on record, and every failed one."""

    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """In."""
        with transaction.atomic():
            answer = super().form_valid(form)
            actor = audit.by(self.request)
            audit.record(actor, "sign_in.done", actor.person or "")
        return answer

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Not in. What is typed and nobody's address is not kept: it may be a password.

        While an address is locked out nothing more is noted, so that nobody fills the audit.
        """
        if not getattr(self.request, "axes_locked_out", False):
            typed = str(form.data.get("username", "")).replace("\0", "")
            person = User.objects.filter(email=typed).first()
            audit.record(
                audit.by(self.request), "sign_in.failed", person or "an address that is nobody's"
            )
        return super().form_invalid(form)
