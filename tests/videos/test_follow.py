"""Follow: what Runway's words do to a video, task and books. Runway is faked at the wire."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import responses
from django.utils import timezone

from providers.models import KeyMinute
from videos import actions, leases, ledger
from videos.follow import follow, look_back
from videos.models import Task, Video

from .factories import BASE_URL, make_task, make_video

pytestmark = pytest.mark.django_db

TASK = "17f20503-6c24-4c16-946b-35dbbce2af2f"


@pytest.fixture
def runway() -> Any:
    """Runway at the wire; whatever is not registered is refused."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def running(**extra: Any) -> Video:
    """A reserved video at Runway, due now."""
    video = make_video("in_progress", **extra)
    task = video.task
    assert task is not None
    task.provider_id = TASK
    task.save()
    ledger.reserve(video, video.estimate or ledger.NOTHING)
    return video


def says(mock: responses.RequestsMock, body: dict[str, Any], http: int = 200) -> None:
    """Runway's next answer about the task."""
    mock.get(f"{BASE_URL}/v1/tasks/{TASK}", json={"id": TASK, **body}, status=http)


def look_at(video: Video) -> Video:
    """One claim and one look."""
    Video.objects.filter(pk=video.pk).update(next_at=timezone.now() - timedelta(seconds=1))
    follow(leases.claim("in_progress", 10))
    video.refresh_from_db()
    return video


def arrows(video: Video) -> str:
    """The letters of the video's events, in order."""
    return "".join(video.events.order_by("id").values_list("arrow", flat=True))


def test_progress_is_kept_in_percent(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "RUNNING", "progress": 0.42})
    video = look_at(running())
    assert (video.status, video.provider_status, video.progress) == ("in_progress", "RUNNING", 42)
    assert arrows(video) == ""


def test_progress_never_goes_back(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "RUNNING", "progress": 0.1})
    assert look_at(running(progress=60)).progress == 60


def test_waiting_for_a_slot_is_told_in_words(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "THROTTLED"})
    assert look_at(running()).reason == "Waiting for a Runway slot"


@pytest.mark.parametrize(
    ("before", "status", "expected"),
    [
        ("PENDING", "THROTTLED", [(1, 0, 0)]),
        ("THROTTLED", "THROTTLED", []),
        ("THROTTLED", "RUNNING", [(0, 1, 30)]),
        ("RUNNING", "RUNNING", []),
    ],
    ids=["throttled", "still", "begun", "running"],
)
def test_waiting_at_runway_is_measured_once(
    runway: responses.RequestsMock, before: str, status: str, expected: list[tuple[int, ...]]
) -> None:
    says(runway, {"status": status})
    video = running(provider_status=before)
    Task.objects.update(created_at=timezone.now() - timedelta(seconds=30))
    look_at(video)
    counts = KeyMinute.objects.values_list("throttled", "begun", "waited")
    assert list(counts) == expected


def test_success_is_booked_at_the_task_s_own_cost(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "SUCCEEDED", "output": ["https://x/1"], "cost": {"credits": 48}})
    video = look_at(running())
    assert (video.status, arrows(video)) == ("storing", "f")
    assert ledger.cost(video) == 48
    assert video.task and video.task.credits == 48


def test_a_failure_says_what_happened_and_what_it_cost(runway: responses.RequestsMock) -> None:
    says(
        runway,
        {"status": "FAILED", "failureCode": "SAFETY.INPUT.TEXT", "cost": {"credits": 60}},
    )
    video = look_at(running())
    assert (video.status, video.error_code) == ("failed", "moderation_blocked")
    assert "moderation" in video.error_message
    assert ledger.cost(video) == 60


def test_a_free_passing_failure_is_tried_once_more(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "FAILED", "failureCode": "INTERNAL", "cost": {"credits": 0}})
    video = look_at(running())
    assert (video.status, arrows(video)) == ("queued", "k")
    assert ledger.cost(video) == 60


def test_a_second_free_failure_is_the_end(runway: responses.RequestsMock) -> None:
    video = running()
    Task.objects.create(video=video, kind="video", provider_id="first", attempt=1, status="FAILED")
    Task.objects.filter(provider_id=TASK).delete()
    Task.objects.create(
        video=video, kind="video", provider_id=TASK, attempt=2, provider_key=video.provider_key
    )
    Video.objects.filter(pk=video.pk).update(attempt=2)
    says(runway, {"status": "FAILED", "failureCode": "INTERNAL", "cost": {"credits": 0}})
    video = look_at(video)
    assert (video.status, video.error_code) == ("failed", "task_failed")
    assert ledger.cost(video) == 0


def test_a_paid_passing_failure_is_not_tried_again(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "FAILED", "failureCode": "INTERNAL", "cost": {"credits": 60}})
    assert look_at(running()).status == "failed"


@pytest.mark.parametrize(("status", "cost"), [("RUNNING", 60), ("PENDING", 0), ("THROTTLED", 0)])
def test_a_cancel_reads_then_deletes_then_books(
    runway: responses.RequestsMock, status: str, cost: int
) -> None:
    says(runway, {"status": status, "estimatedCost": {"credits": 60}})
    deleted = runway.delete(f"{BASE_URL}/v1/tasks/{TASK}", status=204)
    video = look_at(running(cancel_requested=True))
    assert deleted.call_count == 1
    assert (video.status, arrows(video)) == ("cancelled", "j")
    assert ledger.cost(video) == cost
    assert video.task and video.task.is_assumed


def test_a_cancel_after_success_comes_too_late(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "SUCCEEDED", "output": ["https://x/1"], "cost": {"credits": 60}})
    assert look_at(running(cancel_requested=True)).status == "storing"


def test_a_deleted_video_that_succeeded_is_paid_and_gone(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "SUCCEEDED", "output": ["https://x/1"], "cost": {"credits": 60}})
    video = look_at(running(cancel_requested=True, deleted_at=timezone.now()))
    assert video.status == "cancelled"
    assert ledger.cost(video) == 60


def test_a_cancel_that_runway_refuses_is_tried_again(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "RUNNING"})
    runway.delete(f"{BASE_URL}/v1/tasks/{TASK}", status=500)
    video = look_at(running(cancel_requested=True))
    assert (video.status, video.failures) == ("in_progress", 1)


@pytest.mark.parametrize("answer", [500, 502, 503, 504, 429, 404])
def test_a_bad_look_changes_no_status(runway: responses.RequestsMock, answer: int) -> None:
    says(runway, {"error": "no"}, answer)
    video = look_at(running())
    assert (video.status, video.failures, arrows(video)) == ("in_progress", 1, "")
    assert video.next_at and video.next_at > timezone.now()


def test_html_instead_of_a_task_is_a_bad_look(runway: responses.RequestsMock) -> None:
    runway.get(f"{BASE_URL}/v1/tasks/{TASK}", body="<html>", content_type="text/html")
    assert look_at(running()).failures == 1


def test_a_task_that_stays_unknown_is_gone(runway: responses.RequestsMock) -> None:
    says(runway, {"error": "Could not find Task"}, 404)
    video = running(unknowns=4)
    Task.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    video = look_at(video)
    assert (video.status, video.error_code) == ("failed", "provider_task_gone")
    assert ledger.cost(video) == 60


def test_other_bad_looks_do_not_make_a_task_gone(runway: responses.RequestsMock) -> None:
    says(runway, {"error": "Could not find Task"}, 404)
    video = running(failures=400)
    Task.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    video = look_at(video)
    assert (video.status, video.unknowns) == ("in_progress", 1)
    runway.replace(responses.GET, f"{BASE_URL}/v1/tasks/{TASK}", json={}, status=503)
    assert look_at(video).unknowns == 0


def test_a_deadline_ends_the_waiting_and_deletes_nothing(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "RUNNING", "progress": 0.5})
    video = look_at(running(deadline_at=timezone.now() - timedelta(seconds=1)))
    assert (video.status, video.error_code) == ("failed", "timed_out")
    assert [call.request.method for call in runway.calls] == ["GET"]


def test_a_bad_look_right_after_the_deadline_ends_nothing(runway: responses.RequestsMock) -> None:
    says(runway, {"error": "no"}, 503)
    late = timezone.now() - timedelta(days=2)
    video = look_at(running(deadline_at=late))
    assert (video.status, video.failures) == ("in_progress", 1)
    Video.objects.update(failures=4)
    assert look_at(video).error_code == "timed_out"


def look_back_at(video: Video) -> Video:
    """One claim of a timed-out video, and one look back."""
    Video.objects.filter(pk=video.pk).update(next_at=timezone.now() - timedelta(seconds=1))
    look_back(leases.claim("failed", 10))
    video.refresh_from_db()
    return video


def timed_out() -> Video:
    """A video that has just passed its deadline while Runway works on it."""
    with responses.RequestsMock() as mock:
        says(mock, {"status": "RUNNING", "progress": 0.5})
        return look_at(running(deadline_at=timezone.now() - timedelta(seconds=1)))


def test_a_timed_out_task_that_ended_after_all_is_stored(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "SUCCEEDED", "output": ["https://x/1"], "cost": {"credits": 48}})
    video = timed_out()
    assert video.next_at and video.next_at > timezone.now() + timedelta(minutes=50)
    video = look_at(look_back_at(video))
    assert (video.status, arrows(video), video.error_code) == ("storing", "hmf", "")
    assert ledger.cost(video) == 48
    assert video.deadline_at > timezone.now() + timedelta(hours=23)


@pytest.mark.parametrize("http", [200, 503])
def test_a_timed_out_task_is_read_again_every_hour_for_a_week(
    runway: responses.RequestsMock, http: int
) -> None:
    says(runway, {"status": "RUNNING"}, http)
    video = look_back_at(timed_out())
    assert (video.status, arrows(video)) == ("failed", "h")
    assert video.next_at and video.next_at > timezone.now() + timedelta(minutes=50)
    Video.objects.update(completed_at=timezone.now() - timedelta(days=8))
    assert look_back_at(video).next_at is None


def test_a_timed_out_task_that_runway_forgot_is_left_alone(runway: responses.RequestsMock) -> None:
    says(runway, {"error": "Could not find Task"}, 404)
    video = look_back_at(timed_out())
    assert (video.status, video.next_at) == ("failed", None)


def test_a_deleted_video_that_timed_out_is_not_looked_for() -> None:
    video = timed_out()
    actions.delete(video)
    video.refresh_from_db()
    assert video.next_at is None


def test_success_at_the_last_moment_still_counts(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "SUCCEEDED", "output": ["https://x/1"], "cost": {"credits": 60}})
    late = timezone.now() - timedelta(seconds=1)
    assert look_at(running(deadline_at=late)).status == "storing"


def test_an_unknown_word_counts_as_running(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "POLISHING"})
    assert look_at(running()).status == "in_progress"


def test_an_old_claim_asks_nothing(runway: responses.RequestsMock) -> None:
    video = running()
    follow([(video.pk, 99)])
    assert len(runway.calls) == 0


def test_the_books_of_a_sandbox_video_end_at_zero(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "SUCCEEDED", "output": ["https://x/1"], "cost": {"credits": 60}})
    video = look_at(running(is_sandbox=True))
    assert ledger.cost(video) == Decimal(0)
    assert video.ledger.order_by("-id")[0].mark == "sandbox"


def test_long_silence_is_said_and_ends_nothing(runway: responses.RequestsMock) -> None:
    says(runway, {"error": "Bad gateway"}, http=502)
    video = look_at(running(seen_at=timezone.now() - timedelta(minutes=31)))
    assert video.status == "in_progress"
    assert video.reason.startswith("No answer from Runway for 31 minutes")


def test_a_failure_that_does_not_tell_its_cost_is_not_tried_again(
    runway: responses.RequestsMock,
) -> None:
    says(runway, {"status": "FAILED", "failureCode": "INTERNAL"})
    assert arrows(look_at(running())) == "h"


@pytest.mark.parametrize(("last", "cost"), [("RUNNING", 60), ("PENDING", 0)])
def test_a_cancel_of_a_task_that_runway_forgot_costs_what_it_was_doing_last(
    runway: responses.RequestsMock, last: str, cost: int
) -> None:
    says(runway, {"error": "Could not find Task"}, http=404)
    video = running(provider_status=last, cancel_requested=True)
    Task.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    Video.objects.update(seen_at=timezone.now())
    video = look_at(video)
    assert (video.status, int(ledger.cost(video))) == ("cancelled", cost)


def test_a_cancel_of_a_task_that_never_was_seen_is_not_called_free(
    runway: responses.RequestsMock,
) -> None:
    says(runway, {"error": "Could not find Task"}, http=404)
    video = running(provider_status="PENDING", cancel_requested=True)
    Task.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert int(ledger.cost(look_at(video))) == 60


def test_a_cancel_waits_until_a_new_task_can_be_seen(runway: responses.RequestsMock) -> None:
    says(runway, {"error": "Could not find Task"}, http=404)
    video = look_at(running(cancel_requested=True))
    assert (video.status, video.unknowns) == ("in_progress", 1)
    runway.replace(responses.GET, f"{BASE_URL}/v1/tasks/{TASK}", json={"status": "RUNNING"})
    deleted = runway.delete(f"{BASE_URL}/v1/tasks/{TASK}", status=204)
    assert (look_at(video).status, deleted.call_count) == ("cancelled", 1)


def test_a_deleted_video_that_turned_up_is_stopped_at_runway(
    runway: responses.RequestsMock,
) -> None:
    says(runway, {"status": "RUNNING"})
    deleted = runway.delete(f"{BASE_URL}/v1/tasks/{TASK}", status=204)
    video = look_at(running(deleted_at=timezone.now()))
    assert (video.status, deleted.call_count) == ("cancelled", 1)


def test_a_maximum_that_a_look_names_is_kept(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "RUNNING", "estimatedCost": {"credits": 50}})
    video = running()
    Task.objects.update(estimated_credits=None)
    assert look_at(video).task.estimated_credits == 50  # type: ignore[union-attr]


def test_what_a_silent_task_may_cost_leaves_out_its_first_frame(
    runway: responses.RequestsMock,
) -> None:
    says(runway, {"status": "RUNNING"})
    video = running(estimate=Decimal(68), deadline_at=timezone.now() - timedelta(seconds=1))
    Task.objects.update(estimated_credits=None)
    make_task(video, Task.FIRST_FRAME, "frame", credits=Decimal(8))
    Task.objects.filter(provider_id=TASK).update(id=Task.objects.latest("pk").pk + 1)
    assert (look_at(video).error_code, int(ledger.cost(video))) == ("timed_out", 68)


def frame_made(runway: responses.RequestsMock, link: str) -> Video:
    """A video whose first frame is made, at `link`, for 8 credits."""
    video = running(estimate=Decimal(68))
    Task.objects.update(kind=Task.FIRST_FRAME)
    says(runway, {"status": "SUCCEEDED", "output": [link], "cost": {"credits": 8}})
    return video


def test_a_first_frame_from_where_we_never_fetch_ends_it_at_its_cost(
    runway: responses.RequestsMock,
) -> None:
    video = look_at(frame_made(runway, "http://127.0.0.1/frame.png"))
    assert (video.status, video.error_code) == ("failed", "output_forbidden")
    assert ledger.cost(video) == 8


def test_a_first_frame_that_is_no_picture_is_fetched_anew_for_an_hour(
    runway: responses.RequestsMock,
) -> None:
    link = f"{BASE_URL}/outputs/frame.png"
    runway.get(link, body=b"<html>")
    video = look_at(frame_made(runway, link))
    assert (video.status, video.failures) == ("in_progress", 1)
    Task.objects.update(created_at=timezone.now() - timedelta(hours=2))
    video = look_at(video)
    assert (video.status, video.error_code) == ("failed", "bad_output")
    assert ledger.cost(video) == 8


def test_the_next_task_begins_its_progress_anew(runway: responses.RequestsMock) -> None:
    says(runway, {"status": "FAILED", "failureCode": "INTERNAL", "cost": {"credits": 0}})
    assert look_at(running(progress=90)).progress == 0


def test_an_error_of_ours_at_one_video_leaves_the_others_alone(
    runway: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(runway, {"status": "FAILED", "failureCode": "X", "cost": {"credits": 0}})
    monkeypatch.setattr("videos.failures.explain", lambda code: 1 / 0)
    bad, good = running(), make_video("in_progress")
    runway.get(f"{BASE_URL}/v1/tasks/{good.task.provider_id}", json={"status": "RUNNING"})  # type: ignore[union-attr]
    Video.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    follow(leases.claim("in_progress", 10))
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, bad.reason) == ("in_progress", "An error of ours, which is in the log.")
    assert (bad.failures, good.provider_status) == (1, "RUNNING")
