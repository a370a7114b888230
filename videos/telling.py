"""What the page of a video calls its arrows, its inputs and its times, for people. Pure.

Called by the pages. What only an administrator needs stays in the event's detail.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

_SENTENCES = {
    "a": _("Accepted"),
    "b": _("Sent to Runway"),
    "c": _("Runway is making it"),
    "d": _("Runway could not take it just now"),
    "e": _("Runway refused it"),
    "f": _("Made; saving"),
    "g": _("Saved"),
    "h": _("Runway could not finish it"),
    "i": _("The result could not be kept"),
    "j": _("Cancelled"),
    "k": _("Runway is asked for the next step"),
    "l": _("It could not be sent"),
    "m": _("Found at Runway after all"),
}
# Where the event's detail says more: the code of an end, or a sentence that people may read.
_SPECIAL = {
    ("e", "submission_uncertain"): _("No answer: nobody knows whether Runway took it"),
    ("h", "timed_out"): _("Not finished in time"),
    ("h", "provider_task_gone"): _("Runway no longer knows it"),
    ("k", "The first frame is made"): _("The first frame is made"),
    ("k", "Runway failed at no cost; trying once more"): _("Runway failed at no charge"),
    ("l", "timed_out"): _("Not sent in time"),
    ("l", "input_gone"): _("A file of the request is gone"),
}
_AGAIN = _("Asked again")
_FIELDS = {
    "input_reference": _("First frame"),
    "middle_frame": _("Middle frame"),
    "last_frame": _("Last frame"),
    "reference_images": _("Reference picture"),
    "reference_videos": _("Reference video"),
    "reference_audio": _("Reference sound"),
    "video_uri": _("Source video"),
    "keyframes": _("Keyframe"),
    "character": _("Character"),
    "performance": _("Performance"),
    "made": _("First frame, made for it"),
}


def sentences(arrows: Iterable[tuple[str, str]]) -> list[str]:
    """One sentence for each arrow taken, given as (letter, detail), in order."""
    told: list[str] = []
    before = ""
    for letter, detail in arrows:
        is_again = (before, letter) == ("d", "b")
        words = _AGAIN if is_again else _SPECIAL.get((letter, detail), _SENTENCES[letter])
        told.append(str(words))
        before = letter
    return told


def field(name: str) -> str:
    """What an input of a request is called, by its field; "made" for a first frame of ours."""
    return str(_FIELDS.get(name, name))


def duration(begin: datetime, end: datetime | None) -> str:
    """From the request to the end, as "2:02"; "" while it has none."""
    if end is None:
        return ""
    minutes, seconds = divmod(max(0, round((end - begin).total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
