"""The sandbox as others meet it: the official SDK, and the two commands."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import runwayml
from runwayml import RunwayML

from tests.providers.sandbox.conftest import KEY, Api, image_bytes, video_bytes, video_uri

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def client(api: Api) -> Iterator[RunwayML]:
    with RunwayML(api_key=KEY, base_url=api.url, max_retries=0) as found:
        yield found


def test_the_official_sdk_creates_waits_and_downloads(client: RunwayML) -> None:
    created = client.text_to_video.create(
        model="gen4.5", prompt_text="A quiet sea", ratio="1280:720", duration=2
    )
    task = finished(client, created.id)
    assert task.status == "SUCCEEDED"
    assert httpx.get(task.output[0]).content[4:8] == b"ftyp"
    client.tasks.delete(created.id)
    with pytest.raises(runwayml.NotFoundError):
        client.tasks.retrieve(created.id)


def test_the_official_sdk_uploads(client: RunwayML) -> None:
    uri = client.uploads.create_ephemeral(file=("a.png", image_bytes())).uri
    created = client.image_to_video.create(
        model="gen4_turbo", prompt_image=uri, ratio="1280:720", duration=2
    )
    assert client.tasks.retrieve(created.id).status in ("PENDING", "RUNNING", "SUCCEEDED")


def test_the_official_sdk_edits_a_video(client: RunwayML) -> None:
    uri = client.uploads.create_ephemeral(file=("a.mp4", video_bytes())).uri
    created = client.video_to_video.create(
        model="aleph2",
        video_uri=uri,
        prompt_text="In snow",
        keyframes=[{"uri": "https://example.com/a.png", "at": 0.5}],
        output_format="prores",
        prores_profile="422 HQ",
    )
    assert finished(client, created.id).output[0].partition("?")[0].endswith(".mov")


def test_the_official_sdk_upscales_a_video(client: RunwayML) -> None:
    created = client.video_upscale.create(
        model="magnific_video_upscaler_creative", video_uri=video_uri(), resolution="720p"
    )
    assert finished(client, created.id).cost.credits == 3
    with pytest.raises(runwayml.BadRequestError, match="too_big"):
        client.video_upscale.create(
            model="magnific_video_upscaler_creative", video_uri=video_uri(), creativity=101
        )


def test_the_official_sdk_acts(client: RunwayML) -> None:
    created = client.character_performance.create(
        model="act_two",
        character={"type": "image", "uri": "https://example.com/a.png"},
        reference={"type": "video", "uri": video_uri(3)},
        expression_intensity=4,
    )
    assert finished(client, created.id).cost.credits == 15


def finished(client: RunwayML, task_id: str) -> Any:
    """The task once it is over."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        task = client.tasks.retrieve(task_id)
        if task.status in ("SUCCEEDED", "FAILED"):
            return task
        time.sleep(0.02)
    raise AssertionError(f"task {task_id} did not finish")


def test_the_official_sdk_reads_its_usage(client: RunwayML) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    usage = client.organization.retrieve_usage(before_date=tomorrow)
    assert "gen4.5" in usage.models
    assert all(line.amount >= 0 for day in usage.results for line in day.used_credits)


def test_the_official_sdk_reads_the_organization(client: RunwayML) -> None:
    assert client.organization.retrieve().credit_balance > 0


@pytest.mark.parametrize(
    "command", [["manage.py", "sandbox"], ["-m", "providers.sandbox"]], ids=["django", "module"]
)
def test_a_command_says_where_it_listens(tmp_path: Path, command: list[str]) -> None:
    arguments = [sys.executable, *command, "--port", "0", "--data", str(tmp_path), "--pace", "20"]
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.removeprefix("sandbox listening on ").strip()
        status = httpx.get(f"{url}/v1/organization").status_code
        process.terminate()
    assert line.startswith("sandbox listening on http://127.0.0.1:")
    assert status == 401


@pytest.mark.parametrize(
    "wrong",
    [["--pace", "0"], ["--port", "70000"], ["--concurrency", "0"], ["--daily", "x"]],
    ids=str,
)
def test_a_senseless_option_is_refused(tmp_path: Path, wrong: list[str]) -> None:
    arguments = [sys.executable, "-m", "providers.sandbox", "--data", str(tmp_path), *wrong]
    assert subprocess.run(arguments, cwd=ROOT, capture_output=True, check=False).returncode == 2


def test_a_taken_port_is_said_in_one_line(tmp_path: Path, api: Api) -> None:
    port = api.url.rpartition(":")[2]
    arguments = [sys.executable, "-m", "providers.sandbox", "--data", str(tmp_path), "--port", port]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("the sandbox cannot start: ")
    assert done.stderr.count("\n") == 1


def test_the_limits_of_the_command_are_the_organization_s(tmp_path: Path) -> None:
    limits = ["--concurrency", "3", "--daily", "50"]
    arguments = [sys.executable, "-m", "providers.sandbox", "--data", str(tmp_path), *limits]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("sandbox listening on ").strip()
        with RunwayML(api_key=KEY, base_url=url) as client:
            model = client.organization.retrieve().tier.models["aleph2"]
        process.terminate()
    assert (model.max_concurrent_generations, model.max_daily_generations) == (3, 50)
