"""How many tasks run at once, and how many a day allows."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import pytest

from providers.sandbox import limits
from providers.sandbox.limits import Limits
from tests.providers.sandbox.conftest import CHEAP, Api, running
from tests.providers.sandbox.test_timeline import AT, record

OTHER = {"model": "wan3", "ratio": "832:480", "duration": 2, "promptText": "[slow:3600]"}


def starts(*tasks: dict[str, Any]) -> list[float]:
    """When tasks begin, in seconds after AT. By themselves they are ready at once and run 4 s."""
    usual = {"pending": 0.0, "throttled": 0.0, "slots": 1}
    records = [record(**{**usual, "id": str(n), **task}) for n, task in enumerate(tasks)]
    begun = limits.starts(records)
    return [begun[record.id] - AT for record in records]


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ([{"slots": None}, {"slots": None}], [0, 0]),
        ([{}, {"at": AT + 1}, {"at": AT + 2}], [0, 4, 8]),
        ([{"slots": 2}, {"slots": 2, "at": AT + 1}, {"slots": 2, "at": AT + 2}], [0, 1, 4]),
        ([{}, {"at": AT + 9}], [0, 9]),
        ([{"throttled": 5.0}, {"at": AT + 1}], [5, 1]),
        ([{"over_at": AT + 6}, {"at": AT + 1}], [0, 6]),
        ([{"rendered": False}, {"at": AT + 1}], [0, math.inf]),
        ([{"fail": "INTERNAL"}, {"at": AT + 1}], [0, 2]),
        ([{"deleted_at": AT + 3}, {"at": AT + 1}], [0, 3]),
        ([{}, {"at": AT + 1, "deleted_at": AT + 2}, {"at": AT + 2}], [0, 4, 4]),
        ([{"vanish": True, "rendered": False}, {"at": AT + 1}], [0, 4]),
    ],
    ids=[
        "no limit",
        "one",
        "two",
        "free",
        "late",
        "slow file",
        "no file",
        "failed",
        "deleted",
        "gone while it waited",
        "vanished",
    ],
)
def test_first_come_first_served(tasks: list[dict[str, Any]], expected: list[float]) -> None:
    assert starts(*tasks) == pytest.approx(expected)


def status(api: Api, task_id: str) -> str:
    """What the task says once it is no longer PENDING."""
    while (found := api.task(task_id)["status"]) == "PENDING":
        time.sleep(0.005)
    return str(found)


def test_too_many_at_once_are_throttled_until_a_place_is_free(tmp_path: Path) -> None:
    with running(tmp_path, pace=100, limits=Limits(concurrent=1)) as api:
        first, second = api.create("[slow:3600]"), api.create("[slow:3600]")
        assert [status(api, task_id) for task_id in (first, second)] == ["RUNNING", "THROTTLED"]
        assert api.task(second)["estimatedCost"] == {"credits": 2}
        other = api.post("/v1/text_to_video", OTHER).json()["id"]
        assert status(api, other) == "RUNNING"
        api.delete(first)
        assert status(api, second) == "RUNNING"
        model = api.get("/v1/organization").json()["tier"]["models"][CHEAP["model"]]
        assert model == {"maxConcurrentGenerations": 1, "maxDailyGenerations": None}


def test_too_many_in_a_day_are_refused(tmp_path: Path) -> None:
    with running(tmp_path, pace=100, limits=Limits(daily=1)) as api:
        assert (
            api.post(
                "/v1/text_to_video", {**CHEAP, "promptText": "A sea", "ratio": "1:1"}
            ).status_code
            == 400
        )
        api.delete(api.create("[slow:3600]"))
        refused = api.post("/v1/text_to_video", CHEAP | {"promptText": "A sea"})
        assert refused.status_code == 429
        assert "daily task limit" in refused.json()["error"]
        assert "Retry-After" not in refused.headers
        assert api.post("/v1/text_to_video", OTHER).status_code == 200
        account = api.get("/v1/organization").json()
        assert account["tier"]["models"][CHEAP["model"]]["maxDailyGenerations"] == 1
        assert account["usage"]["models"][CHEAP["model"]] == {"dailyGenerations": 1}


def test_a_day_is_the_last_24_hours() -> None:
    made = [record(id=str(n), at=AT - n * 8 * 3600) for n in range(6)]
    assert limits.made_today(made, AT) == {"gen4.5": 3}
