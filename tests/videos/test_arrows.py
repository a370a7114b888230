"""The arrows: who may take them, what they leave behind, and that old claims write nothing."""

from __future__ import annotations

import pytest

from videos.arrows import ARROWS, STATUSES, TERMINAL
from videos.models import Superseded, Video

from .factories import make_key, make_video

pytestmark = pytest.mark.django_db

NOT_ALLOWED = [
    (letter, status)
    for letter, arrow in ARROWS.items()
    for status in STATUSES
    if status not in arrow.sources
]


@pytest.mark.parametrize(("letter", "status"), NOT_ALLOWED)
def test_an_arrow_leaves_only_from_its_sources(letter: str, status: str) -> None:
    video = make_video(status)
    with pytest.raises(Superseded):
        video.move(letter)
    video.refresh_from_db()
    assert video.status == status
    assert not video.events.exists()


def test_an_arrow_writes_status_and_event_together() -> None:
    video = make_video("queued")
    video.mark_submitting(make_key())
    video.refresh_from_db()
    event = video.events.get()
    assert (video.status, video.attempt) == ("submitting", 1)
    assert (event.arrow, event.source, event.target) == ("b", "queued", "submitting")


def test_an_old_claim_writes_nothing() -> None:
    video = make_video("in_progress")
    Video.objects.filter(pk=video.pk).update(fence=7)
    with pytest.raises(Superseded):
        video.mark_storing()
    assert Video.objects.get(pk=video.pk).status == "in_progress"
    assert not video.events.exists()


@pytest.mark.parametrize("letter", [a.letter for a in ARROWS.values() if a.target in TERMINAL])
def test_a_finished_video_is_never_due(letter: str) -> None:
    video = make_video(ARROWS[letter].sources[0])
    video.move(letter)
    video.refresh_from_db()
    assert video.next_at is None


@pytest.mark.parametrize(
    ("status", "letter"),
    [("submitting", "e"), ("in_progress", "h"), ("storing", "i"), ("queued", "l")],
)
def test_failing_takes_the_arrow_of_where_the_video_is(status: str, letter: str) -> None:
    video = make_video(status)
    video.mark_failed("task_failed", "It failed.")
    video.refresh_from_db()
    assert video.events.get().arrow == letter
    assert (video.status, video.error_code) == ("failed", "task_failed")
    assert video.completed_at is not None


@pytest.mark.parametrize("status", TERMINAL)
def test_what_is_over_cannot_fail(status: str) -> None:
    with pytest.raises(Superseded):
        make_video(status).mark_failed("x", "y")


@pytest.mark.parametrize("code", ["submission_uncertain", "timed_out"])
def test_a_task_that_was_given_up_may_turn_up(code: str) -> None:
    video = make_video("failed", error_code=code)
    video.mark_found("task 1 turned up")
    video.refresh_from_db()
    assert (video.status, video.error_code, video.completed_at) == ("in_progress", "", None)
    assert video.next_at is not None


def test_a_real_failure_is_final() -> None:
    with pytest.raises(Superseded):
        make_video("failed", error_code="moderation_blocked").mark_found("nothing")


def test_a_deleted_video_is_never_completed() -> None:
    video = make_video("storing")
    Video.objects.filter(pk=video.pk).update(deleted_at=video.created_at)
    video.refresh_from_db()
    with pytest.raises(Superseded):
        video.mark_completed()
