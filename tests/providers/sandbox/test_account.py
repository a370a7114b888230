"""What the customer has left, and what was used on which day for which model."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from providers.sandbox import account
from providers.sandbox.limits import UNLIMITED
from tests.providers.sandbox.conftest import CHEAP, running
from tests.providers.sandbox.test_timeline import AT, record

TODAY = datetime.fromtimestamp(AT, UTC).date()
DAY = 24 * 3600


def used(body: dict[str, Any], *days_ago: int, **fields: Any) -> list[dict[str, Any]]:
    """The results for tasks that were made so many days ago."""
    records = [record(id=str(n), at=AT - n * DAY, **fields) for n in days_ago]
    answer = account.usage(records, body, TODAY)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = json.loads(answer.body)["results"]
    return found


def day(days_ago: int) -> str:
    return (TODAY - timedelta(days=days_ago)).isoformat()


def test_usage_is_by_day_and_model() -> None:
    records = [record(), record(cost=10), record(model="aleph2", credits=56)]
    answer = json.loads(account.usage(records, {"startDate": day(0)}, TODAY).body)
    assert answer == {
        "models": ["aleph2", "gen4.5"],
        "results": [
            {
                "date": day(0),
                "usedCredits": [
                    {"model": "aleph2", "amount": 56},
                    {"model": "gen4.5", "amount": 34},
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [30, 1]),
        ({"beforeDate": day(-1)}, [30, 1, 0]),
        ({"startDate": day(1)}, [1, 0]),
        ({"startDate": day(40)}, [40, 31, 30]),
        ({"startDate": day(40), "beforeDate": day(31)}, [40]),
        ({"startDate": day(89), "beforeDate": day(-1)}, [40, 31, 30, 1, 0]),
    ],
    ids=str,
)
def test_usage_is_of_the_asked_days(body: dict[str, Any], expected: list[int]) -> None:
    found = [line["date"] for line in used(body, 0, 1, 30, 31, 40)]
    assert found == [day(number) for number in expected]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"startDate": "yesterday"}, "invalid_format"),
        ({"startDate": "2026-02-30"}, "invalid_format"),
        ({"beforeDate": 5}, "invalid_format"),
        ({"startDate": day(0), "beforeDate": day(1)}, "custom"),
        ({"startDate": day(91), "beforeDate": day(0)}, "custom"),
        ({"from": day(1)}, "unrecognized_keys"),
        ([], "invalid_type"),
    ],
    ids=str,
)
def test_a_senseless_period_is_refused(body: Any, code: str) -> None:
    answer = account.usage([], body, TODAY)
    assert answer.status == 400
    assert [issue["code"] for issue in json.loads(answer.body)["issues"]] == [code]


def test_the_end_of_time_is_no_error() -> None:
    assert used({"startDate": date.max.isoformat()}) == []


def test_the_balance_never_falls_below_its_floor() -> None:
    spent = [record(credits=60_000), record(id="u", credits=60_000)]
    assert account.organization(spent, UNLIMITED, AT)["creditBalance"] == account.FLOOR


def test_the_books_agree_with_what_the_tasks_said(tmp_path: Path) -> None:
    with running(tmp_path, pace=100) as api:
        before = api.get("/v1/organization").json()["creditBalance"]
        ids = [api.create(f"[cost:{number}]") for number in (7, 8)]
        paid = sum(api.finished(task_id)["cost"]["credits"] for task_id in ids)
        api.finished(api.create("[fail:INTERNAL][cost:100]"))
        running_task = api.create("[slow:3600][cost:50]")
        while api.task(running_task)["status"] == "PENDING":
            pass
        api.delete(running_task)
        api.delete(ids[0])
        body = {"beforeDate": (datetime.now(UTC).date() + timedelta(days=1)).isoformat()}
        results = api.post("/v1/organization/usage", body).json()["results"]
        total = sum(line["amount"] for result in results for line in result["usedCredits"])
        after = api.get("/v1/organization").json()
    assert total == paid + 50 == before - after["creditBalance"] == 65
    assert after["usage"]["models"][CHEAP["model"]] == {"dailyGenerations": 4}
