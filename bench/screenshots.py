"""The README's pictures, from what `make demo` shows: `python -m bench.screenshots`.

Starts a studio of its own with the five sample videos, waits until the sandbox has made them, and
writes docs/studio.png (dark, 1440 x 900) and docs/phone.png (dark, 390 x 844).
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.live import Studio, eventually

DOCS = Path(__file__).resolve().parent.parent / "docs"
PICTURES = {"studio.png": (1440, 900), "phone.png": (390, 844)}
MAKING_SECONDS = 180


def main() -> None:
    """Make the videos, then the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder), "--demo")
        try:
            eventually("the sample videos", MAKING_SECONDS, lambda: is_made(studio))
            with sync_playwright() as playwright:
                path = shutil.which("chromium") or shutil.which("google-chrome")
                browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
                take(browser, studio)
                browser.close()
        finally:
            studio.stop()


def is_made(studio: Studio) -> bool:
    """Whether every sample that the banner speaks of is finished."""
    wanted = int(studio.wait_for_line("sample videos are on").split()[0])
    videos = studio.http.get(f"{studio.url}/v1/videos", timeout=30).json()["data"]
    done = [video for video in videos if video["status"] == "completed"]
    return len(done) == wanted


def take(browser: Browser, studio: Studio) -> None:
    """Sign in with what the banner says, and photograph the studio."""
    email, password = (
        re.search(rf"{label}\s+(\S+)", studio.output) for label in ("Sign in as", "Password")
    )
    assert email
    assert password
    context = browser.new_context(base_url=studio.url, color_scheme="dark")
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("E-mail address").fill(email[1])
    page.get_by_label("Password").fill(password[1])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{studio.url}/")
    for name, (width, height) in PICTURES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto("/", wait_until="networkidle")
        page.screenshot(path=DOCS / name)
        print(DOCS / name)


if __name__ == "__main__":
    main()
