"""The studio's page and the administration in Chromium: what the other files leave over."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, Response, expect

from tests.live import Studio

pytestmark = [pytest.mark.browser, pytest.mark.process]


def frame() -> FilePayload:
    """A picture file to choose."""
    buffer = io.BytesIO()
    Image.new("RGB", (320, 180), "teal").save(buffer, "PNG")
    return {"name": "frame.png", "mimeType": "image/png", "buffer": buffer.getvalue()}


def test_what_is_refused_is_said_at_its_field_and_nothing_is_lost(page: Page) -> None:
    page.locator("#file-input_reference").set_input_files(frame())
    page.get_by_label("Prompt").fill("x" * 1001)
    page.locator("#go").click()
    expect(page.locator("#error-prompt")).to_contain_text("1001 characters")
    expect(page.get_by_label("Prompt")).to_be_focused()
    expect(page.get_by_label("Prompt")).to_have_value("x" * 1001)
    assert (
        page.locator("#file-input_reference").evaluate("input => input.files[0].name")
        == "frame.png"
    )
    expect(page.locator(".preview img")).to_be_visible()
    page.get_by_label("Prompt").fill("Short enough, from a picture")
    page.locator("#go").click()
    expect(page.locator(".card", has_text="Short enough, from a picture")).to_have_count(1)
    expect(page.locator("#error-prompt")).to_be_empty()


def test_on_a_phone_every_target_is_large_enough(page: Page) -> None:
    """ui.md check 53, for the library; the form's sheet has its test in test_composer.py."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(page.locator(".card").first).to_be_visible()
    targets = "button, .button, select, textarea, .bar a, summary, .choices label, .check"
    small = page.locator(targets).evaluate_all("""all => all
        .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 44)
        .map((each) => each.outerHTML.slice(0, 80))""")
    assert small == []
    size = page.get_by_label("Prompt").evaluate("each => getComputedStyle(each).fontSize")
    assert size == "16px"


def test_the_administration_finds_all_that_it_asks_for(page: Page, complaints: list[str]) -> None:
    def see(response: Response) -> None:
        if response.status >= 400:
            complaints.append(f"{response.status} {response.url}")

    page.on("response", see)
    for path in ("/admin/", "/admin/providers/providerkey/", "/admin/videos/video/"):
        page.goto(path)
        expect(page).to_have_title(re.compile("Rushes"))
        expect(page.locator("link[rel=icon]")).to_have_count(1)


def test_a_videos_life_is_told_in_the_readers_own_time(page: Page, studio: Studio) -> None:
    video_id = studio.create("What time is it")
    studio.wait(video_id)
    page.goto(f"/v/{video_id}/")
    expect(page.locator(".timeline li").first).to_contain_text("Accepted")
    expect(page.locator("#utc")).to_have_count(0)
    time = page.locator(".timeline time").first
    told = time.evaluate("time => new Date(time.dateTime).toLocaleTimeString()")
    expect(time).to_have_text(told)
