"""A task's state as a function of its record and the time alone."""

from __future__ import annotations

from typing import Any

import pytest

from providers.sandbox import timeline
from providers.sandbox.directives import Directives
from providers.sandbox.timeline import Record

AT = 1_800_000_000.0


def record(**fields: Any) -> Record:
    usual = {
        "id": "t",
        "path": "/v1/text_to_video",
        "model": "gen4.5",
        "body": {},
        "at": AT,
        "credits": 24,
        "pending": 1.0,
        "throttled": 2.0,
        "running": 4.0,
        "rendered": True,
    }
    return Record(**{**usual, **fields})


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [(0, "PENDING"), (1, "THROTTLED"), (2.9, "THROTTLED"), (3, "RUNNING"), (7, "SUCCEEDED")],
)
def test_a_task_moves_through_every_status(elapsed: float, expected: str) -> None:
    assert timeline.status(record(), AT + elapsed) == expected


def test_a_waiting_task_states_the_most_it_may_cost() -> None:
    assert timeline.state(record(), AT) == {
        "id": "t",
        "createdAt": "2027-01-15T08:00:00.000Z",
        "status": "PENDING",
        "estimatedCost": {"credits": 24},
    }


def test_progress_is_a_share_of_one() -> None:
    assert timeline.state(record(), AT + 4)["progress"] == 0.25


def test_a_late_file_keeps_the_task_running_just_below_the_end() -> None:
    late = timeline.state(record(rendered=False), AT + 100)
    assert (late["status"], late["progress"]) == ("RUNNING", 0.99)


def test_a_finished_task_states_its_cost_and_no_estimate() -> None:
    done = timeline.state(record(), AT + 7)
    assert done["cost"] == {"credits": 24}
    assert "estimatedCost" not in done


@pytest.mark.parametrize(("elapsed", "expected"), [(4.9, "RUNNING"), (5, "FAILED")])
def test_a_failing_task_fails_half_way(elapsed: float, expected: str) -> None:
    failing = record(fail="INTERNAL", rendered=False)
    assert timeline.status(failing, AT + elapsed) == expected


def test_a_failed_task_costs_nothing_and_says_why() -> None:
    failed = timeline.state(record(fail="SAFETY.INPUT.TEXT"), AT + 7)
    assert failed["cost"] == {"credits": 0}
    assert failed["failureCode"] == "SAFETY.INPUT.TEXT"
    assert "moderation" in failed["failure"]


def test_a_render_error_is_an_internal_failure() -> None:
    assert timeline.state(record(render_error=True), AT + 7)["failureCode"] == "INTERNAL"


def test_a_task_waits_for_its_start() -> None:
    moments = [timeline.status(record(), AT + moment, AT + 10) for moment in (0, 9, 10, 13, 14)]
    assert moments == ["PENDING", "THROTTLED", "RUNNING", "RUNNING", "SUCCEEDED"]


@pytest.mark.parametrize(
    ("fields", "charged"),
    [
        ({"rendered": False}, 24),
        ({"cost": 10}, 10),
        ({"cost": 10, "rendered": False}, 24),
        ({"cost": 10, "deleted_as": "RUNNING"}, 24),
        ({"cost": 10, "deleted_as": "SUCCEEDED"}, 10),
        ({"deleted_as": "PENDING"}, 0),
        ({"deleted_as": "THROTTLED"}, 0),
        ({"fail": "INTERNAL"}, 0),
        ({"fail": "INTERNAL", "deleted_as": "RUNNING"}, 24),
        ({"render_error": True}, 0),
    ],
    ids=str,
)
def test_what_a_task_is_charged(fields: dict[str, Any], charged: int) -> None:
    assert record(**fields).charged == charged


def test_the_pace_divides_every_length() -> None:
    wishes = Directives(throttle=5, slow=30)
    assert timeline.lengths(wishes, pace=10) == pytest.approx((0.06, 0.5, 3.0))


def test_a_task_takes_less_than_five_seconds_by_itself() -> None:
    assert sum(timeline.lengths(Directives(), pace=1)) <= 5
