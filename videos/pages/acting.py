"""The buttons of one video: cancel, delete, give up, send again, try again, look now."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from videos import actions
from videos.budgets import OverBudget
from videos.models import Superseded, Video

from .doors import done, find, signed_in, user_of


@require_POST
@signed_in
def cancel(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Stop a video and keep its record."""
    actions.cancel(find(request, video_id))
    return done(request)


@require_POST
@signed_in
def delete(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Remove a video for good."""
    actions.delete(find(request, video_id))
    return done(request, _("The video is deleted for good."))


@require_POST
@signed_in
def give_up(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Release the credits of an uncertain submission."""
    return _unless_late(request, actions.give_up, find(request, video_id))


@require_POST
@signed_in
def send_again(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """The request of an uncertain submission as a new video, which may be paid twice."""
    return _unless_late(
        request, lambda video: actions.send_again(video, user_of(request)), find(request, video_id)
    )


@require_POST
@signed_in
def try_again(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """The request of a video that came to nothing as a new one."""
    return _unless_late(
        request, lambda video: actions.try_again(video, user_of(request)), find(request, video_id)
    )


@require_POST
@signed_in
def look_now(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Have the worker ask Runway at once, or fetch the output."""
    video = find(request, video_id)
    return _unless_late(request, actions.look_now, video, _("Asking Runway."))


def _unless_late(
    request: HttpRequest, act: Callable[[Video], object], video: Video, note: str = ""
) -> HttpResponseBase:
    """Do it, or say why that is not possible any more."""
    try:
        act(video)
    except Superseded:
        return done(request, _("This was decided before."))
    except OverBudget as exc:
        return done(request, exc.for_people)
    except FileNotFoundError:
        return done(request, _("The picture of this request is gone: ask for it anew."))
    return done(request, note)
