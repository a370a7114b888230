"""The timeline reads like sentences, whatever happened."""

from __future__ import annotations

import pytest

from videos import telling
from videos.arrows import ARROWS


@pytest.mark.parametrize("letter", sorted(ARROWS))
def test_every_arrow_has_a_sentence_of_its_own(letter: str) -> None:
    [words] = telling.sentences([(letter, "attempt 1 with key main")])
    assert words[0].isupper() and "key" not in words and "arrow" not in words
    others = telling.sentences((other, "") for other in sorted(ARROWS) if other != letter)
    assert words not in others


def test_a_plain_life_in_order() -> None:
    taken = [("a", ""), ("b", "attempt 1 with key main"), ("c", "17f2"), ("f", ""), ("g", "")]
    assert telling.sentences(taken) == [
        "Accepted",
        "Sent to Runway",
        "Runway is making it",
        "Made; saving",
        "Saved",
    ]


def test_a_second_try_is_called_one() -> None:
    taken = [("b", ""), ("d", "429"), ("b", ""), ("e", "submission_uncertain"), ("m", "")]
    assert telling.sentences(taken) == [
        "Sent to Runway",
        "Runway could not take it just now",
        "Asked again",
        "No answer: nobody knows whether Runway took it",
        "Found at Runway after all",
    ]


def test_a_first_frame_comes_before_the_video() -> None:
    taken = [("c", ""), ("k", "The first frame is made"), ("b", "")]
    assert telling.sentences(taken)[1:] == ["The first frame is made", "Sent to Runway"]
