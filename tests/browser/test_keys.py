"""Every row of the list of keys, pressed in Chromium: it does what it says, where it may."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.live import Studio, eventually
from videos.pages.shortcuts import TABLE

pytestmark = [pytest.mark.browser, pytest.mark.process]

# What a press reaches: the first listener there is writes it down, and nothing more happens.
RECORD = """() => {
    window.pressed = [];
    window.addEventListener("click", (event) => {
        const reached = event.target.closest("[data-do]");
        if (!reached) return;
        window.pressed.push(reached.dataset.do);
        event.preventDefault();
        event.stopImmediatePropagation();
    }, true);
}"""
ROWS = [row for row in TABLE if row.do not in ("", "move", "clear stop")]
# Fields take the focus instead of a click.
FIELDS = ("prompt", "search")


@pytest.fixture(scope="module")
def clips(studio: Studio) -> list[str]:
    """Three finished videos, the newest first."""
    ids = [studio.create(f"Keys {number}") for number in range(3)]
    for its_id in ids:
        studio.wait(its_id)
    return ids[::-1]


def chord(key: str) -> list[str]:
    """A key of the table as Playwright presses it: one after the other, Shift as people hold it."""
    return ["?" if part == "Shift+?" else part for part in key.split(" ")]


def press(page: Page, key: str) -> None:
    for part in chord(key):
        page.keyboard.press(part)


def words_of(page: Page) -> set[str]:
    """Every word that something on this page carries."""
    found = page.locator("[data-do]").evaluate_all("all => all.map((each) => each.dataset.do)")
    return {word for words in found for word in words.split()}


def open_card(page: Page, its_id: str) -> None:
    """The studio's page with the focus on a card."""
    page.goto("/")
    page.locator(f'.card [data-do~="open"][href*="{its_id}"]').focus()


def reached(page: Page, key: str) -> list[str]:
    """What one press reaches."""
    page.evaluate("window.pressed.length = 0")
    press(page, key)
    found = page.evaluate("window.pressed")
    assert isinstance(found, list)
    return found


def test_every_row_reaches_what_it_names_on_each_page_that_has_it(
    page: Page, clips: list[str]
) -> None:
    """ui.md check 46."""
    somewhere: set[str] = set()
    for where in ("card", "viewer"):
        if where == "card":
            open_card(page, clips[1])
        else:
            page.goto(f"/v/{clips[1]}/")
        here = words_of(page)
        somewhere |= here
        page.evaluate(RECORD)
        for row in ROWS:
            if row.do in (*FIELDS, "cancel", "preview") or row.do not in here:
                continue
            for key in row.keys:
                if key != "Shift+/":
                    [words] = reached(page, key)
                    assert row.do in words.split(), (where, key)
    # Something to cancel is there while a video runs; what a toast undoes has a test of its own.
    assert {row.do for row in ROWS} - somewhere - {"cancel"} == {"undo"}


def test_the_slash_leads_to_the_search_and_keeps_the_filters(page: Page, clips: list[str]) -> None:
    """ui.md check 46."""
    page.goto(f"/v/{clips[0]}/")
    page.keyboard.press("/")
    page.wait_for_url(re.compile(r"/#search$"))
    page.goto("/?q=keys")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    expect(page.locator("#search")).to_have_value("keys")


def test_x_selects_space_previews_delete_and_z_undo(page: Page, clips: list[str]) -> None:
    """ui.md check 46, in what the search found."""
    page.goto("/?q=keys")
    links = page.locator('.card [data-do~="open"]')
    expect(links).to_have_count(3)
    links.first.focus()
    page.keyboard.press("x")
    expect(page.locator("#selected")).to_have_text("1")
    links.last.focus()
    page.keyboard.press("Shift+x")
    expect(page.locator("#selected")).to_have_text("3")
    page.keyboard.press("Escape")
    expect(page.locator(".pick :checked")).to_have_count(0)
    page.keyboard.press("Space")
    expect(page.locator(".card video")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=keys"))
    page.keyboard.press("Escape")
    expect(page.locator(".card video")).to_have_count(0)
    links.first.focus()
    page.keyboard.press("Delete")
    expect(page.locator(".card")).to_have_count(2)
    page.keyboard.press("z")
    expect(page.locator(".card")).to_have_count(3)


def test_p_and_n_lead_to_the_prompt_from_everywhere(page: Page, clips: list[str]) -> None:
    for key in ("p", "n"):
        page.goto(f"/v/{clips[0]}/")
        page.keyboard.press(key)
        page.wait_for_url(re.compile(r"/#prompt$"))
        page.goto("/")
        page.keyboard.press(key)
        expect(page.get_by_label("Prompt")).to_be_focused()
        expect(page.get_by_label("Prompt")).to_have_value("")


def test_the_question_mark_shows_the_list_and_escape_closes_it(page: Page) -> None:
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    page.keyboard.press("p")
    expect(page.get_by_label("Prompt")).not_to_be_focused()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def test_escape_leaves_the_field(page: Page) -> None:
    page.get_by_label("Prompt").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Prompt")).not_to_be_focused()


def test_single_keys_do_nothing_while_typing(page: Page, clips: list[str]) -> None:
    """ui.md check 47."""
    page.evaluate(RECORD)
    page.get_by_label("Prompt").focus()
    page.keyboard.type("pnfsrcdjkl,.mo gs x?/")
    expect(page.get_by_label("Prompt")).to_have_value("pnfsrcdjkl,.mo gs x?/")
    assert page.evaluate("window.pressed") == []
    page.goto(f"/v/{clips[0]}/")
    page.get_by_label("Tags", exact=True).fill("")
    page.evaluate(RECORD)
    page.get_by_label("Tags", exact=True).focus()
    page.keyboard.type("mofs")
    assert page.evaluate("window.pressed") == []


def test_a_chord_of_two_keys_does_not_press_the_second_alone(page: Page, clips: list[str]) -> None:
    page.goto(f"/v/{clips[0]}/")
    page.evaluate(RECORD)
    assert reached(page, "g s") == ["go_studio"]


def test_keys_with_control_are_left_to_the_browser(page: Page, clips: list[str]) -> None:
    page.goto(f"/v/{clips[0]}/")
    page.evaluate(RECORD)
    for key in ("Control+c", "Control+f", "Alt+d", "Meta+r"):
        page.evaluate("""window.addEventListener("keydown", (e) => e.preventDefault())""")
        page.keyboard.press(key)
    assert page.evaluate("window.pressed") == []


def test_the_keys_of_the_viewer_do_what_its_buttons_do(page: Page, clips: list[str]) -> None:
    page.goto(f"/v/{clips[0]}/")
    video = page.locator(".viewer video")
    eventually("it can play", 10, lambda: video.evaluate("v => v.readyState >= 2"))
    page.keyboard.press(".")
    eventually("a frame on", 5, lambda: video.evaluate("v => v.currentTime > 0.05"))
    page.keyboard.press(",")
    eventually("a frame back", 5, lambda: video.evaluate("v => v.currentTime < 0.04"))
    page.keyboard.press("l")
    eventually("a second on", 5, lambda: video.evaluate("v => v.currentTime > 1"))
    page.keyboard.press("j")
    eventually("a second back", 5, lambda: video.evaluate("v => v.currentTime < 0.1"))
    for key in ("m", "o", "k"):
        page.keyboard.press(key)
    assert video.evaluate("v => [v.muted, v.loop, v.paused]") == [True, True, False]
    page.keyboard.press("k")
    assert video.evaluate("v => v.paused")


def test_the_arrows_move_between_cards(page: Page, clips: list[str]) -> None:
    open_card(page, clips[0])
    for key, its_id in (
        ("ArrowRight", clips[1]),
        ("ArrowRight", clips[2]),
        ("ArrowLeft", clips[1]),
        ("Home", clips[0]),
    ):
        page.keyboard.press(key)
        expect(page.locator(":focus")).to_have_attribute("href", re.compile(its_id))
    page.keyboard.press("End")
    expect(page.locator(".card").last.locator(":focus")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".card").last.locator(":focus")).to_have_count(1)
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/v/{clips[0]}/"))


def test_c_asks_before_it_cancels_and_enter_confirms(page: Page, studio: Studio) -> None:
    its_id = studio.create("[slow:60] A long river")
    page.goto(f"/v/{its_id}/")
    expect(page.locator("#cancel")).to_be_visible()
    page.keyboard.press("c")
    confirm = page.get_by_role("button", name=re.compile("Cancel, "))
    if confirm.is_visible():
        expect(confirm).to_be_focused()
        page.keyboard.press("Enter")
    eventually("it is cancelled", 30, lambda: studio.status(its_id) == "cancelled")


def test_switched_off_in_the_settings_no_single_key_does_anything(
    page: Page, studio: Studio, clips: list[str]
) -> None:
    """ui.md check 47; the settings page that switches them off has tests of its own."""
    import sqlite3
    from contextlib import closing

    def switch(on: int) -> None:
        path = studio.data_dir / "rushes.sqlite3"
        with closing(sqlite3.connect(path, timeout=20)) as connection, connection:
            connection.execute("UPDATE accounts_user SET shortcuts = ?", (on,))

    switch(0)
    try:
        page.goto(f"/v/{clips[1]}/")
        page.evaluate(RECORD)
        for row in ROWS:
            for key in (key for key in row.keys if row.is_character):
                assert reached(page, key) == [], key
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert reached(page, "ArrowRight") == ["next"]
    finally:
        switch(1)


def test_tabbing_shows_where_one_is_and_never_under_the_header(page: Page) -> None:
    """ui.md check 49."""
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto("/")
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        told = page.evaluate("""() => {
            const each = document.activeElement;
            if (each === document.body) return null;
            if (each.matches("video, [type=date]")) return [each.id, 2, false];  // have their own
            const box = each.getBoundingClientRect();
            const style = getComputedStyle(each);
            const beside = each.nextElementSibling && getComputedStyle(each.nextElementSibling);
            const ring = (s) => s && s.outlineStyle !== "none" ? parseFloat(s.outlineWidth) : 0;
            const widths = [style, beside].map(ring);
            const covered = !each.closest(".bar, .skip") && box.bottom <= 48;
            return [each.id || each.textContent.trim().slice(0, 30), Math.max(...widths), covered];
        }""")
        if told is None:
            break
        name, width, is_covered = told
        seen.add(name)
        assert width >= 2 and not is_covered, told
    assert {"prompt", "model", "go"} <= seen
