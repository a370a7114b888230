"""A real sandbox server on a free port, and a thin client that speaks to it as Runway expects."""

from __future__ import annotations

import base64
import functools
import io
import math
import struct
import threading
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import pytest
import requests
from PIL import Image

from providers.sandbox.backlog import Backlog
from providers.sandbox.limits import UNLIMITED, Limits
from providers.sandbox.server import Server
from providers.sandbox.store import Store
from providers.sandbox.tasks import Sandbox

KEY = "key_" + "0" * 124 + "beef"
HEADERS = {"Authorization": f"Bearer {KEY}", "X-Runway-Version": "2024-11-06"}
TEXT = {"model": "gen4.5", "promptText": "A quiet sea", "ratio": "1280:720", "duration": 2}
# The quickest to render.
CHEAP = {"model": "grok_imagine_1_5_lite", "ratio": "480:480", "duration": 1}
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
        """Create a task that is accepted, a cheap one unless told otherwise; its id."""
        answer = self.post(f"/v1/{path}", {**CHEAP, "promptText": prompt, **more})
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


@pytest.fixture
def idle(tmp_path: Path) -> Sandbox:
    """A sandbox without a server that takes requests and renders nothing."""
    store = Store(tmp_path)
    return Sandbox(store, Backlog(store), pace=1000)


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One sandbox for all tests, a hundred times faster than life."""
    with running(tmp_path_factory.mktemp("sandbox"), pace=100) as found:
        yield found


def image_uri(width: int = 320, height: int = 180, kind: str = "PNG") -> str:
    """A picture with four fields of different colours, as a data URI."""
    return data_uri(f"image/{kind.lower()}", image_bytes(width, height, kind))


def image_bytes(width: int = 320, height: int = 180, kind: str = "PNG") -> bytes:
    """The same picture as a file."""
    coarse = Image.new("RGB", (2, 2))
    coarse.putdata([(200, 40, 40), (40, 160, 60), (50, 60, 190), (220, 200, 60)])
    file = io.BytesIO()
    coarse.resize((width, height), Image.Resampling.NEAREST).save(file, kind)
    return file.getvalue()


@functools.cache
def video_bytes(
    seconds: float = 1, size: tuple[int, int] = (64, 36), rate: int = 4, kind: str = "mp4"
) -> bytes:
    """A video that is blue in its first half and red in its second."""
    file = io.BytesIO()
    frames = round(seconds * rate)
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(frames):
            colour = (20, 40, 200) if number < frames / 2 else (200, 30, 20)
            image = Image.new("RGB", size, colour)
            frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]  # PyAV's own
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def video_uri(seconds: float = 1, size: tuple[int, int] = (64, 36), rate: int = 4) -> str:
    """The same video as a data URI."""
    return data_uri("video/mp4", video_bytes(seconds, size, rate))


def sound_uri(seconds: float) -> str:
    """A low tone as WAV, as a data URI."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        for index in range(round(seconds * 8000)):
            sound.writeframesraw(struct.pack("<h", round(9000 * math.sin(index / 20))))
    return data_uri("audio/wav", file.getvalue())


def data_uri(content_type: str, data: bytes) -> str:
    """A file as a data URI."""
    return f"data:{content_type};base64,{base64.b64encode(data).decode()}"
