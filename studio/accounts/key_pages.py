"""The settings page of API keys. A key is shown in the answer that made it, and never again."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from . import audit
from .doors import signed_in, user_of
from .forms import KeyForm
from .key_forms import RotationForm
from .models import ApiKey


@require_safe
@signed_in
def keys(request: HttpRequest) -> HttpResponseBase:
    """The person's keys, a form for one more, and how a script uses one."""
    return _page(request, KeyForm(owner=user_of(request)))


@require_POST
@signed_in
def add(request: HttpRequest) -> HttpResponseBase:
    """A new key, shown this once, or 422 with the form and what is wrong."""
    form = KeyForm(request.POST, owner=user_of(request))
    if not form.is_valid():
        return _page(request, form, status=422)
    with transaction.atomic():
        key, token = ApiKey.issue(user_of(request), **form.cleaned_data)
        audit.record(audit.by(request), "api_key.added", key, after=audit.look(key, ApiKey.AUDITED))
    return _page(request, KeyForm(owner=user_of(request)), token=token)


@require_POST
@signed_in
def rotate(request: HttpRequest, key_id: int) -> HttpResponseBase:
    """A new token for a key, shown this once; the old one works on for the chosen overlap."""
    key, form = _find(request, key_id), RotationForm(request.POST)
    if key.revoked_at or key.replaced_by_id:
        raise Http404
    if not form.is_valid():
        return _page(request, KeyForm(owner=user_of(request)), status=422)
    with transaction.atomic():
        hours = form.cleaned_data["overlap"]
        audit.record(audit.by(request), "api_key.rotated", key, after={"overlap_hours": hours})
        token = key.rotate(timedelta(hours=hours))
    return _page(request, KeyForm(owner=user_of(request)), token=token)


@require_POST
@signed_in
def revoke(request: HttpRequest, key_id: int) -> HttpResponseBase:
    """Refuse a key from now on. 404 for everybody else's; doing it twice changes nothing."""
    key = _find(request, key_id)
    with audit.change(audit.by(request), "api_key", key, ApiKey.AUDITED):
        ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    messages.info(request, _("Revoked. Whoever uses that key is refused from now on."))
    return redirect("keys")


def _find(request: HttpRequest, key_id: int) -> ApiKey:
    """The person's key. 404 for everybody else's."""
    found = ApiKey.objects.filter(owner=user_of(request), pk=key_id).first()
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest, form: KeyForm, *, token: str = "", status: int = 200
) -> HttpResponse:
    mine = ApiKey.objects.filter(owner=user_of(request))
    context = {
        "form": form,
        "rotation": RotationForm(auto_id=False),
        "token": token,
        "keys": mine.order_by(F("revoked_at").desc(nulls_first=True), "-id"),
        "base_url": settings.STUDIO_BASE_URL,
    }
    answer = render(request, "accounts/keys.html", context, status=status)
    add_never_cache_headers(answer)
    return answer
