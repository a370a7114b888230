"""What a card says about a video: title, text, cost line, and what can be done. Pure.

Called by the pages. Reads the columns of a row loaded `with_cost` and asks nobody. A card's token
changes with what it shows, so that a page can ask for what is new to it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .arrows import CANCELLED, COMPLETED, FAILED, IN_PROGRESS, QUEUED, STORING, SUBMITTING
from .ledger import ASSUMED, UNCERTAIN, is_open, words
from .models import File, Video

CANCEL, CANCEL_PAID, SEND_AGAIN, GIVE_UP = "cancel", "cancel_paid", "send_again", "give_up"
REUSE, DELETE, DOWNLOAD = "reuse", "delete", "download"

# Ends that a late answer of Runway may still undo (arrow m).
MAY_COME_BACK = ("submission_uncertain", "timed_out")
MOST_HELD = 100

_SAVING = "Saving: "
_REFUSED = "Runway refused the request"
_DETAILS_KEPT = "We have kept the details for your administrator."
_WAITING = {
    "": "Sent to Runway",
    "PENDING": "Sent to Runway",
    "THROTTLED": "Waiting for a Runway slot",
}
# error_code: title, text. {message} is the row's own sentence, where people can use it.
_FAILURES = {
    "moderation_blocked": (
        "Blocked by content rules",
        "{message} Change the words or the picture: unchanged, it would be refused again.",
    ),
    "invalid_input": (
        "The picture could not be used",
        "Runway takes intact JPEG, PNG and WebP pictures. Choose another one.",
    ),
    "bad_output": (
        "Runway threw the result away",
        "Usually because of text or logos on the picture. Change the picture or the words.",
    ),
    "provider_unavailable": ("The model was not available", "Not your prompt. Try again later."),
    "provider_rejected": (_REFUSED, "{message}"),
    "submission_uncertain": (
        "We do not know whether Runway took it",
        "The connection broke while Runway was answering. It may or may not be making this video.",
    ),
    "over_budget": ("The budget has no room for it", "{message}"),
    "timed_out": ("No answer in time", "{message}"),
    "input_gone": ("The picture is gone", "{message} Choose it again."),
    "provider_task_gone": ("Runway lost this video", "{message}"),
    "output_lost": ("The result is lost", "Runway made it. {message}"),
    "output_too_large": ("The result could not be kept", "Runway made it. " + _DETAILS_KEPT),
    "output_forbidden": ("The result could not be kept", "Runway made it. " + _DETAILS_KEPT),
}
_UNKNOWN = ("Runway could not finish this", _DETAILS_KEPT)
_GIVEN_UP = (
    "Given up",
    "Nobody knows whether Runway took it. If it did, the video still appears here.",
)
ID = re.compile(r"video_[0-9a-f]{32}")
_TOKEN = re.compile(r"(video_[0-9a-f]{32})\.([0-9a-f]{8}\.[0-9a-f]{8})")


@dataclass(frozen=True)
class Card:
    """One video for people. `progress` is a percentage, None where nobody knows one."""

    video: Video
    title: str
    text: str
    cost: str
    actions: tuple[str, ...]

    @property
    def key(self) -> str:
        """The id without its prefix, for ids in a page."""
        return self.video.pk.removeprefix("video_")

    @property
    def name(self) -> str:
        """What people call it: its prompt, or its number."""
        return self.video.prompt or f"Video {self.key[:8]}"

    @property
    def is_moving(self) -> bool:
        """Whether the card has a bar."""
        return self.video.status in (SUBMITTING, IN_PROGRESS, STORING)

    @property
    def progress(self) -> int | None:
        """Percent, while Runway tells some."""
        is_running = self.video.status == IN_PROGRESS and self.video.provider_status == "RUNNING"
        return self.video.progress or None if is_running else None

    @property
    def is_watched(self) -> bool:
        """Whether anything may still happen to it without anybody asking."""
        return not self.video.is_terminal or self.video.error_code in MAY_COME_BACK

    @property
    def shape(self) -> str:
        """Changes with what stands around the state: status, bar, buttons."""
        return _digest(self.video.status, self.actions, self.is_moving)

    @property
    def token(self) -> str:
        """Changes with anything that the card shows; begins with the shape."""
        return f"{self.shape}.{_digest(self.title, self.text, self.cost, self.progress)}"

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


@dataclass(frozen=True)
class Changes:
    """What a page has to be told: whole cards, states of cards, ids that are gone."""

    whole: list[Card]
    states: list[Card]
    gone: list[str]

    @property
    def ended(self) -> list[Card]:
        """Those that are over now."""
        return [card for card in self.whole if card.video.is_terminal]


def make(video: Video) -> Card:
    """The card of a video that was loaded `with_cost`."""
    title, text = _words(video)
    return Card(video, title, text, _cost(video), _actions(video))


def held(text: str) -> dict[str, str]:
    """The cards that a page says it shows, `id.token` each: token by id, at most `MOST_HELD`."""
    return dict(_TOKEN.findall(text)[:MOST_HELD])


def changes(held: Mapping[str, str], cards: Iterable[Card]) -> Changes:
    """What is new to a page that holds these tokens; `cards` are those that still exist."""
    found = {card.video.pk: card for card in cards}
    new = [card for pk, card in found.items() if card.token != held[pk]]
    is_whole = {card.video.pk: not held[card.video.pk].startswith(card.shape) for card in new}
    return Changes(
        whole=[card for card in new if is_whole[card.video.pk]],
        states=[card for card in new if not is_whole[card.video.pk]],
        gone=[pk.removeprefix("video_") for pk in held if pk not in found],
    )


def is_given_up(video: Video) -> bool:
    """Whether somebody ended the doubt about an uncertain submission."""
    return video.error_code == "submission_uncertain" and video.last_mark == UNCERTAIN


def _words(video: Video) -> tuple[str, str]:
    if video.status == FAILED:
        return _failure(video)
    if video.status in (COMPLETED, CANCELLED):
        return video.status.capitalize(), ""
    if video.cancel_requested and video.status != STORING:
        return "Cancelling", ""
    if video.status == STORING and video.reason.startswith(_SAVING):
        return "Made, not saved yet", _sentence(video.reason.removeprefix(_SAVING))
    title = {
        QUEUED: "Queued",
        SUBMITTING: "Sending to Runway",
        IN_PROGRESS: _WAITING.get(video.provider_status, "In progress"),
        STORING: "Saving to the library",
    }[video.status]
    return title, "" if video.reason == title else video.reason


def _failure(video: Video) -> tuple[str, str]:
    if is_given_up(video):
        return _GIVEN_UP
    title, text = _FAILURES.get(video.error_code, _UNKNOWN)
    message = _sentence(video.error_message.removeprefix(f"{_REFUSED}: "))
    return title, text.format(message=message)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cost(video: Video) -> str:
    """Never a guess: at most, while it is open; then what the books say."""
    amount = words(video.cost)
    if video.is_sandbox:
        return "Sandbox · free"
    if is_open(video):
        return f"up to {amount}" if video.cost else "price not known"
    if is_given_up(video):
        return f"{amount} booked · Runway may charge more"
    if video.last_mark == ASSUMED:
        return f"{amount}, assumed: Runway did not tell" if video.cost else "No charge expected"
    if not video.cost:
        return "No charge"
    return amount if video.status in (STORING, COMPLETED) else f"charged {amount}"


def _is_in_doubt(video: Video) -> bool:
    return video.error_code == "submission_uncertain" and not is_given_up(video)


def _actions(video: Video) -> tuple[str, ...]:
    if _is_in_doubt(video):
        return (SEND_AGAIN, GIVE_UP)
    if video.status == COMPLETED:
        return (DOWNLOAD, REUSE, DELETE)
    if video.is_terminal:
        return (REUSE, DELETE)
    if video.status == STORING or video.cancel_requested:
        return ()
    is_running = video.status == IN_PROGRESS and video.provider_status not in _WAITING
    return (CANCEL_PAID,) if is_running and not video.is_sandbox else (CANCEL,)


def _digest(*parts: object) -> str:
    return f"{zlib.crc32(repr(parts).encode()):08x}"
