"""The probe as the process that it is: what it prints, and what it may use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from videos.probe import CPU_SECONDS, MEMORY_BYTES, WRITTEN_BYTES

from .clips import archive, bomb, film

MUCH = 2 * 1024**3


def ask(data: bytes, folder: Path) -> dict[str, Any]:
    """What the process prints."""
    [found] = run_on(data, folder, "-m", "videos.probe")
    assert isinstance(found, dict)
    return found


def run_on(data: bytes, folder: Path, *code: str) -> list[Any]:
    """Each line that a Python process prints about a file, as JSON."""
    path = folder / "output"
    path.write_bytes(data)
    run = subprocess.run(
        [sys.executable, *code, str(path), str(folder), str(MUCH)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.mark.parametrize("wrap", [bytes, lambda png: archive(a_png=png)], ids=["png", "zip"])
def test_a_picture_bomb_is_refused_without_unpacking_it(tmp_path: Path, wrap: Any) -> None:
    peak = 'int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])'
    code = f"from videos.probe import main; main(); print({peak})"
    found, kibibytes = run_on(wrap(bomb(20_000)), tmp_path, "-c", code)
    assert found["error"]
    assert kibibytes < 200 * 1024


def test_the_process_prints_what_it_found(tmp_path: Path) -> None:
    found = ask(film(sound=True), tmp_path)
    assert (found["kind"], found["width"], found["has_audio"]) == ("video", 96, True)


def test_the_process_says_in_words_why_it_refuses(tmp_path: Path) -> None:
    found = ask(b"<html>", tmp_path)
    assert found == {
        "error": "it is neither a video, nor a sound, nor a zip of frames, nor a picture"
    }


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
    [found] = run_on(film(), tmp_path, "-c", code)
    assert found["kind"] == "video"
