"""The queue: what is being made, what waits, and what needs a person. Told anew every few seconds.

People see their own videos, and of others' only that they are there. Administrators see everyone's,
may cancel them, and see how many each key makes of each model.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from studio.accounts import audit
from videos import actions, cards, lineup, outlook
from videos.arrows import FAILED, IN_PROGRESS, QUEUED, STORING, SUBMITTING
from videos.cards import Card
from videos.ledger import UNCERTAIN
from videos.models import Video, VideoQuerySet
from videos.outlook import Outlook
from videos.wording import SAVING

from .doors import is_htmx, own, signed_in, user_of

MOST_ROWS, MOST_TROUBLES = 200, 30
FAST_SECONDS, SLOW_SECONDS = 3, 20
RECENT = timedelta(days=1)
NOT_SAVED = Q(status=STORING, reason__startswith=SAVING)


@dataclass(frozen=True)
class Row:
    """One line of the queue. `card` is None for what is not this person's to see.

    `position` begins with 1, None for what Runway has; `elapsed` and `left` are words.
    """

    video: Video
    card: Card | None
    position: int | None
    elapsed: str
    left: str

    @property
    def can_be_cancelled(self) -> bool:
        """Whether it still helps, and is this person's to decide."""
        is_early = self.video.status in (QUEUED, SUBMITTING, IN_PROGRESS)
        return self.card is not None and is_early and not self.video.cancel_requested

    @property
    def is_paid(self) -> bool:
        """Whether Runway charges for it even if it is cancelled."""
        return self.video.provider_status == "RUNNING" and not self.video.is_sandbox


@require_safe
@signed_in
def queue(request: HttpRequest) -> HttpResponseBase:
    """The page."""
    return render(request, "videos/queue.html", _told(request))


@require_safe
@signed_in
def rows(request: HttpRequest) -> HttpResponseBase:
    """The part of the page that moves."""
    return render(request, "videos/_queue.html", _told(request))


@require_POST
@signed_in
def cancel(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Stop one video and keep its record. 404 for what is not this person's to stop."""
    video = _reachable(request).filter(pk=video_id).first()
    if video is None:
        raise Http404
    if video.owner == user_of(request):
        actions.cancel(video)
    else:
        actions.cancel_for(video, audit.by(request))
    return _answer(request, _("Cancelled."))


@require_POST
@signed_in
def cancel_mine(request: HttpRequest) -> HttpResponseBase:
    """Stop all that this person has under way, the newest first, so that none of it begins."""
    mine = own(request).filter(status__in=(QUEUED, SUBMITTING, IN_PROGRESS), cancel_requested=False)
    found = list(mine.in_order("desc"))
    for video in found:
        actions.cancel(video)
    words = ngettext("%(count)d video is cancelled.", "%(count)d videos are cancelled.", len(found))
    return _answer(request, words % {"count": len(found)})


def _answer(request: HttpRequest, note: str) -> HttpResponse:
    if is_htmx(request):
        return render(request, "videos/_queue.html", {**_told(request), "note": note})
    messages.info(request, note)
    return redirect("queue")


def _reachable(request: HttpRequest) -> VideoQuerySet:
    """The videos that this person may see and stop: administrators everyone's."""
    everyone = Video.objects.filter(deleted_at=None)
    return everyone if user_of(request).is_staff else own(request)


def _told(request: HttpRequest) -> dict[str, Any]:
    """All that the page says."""
    is_open = Q(status__in=(QUEUED, SUBMITTING, IN_PROGRESS, STORING)) & ~NOT_SAVED
    everyone = Video.objects.filter(is_open, deleted_at=None).for_cards()
    found = list(everyone.select_related("owner").in_order("asc")[:MOST_ROWS])
    running = [video for video in found if not _is_waiting(video)]
    waiting = sorted(filter(_is_waiting, found), key=lambda video: video.status == QUEUED)
    looks = outlook.of(found)
    ends = _ends(running, waiting, looks)
    troubles = _troubles(_reachable(request))
    return {
        "running": _rows(request, running, looks, ends),
        "waiting": _rows(request, waiting, looks, ends),
        "troubles": [cards.make(video) for video in troubles],
        "estimate": lineup.about(max(ends.values())) if ends else "",
        "has_mine": any(video.owner_id == user_of(request).pk for video in found),
        "capacity": _capacity() if user_of(request).is_staff else [],
        "pace": FAST_SECONDS if found else SLOW_SECONDS,
    }


def _is_waiting(video: Video) -> bool:
    """With us, or with Runway for a slot."""
    return video.status == QUEUED or (
        video.status == IN_PROGRESS and video.provider_status == "THROTTLED"
    )


def _ends(
    running: list[Video], waiting: list[Video], looks: dict[str, Outlook]
) -> dict[str, float]:
    """Seconds until each is made, by id, as far as anybody can tell."""
    left = {video.pk: looks[video.pk].seconds_left for video in running}
    ends = {pk: seconds for pk, seconds in left.items() if seconds is not None}
    usual = outlook.usual_seconds(waiting)
    known = [video.pk for video in waiting if video.pk in usual]
    under_way = [seconds or 0.0 for seconds in left.values()]
    times = lineup.finish_times(under_way, [usual[pk] for pk in known])
    return ends | dict(zip(known, times, strict=True))


def _rows(
    request: HttpRequest,
    videos: Iterable[Video],
    looks: dict[str, Outlook],
    ends: dict[str, float],
) -> list[Row]:
    user, now = user_of(request), datetime.now(UTC)
    return [
        Row(
            video=video,
            card=cards.make(video) if user.is_staff or video.owner_id == user.pk else None,
            position=looks[video.pk].queue_position,
            elapsed=lineup.clock((now - video.created_at).total_seconds()),
            left=lineup.about(ends[video.pk]) if video.pk in ends else "",
        )
        for video in videos
    ]


def _troubles(videos: VideoQuerySet) -> VideoQuerySet:
    """What a person should look at: in doubt, made but not saved, failed within the last day."""
    is_recent = Q(status=FAILED, completed_at__gte=datetime.now(UTC) - RECENT)
    in_doubt = Q(error_code="submission_uncertain") & ~Q(last_mark=UNCERTAIN)
    given_up = Q(error_code="submission_uncertain", last_mark=UNCERTAIN)
    found = videos.in_library().for_cards().filter(is_recent | in_doubt | NOT_SAVED)
    return found.exclude(given_up).select_related("owner").in_order("desc")[:MOST_TROUBLES]


def _capacity() -> list[dict[str, Any]]:
    """How many each key makes of each model just now: `key`, `model`, `in_flight`."""
    at_work = Video.objects.filter(status__in=(SUBMITTING, IN_PROGRESS), provider_key__isnull=False)
    groups = at_work.values("provider_key__name", "resolved_model").annotate(count=Count("pk"))
    return [
        {
            "key": group["provider_key__name"],
            "model": group["resolved_model"],
            "in_flight": group["count"],
        }
        for group in groups.order_by("provider_key__name", "resolved_model")
    ]
