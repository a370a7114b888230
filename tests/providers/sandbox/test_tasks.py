"""The life of a task over HTTP: create, follow, fetch, delete, and what outlives a restart."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from tests.providers.sandbox.conftest import HEADERS, TEXT, Api, image_bytes, image_uri, running
from tests.providers.sandbox.test_render import decoded, difference

TURBO = {"model": "gen4_turbo", "ratio": "1280:720", "duration": 2}
LITE = {"model": "grok_imagine_1_5_lite", "ratio": "auto_480p", "duration": 1}


def probe(content: bytes) -> tuple[int, int, float, int]:
    """Width, height, seconds and the number of sound tracks of a clip."""
    with av.open(io.BytesIO(content), "r") as container:
        context = container.streams.video[0].codec_context
        length = (container.duration or 0) / av.time_base
        return context.width, context.height, length, len(container.streams.audio)


def download(api: Api, task_id: str) -> bytes:
    url: str = api.finished(task_id)["output"][0]
    return api.session.get(url, timeout=10).content


def test_a_create_answers_with_an_id_and_the_most_it_may_cost(api: Api) -> None:
    answer = api.post("/v1/text_to_video", TEXT)
    assert answer.status_code == 200
    assert answer.json().keys() == {"id", "estimatedCost"}
    assert answer.json()["estimatedCost"] == {"credits": 24}
    api.delete(answer.json()["id"])


def test_a_finished_task_has_a_cost_and_a_clip(api: Api) -> None:
    task = api.finished(api.create(model="gen4.5", ratio="1280:720", duration=2))
    assert task.keys() == {"id", "createdAt", "status", "cost", "output"}
    assert task["cost"] == {"credits": 24}
    answer = api.session.get(task["output"][0], timeout=10)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert probe(answer.content) == (1280, 720, 2.0, 0)


def test_head_states_size_and_type_of_a_clip(api: Api) -> None:
    url = api.finished(api.create())["output"][0]
    answer = api.session.head(url, timeout=10)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert int(answer.headers["Content-Length"]) == len(api.session.get(url, timeout=10).content)


def test_a_forged_link_is_403(api: Api) -> None:
    url = api.finished(api.create())["output"][0]
    assert api.session.get(url + "0", timeout=10).status_code == 403
    assert api.session.get(url.partition("?")[0], timeout=10).status_code == 403
    later = url.replace("expires=", "expires=9")
    assert api.session.get(later, timeout=10).status_code == 403


def test_links_lead_back_to_the_host_that_was_asked(api: Api) -> None:
    task_id = api.create()
    api.finished(task_id)
    named = api.get(f"/v1/tasks/{task_id}", headers={**HEADERS, "Host": "localhost:4010"})
    assert named.json()["output"][0].startswith("http://localhost:4010/outputs/")


def test_a_picture_as_data_uri_is_the_first_frame(api: Api) -> None:
    body = {**TURBO, "promptImage": image_uri(640, 360)}
    task_id = api.post("/v1/image_to_video", body).json()["id"]
    expected = Image.open(io.BytesIO(image_bytes(640, 360))).resize((1280, 720))
    assert difference(decoded(download(api, task_id))[0], expected) < 6
    assert list((api.root / "inputs").glob(f"{task_id}-*")) == []


def test_an_uploaded_picture_is_the_first_frame(api: Api) -> None:
    file = image_bytes(640, 360, "JPEG")
    started = api.post("/v1/uploads", {"filename": "a.jpg", "type": "ephemeral"}).json()
    sent = api.session.post(
        started["uploadUrl"], data=started["fields"], files={"file": ("a.jpg", file)}, timeout=10
    )
    assert sent.status_code == 204
    images = [{"uri": started["runwayUri"], "position": "first"}]
    task_id = api.post("/v1/image_to_video", {**LITE, "promptImage": images}).json()["id"]
    expected = Image.open(io.BytesIO(file)).resize((854, 480))
    assert difference(decoded(download(api, task_id))[0], expected) < 6


def test_an_upload_needs_the_fields_it_was_given(api: Api) -> None:
    started = api.post("/v1/uploads", {"filename": "a.jpg", "type": "ephemeral"}).json()
    fields = {**started["fields"], "signature": "0"}
    sent = api.session.post(
        started["uploadUrl"], data=fields, files={"file": image_bytes()}, timeout=10
    )
    assert sent.status_code == 403


def test_a_picture_by_address_is_accepted_and_never_fetched(api: Api) -> None:
    body = {**LITE, "promptImage": "https://pictures.invalid/a.png"}
    task_id = api.post("/v1/image_to_video", body).json()["id"]
    assert api.finished(task_id)["status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("more", "tracks", "credits"),
    [({}, 1, 160), ({"audio": False}, 0, 80)],
    ids=["unsaid", "off"],
)
def test_veo_has_sound_and_its_price_unless_told_otherwise(
    api: Api, more: dict[str, Any], tracks: int, credits: int
) -> None:
    task_id = api.create(model="veo3.1", ratio="1280:720", duration=4, **more)
    assert api.finished(task_id)["cost"] == {"credits": credits}
    assert probe(download(api, task_id)) == (1280, 720, 4.0, tracks)


def test_text_to_image_makes_a_png(api: Api) -> None:
    body = {"model": "gen4_image", "promptText": "A quiet sea", "ratio": "720:960"}
    task_id = api.post("/v1/text_to_image", body).json()["id"]
    with Image.open(io.BytesIO(download(api, task_id))) as image:
        assert (image.format, image.size) == ("PNG", (720, 960))


def test_a_deleted_task_is_gone_with_its_file(api: Api) -> None:
    task_id = api.create()
    url = api.finished(task_id)["output"][0]
    assert api.delete(task_id).status_code == 204
    assert api.delete(task_id).status_code == 404
    gone = api.get(f"/v1/tasks/{task_id}")
    assert (gone.status_code, gone.json()) == (404, {"error": "Could not find Task"})
    assert api.session.get(url, timeout=10).status_code == 404


def test_a_cancelled_task_is_gone_and_not_cancelled(api: Api) -> None:
    task_id = api.create("[slow:600]")
    assert api.task(task_id)["status"] in ("PENDING", "RUNNING")
    assert api.delete(task_id).status_code == 204
    assert api.get(f"/v1/tasks/{task_id}").status_code == 404


@pytest.mark.parametrize("task_id", ["x", "00000000-0000-0000-0000-000000000000", "..%2Fsecret"])
def test_an_unknown_task_is_404(api: Api, task_id: str) -> None:
    assert api.get(f"/v1/tasks/{task_id}").status_code == 404
    assert api.delete(task_id).status_code == 404


def test_every_accepted_create_is_in_the_ledger_once(api: Api) -> None:
    task_id = api.create("Count me")
    api.post("/v1/text_to_video", {**TEXT, "promptText": "Count me", "ratio": "wrong"})
    lines = [json.loads(line) for line in (api.root / "ledger.jsonl").read_text().splitlines()]
    found = [line for line in lines if line["prompt"] == "Count me"]
    api.delete(task_id)
    assert [line["id"] for line in found] == [task_id]
    assert found[0].keys() == {"id", "path", "model", "prompt", "at", "key4"}
    assert (found[0]["path"], found[0]["key4"]) == ("/v1/text_to_video", "beef")


def test_a_finished_task_and_its_link_outlive_a_restart(tmp_path: Path) -> None:
    with running(tmp_path, pace=100) as before:
        task_id = before.create()
        url = before.finished(task_id)["output"][0]
    with running(tmp_path, pace=100) as after:
        assert after.task(task_id)["status"] == "SUCCEEDED"
        moved = url.replace(before.url, after.url)
        assert after.session.get(moved, timeout=10).status_code == 200


def test_unfinished_work_goes_on_after_a_restart(tmp_path: Path) -> None:
    with running(tmp_path, pace=100) as before:
        ids = [before.create(f"Clip {number}") for number in range(3)]
        before.delete(ids[0])
    with running(tmp_path, pace=100) as after:
        assert after.get(f"/v1/tasks/{ids[0]}").status_code == 404
        assert {after.finished(task_id)["status"] for task_id in ids[1:]} == {"SUCCEEDED"}
