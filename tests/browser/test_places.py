"""Queue, settings, keys and ways in, as people use them in Chromium."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.live import Studio, eventually, free_port

from .test_accessibility import violations

pytestmark = [pytest.mark.browser, pytest.mark.process]

SOON = 30_000


def line_of(page: Page, prompt: str) -> Locator:
    """The line of the queue with this prompt."""
    return page.locator(".line", has_text=prompt)


@pytest.fixture
def river(page: Page, studio: Studio) -> Iterator[Locator]:
    """The queue's page, and on it the line of a video that runs for long."""
    video_id = studio.create("[slow:90] A river in the queue")
    page.goto("/queue/")
    line = line_of(page, "A river in the queue")
    expect(line).to_contain_text("%", timeout=SOON)
    yield line
    studio.http.post(f"{studio.url}/v1/videos/{video_id}/cancel", timeout=30)


def told_anew(page: Page, times: int) -> None:
    """Wait until the queue was asked for and told so often."""
    for _ in range(times):
        with page.expect_response("**/studio/queue"):
            pass


def test_the_queue_moves_by_itself_and_keeps_the_focus(page: Page, river: Locator) -> None:
    cancel = river.get_by_role("button", name="Cancel")
    cancel.focus()
    before = river.locator("progress").get_attribute("value")
    told_anew(page, 2)
    expect(river.locator("progress")).not_to_have_attribute("value", before or "", timeout=SOON)
    expect(cancel).to_be_focused()


def test_what_a_person_is_asked_stays_open_while_the_queue_moves(
    page: Page, river: Locator
) -> None:
    page.get_by_role("button", name="Cancel all mine…").click()
    sure = page.get_by_text("Stop every video of yours")
    expect(sure).to_be_visible()
    told_anew(page, 2)
    expect(sure).to_be_visible()
    page.keyboard.press("Escape")
    expect(sure).not_to_be_visible()
    expect(river).to_be_visible()


def test_cancelling_in_the_queue_takes_the_line_away(page: Page, river: Locator) -> None:
    river.get_by_role("button", name="Cancel").click()
    expect(river).to_have_count(0, timeout=SOON)
    expect(page).to_have_url(re.compile("/queue/$"))


def test_a_failure_needs_a_person_and_leads_back_to_the_form(page: Page, studio: Studio) -> None:
    studio.wait(studio.create("[fail:SAFETY.INPUT.TEXT] A crowd in the queue"))
    page.goto("/queue/")
    line = line_of(page, "A crowd in the queue").first
    expect(line).to_contain_text("Blocked by content rules")
    line.get_by_role("link", name="Edit prompt").click()
    expect(page.get_by_label("Prompt")).to_have_value(re.compile("A crowd in the queue"))


def test_a_new_key_is_copied_works_and_is_revoked(
    page: Page, context: BrowserContext, studio: Studio
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/settings/keys/")
    page.get_by_label("Name, such as the script's").fill("Cutting room")
    page.get_by_role("button", name="Make the key").click()
    token = page.locator("#token").inner_text()
    page.locator("[data-copy=token]").click()
    expect(page.locator("[data-copy=token]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == token
    expect(page.locator("#curl")).to_contain_text(token)

    def answer() -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(f"{studio.url}/v1/videos", headers=headers, timeout=30).status_code

    assert answer() == 200
    page.goto("/settings/keys/")
    expect(page.locator("body")).not_to_contain_text(token)
    row = page.locator("tr", has_text="Cutting room")
    row.get_by_text("Revoke…").click()
    row.get_by_role("button", name="Revoke for good").click()
    expect(row).to_contain_text("revoked")
    assert answer() == 401


@pytest.mark.parametrize("is_granted", [True, False], ids=["granted", "refused"])
def test_the_browser_is_asked_for_notices_only_in_the_settings(
    page: Page, context: BrowserContext, is_granted: bool
) -> None:
    if is_granted:
        context.grant_permissions(["notifications"])
    page.goto("/settings/")
    box = page.get_by_label("A notice of the browser")
    box.click()
    expect(page.locator("#notices-refused")).to_be_visible(visible=not is_granted)
    expect(box).to_be_checked(checked=is_granted)


def test_defaults_follow_the_model_and_are_kept(page: Page) -> None:
    page.goto("/settings/defaults/")
    page.get_by_label("Model").select_option("veo3.1")
    expect(page.get_by_label("Length").locator("option")).to_have_count(3)
    page.get_by_label("Length").select_option("8")
    page.get_by_label("With sound").check()
    page.get_by_role("button", name="Save the defaults").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    expect(page.get_by_label("Length")).to_have_value("8")
    page.get_by_label("Model").select_option("")
    page.get_by_role("button", name="Save the defaults").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")


def test_settings_and_queue_work_without_javascript(
    chromium: Browser, studio: Studio, session: object
) -> None:
    plain = chromium.new_context(
        base_url=studio.url,
        storage_state=session,  # type: ignore[arg-type]  # its own type is private
        java_script_enabled=False,
    )
    page = plain.new_page()
    page.goto("/settings/")
    page.get_by_label("Name").fill("Ana without a script")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Ana without a script")
    studio.create("[slow:90] A river without a script")
    page.goto("/queue/")
    line = line_of(page, "A river without a script")
    line.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled.")).to_be_visible()
    expect(page).to_have_url(re.compile("/queue/$"))
    plain.close()


def test_a_person_signs_in_by_keyboard_with_a_pasted_password(
    chromium: Browser, studio: Studio
) -> None:
    context = chromium.new_context(base_url=studio.url)
    page = context.new_page()
    page.goto("/sign-in/")
    expect(page.get_by_label("E-mail address")).to_be_focused()
    password = re.search(r"Password\s+(\S+)", studio.output)
    assert password
    page.keyboard.type("admin@example.com")
    page.keyboard.press("Tab")
    page.keyboard.insert_text(password[1])
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_label("Password")).to_have_attribute("type", "text")
    page.get_by_label("Password").press("Enter")
    page.wait_for_url(f"{studio.url}/")
    context.close()


def test_a_studio_without_people_is_opened_with_the_operators_code(
    chromium: Browser, tmp_path: Path
) -> None:
    with web_alone(tmp_path) as (url, code):
        page = chromium.new_page(base_url=url)
        page.goto("/")
        expect(page).to_have_url(f"{url}/setup/")
        assert violations(page) == []
        page.get_by_label("Code").fill(code)
        page.get_by_label("E-mail address").fill("first@example.org")
        page.get_by_label("Password", exact=True).fill("a long pass phrase")
        page.get_by_label("The password once more").fill("a long pass phrase")
        page.get_by_role("button", name="Create and sign in").click()
        expect(page.get_by_text("You are the administrator.")).to_be_visible()
        answer = page.goto("/setup/")
        assert answer and answer.status == 404
        page.close()


@contextmanager
def web_alone(data_dir: Path) -> Iterator[tuple[str, str]]:
    """`manage.py web` as an operator starts it, with nobody in it; its address and setup code."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {"PATH": os.environ["PATH"], "PORT": str(port), "STUDIO_DATA_DIR": str(data_dir)}

    def manage(*words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env=environment, check=True, capture_output=True
        )
        return done.stdout.decode()

    manage("migrate", "--verbosity", "0")
    manage("collectstatic", "--noinput", "--verbosity", "0")
    code = re.search(r"\w{4}(-\w{4}){3}", manage("setup_code"))
    assert code
    server = subprocess.Popen(
        [sys.executable, "manage.py", "web", "--port", str(port)],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually("the web server", 60, lambda: _answers(url))
        yield url, code[0]
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(45)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/setup/", timeout=5).ok
    except requests.RequestException:
        return False
