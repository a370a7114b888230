"""Task ids on disk before they are in the database."""

from videos import spool


def test_what_was_kept_is_found_until_it_is_dropped() -> None:
    spool.keep("video_a", 1, "task-1")
    spool.keep("video_a", 2, "task-2")
    assert list(spool.entries()) == [("video_a", 1, "task-1"), ("video_a", 2, "task-2")]
    spool.drop("video_a", 1)
    assert list(spool.entries()) == [("video_a", 2, "task-2")]


def test_a_submission_that_is_just_being_noted_is_left_alone() -> None:
    spool.keep("video_a", 1, "task-1")
    assert list(spool.entries(older_than_seconds=60)) == []


def test_an_unfinished_draft_is_no_entry() -> None:
    spool.keep("video_a", 1, "task-1")
    [kept] = spool.folder().iterdir()
    kept.rename(kept.with_suffix(".part"))
    assert list(spool.entries()) == []


def test_without_a_spool_there_is_nothing() -> None:
    assert list(spool.entries()) == []


def test_dropping_twice_is_fine() -> None:
    spool.drop("video_a", 1)
