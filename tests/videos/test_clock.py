"""The clock, with django-q2's real queue in the database."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from providers.models import ProviderKey
from videos import ledger, slots, spool
from videos.clock import FOLLOW_BATCH, STORE_BATCH, Clock, recover
from videos.models import Task, Video

from .factories import make_key, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    """The clock of a worker whose queues are empty, with one key that works."""
    make_key()
    return Clock(tmp_path, "here-hot", "here-store", "here-notify")


def handed_out(queue: str) -> list[tuple[str, list[str]]]:
    """What waits in a queue: for each message its function and the ids of its videos; sorted."""
    tasks = [SignedPackage.loads(row.payload) for row in OrmQ.objects.filter(key=queue)]
    return sorted((task["func"], [claim[0] for claim in task["args"][0]]) for task in tasks)


def some(status: str, count: int) -> list[str]:
    """Due videos, the longest due first."""
    now = timezone.now()
    return [
        make_video(status, next_at=now - timedelta(seconds=count - number)).pk
        for number in range(count)
    ]


def seconds_until_due(video_id: str) -> float:
    """By the database's clock."""
    next_at = Video.objects.get(pk=video_id).next_at
    assert next_at is not None
    return (next_at - timezone.now()).total_seconds()


def test_no_more_submissions_are_handed_out_than_may_run(clock: Clock) -> None:
    ids = some("queued", 5)
    clock.tick()
    assert handed_out("here-hot") == [("videos.tasks.submit", [pk]) for pk in sorted(ids[:2])]
    clock.tick()
    assert len(handed_out("here-hot")) == 2


def test_a_submission_under_way_takes_its_room(clock: Clock, tmp_path: Path) -> None:
    ids = some("queued", 3)
    with slots.slot(tmp_path) as is_ours:
        assert is_ours
        clock.tick()
    assert handed_out("here-hot") == [("videos.tasks.submit", [ids[0]])]


def test_when_every_slot_is_taken_none_is_handed_out(clock: Clock, tmp_path: Path) -> None:
    some("queued", 1)
    with slots.slot(tmp_path), slots.slot(tmp_path), slots.slot(tmp_path) as third:
        assert not third
        assert slots.free(tmp_path) == 0
        clock.tick()
    assert handed_out("here-hot") == []
    assert slots.free(tmp_path) == 2


def test_accepted_tasks_are_handed_out_in_one_batch(clock: Clock) -> None:
    ids = some("in_progress", 5)
    clock.tick()
    [(task, batch)] = handed_out("here-hot")
    assert (task, sorted(batch)) == ("videos.tasks.follow", sorted(ids))


def test_while_a_batch_waits_no_further_one_is_made(clock: Clock) -> None:
    some("in_progress", 1)
    clock.tick()
    some("in_progress", 1)
    clock.tick()
    assert len(handed_out("here-hot")) == 1


def test_a_batch_has_a_largest_size(clock: Clock) -> None:
    first = make_video("in_progress")
    Video.objects.bulk_create(
        Video(
            owner=first.owner,
            status="in_progress",
            seconds=5,
            estimate=60,
            deadline_at=first.deadline_at,
        )
        for _ in range(FOLLOW_BATCH)
    )
    clock.tick()
    [(_, batch)] = handed_out("here-hot")
    assert len(batch) == FOLLOW_BATCH


def test_outputs_go_to_the_other_queue_a_few_at_a_time(clock: Clock) -> None:
    ids = some("storing", STORE_BATCH + 2)
    clock.tick()
    clock.tick()
    expected = [("videos.tasks.store", [pk]) for pk in sorted(ids[:STORE_BATCH])]
    assert handed_out("here-store") == expected
    assert handed_out("here-hot") == []


def test_what_is_not_due_is_not_handed_out(clock: Clock) -> None:
    for status in ("queued", "in_progress", "storing"):
        make_video(status, next_at=timezone.now() + timedelta(minutes=1))
    for status in ("completed", "failed", "cancelled"):
        make_video(status, next_at=None)
    clock.tick()
    assert not OrmQ.objects.exists()


def test_what_is_handed_out_is_leased(clock: Clock) -> None:
    [video_id] = some("queued", 1)
    clock.tick()
    assert 18 < seconds_until_due(video_id) <= 20.5


def test_a_message_that_was_lost_is_made_again(clock: Clock) -> None:
    ids = some("storing", 1)
    clock.tick()
    OrmQ.objects.all().delete()
    Video.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    clock.tick()
    assert handed_out("here-store") == [("videos.tasks.store", ids)]


def test_what_is_handed_back_is_due_at_once_for_everybody(clock: Clock) -> None:
    ids = [*some("queued", 2), *some("storing", 2)]
    clock.tick()
    clock.hand_back()
    assert not OrmQ.objects.exists()
    assert all(seconds_until_due(video_id) < 1 for video_id in ids)


def test_handing_back_leaves_the_queues_of_others_alone(clock: Clock, tmp_path: Path) -> None:
    other = Clock(tmp_path, "there-hot", "there-store", "there-notify")
    some("storing", 1)
    other.tick()
    clock.hand_back()
    assert len(handed_out("there-store")) == 1


def test_handing_back_nothing_is_fine(clock: Clock) -> None:
    clock.hand_back()
    assert not OrmQ.objects.exists()


def submitting(**extra: Any) -> Video:
    """A reserved video whose worker died while it submitted."""
    video = make_video("submitting", next_at=timezone.now() - timedelta(seconds=1), **extra)
    ledger.reserve(video, video.estimate or ledger.NOTHING)
    return video


def accepted(video: Video, attempt: int = 1, age_seconds: float = 60) -> None:
    """The worker had written Runway's answer to disk, so long ago."""
    spool.keep(video.pk, attempt, "task-1")
    for path in spool.folder().glob(f"{video.pk}.{attempt}.*"):
        os.utime(path, (time.time() - age_seconds,) * 2)


def test_a_submission_whose_worker_died_is_uncertain_and_stays_reserved(clock: Clock) -> None:
    video = submitting()
    clock.tick()
    video.refresh_from_db()
    assert (video.status, video.error_code) == ("failed", "submission_uncertain")
    assert ledger.cost(video) == 60
    assert handed_out("here-hot") == []


def test_a_submission_whose_lease_still_runs_is_left_alone(clock: Clock) -> None:
    video = submitting()
    Video.objects.update(next_at=timezone.now() + timedelta(seconds=5))
    clock.tick()
    video.refresh_from_db()
    assert video.status == "submitting"


@pytest.mark.parametrize("age_seconds", [0, 60], ids=["young", "old"])
def test_a_dead_worker_s_answer_on_disk_is_noted(age_seconds: float) -> None:
    video = submitting()
    accepted(video, age_seconds=age_seconds)
    recover()
    video.refresh_from_db()
    assert video.status == "in_progress"
    assert video.task and video.task.provider_id == "task-1"
    assert Task.objects.count() == 1


def test_a_noted_answer_leaves_the_disk() -> None:
    accepted(submitting())
    recover()
    assert list(spool.entries()) == []
    recover()
    assert Task.objects.count() == 1


def test_an_answer_that_is_just_being_noted_is_left_to_its_worker() -> None:
    video = submitting()
    Video.objects.update(next_at=timezone.now() + timedelta(seconds=5))
    accepted(video, age_seconds=1)
    recover()
    video.refresh_from_db()
    assert video.status == "submitting"
    assert len(list(spool.entries())) == 1


def test_an_answer_that_turns_up_after_all_hope_was_lost_is_noted() -> None:
    video = submitting()
    recover()
    accepted(video)
    recover()
    video.refresh_from_db()
    assert video.status == "in_progress"
    assert "".join(video.events.order_by("id").values_list("arrow", flat=True)) == "em"


@pytest.mark.parametrize(
    ("status", "extra"),
    [
        ("completed", {}),
        ("failed", {"error_code": "provider_rejected"}),
        ("submitting", {"attempt": 2}),
    ],
    ids=["completed", "failed for good", "another attempt"],
)
def test_an_answer_that_fits_nothing_stops_no_clock(
    clock: Clock, status: str, extra: dict[str, Any]
) -> None:
    later = timezone.now() + timedelta(minutes=1)
    accepted(make_video(status, next_at=later, **extra))
    ids = some("queued", 1)
    clock.tick()
    assert handed_out("here-hot") == [("videos.tasks.submit", ids)]
    assert not Task.objects.exists()


def test_an_answer_about_a_video_that_never_was_is_dropped(clock: Clock) -> None:
    accepted(Video(pk="video_unknown"))
    clock.tick()
    assert list(spool.entries()) == []


def test_half_downloads_of_dead_workers_are_removed(clock: Clock, data_dir: Path) -> None:
    old, young = (data_dir / "media" / "incoming" / name for name in ("old", "young"))
    for folder, age in ((old, 7200), (young, 60)):
        folder.mkdir(parents=True)
        (folder / "output").write_bytes(b"half")
        os.utime(folder, (time.time() - age,) * 2)
    clock.tick()
    assert young.exists()
    assert not old.exists()


def test_they_are_looked_for_once_an_hour_only(clock: Clock, data_dir: Path) -> None:
    clock.tick()
    old = data_dir / "media" / "incoming" / "old"
    old.mkdir(parents=True)
    os.utime(old, (0, 0))
    clock.tick()
    assert old.exists()


def test_what_no_key_can_take_stays_in_line_and_says_why(clock: Clock) -> None:
    ProviderKey.objects.update(paused_reason="Runway refused it")
    [video_id] = some("queued", 1)
    clock.tick()
    video = Video.objects.get(pk=video_id)
    assert handed_out("here-hot") == []
    assert video.reason == "Every provider key is paused: main: Runway refused it"
    assert seconds_until_due(video_id) < 0


def test_a_reason_that_is_over_is_taken_back(clock: Clock) -> None:
    ids = some("queued", 4)
    Video.objects.update(reason="Every provider key is resting.")
    clock.tick()
    assert Video.objects.get(pk=ids[3]).reason == ""


def test_other_models_do_not_wait_for_a_model_whose_places_are_taken(clock: Clock) -> None:
    ProviderKey.objects.update(limits={"models": {"gen4.5": {"concurrent": 1}}})
    make_video("in_progress", next_at=timezone.now() + timedelta(minutes=1))
    some("queued", 3)
    other = make_video(resolved_model="veo3.1")
    clock.tick()
    assert handed_out("here-hot") == [("videos.tasks.submit", [other.pk])]


def test_a_late_video_is_handed_out_although_no_key_can_take_it(clock: Clock) -> None:
    ProviderKey.objects.update(enabled=False)
    late = make_video(deadline_at=timezone.now() - timedelta(seconds=1))
    clock.tick()
    assert handed_out("here-hot") == [("videos.tasks.submit", [late.pk])]


def test_one_message_has_the_keys_tested_whose_time_has_come(clock: Clock) -> None:
    clock.tick()
    assert handed_out("here-notify") == []
    ProviderKey.objects.update(next_test_at=timezone.now() - timedelta(seconds=1))
    clock._looked_at = -999
    clock.tick()
    clock._looked_at = -999
    clock.tick()
    messages = OrmQ.objects.filter(key="here-notify")
    assert [SignedPackage.loads(m.payload)["func"] for m in messages] == ["videos.tasks.test_keys"]
    clock.hand_back()
    assert not OrmQ.objects.exists()
