"""A running studio for tests: `manage.py run` in a data directory of its own, with the sandbox.

Talks to it as any client would; looks into its database only to tell what the API does not.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import requests
from django.conf import settings

T = TypeVar("T")
TERMINAL = ("completed", "failed")
# A start migrates and collects files, which takes its time on a busy machine.
START_SECONDS = 150


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(what: str, seconds: float, look: Callable[[], T | None]) -> T:
    """What `look` answers as soon as it answers something. Fails the test after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def python_with(package: str) -> list[str | Path]:
    """The beginning of a command that runs Python with just this package, of this version."""
    uv = Path(settings.BASE_DIR) / ".uv" / "bin" / "uv"
    return [uv, "run", "--quiet", "--no-project", "--python", sys.executable, "--with", package]


class Studio:
    """One `manage.py run` and everything under it."""

    def __init__(self, data_dir: Path, *options: str, key: str = "", **env: str) -> None:
        """Starts it. `key` is the API key of an earlier start, which prints it no more."""
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "run", *options],
            cwd=settings.BASE_DIR,
            env=self._environment(env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.http = requests.Session()
        try:
            self.key = key or self._wait_for_key()
        except BaseException:
            self.stop()
            raise
        self.http.headers["Authorization"] = f"Bearer {self.key}"

    def _environment(self, env: dict[str, str]) -> dict[str, str]:
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **keep,
            "PORT": str(self.port),
            "STUDIO_DATA_DIR": str(self.data_dir),
            "PYTHONUNBUFFERED": "1",
            **env,
        }

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip())

    def _wait_for_key(self) -> str:
        def key() -> str | None:
            assert self.process.poll() is None, self.output
            found = re.search(r"rk_[0-9A-Za-z]{38}", self.output)
            return found[0] if found else None

        return eventually("the banner with an API key", START_SECONDS, key)

    def wait_for_line(self, words: str) -> str:
        """The first line that it prints with these words."""

        def line() -> str | None:
            return next((line for line in self.lines if words in line), None)

        return eventually(words, START_SECONDS, line)

    def answers(self) -> bool:
        """Whether the web server answers."""
        try:
            return self.http.get(f"{self.url}/v1/videos", timeout=9).status_code == 200
        except requests.RequestException:
            return False

    @property
    def output(self) -> str:
        """Everything that it printed so far."""
        return "\n".join(self.lines)

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(45)
        finally:
            self.process.kill()
            self._reader.join(5)
            self.http.close()

    def create(self, prompt: str, **fields: Any) -> str:
        """The id of a new gen4.5 video of 2 s."""
        body = {"model": "gen4.5", "seconds": "2", "prompt": prompt, **fields}
        answer = self.http.post(f"{self.url}/v1/videos", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        video_id: str = answer.json()["id"]
        return video_id

    def video(self, video_id: str) -> dict[str, Any]:
        """The Video object."""
        body: dict[str, Any] = self.http.get(f"{self.url}/v1/videos/{video_id}", timeout=30).json()
        return body

    def wait(self, video_id: str, seconds: float = 60) -> dict[str, Any]:
        """The Video object once it is over."""

        def over() -> dict[str, Any] | None:
            video = self.video(video_id)
            return video if video.get("status") in TERMINAL else None

        return eventually(f"the end of {video_id}", seconds, over)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the SQLite database, read beside the running studio."""
        import sqlite3

        with closing(sqlite3.connect(self.data_dir / "rushes.sqlite3", timeout=20)) as connection:
            return connection.execute(sql, values).fetchall()

    @contextmanager
    def locked_database(self) -> Iterator[None]:
        """Nobody else can write for a while."""
        import sqlite3

        with closing(sqlite3.connect(self.data_dir / "rushes.sqlite3", timeout=20)) as connection:
            connection.isolation_level = None
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")

    def status(self, video_id: str) -> str:
        """The stored status."""
        [(status,)] = self.rows("SELECT status FROM videos_video WHERE id = ?", video_id)
        return str(status)

    def arrows(self, video_id: str) -> str:
        """The letters of the arrows taken, in order."""
        sql = "SELECT arrow FROM videos_videoevent WHERE video_id = ? ORDER BY id"
        return "".join(row[0] for row in self.rows(sql, video_id))

    def accepted(self, prompt: str) -> int:
        """How many requests with this prompt the sandbox took: what Runway would have billed."""
        path = self.data_dir / "sandbox" / "ledger.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return sum(json.loads(line)["prompt"] == prompt for line in lines)

    def pids(self, *words: str) -> list[int]:
        """Our processes whose command line has all these words, oldest first."""
        return [pid for pid, line in _processes(self.data_dir) if all(w in line for w in words)]


def _processes(data_dir: Path) -> Iterator[tuple[int, str]]:
    """Every process of this data directory: (pid, command line), by pid."""
    mark = f"STUDIO_DATA_DIR={data_dir}".encode()
    for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
        folder = Path("/proc") / str(pid)
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                yield pid, (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
