"""What each directive does to a request or a task."""

from __future__ import annotations

import json
import time
from urllib.request import urlopen

import pytest
import requests

from tests.providers.sandbox.conftest import TEXT, Api


def attempt(api: Api, prompt: str) -> requests.Response:
    return api.post("/v1/text_to_video", {**TEXT, "promptText": prompt})


def accepted(api: Api, prompt: str) -> list[str]:
    """The ids of the tasks that were made for a prompt; they are deleted, to save the renderer."""
    (api.root / "ledger.jsonl").touch()
    lines = map(json.loads, (api.root / "ledger.jsonl").read_text().splitlines())
    ids = [line["id"] for line in lines if line["prompt"] == prompt]
    for task_id in ids:
        api.delete(task_id)
    return ids


def test_fail_fails_with_the_code_at_no_cost(api: Api) -> None:
    task = api.finished(api.create("[fail:SAFETY.INPUT.TEXT]"))
    assert task["status"] == "FAILED"
    assert (task["failureCode"], task["cost"]) == ("SAFETY.INPUT.TEXT", {"credits": 0})


@pytest.mark.parametrize(
    ("prompt", "status"), [("[throttle:3600]", "THROTTLED"), ("[slow:3600]", "RUNNING")]
)
def test_throttle_and_slow_hold_a_task(api: Api, prompt: str, status: str) -> None:
    task_id = api.create(prompt)
    seen = {api.task(task_id)["status"] for _ in range(20)}
    while "PENDING" in seen:
        seen = {api.task(task_id)["status"]}
    assert seen == {status}
    api.delete(task_id)


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503, 504])
def test_http_refuses_and_makes_nothing(api: Api, status: int) -> None:
    prompt = f"refuse [http:{status}]"
    answer = attempt(api, prompt)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert answer.headers.get("Retry-After") == ("2" if status == 429 else None)
    assert accepted(api, prompt) == []


def test_http_with_a_count_refuses_only_so_often(api: Api) -> None:
    statuses = [attempt(api, "[http:503:2]").status_code for _ in range(3)]
    assert statuses == [503, 503, 200]
    assert len(accepted(api, "[http:503:2]")) == 1


def test_credits_is_a_400(api: Api) -> None:
    answer = attempt(api, "[credits]")
    assert answer.status_code == 400
    assert answer.json()["error"] == "You do not have enough credits to run this task."


def test_html_is_a_200_that_made_nothing(api: Api) -> None:
    answer = attempt(api, "[html]")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert accepted(api, "[html]") == []


def test_drop_makes_the_task_and_closes_without_an_answer(api: Api) -> None:
    with pytest.raises(requests.ConnectionError):
        attempt(api, "[drop]")
    assert len(accepted(api, "[drop]")) == 1


def test_hang_makes_the_task_and_answers_late(api: Api) -> None:
    with pytest.raises(requests.ReadTimeout):
        api.post("/v1/text_to_video", {**TEXT, "promptText": "[hang:20]"}, timeout=0.05)
    assert len(accepted(api, "[hang:20]")) == 1


def test_vanish_is_404_after_acceptance(api: Api) -> None:
    assert api.get(f"/v1/tasks/{api.create('[vanish]')}").status_code == 404


def test_expire_spoils_the_first_link_only(api: Api) -> None:
    task_id = api.create("[expire]")
    first, second = api.finished(task_id)["output"][0], api.task(task_id)["output"][0]
    statuses = [api.session.get(url, timeout=10).status_code for url in (first, second)]
    assert statuses == [403, 200]


def test_truncate_breaks_the_first_download_only(api: Api) -> None:
    url = api.finished(api.create("[truncate]"))["output"][0]
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.session.get(url, timeout=10)
    whole = api.session.get(url, timeout=10)
    assert len(whole.content) == int(whole.headers["Content-Length"])


def test_corrupt_spoils_the_first_download_only(api: Api) -> None:
    url = api.finished(api.create("[corrupt]"))["output"][0]
    first, second = (api.session.get(url, timeout=10) for _ in range(2))
    assert (first.status_code, first.headers["Content-Type"]) == (200, "video/mp4")
    assert first.content.startswith(b"<!doctype html>")
    assert second.content[4:8] == b"ftyp"


def test_drip_spreads_every_download_over_its_time(api: Api) -> None:
    url = api.finished(api.create("[drip:30]"))["output"][0]
    for _ in range(2):
        began = time.monotonic()
        with urlopen(url, timeout=10) as answer:
            pieces = []
            while piece := answer.read1(2**20):
                pieces.append(piece)
        assert time.monotonic() - began >= 0.3
        assert len(pieces) >= 3
        assert sum(map(len, pieces)) == int(answer.headers["Content-Length"])


def test_outputs_makes_several_files(api: Api) -> None:
    links = api.finished(api.create("[outputs:2]"))["output"]
    assert len({api.session.get(url, timeout=10).content for url in links}) == 2


def test_cost_is_estimated_and_charged(api: Api) -> None:
    answer = attempt(api, "[cost:7]")
    assert answer.json()["estimatedCost"] == {"credits": 7}
    assert api.finished(answer.json()["id"])["cost"] == {"credits": 7}
