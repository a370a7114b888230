"""What the arrows of a video are called on its page: a sentence for people each. Pure.

Called by the pages. What only an administrator needs stays in the event's detail.
"""

from __future__ import annotations

from collections.abc import Iterable

_SENTENCES = {
    "a": "Accepted",
    "b": "Sent to Runway",
    "c": "Runway is making it",
    "d": "Runway could not take it just now",
    "e": "Runway refused it",
    "f": "Made; saving",
    "g": "Saved",
    "h": "Runway could not finish it",
    "i": "The result could not be kept",
    "j": "Cancelled",
    "k": "Runway is asked for the next step",
    "l": "It could not be sent",
    "m": "Found at Runway after all",
}
# Where the event's detail says more: the code of an end, or a sentence that people may read.
_SPECIAL = {
    ("e", "submission_uncertain"): "No answer: nobody knows whether Runway took it",
    ("h", "timed_out"): "Not finished in time",
    ("h", "provider_task_gone"): "Runway no longer knows it",
    ("k", "The first frame is made"): "The first frame is made",
    ("k", "Runway failed at no cost; trying once more"): "Runway failed at no charge",
    ("l", "timed_out"): "Not sent in time",
    ("l", "input_gone"): "A file of the request is gone",
}
_AGAIN = "Asked again"


def sentences(arrows: Iterable[tuple[str, str]]) -> list[str]:
    """One sentence for each arrow taken, given as (letter, detail), in order."""
    told: list[str] = []
    before = ""
    for letter, detail in arrows:
        is_again = (before, letter) == ("d", "b")
        told.append(_AGAIN if is_again else _SPECIAL.get((letter, detail), _SENTENCES[letter]))
        before = letter
    return told
