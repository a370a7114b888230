"""What a card says about a video: title, text, cost line, and what can be done. Pure.

Called by the pages. Reads the columns of a row loaded `for_cards` and asks nobody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import wording
from .arrows import CANCELLED, COMPLETED, FAILED, IN_PROGRESS, QUEUED, STORING, SUBMITTING
from .files import ID
from .ledger import ASSUMED, UNCERTAIN, is_open, words
from .models import File, Video
from .outlook import Outlook

__all__ = ["ID", "Action", "Card", "is_given_up", "make"]

NEW_SECONDS = 60
ALMOST = 95

_SILENT = "No answer from Runway"
_WAITING = ("", "PENDING", "THROTTLED")


@dataclass(frozen=True)
class Action:
    """One thing that can be done. `url` is the name of what a form posts to; "" fills the form.

    With `confirm` a second step says what it costs.
    """

    name: str
    label: str
    url: str = ""
    confirm: str = ""


@dataclass(frozen=True)
class Card:
    """One video for people. `when` says how long it will take, as far as anybody knows."""

    video: Video
    title: str
    text: str
    cost: str
    actions: tuple[Action, ...]
    when: str = ""

    @property
    def key(self) -> str:
        """The id without its prefix, for ids in a page."""
        return self.video.pk.removeprefix("video_")

    @property
    def name(self) -> str:
        """What people call it: its prompt, or its number."""
        return self.video.prompt or _("Video %(number)s") % {"number": self.key[:8]}

    @property
    def place(self) -> str:
        """Sorts as text like the library does, by time of creation."""
        return f"{self.video.created_at.timestamp():017.6f} {self.video.pk}"

    @property
    def is_moving(self) -> bool:
        """Whether the card has a bar."""
        return self.video.status in (SUBMITTING, IN_PROGRESS, STORING)

    @property
    def progress(self) -> int | None:
        """Percent, while Runway tells some of the video itself; its first frame counts nothing."""
        video = self.video
        is_running = video.status == IN_PROGRESS and video.provider_status == "RUNNING"
        return (video.progress or None) if is_running and not _makes_frame(video) else None

    @property
    def timecode(self) -> str:
        """Its length: "00:05"."""
        seconds = self.video.seconds
        return "" if seconds is None else f"{seconds // 60:02}:{seconds % 60:02}"

    @property
    def new_for(self) -> int:
        """For how many seconds more it is marked as new; 0 for most."""
        if self.video.status != COMPLETED or self.video.completed_at is None:
            return 0
        return max(0, NEW_SECONDS - _seconds_since(self.video.completed_at))

    @property
    def takes(self) -> list[Video]:
        """It and the other takes of its stack; none where it is the only one."""
        others: list[Video] = getattr(self.video, "others", [])
        return [self.video, *others] if others else []

    @property
    def player(self) -> File | None:
        """The file to play; None until there is one."""
        return self._file(File.VIDEO)

    @property
    def is_playable(self) -> bool:
        """Whether a browser may show it: a video, not an archive of frames."""
        return self.player is not None and self.player.content_type.startswith("video/")

    @property
    def poster(self) -> File | None:
        """The still that stands for it."""
        return self._file(File.THUMBNAIL)

    def _file(self, kind: str) -> File | None:
        """From the prefetched files, so that no card asks the database."""
        if self.video.status != COMPLETED:
            return None
        files = (file for file in self.video.files.all() if file.kind == kind)
        return min(files, key=lambda file: file.position, default=None)


def make(video: Video, outlook: Outlook | None = None) -> Card:
    """The card of a video that was loaded `for_cards`."""
    title, text = _words(video)
    return Card(video, title, text, _cost(video), _actions(video), when(video, outlook))


def when(video: Video, outlook: Outlook | None) -> str:
    """Its place in the queue, and when it will be there: "#3 in the queue · about 2 min"."""
    if outlook is None or video.is_terminal or video.cancel_requested:
        return ""
    said = []
    if outlook.queue_position:
        said.append(_("#%(place)s in the queue") % {"place": outlook.queue_position})
    if outlook.seconds_left is not None:
        minutes = math.ceil(outlook.seconds_left / 60)
        said.append(_("under a minute") if minutes < 2 else _("about %s min") % minutes)
    elif video.status == IN_PROGRESS and video.progress >= ALMOST:
        said.append(_("finishing, slower than usual"))
    return " · ".join(said)


def is_given_up(video: Video) -> bool:
    """Whether somebody ended the doubt about an uncertain submission."""
    return video.error_code == "submission_uncertain" and video.last_mark == UNCERTAIN


def _words(video: Video) -> tuple[str, str]:
    if video.status == FAILED:
        failure = _failure(video)
        return str(failure.title), str(failure.text)
    if video.status == CANCELLED:
        return _("Cancelled"), ""
    if video.status == COMPLETED:
        return _("Ready"), ""
    if video.cancel_requested and video.status != STORING:
        return _("Cancelling"), ""
    if video.status == STORING and video.reason.startswith(wording.SAVING):
        return _("Made, not saved yet"), _sentence(video.reason.removeprefix(wording.SAVING))
    title = _title(video)
    return title, "" if video.reason in (title, "Waiting for a Runway slot") else video.reason


def _title(video: Video) -> str:
    if video.status != IN_PROGRESS:
        return {
            QUEUED: _("Queued"),
            SUBMITTING: _("Sending to Runway"),
            STORING: _("Saving to the library"),
        }[video.status]
    if video.provider_status == "THROTTLED":
        return _("Waiting for a Runway slot")
    if video.provider_status in _WAITING:
        return _("Sent to Runway")
    return _("Making the first frame") if _makes_frame(video) else _("In progress")


def _makes_frame(video: Video) -> bool:
    """Whether its first task is under way, which makes a picture."""
    return bool(video.request.get("first_frame")) and video.attempt <= 1


def _failure(video: Video) -> wording.Failure:
    if is_given_up(video):
        return wording.GIVEN_UP
    return wording.failure(video.error_code, video.failure_code, video.attempt)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cost(video: Video) -> str:
    """Never a guess: at most, while it is open; then what the books say."""
    if video.is_sandbox:
        return _("Sandbox · free")
    amount = {"amount": words(video.cost)}
    if is_open(video):
        return _("up to %(amount)s") % amount if video.cost else _("price not known")
    if is_given_up(video):
        return _("%(amount)s booked · Runway may charge more") % amount
    if video.last_mark == ASSUMED:
        assumed = _("%(amount)s, assumed: Runway did not tell") % amount
        return assumed if video.cost else _("No charge expected")
    if not video.cost:
        return _("No charge")
    is_made = video.status in (STORING, COMPLETED)
    return amount["amount"] if is_made else _("charged %(amount)s") % amount


def _actions(video: Video) -> tuple[Action, ...]:
    if video.status == FAILED:
        return tuple(_offer(video, name) for name in _failure(video).offers)
    if video.status == CANCELLED:
        return (Action("run_again", _("Run again"), "try-again"),)
    if video.status == COMPLETED or video.cancel_requested:
        return ()
    if video.status == STORING:
        is_stuck = video.reason.startswith(wording.SAVING)
        return (Action("save_again", _("Save again"), "look-now"),) if is_stuck else ()
    cancel = _cancel(video)
    if video.reason.startswith(_SILENT):
        return (_offer(video, wording.CHECK_AGAIN), cancel)
    return (cancel,)


def _cancel(video: Video) -> Action:
    if video.status != IN_PROGRESS or video.provider_status in _WAITING:
        return Action("cancel", _("Cancel"), "cancel")
    price = {"amount": words(video.cost)}
    confirm = _("Cancel, may cost %(amount)s") % price if video.cost else _("Cancel it now")
    free = _("Cancel, free of charge")
    return Action("cancel_paid", _("Cancel…"), "cancel", free if video.is_sandbox else confirm)


def _offer(video: Video, name: str) -> Action:
    price = words(video.estimate) if video.estimate else _("price not known")
    once_more = _("Try once more, %(amount)s") % {"amount": price}
    return {
        wording.EDIT: Action(name, _("Edit prompt")),
        wording.CHANGE_PICTURE: Action(name, _("Change picture")),
        wording.TRY_AGAIN: Action(name, _("Try again"), "try-again"),
        wording.TRY_ONCE_MORE: Action(name, once_more, "try-again"),
        wording.CHECK_AGAIN: Action(name, _("Check again"), "look-now"),
        wording.SEND_AGAIN: Action(name, _("Send again (may pay twice)"), "send-again"),
        wording.GIVE_UP: Action(name, _("Give up"), "give-up"),
    }[name]


def days_left(trashed_at: datetime | None, days: int) -> str:
    """When a video in the trash is gone: "Deleted for good in 29 days"; "" if it is not there."""
    if trashed_at is None:
        return ""
    left = max(0, days - _seconds_since(trashed_at) // 86_400 - 1)
    if not left:
        return _("Deleted for good within a day")
    said = ngettext("Deleted for good in %(days)s day", "Deleted for good in %(days)s days", left)
    return said % {"days": left}


def _seconds_since(moment: datetime) -> int:
    return int((timezone.now() - moment).total_seconds())
