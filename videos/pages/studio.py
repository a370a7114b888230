"""The studio's page: the form and the library."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from providers import catalog, house, routing
from videos import (
    actions,
    balance,
    budgets,
    composer,
    deriving,
    files,
    ledger,
    outlook,
    pricing,
    requests,
)
from videos.models import Draft, Project, Video
from videos.requests import CheckedRequest, InvalidRequest

from . import asking, browsing
from .asking import Asked
from .doors import is_htmx, seen, signed_in, user_of


@require_safe
@signed_in
def studio(request: HttpRequest) -> HttpResponseBase:
    """The page: form and library.

    `?after=<id>` begins further down; `asking.begun` says what fills the form.
    """
    asked = asking.begun(request)
    return _page(request, asked, _composer(request, asked, asking.told_gone(asked)))


@require_POST
@signed_in
def create(request: HttpRequest) -> HttpResponseBase:
    """Accept what the form asks for, one video or several takes; or 422 and what is wrong."""
    asked = asking.from_post(request)
    try:
        if gone := asking.told_gone(asked):
            raise gone
        _accept(request, asked)
    except InvalidRequest as exc:
        return _refused(request, asked, exc)
    if not is_htmx(request):
        return redirect("studio")
    answer = render(request, "videos/_composed.html")
    return trigger_client_event(trigger_client_event(answer, "composed"), "changed")


@require_safe
@signed_in
def controls(request: HttpRequest) -> HttpResponseBase:
    """The part of the form that depends on the model and on what lies in the slots."""
    asked = asking.from_query(request)
    if "roll" in request.GET:
        asked.values["seed"] = str(_any_seed())
    form = _composer(request, asked, asking.told_gone(asked))
    return render(request, "videos/_controls.html", {**_form(form), "oob": True})


def _accept(request: HttpRequest, asked: Asked) -> list[Video]:
    """The videos, all or none. The draft is done with them. Raises: InvalidRequest."""
    user = user_of(request)
    library = files.library(user, seen(request))
    params = composer.read(asked.values, asked.filled)
    checked = requests.check(params, library, house.current())
    source = asking.source_video(request, asked)
    if source is not None:
        checked = deriving.recorded(checked, params, asking.source(source))
    project = _project(request, asked.values.get("project", ""))
    made: list[Video] = []
    try:
        with transaction.atomic():
            for take in _takes(checked, composer.takes(asked.values)):
                first = made[0] if made else None
                links = actions.Links(remixed_from=source, project=project, stack=first)
                made.append(actions.accept(take, user, **links))
            Draft.objects.filter(owner=user).delete()
    except BaseException as exc:
        for video in made:
            files.erase_folder(video.pk)
        if isinstance(exc, FileNotFoundError):
            raise InvalidRequest(_("A picture or video chosen here is gone."), "form") from exc
        raise
    return made


def _takes(checked: CheckedRequest, count: int) -> list[CheckedRequest]:
    """The same request so many times, each with a seed of its own; a given one is the first's."""
    model = catalog.find(checked.resolved_model)
    if model is None or not model.modes[checked.mode].takes("seed"):
        return [checked] * count
    first = _any_seed() if checked.seed is None else checked.seed
    seeds = ((first + number) % (catalog.SEED_MAX + 1) for number in range(count))
    return [replace(checked, seed=seed) for seed in seeds]


def _any_seed() -> int:
    return random.SystemRandom().randint(0, catalog.SEED_MAX)


def _project(request: HttpRequest, typed: str) -> Project | None:
    """The project of this id, their own or a shared one. Raises: InvalidRequest for any other."""
    if not typed:
        return None
    is_id = typed.isdecimal() and len(typed) < 10
    found = Project.objects.open_to(user_of(request)).filter(pk=typed).first() if is_id else None
    if found is None:
        raise InvalidRequest(_("This project is gone. Choose another one."), "project")
    return found


def _composer(
    request: HttpRequest, asked: Asked, error: InvalidRequest | None = None
) -> composer.Composer:
    library, now = files.library(user_of(request), seen(request)), house.current()
    return composer.compose(asked.values, asked.filled, library=library, error=error, house=now)


def _page(
    request: HttpRequest, asked: Asked, form: composer.Composer, status: int = 200
) -> HttpResponse:
    user = user_of(request)
    context = {
        **_form(form),
        "presets": list(user.presets.all()),
        "moves": composer.MOVES,
        "standings": budgets.shown_to(user),
        **browsing.context(request),
    }
    return render(request, "videos/studio.html", context, status=status)


def _form(form: composer.Composer) -> dict[str, Any]:
    """The form at the prices that are set, whether it is free, what is left, how long it takes."""
    form = replace(form, checked=pricing.priced(form.checked))
    pool, is_free = routing.pool(), routing.is_sandboxed(form.model.id)
    left = balance.left(pool)
    usual = outlook.usual_of(form.model.id, is_sandbox=is_free)
    return {
        "composer": form,
        "has_key": bool(pool),
        "is_free": is_free,
        "left": None if left is None else ledger.words(left),
        "usual": _about(usual),
    }


def _about(seconds: float | None) -> str:
    """A time in words, "" for none known."""
    if seconds is None:
        return ""
    if seconds < 50:
        return _("about %(seconds)s s") % {"seconds": max(5, round(seconds / 5) * 5)}
    return _("about %(minutes)s min") % {"minutes": max(1, round(seconds / 60))}


def _refused(request: HttpRequest, asked: Asked, error: InvalidRequest) -> HttpResponse:
    """What is wrong at its field. A page with script keeps all that was typed and chosen."""
    if not is_htmx(request):
        kept = asking.keep_files(request, asked)
        return _page(request, kept, _composer(request, kept, error), status=422)
    form = _composer(request, asked, error)
    return render(request, "videos/_refused.html", {"composer": form}, status=422)
