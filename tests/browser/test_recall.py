"""The form in Chromium: what it remembers, and what it takes over from earlier videos."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.live import Studio, eventually

from .test_composer import SOON, picture, press, slot

pytestmark = [pytest.mark.browser, pytest.mark.process]


def test_a_draft_outlives_a_reload_and_another_browser(
    page: Page, context: BrowserContext, studio: Studio
) -> None:
    """ui.md check 11."""
    page.get_by_label("Model").select_option("veo3.1")
    expect(page.locator("#seconds-5")).to_have_count(0)
    press(page, "#seconds-8")
    with page.expect_response("**/studio/draft"):
        page.get_by_label("Prompt").fill("Half a thought")
    page.reload()
    expect(page.get_by_label("Prompt")).to_have_value("Half a thought")
    page.get_by_label("Prompt").fill("Half a thought, and more")
    page.goto("/models/")  # at once: leaving the page keeps the rest
    page.goto("/")
    expect(page.get_by_label("Prompt")).to_have_value("Half a thought, and more")
    expect(page.get_by_label("Model")).to_have_value("veo3.1")
    expect(page.locator("#seconds-8")).to_be_checked()
    other = context.new_page()
    other.goto("/")
    expect(other.get_by_label("Prompt")).to_have_value("Half a thought, and more")
    other.close()
    page.get_by_label("Prompt").fill("[slow:1] no draft any more")
    page.locator("#go").click()
    expect(page.locator(".card", has_text="no draft any more")).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Prompt")).to_have_value("")


def test_arrows_bring_earlier_prompts_back(page: Page, studio: Studio) -> None:
    """ui.md check 12."""
    for words in ("[slow:1] the older one", "[slow:1] the newer one"):
        studio.create(words)
    page.reload()
    prompt = page.get_by_label("Prompt")
    prompt.focus()
    page.keyboard.press("ArrowUp")
    expect(prompt).to_have_value("[slow:1] the newer one")
    page.keyboard.press("Alt+ArrowUp")
    expect(prompt).to_have_value("[slow:1] the older one")
    page.keyboard.press("Alt+ArrowDown")
    expect(prompt).to_have_value("[slow:1] the newer one")
    page.keyboard.press("Alt+ArrowDown")
    expect(prompt).to_have_value("")


def test_reuse_all_brings_back_the_picture_and_only_on_demand_the_seed(
    page: Page, studio: Studio
) -> None:
    """ui.md checks 13 and 45: what a video was made of, and what it ends with."""
    page.locator("#file-input_reference").set_input_files(picture())
    expect(page.locator("#size-960x960")).to_have_count(1)
    press(page, "#size-960x960")
    page.get_by_label("Prompt").fill("Made of a picture")
    page.locator("#seed").fill("77")
    page.locator("#go").click()
    card = page.locator(".card", has_text="Made of a picture")
    expect(card).to_have_attribute("data-status", "completed", timeout=SOON)
    video_id = studio.rows("SELECT id FROM videos_video WHERE prompt = 'Made of a picture'")[0][0]
    page.goto(f"/?from={video_id}")
    expect(page.get_by_label("Prompt")).to_have_value("Made of a picture")
    expect(page.locator("#size-960x960")).to_be_checked()
    expect(slot(page).locator(".pick img")).to_be_visible()
    expect(page.locator("#seed")).to_have_value("")
    page.goto(f"/?from={video_id}&seed=same")
    expect(page.locator("#seed")).to_have_value("77")
    page.goto(f"/?first_frame={video_id}:last")
    image = slot(page).locator(".pick img")
    eventually("it is seen", 10, lambda: image.evaluate("image => image.naturalWidth > 0"))
    slot(page).locator(".pick .button").click()
    expect(image).to_have_count(0)


def test_a_picture_of_the_library_is_picked_without_an_upload(page: Page, studio: Studio) -> None:
    studio.wait(studio.create("To be picked from"))
    page.get_by_label("Prompt").fill("kept words")
    page.locator("#pick-input_reference").click()
    choice = page.locator("#picker a", has_text="Last frame · To be picked from")
    expect(choice).to_be_visible()
    choice.click()
    expect(page.locator("#picker")).to_be_hidden()
    expect(slot(page).locator(".pick img")).to_be_visible()
    expect(page.get_by_label("Prompt")).to_have_value("kept words")
    page.locator("#file-input_reference").set_input_files(picture())
    expect(slot(page).locator(".pick")).to_have_count(0)
    expect(slot(page).locator(".preview img")).to_be_visible()


def test_settings_are_kept_under_a_name(page: Page) -> None:
    page.get_by_label("Model").select_option("veo3.1")
    expect(page.locator("#seconds-5")).to_have_count(0)
    press(page, "#seconds-6")
    page.get_by_label("Prompt").fill("stays")
    page.get_by_role("button", name="Presets").click()
    page.locator("#preset-name").fill("Long Veo")
    page.get_by_role("button", name="Save these settings").click()
    expect(page.locator("#preset-list")).to_contain_text("Saved as Long Veo.")
    page.keyboard.press("Escape")
    page.get_by_label("Model").select_option("gen4.5")
    expect(page.locator("#seconds-5")).to_have_count(1)
    page.get_by_role("button", name="Presets").click()
    page.get_by_role("link", name="Long Veo").click()
    expect(page.get_by_label("Model")).to_have_value("veo3.1")
    expect(page.locator("#seconds-6")).to_be_checked()
    expect(page.get_by_label("Prompt")).to_have_value("stays")
    page.get_by_role("button", name="Delete Long Veo").click()
    expect(page.get_by_role("link", name="Long Veo")).to_have_count(0)
