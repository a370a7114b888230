"""The form in Chromium: what is typed, chosen, dropped, pasted and remembered."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, Request, expect

from tests.live import Studio

pytestmark = [pytest.mark.browser, pytest.mark.process]

SOON = 30_000
PASTE = """async () => {
    const canvas = new OffscreenCanvas(320, 180);
    canvas.getContext("2d").fillRect(0, 0, 320, 180);
    const files = new DataTransfer();
    files.items.add(new File([await canvas.convertToBlob()], "p.png", {type: "image/png"}));
    const paste = new ClipboardEvent("paste", {clipboardData: files, bubbles: true});
    document.body.dispatchEvent(paste);
}"""
DROP = """async (slot) => {
    const canvas = new OffscreenCanvas(320, 180);
    canvas.getContext("2d").fillRect(0, 0, 320, 180);
    const files = new DataTransfer();
    files.items.add(new File([await canvas.convertToBlob()], "d.png", {type: "image/png"}));
    slot.files = files.files;
    slot.dispatchEvent(new Event("change", {bubbles: true}));
}"""


def picture(kind: str = "PNG", data: bytes | None = None) -> FilePayload:
    """A picture file to choose."""
    buffer = io.BytesIO()
    Image.new("RGB", (320, 180), "teal").save(buffer, kind)
    name = f"frame.{kind.lower()}"
    return {"name": name, "mimeType": f"image/{kind.lower()}", "buffer": data or buffer.getvalue()}


def videos(studio: Studio, prompt: str) -> int:
    """How many videos of this prompt there are."""
    found = studio.rows("SELECT count(*) FROM videos_video WHERE prompt LIKE ?", f"%{prompt}")
    count: int = found[0][0]
    return count


def creates(page: Page) -> list[Request]:
    """The requests that ask for videos, from now on."""
    seen: list[Request] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/studio/videos/"):
            seen.append(request)

    page.on("request", note)
    return seen


def slot(page: Page, name: str = "input_reference") -> Locator:
    """A slot of the form."""
    return page.locator(f"#slot-{name}")


def press(page: Page, choice: str) -> None:
    """Choose one of several, by its label as people do."""
    page.locator("label", has=page.locator(choice)).click()


def test_one_click_right_after_typing_makes_one_video(page: Page, studio: Studio) -> None:
    """ui.md checks 1 and 2, pitfall 1: the click is not lost to the blur before it."""
    sent = creates(page)
    page.get_by_label("Prompt").press_sequentially("[slow:1] typed at once")
    page.locator("#go").click()
    expect(page.locator(".card", has_text="typed at once")).to_have_count(1)
    page.get_by_label("Prompt").fill("[slow:1] by chord")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".card", has_text="by chord")).to_have_count(1)
    page.get_by_label("Prompt").fill("[slow:1] clicked twice")
    page.locator("#go").dblclick()
    expect(page.locator(".card", has_text="clicked twice")).to_have_count(1)
    assert len(sent) == 3
    assert [videos(studio, words) for words in ("at once", "by chord", "twice")] == [1, 1, 1]


def test_a_price_under_way_swallows_no_click(page: Page, studio: Studio) -> None:
    """Pitfalls 1 and 6: a field is left by the very click on Generate, so its price is asked."""
    page.get_by_label("Prompt").fill("[slow:1] with a seed")
    page.locator("#seed").press_sequentially("12345")
    page.locator("#go").click()
    expect(page.locator(".card", has_text="with a seed")).to_have_count(1)
    sql = "SELECT request FROM videos_video WHERE prompt LIKE ?"
    assert '"seed": 12345' in studio.rows(sql, "%with a seed")[0][0]
    expect(page.locator("#seed")).to_have_value("")


def test_an_empty_prompt_is_refused_at_its_field(page: Page) -> None:
    """ui.md check 3."""
    before = page.locator(".card").count()
    page.locator("#go").click()
    expect(page.locator("#error-prompt")).to_have_text("Describe the shot first.")
    expect(page.get_by_label("Prompt")).to_be_focused()
    expect(page.get_by_label("Prompt")).to_have_attribute("aria-invalid", "true")
    assert page.locator(".card").count() == before


def test_the_counter_counts_as_runway_does(page: Page) -> None:
    prompt, count = page.get_by_label("Prompt"), page.locator("#length")
    prompt.fill("A pier 😀")
    expect(count).to_have_text("9/1000")
    page.get_by_label("Model").select_option("veo3.1")
    expect(page.locator("#last_frame, #slot-last_frame")).to_have_count(1)
    page.get_by_label("Model").select_option("seedance2")
    expect(count).to_have_text("9/3500")
    page.get_by_label("Model").select_option("gen4.5")
    expect(count).to_have_text("9/1000")
    prompt.fill("x" * 1003)
    expect(count).to_have_text("1003/1000 · too long by 3")


def test_camera_moves_join_the_prompt(page: Page) -> None:
    page.get_by_role("button", name="+ orbit").click()
    expect(page.get_by_label("Prompt")).to_have_value("orbit")
    page.get_by_label("Prompt").fill("A pier. ")
    page.get_by_role("button", name="+ crane up").click()
    expect(page.get_by_label("Prompt")).to_have_value("A pier., crane up")


def test_model_length_takes_and_sound_have_their_price_and_leave_the_focus(page: Page) -> None:
    """ui.md checks 5 and 6."""
    price, model = page.locator("#price"), page.get_by_label("Model")

    def choose(name: str) -> None:
        model.focus()
        model.select_option(name)

    steps: list[tuple[Callable[[], None], int]] = [
        (lambda: press(page, "#seconds-5"), 60),
        (lambda: press(page, "#takes-4"), 240),
        (lambda: choose("veo3.1"), 320),
        (lambda: page.get_by_label("With sound").check(), 640),
    ]
    for change, credits in steps:
        change()
        focus = page.evaluate("document.activeElement.id")
        expect(price).to_have_attribute("title", f"{credits} cr with a Runway key")
        assert page.evaluate("document.activeElement.id") == focus != ""
    expect(page.locator("#go")).to_contain_text("Generate 4")
    press(page, "#takes-1")
    model.select_option("gen4.5")
    press(page, "#seconds-5")
    model.select_option("veo3.1")
    expect(page.locator(".notes")).to_contain_text("Length set to 4 s: Veo 3.1 has no 5 s.")


def test_what_cannot_be_made_is_named_and_gets_the_focus(page: Page) -> None:
    """ui.md check 7."""
    page.get_by_label("Model").select_option("aleph2")
    expect(slot(page, "video_uri")).to_be_visible()
    page.get_by_label("Prompt").fill("In snow")
    page.locator("#go").click()
    expect(page.locator("#error-video_uri")).to_have_text("This model needs this: source video.")
    expect(page.locator("#file-video_uri")).to_be_focused()
    expect(page.get_by_label("Prompt")).to_have_value("In snow")
    page.get_by_label("Model").select_option("gen4_turbo")
    expect(slot(page)).to_contain_text("the first frame will be made")


def test_a_picture_is_dropped_pasted_previewed_and_removed(page: Page) -> None:
    """ui.md check 8."""
    file = page.locator("#file-input_reference")
    file.evaluate(DROP)
    expect(slot(page).locator(".preview img")).to_be_visible()
    expect(page.locator("#size-960x960")).to_have_count(1)
    assert slot(page).locator(".preview img").evaluate("image => image.naturalWidth") == 320
    slot(page).get_by_role("button", name="Remove").click()
    expect(slot(page).locator(".preview")).to_be_hidden()
    expect(page.locator("#size-960x960")).to_have_count(0)
    assert file.evaluate("input => input.files.length") == 0
    page.evaluate(PASTE)
    expect(slot(page).locator(".preview img")).to_be_visible()
    assert file.evaluate("input => input.files[0].name") == "p.png"


def test_a_gif_and_a_huge_picture_are_refused_before_they_are_sent(page: Page) -> None:
    """ui.md check 9; tests/web has the server's side."""
    file, error = page.locator("#file-input_reference"), page.locator("#error-input_reference")
    file.set_input_files(picture("GIF"))
    expect(error).to_contain_text("JPEG, PNG or WebP")
    assert file.evaluate("input => input.files.length") == 0
    file.set_input_files(picture("PNG", b"\x89PNG" + bytes(20_000_001)))
    expect(error).to_have_text("Larger than 20 MB.")
    file.set_input_files(picture())
    expect(error).to_be_empty()
    expect(slot(page).locator(".preview img")).to_be_visible()


def test_four_takes_are_one_stack_with_different_seeds(page: Page, studio: Studio) -> None:
    """ui.md check 10."""
    page.get_by_label("Prompt").fill("[slow:1] four of a kind")
    press(page, "#takes-4")
    expect(page.locator("#go")).to_contain_text("Generate 4")
    page.locator("#go").click()
    expect(page.locator(".card", has_text="four of a kind").first).to_be_visible()
    sql = "SELECT request, stack_id FROM videos_video WHERE prompt LIKE ?"
    rows = studio.rows(sql, "%four of a kind")
    seeds = {re.search(r'"seed": (\d+)', row[0])[1] for row in rows}  # type: ignore[index]  # all have one
    assert (len(rows), len(seeds), len({row[1] for row in rows} - {None})) == (4, 4, 1)


def test_an_edit_of_a_video_is_made(page: Page, studio: Studio) -> None:
    video_id = studio.create("To be edited")
    studio.wait(video_id)
    page.goto(f"/?edit={video_id}")
    expect(slot(page, "video_uri").locator(".pick img")).to_be_visible()
    page.get_by_label("Prompt").fill("The same in snow")
    page.locator("#go").click()
    card = page.locator(".card", has_text="The same in snow")
    expect(card).to_have_attribute("data-status", "completed", timeout=SOON)


def test_on_a_phone_the_form_is_a_sheet(page: Page) -> None:
    """ui.md check 53."""
    page.set_viewport_size({"width": 390, "height": 500})  # as with a keyboard
    page.reload()
    expect(page.locator("#sheet")).to_be_hidden()
    page.get_by_role("button", name="Describe a shot…").click()
    expect(page.locator("#go")).to_be_in_viewport(ratio=1)
    page.get_by_label("Prompt").fill("[slow:1] From a phone")
    expect(page.locator("#go")).to_be_in_viewport(ratio=1)
    targets = "button, select, textarea, summary, .choices label, .check, .lock, .library-link"
    small = (
        page.locator("#sheet")
        .locator(targets)
        .evaluate_all("""all => all
        .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 44)
        .map((each) => each.outerHTML.slice(0, 80))""")
    )
    assert small == []
    fields = "#sheet textarea, #sheet select, #sheet input:not([type=radio], [type=checkbox])"
    sizes = page.locator(fields).evaluate_all("all => all.map((e) => getComputedStyle(e).fontSize)")
    assert set(sizes) == {"16px"}
    page.locator("#go").click()
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator(".card", has_text="From a phone")).to_have_count(1)
    page.get_by_role("button", name="Describe a shot…").click()
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()


def test_without_javascript_the_form_is_on_the_page_and_loses_nothing(
    page: Page, context: BrowserContext, studio: Studio
) -> None:
    assert context.browser
    plain = context.browser.new_context(
        base_url=studio.url,
        storage_state=context.storage_state(),
        java_script_enabled=False,
        viewport={"width": 390, "height": 844},
    )
    quiet = plain.new_page()
    quiet.goto("/")
    expect(quiet.get_by_role("button", name="+ orbit")).to_be_hidden()
    quiet.locator("#file-input_reference").set_input_files(picture())
    press(quiet, "#seconds-5")
    quiet.locator("#go").click()
    expect(quiet.locator("#error-prompt")).to_have_text("Describe the shot first.")
    expect(quiet.locator("#slot-input_reference .pick img")).to_be_visible()
    expect(quiet.locator("#seconds-5")).to_be_checked()
    quiet.get_by_label("Prompt").fill("No script, a picture")
    quiet.locator("#go").click()
    expect(quiet.locator(".card", has_text="No script, a picture")).to_have_count(1)
    quiet.locator("#pick-input_reference").click()
    expect(quiet.get_by_role("heading", name="First frame from the library")).to_be_visible()
    quiet.get_by_role("link", name="Used before").first.click()
    expect(quiet.locator("#slot-input_reference .pick img")).to_be_visible()
    plain.close()
