"""The settings page of the defaults: what a new video's form begins with, within the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from providers import house
from studio.accounts.models import User
from videos import composer

from .doors import personal, signed_in, user_of

FIELDS = ("model", "seconds", "size", "audio")


@require_safe
@signed_in
def defaults(request: HttpRequest) -> HttpResponseBase:
    """The form, as it was saved; `?model=` shows what another model leaves to choose."""
    return _page(request, {**user_of(request).defaults, **_given(request.GET)})


@require_safe
@signed_in
def choices(request: HttpRequest) -> HttpResponseBase:
    """The part of the form that depends on the model."""
    context = {"composer": composer.compose(_given(request.GET), house=house.current())}
    return render(request, "videos/_default_choices.html", context)


@require_POST
@personal
def save(request: HttpRequest) -> HttpResponseBase:
    """Keep what the model takes, or 422 for a model that is not there. Anything else is made to
    fit, and said. The empty model means that every new video begins as the studio would.
    """
    given = _given(request.POST)
    if not given.get("model"):
        return _saved(request, {}, [])
    now = house.current()
    if given["model"] not in {model.id for model in now.models}:
        return _page(request, {}, error=_("Choose a model of the list."))
    form = composer.compose(given, house=now)
    kept = {
        "model": form.model.id,
        "seconds": str(form.checked.seconds) if form.lengths else "",
        "size": next((size.value for size in form.sizes if size.is_chosen), ""),
        "audio": "true" if form.takes_audio and given.get("audio") == "true" else "",
    }
    return _saved(request, {name: value for name, value in kept.items() if value}, form.notes)


def _given(sent: Mapping[str, str]) -> dict[str, str]:
    return {name: sent[name] for name in FIELDS if name in sent}


def _saved(request: HttpRequest, kept: dict[str, str], notes: list[str]) -> HttpResponse:
    User.objects.filter(pk=user_of(request).pk).update(defaults=kept)
    messages.info(request, " ".join([_("Saved."), *notes]))
    return redirect("defaults")


def _page(request: HttpRequest, values: Mapping[str, str], error: str = "") -> HttpResponse:
    now = house.current()
    context = {
        "composer": composer.compose(values, house=now),
        "models": now.models,
        "chosen": values.get("model", ""),
        "error": error,
    }
    return render(request, "videos/defaults.html", context, status=422 if error else 200)
