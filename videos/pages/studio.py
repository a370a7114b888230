"""The studio's page: the form and the library."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget

from providers import routing
from videos import actions, composer, requests
from videos.files import library
from videos.requests import InvalidRequest, Upload

from . import browsing
from .doors import done, is_htmx, named, own, signed_in, user_of


@require_safe
@signed_in
def studio(request: HttpRequest) -> HttpResponseBase:
    """The page: form and library.

    `?after=<id>` begins further down, `?from=<id>` fills the form from a video, and any field of
    the form may be named (`?prompt=`).
    """
    source = named(request, "from", own(request))
    form = composer.compose(composer.values_of(source) if source else request.GET.dict())
    return _page(request, form, had_picture=bool(source and source.request.get("media")))


@require_POST
@signed_in
def create(request: HttpRequest) -> HttpResponseBase:
    """Accept what the form asks for, or answer 422 with the form and what is wrong."""
    file = request.FILES.get(composer.PICTURE)
    picture = Upload(file.read(), file.name or "") if file else None
    try:
        checked = requests.check(
            composer.read(request.POST.dict(), picture), library(user_of(request))
        )
    except InvalidRequest as exc:
        return _refused(request, exc, has_picture=picture is not None)
    actions.accept(checked, user_of(request))
    return done(request) if is_htmx(request) else redirect("studio")


@require_safe
@signed_in
def controls(request: HttpRequest) -> HttpResponseBase:
    """The part of the form that depends on the model and on whether there is a picture."""
    # htmx names a chosen file in the query, without its bytes.
    has_picture = bool(request.GET.get(composer.PICTURE))
    form = composer.compose(request.GET.dict(), has_picture=has_picture)
    return render(request, "videos/_controls.html", {**_form(form), "oob": True})


def _page(
    request: HttpRequest, form: composer.Composer, *, had_picture: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        **_form(form),
        "had_picture": had_picture,
        "has_key": bool(routing.pool()),
        **browsing.context(request),
    }
    return render(request, "videos/studio.html", context, status=status)


def _form(form: composer.Composer) -> dict[str, Any]:
    """The form, and whether what it asks for is free."""
    return {"composer": form, "is_free": routing.is_sandboxed(form.model.id)}


def _refused(request: HttpRequest, error: InvalidRequest, *, has_picture: bool) -> HttpResponse:
    form = composer.compose(request.POST.dict(), has_picture=has_picture, error=error)
    if not is_htmx(request):
        return _page(request, form, had_picture=has_picture, status=422)
    answer = render(request, "videos/_composer.html", _form(form), status=422)
    return retarget(reswap(answer, "outerHTML"), "#composer")
