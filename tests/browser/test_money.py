"""Budgets and usage as people meet them, with a real key: the sandbox stands where Runway would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from providers.sandbox.server import Server
from tests.live import Studio

pytestmark = [pytest.mark.browser, pytest.mark.process]

KEY = "key_" + "0" * 124 + "cafe"
SOON = 30_000


@pytest.fixture(scope="module")
def runway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A sandbox in the place of Runway, four times as fast."""
    with Server(tmp_path_factory.mktemp("runway"), pace=4) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def env_of(runway: Server) -> dict[str, str]:
    """How a studio finds it."""
    return {
        "RUNWAY_API_KEY": KEY,
        "RUNWAYML_BASE_URL": runway.url,
        "STUDIO_FOLLOW_SECONDS": "0.5",
    }


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, runway: Server) -> Iterator[Studio]:
    """A studio whose videos cost credits, in the place of the one that other tests share."""
    running = Studio(tmp_path_factory.mktemp("money") / "data", **env_of(runway))
    yield running
    assert running.stop() == 0, running.output


@pytest.fixture(scope="module")
def session(chromium: object, studio: Studio) -> object:
    """The cookies of its administrator."""
    email, password = (
        re.search(rf"{label}\s+(\S+)", studio.output) for label in ("Sign in as", "Password")
    )
    assert email and password
    page: Page = chromium.new_page()  # type: ignore[attr-defined]
    page.goto(studio.url)
    page.get_by_label("E-mail address").fill(email[1])
    page.get_by_label("Password").fill(password[1])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{studio.url}/")
    state = page.context.storage_state()
    page.close()
    return state


def credits_of(elements: Locator) -> list[float]:
    """The amounts that elements carry."""
    found: list[float] = elements.evaluate_all("all => all.map(e => Number(e.dataset.credits))")
    return found


def ask(page: Page, prompt: str) -> None:
    """Ask for gen4.5's shortest video, which costs 24 credits."""
    page.goto("/?model=gen4.5&seconds=2")
    page.get_by_label("Prompt").fill(prompt)
    page.get_by_role("button", name="Generate").click()


def make_budget(page: Page, credits: int) -> None:
    """A hard budget of a month for everybody, by the form of the administration."""
    page.goto("/admin/videos/budget/add/")
    page.get_by_label("Covers").select_option("installation")
    page.get_by_label("Credits", exact=False).first.fill(str(credits))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()


def test_usage_agrees_and_what_is_over_a_budget_is_refused_in_words(
    page: Page, studio: Studio, runway: Server
) -> None:
    """ui.md checks 14, 33 and 58."""
    page.goto("/usage/")
    expect(page.get_by_text("No videos in these days.").first).to_be_visible()
    make_budget(page, 30)
    ask(page, "A lighthouse [cost:31]")  # more than its estimate
    expect(page.locator(".card").first).to_have_attribute("data-status", "completed", timeout=SOON)
    expect(page.locator(".card").first).to_contain_text("31 cr")
    ask(page, "A second lighthouse")
    expect(page.locator("#error-go")).to_contain_text("24 cr; 0 cr of 30 cr are left")
    assert len(runway.sandbox.store.all()) == 1
    page.goto("/usage/")
    [total] = credits_of(page.locator("#total"))
    assert total == 31
    for figures in ("rect[data-credits]", "#days td[data-credits]", "#models td[data-credits]"):
        assert sum(credits_of(page.locator(figures))) == total, figures
    balance = credits_of(page.locator("#lines td[data-credits]"))[1]
    assert balance == total
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()[1:]
    assert sum(float(line.split(",")[8]) for line in lines) == total
    expect(page.get_by_text("1 cr over.")).to_be_visible()


def test_a_planted_difference_is_shown_to_the_administrator(
    page: Page, studio: Studio, runway: Server
) -> None:
    """ui.md check 58: somebody else spends the account's credits."""
    body = {"model": "gen4.5", "promptText": "not ours", "ratio": "1280:720", "duration": 5}
    headers = {"Authorization": f"Bearer {KEY}", "X-Runway-Version": "2024-11-06"}
    url = f"{runway.url}/v1/text_to_video"
    assert requests.post(url, json=body, headers=headers, timeout=10).status_code == 200
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {**keep, "STUDIO_DATA_DIR": str(studio.data_dir), **env_of(runway)}
    manage = str(Path(settings.BASE_DIR) / "manage.py")
    subprocess.run([sys.executable, manage, "reconcile"], env=env, timeout=60, check=True)
    page.goto("/usage/")
    row = page.locator("#differences tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("environment")
    expect(row.locator("td").last).to_have_text("60 cr")
