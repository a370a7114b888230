"""What the studio's page costs a browser with 500 videos: `python -m bench.page`, about 30 seconds.

Seeds a library in a directory of its own, with a poster and a clip each and 20 videos at work,
serves it with `manage.py web`, opens it in Chromium at 1440 x 900 with an empty cache, and prints
what was asked for before anybody scrolled, beside what the page may ask for at most. Bytes are
those on the wire, compressed where the server compresses. Ends with 1 if a limit is passed.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import django
import requests
from django.core.management import call_command
from django.db import transaction
from PIL import Image
from playwright.sync_api import Page, Request, sync_playwright

from tests.live import eventually, free_port

VIDEOS, RUNNING = 500, 20
EMAIL, PASSWORD = "bench@example.org", "a long pass phrase"
SETTLE_MS = 2000
LARGEST_PAINT = """() => new Promise((tell) => {
    new PerformanceObserver((list) => tell(list.getEntries().at(-1).startTime))
        .observe({type: "largest-contentful-paint", buffered: true});
})"""


@dataclass(frozen=True)
class Figure:
    """One line of the table. `most` is None where nothing is promised."""

    name: str
    value: float
    unit: str = ""
    most: float | None = None


def main() -> int:
    """Measure and print; 1 if the page asks for more than it may."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        os.environ.update(
            STUDIO_DATA_DIR=folder, DJANGO_SETTINGS_MODULE="studio.settings", PORT=str(port)
        )
        seed(Path(folder))
        with serve(port) as url:
            figures = measure(url)
    for each in figures:
        most = "" if each.most is None else f"at most {each.most:g} {each.unit}"
        print(f"{each.name:36}{each.value:>10.1f} {each.unit:4}{most}")
    return int(any(each.most is not None and each.value > each.most for each in figures))


def seed(folder: Path) -> None:
    """A database with one person and the library."""
    django.setup()
    from django.utils import timezone  # noqa: PLC0415 - needs the settings

    from studio.accounts.models import User  # noqa: PLC0415 - needs the settings
    from videos.models import File, Video  # noqa: PLC0415 - needs the settings

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    user, now = User.objects.create_user(EMAIL, PASSWORD), timezone.now()
    rows = [Video(**_columns(number, user, now)) for number in range(VIDEOS)]
    Video.objects.bulk_create(rows)
    with transaction.atomic():
        for number, row in enumerate(rows):
            Video.objects.filter(pk=row.pk).update(created_at=now - timedelta(minutes=number))
    finished = [row for row in rows if row.status == "completed"]
    (folder / "media").mkdir()
    files = [file for row in finished for file in _files(folder / "media", row.pk)]
    File.objects.bulk_create(File(**file) for file in files)


def _columns(number: int, user: Any, now: Any) -> dict[str, Any]:
    is_running = number % (VIDEOS // RUNNING) == 3
    return {
        "owner": user,
        "model": "gen4.5",
        "resolved_model": "gen4.5",
        "mode": "text_to_video",
        "prompt": f"Shot {number}: a lighthouse beam sweeps over black water, locked-off wide",
        "seconds": 5,
        "size": "1280x720",
        "status": "in_progress" if is_running else "completed",
        "provider_status": "RUNNING" if is_running else "SUCCEEDED",
        "progress": 40 if is_running else 100,
        "deadline_at": now + timedelta(days=1),
        "completed_at": None if is_running else now,
    }


def _files(media: Path, video_id: str) -> Iterator[dict[str, Any]]:
    """A poster of usual size and a clip of a few bytes, which nobody should fetch."""
    for kind, name, content_type, data in (
        ("thumbnail", "thumbnail.webp", "image/webp", poster()),
        ("video", "video.mp4", "video/mp4", b"0" * 1000),
    ):
        path = f"{video_id}-{name}"
        (media / path).write_bytes(data)
        yield {
            "video_id": video_id,
            "kind": kind,
            "path": path,
            "content_type": content_type,
            "size": len(data),
            "sha256": "0" * 64,
        }


@cache
def poster() -> bytes:
    """A grainy picture of the usual size."""
    picture = io.BytesIO()
    Image.effect_noise((640, 360), 20).convert("RGB").save(picture, "WEBP", quality=60)
    return picture.getvalue()


@contextmanager
def serve(port: int) -> Iterator[str]:
    """Our web server; its address."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "web", "--port", str(port)], stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        eventually("an answer", 30, lambda: _answers(url))
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/sign-in/", timeout=5).ok
    except requests.RequestException:
        return False


def measure(url: str) -> list[Figure]:
    """Sign in, forget what was cached, open the studio, and look at what it asked for."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        window = browser.new_page(viewport={"width": 1440, "height": 900})
        window.goto(f"{url}/sign-in/")
        window.get_by_label("E-mail address").fill(EMAIL)
        window.get_by_label("Password").fill(PASSWORD)
        window.keyboard.press("Enter")
        window.wait_for_url(f"{url}/")
        state = window.context.storage_state()
        fresh = browser.new_context(storage_state=state, viewport={"width": 1440, "height": 900})
        figures = opened(fresh.new_page(), url)
        browser.close()
    return figures


def opened(page: Page, url: str) -> list[Figure]:
    """The figures of the studio's page, opened for the first time."""
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    page.on("requestfinished", note)
    page.goto(f"{url}/", wait_until="load")
    page.wait_for_timeout(SETTLE_MS)
    paint = page.evaluate(LARGEST_PAINT)
    [document] = [each for each in asked if each.resource_type == "document"]
    html = len(document.response().body())  # type: ignore[union-attr]  # it has finished
    return [
        Figure("posters before scrolling", _count(asked, "/file/thumbnail"), "", 24),
        Figure("videos before scrolling", _count(asked, "/file/video"), "", 0),
        Figure("HTML, plain", html / 1024, "KiB", 150),
        Figure("HTML, on the wire", _kib(asked, "document"), "KiB"),
        Figure("script, on the wire", _kib(asked, "script"), "KiB", 40),
        Figure("style, on the wire", _kib(asked, "stylesheet"), "KiB"),
        Figure("fonts, on the wire", _kib(asked, "font"), "KiB"),
        Figure("requests", len(asked)),
        Figure("Largest Contentful Paint", paint, "ms"),
    ]


def _count(asked: list[Request], words: str) -> int:
    return sum(words in request.url for request in asked)


def _kib(asked: list[Request], kind: str) -> float:
    sizes = [each.sizes()["responseBodySize"] for each in asked if each.resource_type == kind]
    return sum(sizes) / 1024


if __name__ == "__main__":
    sys.exit(main())
