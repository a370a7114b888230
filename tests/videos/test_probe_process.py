"""The probe as the process that it is: what it prints, and what it may use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from videos.probe import CPU_SECONDS, MEMORY_BYTES, WRITTEN_BYTES

from .clips import archive, bomb, film

MUCH = 2 * 1024**3


def ask(data: bytes, folder: Path) -> tuple[dict[str, Any], int]:
    """What the process prints, and the most memory that it had, in bytes."""
    path = folder / "output"
    path.write_bytes(data)
    command = [sys.executable, "-m", "videos.probe", str(path), str(folder), str(MUCH)]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    found: dict[str, Any] = json.loads(printed)
    return found, usage.ru_maxrss * 1024


@pytest.mark.parametrize("wrap", [bytes, lambda png: archive(a_png=png)], ids=["png", "zip"])
def test_a_picture_bomb_is_refused_without_unpacking_it(tmp_path: Path, wrap: Any) -> None:
    found, memory = ask(wrap(bomb(20_000)), tmp_path)
    assert found["error"]
    assert memory < 300 * 1024**2


def test_the_process_prints_what_it_found(tmp_path: Path) -> None:
    found, _ = ask(film(sound=True), tmp_path)
    assert (found["kind"], found["width"], found["has_audio"]) == ("video", 96, True)


def test_the_process_says_in_words_why_it_refuses(tmp_path: Path) -> None:
    found, _ = ask(b"<html>", tmp_path)
    assert found == {"error": "it is neither a video, nor a zip of frames, nor a picture"}


def within_limits(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process that limited itself as the probe does."""
    command = f"import resource, signal; from videos.probe import *; limit_myself(); {code}"
    return subprocess.run(
        [sys.executable, "-c", command],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_time_and_memory_are_limited_and_cannot_be_raised() -> None:
    names = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_CORE")
    run = within_limits(
        f"print([resource.getrlimit(getattr(resource, n)) for n in {names}], signal.alarm(0) > 60)"
    )
    most = [(n, n) for n in (MEMORY_BYTES, CPU_SECONDS, WRITTEN_BYTES, 0)]
    assert run.stdout.strip() == f"{most} True"


def test_memory_beyond_the_limit_is_not_given() -> None:
    run = within_limits("bytearray(MEMORY_BYTES)")
    assert "MemoryError" in run.stderr


def test_a_machine_with_tighter_limits_probes_within_those(tmp_path: Path) -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (900 * 2**20,) * 2);"
        "from videos.probe import main; main()"
    )
    path = tmp_path / "output"
    path.write_bytes(film())
    run = subprocess.run(
        [sys.executable, "-c", code, str(path), str(tmp_path), str(MUCH)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(run.stdout)["kind"] == "video", run.stderr
