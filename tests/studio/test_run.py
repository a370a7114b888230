"""`manage.py run` as a newcomer meets it: real processes, real ports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import requests
from django.conf import settings

from tests.live import Studio, eventually, free_port

pytestmark = pytest.mark.process


def run_once(data_dir: Path, port: int) -> subprocess.CompletedProcess[str]:
    """A `manage.py run` that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "PORT": str(port), "STUDIO_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_two_installations_run_side_by_side_and_each_says_its_secrets_once(tmp_path: Path) -> None:
    one, two = Studio(tmp_path / "one"), Studio(tmp_path / "two", "--demo")
    assert "5 sample videos" in two.wait_for_line("sample videos")
    assert one.key != two.key
    assert (
        requests.get(f"{two.url}/v1/videos", headers=bearer(one.key), timeout=9).status_code == 401
    )
    listed = requests.get(f"{two.url}/v1/videos", headers=bearer(two.key), timeout=9).json()
    assert len(listed["data"]) == 5
    assert (one.stop(), two.stop()) == (0, 0)
    assert one.pids("manage.py") == two.pids("manage.py") == []

    again = Studio(tmp_path / "one", key=one.key)
    again.wait_for_line("is ready")
    assert one.key not in again.output
    assert "Password" not in again.output
    assert again.http.get(f"{again.url}/v1/videos", timeout=9).status_code == 200
    assert again.stop() == 0


def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        done = run_once(tmp_path / "data", port)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        f"CommandError: Port {port} is in use. Choose another one: PORT={port + 1} make run"
    ]


def test_a_data_directory_in_use_is_one_clear_line(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "data")
    done = run_once(tmp_path / "data", free_port())
    assert done.returncode == 1
    assert "runs on" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert studio.stop() == 0


def test_whatever_dies_is_started_again_and_nothing_outlives_the_command(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "data")
    for name in (" web ", " sandbox "):
        killed = studio.pids("manage.py", name)[0]
        os.kill(killed, signal.SIGKILL)
        eventually(f"another{name}", 30, partial(is_replaced, studio, name, killed))
    eventually("an answer", 30, studio.answers)
    assert studio.wait(studio.create("after the restart"))["status"] == "completed"
    os.kill(studio.process.pid, signal.SIGKILL)
    eventually("the end of everything", 10, lambda: not studio.pids("manage.py"))
    studio.stop()


def test_ctrl_c_lets_a_submission_under_way_finish_and_the_next_start_goes_on(
    tmp_path: Path,
) -> None:
    studio = Studio(tmp_path / "data")
    prompt = "[hang:3] answered while everything stops"
    video_id = studio.create(prompt)
    eventually("the submission", 15, lambda: studio.accepted(prompt))
    assert studio.stop() == 0
    assert (studio.status(video_id), studio.arrows(video_id)) == ("in_progress", "abc")
    again = Studio(tmp_path / "data", key=studio.key)
    eventually("an answer", 30, again.answers)
    assert again.wait(video_id)["status"] == "completed"
    assert again.accepted(prompt) == 1
    assert again.stop() == 0


def is_replaced(studio: Studio, name: str, killed: int) -> bool:
    """Whether the command runs again, in another process."""
    pids = studio.pids("manage.py", name)
    return bool(pids) and killed not in pids


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
