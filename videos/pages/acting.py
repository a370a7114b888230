"""The buttons of one video: cancel, delete, give up, send again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from videos import actions
from videos.budgets import OverBudget
from videos.models import Superseded, Video

from .doors import back, find, is_htmx, signed_in, user_of
from .library import card_of
from .live import poller


@require_POST
@signed_in
def cancel(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Stop a video and keep its record."""
    return _changed(request, actions.cancel(find(request, video_id)))


@require_POST
@signed_in
def delete(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Remove a video for good."""
    actions.delete(find(request, video_id))
    return HttpResponse() if is_htmx(request) else redirect("studio")


@require_POST
@signed_in
def give_up(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Release the credits of an uncertain submission."""
    video = find(request, video_id)
    try:
        actions.give_up(video)
    except Superseded:
        return _changed(request, video, _("This was decided before."))
    return _changed(request, video)


@require_POST
@signed_in
def send_again(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """The same request as a new video, which may be paid twice."""
    video = find(request, video_id)
    try:
        again = actions.send_again(video, user_of(request))
    except Superseded:
        return _changed(request, video, _("This was decided before."))
    except OverBudget as exc:
        return _changed(request, video, exc.for_people)
    except FileNotFoundError:
        return _changed(request, video, _("The picture of this request is gone: ask for it anew."))
    if not is_htmx(request):
        return redirect("studio")
    card, old = card_of(request, again), card_of(request, video)
    context = {"card": card, "old": old, **poller(again.pk)}
    return render(request, "videos/_created.html", context)


def _changed(request: HttpRequest, video: Video, note: str = "") -> HttpResponseBase:
    """The card as it is now, with a word on what did not happen."""
    if is_htmx(request):
        context = {"card": card_of(request, video), "note": note}
        return render(request, "videos/_card.html", context)
    if note:
        messages.info(request, note)
    return back(request, "studio")
