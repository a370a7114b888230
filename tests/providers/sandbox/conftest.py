"""A real sandbox server on a free port, and a thin client that speaks to it as Runway expects."""

from __future__ import annotations

import base64
import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from providers.sandbox.limits import UNLIMITED, Limits
from providers.sandbox.server import Server

KEY = "key_" + "0" * 124 + "beef"
HEADERS = {"Authorization": f"Bearer {KEY}", "X-Runway-Version": "2024-11-06"}
TEXT = {"model": "gen4.5", "promptText": "A quiet sea", "ratio": "1280:720", "duration": 2}
WAIT_SECONDS = 15.0


@dataclass
class Api:
    """Calls of Runway's API against one running sandbox."""

    url: str
    root: Path
    session: requests.Session

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        """POST a JSON body, or whatever `options` of requests say."""
        given: dict[str, Any] = {"json": body, "headers": HEADERS, "timeout": 10} | options
        return self.session.post(self.url + path, **given)

    def get(self, path: str, **options: Any) -> requests.Response:
        """GET with the usual headers."""
        given: dict[str, Any] = {"headers": HEADERS, "timeout": 10} | options
        return self.session.get(self.url + path, **given)

    def delete(self, task_id: str) -> requests.Response:
        """DELETE a task."""
        return self.session.delete(f"{self.url}/v1/tasks/{task_id}", headers=HEADERS, timeout=10)

    def create(self, prompt: str = "A quiet sea", path: str = "text_to_video", **more: Any) -> str:
        """Create a task that is accepted; its id."""
        answer = self.post(f"/v1/{path}", {**TEXT, "promptText": prompt, **more})
        assert answer.status_code == 200, answer.text
        task_id: str = answer.json()["id"]
        return task_id

    def task(self, task_id: str) -> dict[str, Any]:
        """What the task says now."""
        found: dict[str, Any] = self.get(f"/v1/tasks/{task_id}").json()
        return found

    def finished(self, task_id: str) -> dict[str, Any]:
        """What the task says once it is over."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            task = self.task(task_id)
            if task["status"] in ("SUCCEEDED", "FAILED"):
                return task
            time.sleep(0.02)
        raise AssertionError(f"task {task_id} did not finish")


@contextmanager
def running(root: Path, pace: float, limits: Limits = UNLIMITED) -> Iterator[Api]:
    """A sandbox over `root` for as long as the block lasts."""
    server = Server(root, pace=pace, limits=limits)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        with requests.Session() as session:
            yield Api(server.url, root, session)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One sandbox for all tests, a hundred times faster than life."""
    with running(tmp_path_factory.mktemp("sandbox"), pace=100) as found:
        yield found


def image_uri(width: int = 320, height: int = 180, kind: str = "PNG") -> str:
    """A picture with four fields of different colours, as a data URI."""
    return (
        f"data:image/{kind.lower()};base64,"
        + base64.b64encode(image_bytes(width, height, kind)).decode()
    )


def image_bytes(width: int = 320, height: int = 180, kind: str = "PNG") -> bytes:
    """The same picture as a file."""
    coarse = Image.new("RGB", (2, 2))
    coarse.putdata([(200, 40, 40), (40, 160, 60), (50, 60, 190), (220, 200, 60)])
    file = io.BytesIO()
    coarse.resize((width, height), Image.Resampling.NEAREST).save(file, kind)
    return file.getvalue()
