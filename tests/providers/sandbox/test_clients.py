"""The sandbox as others meet it: the official SDK, and the two commands."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import runwayml
from runwayml import RunwayML

from tests.providers.sandbox.conftest import KEY, Api, image_bytes

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def client(api: Api) -> Iterator[RunwayML]:
    with RunwayML(api_key=KEY, base_url=api.url, max_retries=0) as found:
        yield found


def test_the_official_sdk_creates_waits_and_downloads(client: RunwayML) -> None:
    created = client.text_to_video.create(
        model="gen4.5", prompt_text="A quiet sea", ratio="1280:720", duration=2
    )
    task = client.tasks.retrieve(created.id)
    deadline = time.monotonic() + 15
    while task.status != "SUCCEEDED" and time.monotonic() < deadline:
        time.sleep(0.02)
        task = client.tasks.retrieve(created.id)
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


@pytest.mark.parametrize("wrong", [["--pace", "0"], ["--port", "70000"]], ids=str)
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
