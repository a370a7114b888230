"""The library as a whole: filters, cards, selection, and how the page asks what changed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from videos import composer, filters

from .doors import is_htmx, signed_in
from .library import choices, shelf
from .live import poller


@require_safe
@signed_in
def library(request: HttpRequest) -> HttpResponseBase:
    """The library for other filters; its address becomes the page's."""
    query = filters.read(request.GET).query
    page = f"{reverse('studio')}?{query}" if query else reverse("studio")
    if not is_htmx(request):
        return redirect(page)
    answer = render(request, "videos/_library.html", context(request))
    is_there = request.headers.get("HX-Current-URL", "").endswith(f"{request.get_host()}{page}")
    return answer if is_there else push_url(answer, page)


def context(request: HttpRequest) -> dict[str, Any]:
    """Everything that `_library.html` shows."""
    found = filters.read(request.GET)
    asks = poller(request, found)  # before the cards, so that nothing falls in between
    return {
        **asks,
        **shelf(request),
        **choices(request, found),
        "behind": "after" in request.GET,
        "examples": composer.EXAMPLES,
    }
