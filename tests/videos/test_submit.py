"""Submit: at most one request per task, and the arrow that each of Runway's answers calls for."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from urllib3.exceptions import ProtocolError

from providers.models import ProviderKey
from videos import actions, leases, ledger, spool
from videos import requests as validator
from videos.clock import recover
from videos.models import Superseded, Task, Video
from videos.submit import note_accepted, submit

from .factories import BASE_URL, make_key, make_task, make_user

pytestmark = pytest.mark.django_db

TASK = "17f20503-6c24-4c16-946b-35dbbce2af2f"
CREATE = f"{BASE_URL}/v1/text_to_video"


@pytest.fixture
def runway() -> Any:
    """Runway at the wire; whatever is not registered is refused."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def key() -> ProviderKey:
    """The pool's only key."""
    return make_key()


@pytest.fixture
def video(data_dir: Path) -> Video:
    """An accepted gen4.5 video of 5 s: 60 credits."""
    checked = validator.check({"model": "gen4.5", "prompt": "a lighthouse", "seconds": 5})
    return actions.accept(checked, make_user())


def send(video: Video, worker_dir: Path) -> Video:
    """One claim and one submission."""
    Video.objects.filter(pk=video.pk).update(next_at=timezone.now() - timedelta(seconds=1))
    [claim] = leases.claim("queued", 1)
    submit(claim, worker_dir)
    video.refresh_from_db()
    return video


def arrows(video: Video) -> str:
    """The letters of the video's events, in order."""
    return "".join(video.events.order_by("id").values_list("arrow", flat=True))


def test_an_accepted_request_is_in_progress_with_its_task(
    runway: responses.RequestsMock, key: ProviderKey, video: Video, tmp_path: Path
) -> None:
    runway.post(CREATE, json={"id": TASK, "estimatedCost": {"credits": 60}})
    video = send(video, tmp_path)
    assert (video.status, arrows(video)) == ("in_progress", "abc")
    assert video.task and video.task.provider_id == TASK
    assert video.task.provider_key == video.provider_key == key
    assert list(spool.entries()) == []


def test_a_higher_maximum_is_reserved(
    runway: responses.RequestsMock, key: ProviderKey, video: Video, tmp_path: Path
) -> None:
    runway.post(CREATE, json={"id": TASK, "estimatedCost": {"credits": 75}})
    assert ledger.cost(send(video, tmp_path)) == 75


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_what_was_certainly_not_taken_is_queued_again(
    runway: responses.RequestsMock, key: ProviderKey, video: Video, tmp_path: Path, status: int
) -> None:
    runway.post(CREATE, json={"error": "no"}, status=status)
    video = send(video, tmp_path)
    assert (video.status, arrows(video)) == ("queued", "abd")
    assert ledger.cost(video) == 60
    assert video.reason


def test_a_refusal_is_final_and_costs_nothing(
    runway: responses.RequestsMock, key: ProviderKey, video: Video, tmp_path: Path
) -> None:
    issues = [{"code": "too_big", "path": ["promptText"], "message": "Too long"}]
    body = {"error": "Validation of body failed", "issues": issues}
    runway.post(CREATE, json=body, status=400)
    video = send(video, tmp_path)
    assert (video.status, arrows(video)) == ("failed", "abe")
    assert "Too long" in video.error_message
    assert ledger.cost(video) == 0


@pytest.mark.parametrize(
    "answer",
    [
        {"json": {"error": "oops"}, "status": 500},
        {"json": {"error": "oops"}, "status": 502},
        {"json": {"error": "oops"}, "status": 504},
        {"body": "<html>", "status": 200},
        {"json": {"hello": "world"}, "status": 200},
        {"body": requests.exceptions.ReadTimeout("slow")},
        {"body": requests.exceptions.ConnectionError(ProtocolError("reset"))},
    ],
    ids=["500", "502", "504", "html", "no id", "read timeout", "reset"],
)
def test_what_nobody_can_know_is_said_and_never_sent_again(
    runway: responses.RequestsMock,
    key: ProviderKey,
    video: Video,
    tmp_path: Path,
    answer: dict[str, Any],
) -> None:
    runway.post(CREATE, **answer)
    make_key("other")
    video = send(video, tmp_path)
    assert (video.status, video.error_code) == ("failed", "submission_uncertain")
    assert ledger.cost(video) == 60
    assert len(runway.calls) == 1
    assert leases.claim("queued", 10) == []


def test_without_a_key_it_waits_and_says_why(
    runway: responses.RequestsMock, video: Video, tmp_path: Path
) -> None:
    video = send(video, tmp_path)
    assert (video.status, arrows(video)) == ("queued", "a")
    assert "key" in video.reason.lower()
    assert video.next_at and video.next_at > timezone.now()


def test_without_a_free_slot_nothing_is_sent(
    runway: responses.RequestsMock,
    key: ProviderKey,
    video: Video,
    tmp_path: Path,
    settings: Any,
) -> None:
    settings.STUDIO_SUBMIT_PARALLEL = 0
    video = send(video, tmp_path)
    assert (video.status, arrows(video), len(runway.calls)) == ("queued", "a", 0)


def test_after_its_deadline_it_is_not_sent(
    runway: responses.RequestsMock, key: ProviderKey, video: Video, tmp_path: Path
) -> None:
    Video.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
    video = send(video, tmp_path)
    assert (video.status, arrows(video)) == ("failed", "al")
    assert ledger.cost(video) == 0


def test_an_old_claim_sends_nothing(
    runway: responses.RequestsMock, key: ProviderKey, video: Video, tmp_path: Path
) -> None:
    with pytest.raises(Superseded):
        submit((video.pk, 99), tmp_path)
    assert len(runway.calls) == 0


def meanwhile(
    runway: responses.RequestsMock, video: Video, change: Callable[[Video], object], **answer: Any
) -> None:
    """Let somebody change the video while Runway is about to give this answer."""

    def answer_late(request: object) -> tuple[int, dict[str, str], str]:
        try:
            change(Video.objects.get(pk=video.pk))
        finally:
            BaseDatabaseWrapper.close(connection)  # this thread's own, even in memory
        return answer.get("status", 200), {}, answer.get("body", f'{{"id": "{TASK}"}}')

    runway.add_callback(responses.POST, CREATE, answer_late)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [actions.cancel, actions.delete])
def test_a_cancel_while_submitting_is_carried_out_at_once_afterwards(
    runway: responses.RequestsMock,
    key: ProviderKey,
    video: Video,
    tmp_path: Path,
    change: Callable[[Video], object],
) -> None:
    meanwhile(runway, video, change)
    video = send(video, tmp_path)
    assert video.status == "in_progress"
    assert video.next_at and video.next_at <= timezone.now() + timedelta(seconds=1)


@pytest.mark.django_db(transaction=True)
def test_a_cancel_during_a_submission_that_is_put_off_ends_it(
    runway: responses.RequestsMock, key: ProviderKey, video: Video, tmp_path: Path
) -> None:
    meanwhile(runway, video, actions.cancel, status=503, body="{}")
    video = send(video, tmp_path)
    assert (video.status, arrows(video)) == ("cancelled", "abdj")
    assert ledger.cost(video) == 0


@pytest.mark.django_db(transaction=True)
def test_a_delete_during_a_submission_that_nobody_knows_about_frees_its_credits(
    runway: responses.RequestsMock, key: ProviderKey, video: Video, tmp_path: Path
) -> None:
    meanwhile(runway, video, actions.delete, status=500, body="{}")
    video = send(video, tmp_path)
    assert (video.error_code, int(ledger.cost(video))) == ("submission_uncertain", 0)
    assert video.ledger.order_by("-id")[0].mark == "uncertain"


def test_a_cancelled_video_that_was_left_in_the_queue_is_not_sent(
    runway: responses.RequestsMock, key: ProviderKey, video: Video, tmp_path: Path
) -> None:
    Video.objects.update(cancel_requested=True)
    video = send(video, tmp_path)
    assert (video.status, arrows(video), len(runway.calls)) == ("cancelled", "aj", 0)


def test_the_deadline_begins_when_runway_takes_it(
    runway: responses.RequestsMock, key: ProviderKey, video: Video, tmp_path: Path
) -> None:
    runway.post(CREATE, json={"id": TASK})
    Video.objects.update(deadline_at=timezone.now() + timedelta(minutes=1))
    video = send(video, tmp_path)
    assert video.deadline_at > timezone.now() + timedelta(hours=23)


def test_a_task_id_that_does_not_fit_on_the_disk_is_noted_all_the_same(
    runway: responses.RequestsMock,
    key: ProviderKey,
    video: Video,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("videos.spool.keep", full)
    runway.post(CREATE, json={"id": TASK})
    video = send(video, tmp_path)
    assert (video.status, arrows(video)) == ("in_progress", "abc")
    assert video.task and video.task.provider_id == TASK


def test_on_a_disk_that_is_almost_full_nothing_is_sent(
    runway: responses.RequestsMock,
    key: ProviderKey,
    video: Video,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("videos.media.LEAST_ROOM", 2**70)
    video = send(video, tmp_path)
    assert (video.status, arrows(video), len(runway.calls)) == ("queued", "a", 0)
    assert video.reason.startswith("The disk is almost full")


def submitting(video: Video, key: ProviderKey) -> Video:
    """A video whose worker died right after arrow b."""
    video.mark_submitting(key)
    Video.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    video.refresh_from_db()
    return video


def test_a_submission_whose_worker_died_is_uncertain(key: ProviderKey, video: Video) -> None:
    submitting(video, key)
    recover()
    video.refresh_from_db()
    assert (video.status, video.error_code) == ("failed", "submission_uncertain")
    assert ledger.cost(video) == 60


def test_an_answer_that_only_the_disk_knows_is_noted(key: ProviderKey, video: Video) -> None:
    submitting(video, key)
    spool.keep(video.pk, 1, TASK)
    recover()
    video.refresh_from_db()
    assert (video.status, arrows(video)) == ("in_progress", "abc")
    assert video.task and video.task.provider_id == TASK


def test_a_late_answer_brings_an_uncertain_video_back(key: ProviderKey, video: Video) -> None:
    submitting(video, key)
    recover()
    note_accepted(video.pk, 1, TASK)
    note_accepted(video.pk, 1, TASK)
    video.refresh_from_db()
    assert (video.status, arrows(video)) == ("in_progress", "abem")
    assert video.tasks.count() == 1


def test_a_late_answer_of_another_attempt_is_not_believed(key: ProviderKey, video: Video) -> None:
    submitting(video, key)
    note_accepted(video.pk, 2, TASK)
    video.refresh_from_db()
    assert (video.status, video.tasks.count()) == ("submitting", 0)


def test_a_late_answer_reserves_anew_what_was_released(key: ProviderKey, video: Video) -> None:
    submitting(video, key)
    recover()
    ledger.release_uncertain(video)
    note_accepted(video.pk, 1, TASK)
    assert ledger.cost(video) == Decimal(60)


def test_the_second_tasks_maximum_comes_on_top_of_what_the_first_cost(
    runway: responses.RequestsMock, key: ProviderKey, video: Video, tmp_path: Path
) -> None:
    make_task(video, Task.FIRST_FRAME, "frame", credits=Decimal(8))
    runway.post(CREATE, json={"id": TASK, "estimatedCost": {"credits": 60}})
    assert ledger.cost(send(video, tmp_path)) == 68
