"""When the last of many is made, and how a length of time is said."""

from __future__ import annotations

import pytest

from videos import lineup


@pytest.mark.parametrize(
    ("running", "waiting", "ends"),
    [
        ([], [], []),
        ([], [60, 60], [60, 120]),
        ([30], [60, 60], [90, 150]),
        ([30, 10], [60, 60, 5], [70, 90, 75]),
    ],
    ids=["nothing", "one after the other", "behind one", "side by side"],
)
def test_what_waits_begins_when_a_place_is_free(
    running: list[float], waiting: list[float], ends: list[float]
) -> None:
    assert lineup.finish_times(running, waiting) == ends


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "5 s"), (42, "40 s"), (89, "90 s"), (90, "2 min"), (360, "6 min")],
)
def test_a_guess_is_said_roughly(seconds: float, words: str) -> None:
    assert lineup.about(seconds) == words


@pytest.mark.parametrize(("seconds", "shown"), [(-1, "0:00"), (42.9, "0:42"), (3665, "61:05")])
def test_a_clock_shows_minutes_and_seconds(seconds: float, shown: str) -> None:
    assert lineup.clock(seconds) == shown
