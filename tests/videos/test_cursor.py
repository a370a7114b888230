"""The cursor of a page's polls: nothing is told twice, nothing is missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from videos import cursor
from videos.cursor import Change, Cursor

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def change(pk: str, seconds: float, version: int = 1, *, is_over: bool = False) -> Change:
    """A row that changed so many seconds after noon."""
    return Change(pk, version, NOON + timedelta(seconds=seconds), is_over)


def test_what_was_told_is_not_told_again() -> None:
    rows = [change("a", 0), change("b", 1)]
    told = Cursor().after(rows, rows)
    assert told.news(rows) == []
    newer = [change("a", 0), change("b", 3, 2)]
    assert told.news(newer) == [newer[1]]


def test_a_change_that_becomes_visible_late_is_told_all_the_same() -> None:
    rows = [change("a", 5)]
    told = Cursor().after(rows, rows)
    late = change("b", 1)
    assert told.begin <= late.changed_at
    assert told.news([late, *rows]) == [late]


def test_after_a_part_was_told_the_rest_comes_next() -> None:
    rows = [change(name, 0) for name in "abcd"]
    told = Cursor().after(rows, rows[:3])
    assert told.news(rows) == rows[3:]
    assert told.after(rows, rows[3:]).news(rows) == []


def test_an_end_is_told_once() -> None:
    rows = [change("a", 0)]
    told = Cursor().after(rows, rows)
    ended = [change("a", 1, 2, is_over=True)]
    assert told.ends(told.news(ended)) == {"a"}
    told = told.after(ended, ended)
    starred = [change("a", 2, 3, is_over=True)]
    assert (told.news(starred), told.ends(starred)) == (starred, set())


def test_what_is_old_is_forgotten() -> None:
    rows = [change("a", 0), change("b", 60)]
    assert set(Cursor().after(rows, rows).seen) == {cursor.key_of("b")}


def test_an_address_carries_it() -> None:
    rows = [change("a", 0.123456), change("b", 1, 12, is_over=True)]
    told = Cursor().after(rows, rows)
    assert cursor.read(told.text) == told


@pytest.mark.parametrize("text", ["", "x", "-1_", "9" * 40, "_zz", "\0"])
def test_nonsense_is_the_beginning(text: str) -> None:
    assert cursor.read(text) == Cursor()
