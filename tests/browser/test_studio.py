"""The studio as people use it, in Chromium, with real clips from the sandbox."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, Response, expect

from tests.live import Studio

pytestmark = [pytest.mark.browser, pytest.mark.process]

SOON = 30_000


def ask(page: Page, prompt: str) -> Locator:
    """Type a prompt, press Generate; the new card."""
    page.get_by_label("Prompt").fill(prompt)
    page.get_by_role("button", name="Generate").click()
    card = page.locator(".card", has_text=prompt)
    expect(card).to_have_count(1)
    return card


def frame() -> FilePayload:
    """A picture file to choose."""
    buffer = io.BytesIO()
    Image.new("RGB", (320, 180), "teal").save(buffer, "PNG")
    return {"name": "frame.png", "mimeType": "image/png", "buffer": buffer.getvalue()}


def test_a_prompt_becomes_a_video_by_itself(page: Page, studio: Studio) -> None:
    card = ask(page, "A lighthouse in the evening")
    expect(card).to_have_attribute("data-status", re.compile("queued|submitting|in_progress"))
    expect(card.locator("progress")).to_be_visible()
    expect(card).to_have_attribute("data-status", "completed", timeout=SOON)
    expect(card).to_contain_text("Sandbox · free")
    expect(page.locator("#live")).to_contain_text("A lighthouse in the evening: Ready.")
    expect(card.locator("img")).to_be_visible()
    assert studio.accepted("A lighthouse in the evening") == 1


def test_a_running_video_can_be_cancelled_in_two_steps(page: Page) -> None:
    # ui.md check 24
    card = ask(page, "[slow:60] A river")
    expect(card).to_contain_text("In progress", timeout=SOON)
    card.get_by_text("Cancel…").click()
    card.get_by_role("button", name="Cancel, free of charge").click()
    expect(card).to_have_attribute("data-status", "cancelled", timeout=SOON)
    expect(card).to_contain_text("Cancelled")
    expect(card.get_by_role("button", name="Run again")).to_be_visible()


def test_a_failure_is_told_in_words(page: Page) -> None:
    card = ask(page, "[fail:SAFETY.INPUT.TEXT] A scene")
    expect(card).to_have_attribute("data-status", "failed", timeout=SOON)
    expect(card).to_contain_text("Blocked by content rules")
    expect(card).not_to_contain_text("SAFETY.INPUT.TEXT was")
    expect(page.locator("#live")).to_contain_text("Blocked by content rules")
    card.get_by_role("link", name="Edit prompt").click()
    expect(page.get_by_label("Prompt")).to_have_value("[fail:SAFETY.INPUT.TEXT] A scene")


def test_a_lost_answer_leaves_the_decision_to_people(page: Page, studio: Studio) -> None:
    card = ask(page, "[drop] A storm")
    expect(card).to_contain_text("We do not know whether Runway took it", timeout=SOON)
    card.get_by_role("button", name="Send again (may pay twice)").click()
    both = page.locator(".card", has_text="[drop] A storm")
    expect(both).to_have_count(2)
    expect(both.last).to_contain_text("Given up")
    expect(both.first).to_contain_text("We do not know", timeout=SOON)
    both.first.get_by_role("button", name="Give up").click()
    expect(both.first).to_contain_text("Given up")
    assert studio.accepted("[drop] A storm") == 2


def test_a_double_click_makes_one_video(page: Page, studio: Studio) -> None:
    page.get_by_label("Prompt").fill("[slow:2] Only once")
    page.get_by_role("button", name="Generate").dblclick()
    expect(page.locator(".card", has_text="Only once")).to_have_count(1)
    page.get_by_label("Prompt").fill("[slow:2] By the keyboard")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".card", has_text="By the keyboard")).to_have_count(1)
    sql = "SELECT count(*) FROM videos_video WHERE prompt LIKE ?"
    assert studio.rows(sql, "%Only once") == [(1,)]


def test_what_is_refused_is_said_at_its_field_and_nothing_is_lost(page: Page) -> None:
    page.locator("#file-input_reference").set_input_files(frame())
    page.get_by_label("Prompt").fill("x" * 1001)
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#error-prompt")).to_contain_text("1001 characters")
    expect(page.get_by_label("Prompt")).to_be_focused()
    expect(page.get_by_label("Prompt")).to_have_value("x" * 1001)
    assert (
        page.locator("#file-input_reference").evaluate("input => input.files[0].name")
        == "frame.png"
    )
    expect(page.locator(".preview img")).to_be_visible()
    ask(page, "Short enough, from a picture")
    expect(page.locator("#error-prompt")).to_be_empty()


def test_the_controls_follow_the_model(page: Page) -> None:
    model, price = page.get_by_label("Model"), page.locator("#price")

    def expect_price(credits: int) -> None:
        expect(price).to_have_attribute("title", f"{credits} cr with a Runway key")

    page.get_by_label("5", exact=True).check(force=True)
    expect_price(60)
    expect(price).to_have_text("free")
    model.focus()
    model.select_option("veo3.1")
    expect(page.locator("#controls")).to_contain_text("Length set to 4 s: Veo 3.1 has no 5 s.")
    expect_price(80)
    expect(model).to_be_focused()
    page.get_by_label("With sound").check()
    expect_price(160)
    model.select_option("gen4_turbo")
    expect(page.locator("#controls")).to_contain_text("the first frame will be made")
    expect_price(25)
    page.locator("#file-input_reference").set_input_files(frame())
    expect_price(20)
    page.get_by_role("button", name="Remove").click()
    expect_price(25)


def test_a_pasted_picture_lands_in_the_slot(page: Page) -> None:
    page.evaluate("""async () => {
        const canvas = new OffscreenCanvas(320, 180);
        canvas.getContext("2d").fillRect(0, 0, 320, 180);
        const files = new DataTransfer();
        files.items.add(new File([await canvas.convertToBlob()], "p.png", {type: "image/png"}));
        const paste = new ClipboardEvent("paste", {clipboardData: files, bubbles: true});
        document.body.dispatchEvent(paste);
    }""")
    expect(page.locator(".preview img")).to_be_visible()
    expect(page.locator("#size-960x960")).to_have_count(1)


def test_a_video_from_a_script_appears_once_by_itself(page: Page, studio: Studio) -> None:
    ask(page, "[slow:8] From the page")
    studio.create("From a script")
    card = page.locator(".card", has_text="From a script")
    expect(card).to_have_count(1)
    expect(card).to_have_attribute("data-status", "completed", timeout=SOON)
    ids = page.locator("[id]").evaluate_all("all => all.map(each => each.id)")
    assert len(ids) == len(set(ids))


def test_focus_stays_on_cancel_and_then_moves_to_the_video(page: Page) -> None:
    # ui.md check 50
    card = ask(page, "[slow:7] A slow train")
    expect(card).to_contain_text("In progress", timeout=SOON)
    cancel = card.get_by_text("Cancel…")
    cancel.focus()
    expect(card).to_contain_text("%", timeout=SOON)
    expect(cancel).to_be_focused()
    expect(card).to_have_attribute("data-status", "completed", timeout=SOON)
    expect(card.locator(".prompt a")).to_be_focused()


def test_a_page_whose_person_was_signed_out_says_so(
    page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    page.get_by_label("Prompt").fill("[slow:2] Kept")
    context.clear_cookies()
    page.evaluate("htmx.trigger('#updates', 'refresh')")
    expect(page.locator("#signed-out")).to_be_visible()
    expect(page.get_by_label("Prompt")).to_have_value("[slow:2] Kept")
    assert all("401" in complaint for complaint in complaints)
    complaints.clear()


def test_everything_works_without_javascript(context: BrowserContext, studio: Studio) -> None:
    browser = context.browser
    assert browser
    plain = browser.new_context(
        base_url=studio.url, storage_state=context.storage_state(), java_script_enabled=False
    )
    page = plain.new_page()
    page.goto("/")
    page.get_by_label("Prompt").fill("No script at all")
    page.get_by_role("button", name="Generate").click()
    studio.wait(studio.rows("SELECT id FROM videos_video ORDER BY created_at DESC")[0][0])
    page.reload()
    card = page.locator(".card", has_text="No script at all")
    expect(card.locator("img")).to_be_visible()
    card.get_by_role("link", name="No script at all").click()
    expect(page.get_by_role("heading", name="No script at all")).to_be_visible()
    page.goto("/?q=script")
    card.get_by_role("button", name="To the trash").click()
    expect(page.locator(".card", has_text="No script at all")).to_have_count(0)
    plain.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
@pytest.mark.parametrize("path", ["/", "/nowhere", "video"])
def test_nothing_reaches_beyond_the_screen(
    page: Page, studio: Studio, width: int, path: str
) -> None:
    if path == "video":
        path = f"/v/{studio.rows('SELECT id FROM videos_video WHERE deleted_at IS NULL')[0][0]}/"
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path)
    beyond = page.evaluate("""() => [...document.querySelectorAll("body *")]
        .filter((each) => !each.closest(".skip, .visually-hidden"))
        .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
        .map((each) => each.outerHTML.slice(0, 80))""")
    assert beyond == []


def test_on_a_phone_every_target_is_large_enough(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
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
    card = ask(page, "What time is it")
    expect(card).to_have_attribute("data-status", "completed", timeout=SOON)
    video_id = studio.http.get(f"{studio.url}/v1/videos?limit=1", timeout=30).json()["first_id"]
    page.goto(f"/v/{video_id}/")
    expect(page.locator(".timeline li").first).to_contain_text("Accepted")
    expect(page.locator("#utc")).to_have_count(0)
    time = page.locator(".timeline time").first
    told = time.evaluate("time => new Date(time.dateTime).toLocaleTimeString()")
    expect(time).to_have_text(told)
