"""The library in Chromium: previews, filters, selection, trash, and what comes by itself."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.live import Studio

pytestmark = [pytest.mark.browser, pytest.mark.process]

SOON = 30_000
POLL = 2_500


@pytest.fixture(scope="module")
def clips(studio: Studio) -> list[str]:
    """Three ready videos, oldest first."""
    ids = [studio.create(f"Shelf {word}") for word in ("one", "two", "three")]
    for video_id in ids:
        studio.wait(video_id)
    return ids


@pytest.fixture
def shelf(clips: list[str], page: Page) -> Page:
    """The page, with just these three."""
    page.goto("/?q=shelf")
    expect(page.locator(".card")).to_have_count(3)
    return page


def prompts(page: Page) -> list[str]:
    """What the page shows, in order."""
    return page.locator(".card .prompt a").all_inner_texts()


def select(page: Page, number: int, *, shift: bool = False) -> None:
    """Tick the card with this number."""
    box = page.locator(".pick input").nth(number)
    box.click(force=True, modifiers=["Shift"] if shift else [])


def test_no_video_is_fetched_before_anybody_wants_one(clips: list[str], page: Page) -> None:
    """ui.md check 34."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if url.endswith("/file/video")]
    assert len([url for url in asked if url.endswith("/file/thumbnail")]) <= 24
    expect(page.locator("video")).to_have_count(0)


def test_hovering_plays_one_muted_preview_at_a_time(shelf: Page) -> None:
    """ui.md check 35."""
    cards = shelf.locator(".card")
    for number in (0, 1):
        cards.nth(number).locator(".frame").hover()
        expect(cards.nth(number).locator("video")).to_have_count(1)
        expect(shelf.locator("video")).to_have_count(1)
        assert shelf.locator("video").evaluate("video => video.muted")
    shelf.mouse.move(5, 5)
    expect(shelf.locator("video")).to_have_count(0)


def test_keyboard_focus_previews_too_and_escape_stops_it(shelf: Page) -> None:
    """ui.md check 36."""
    shelf.locator(".card .prompt a").first.focus()
    shelf.keyboard.press("Shift+Tab")
    shelf.keyboard.press("Tab")
    expect(shelf.locator(".card").first.locator("video")).to_have_count(1)
    shelf.keyboard.press("Escape")
    expect(shelf.locator("video")).to_have_count(0)
    shelf.emulate_media(reduced_motion="reduce")
    shelf.locator(".card .frame").nth(1).hover()
    shelf.wait_for_timeout(400)
    expect(shelf.locator("video")).to_have_count(0)


def test_a_preview_survives_polls_and_changes_of_its_card(shelf: Page, studio: Studio) -> None:
    """ui.md check 37."""
    studio.create("[slow:6] Moves meanwhile")
    card = shelf.locator(".card").first
    card.locator(".frame").hover()
    card.locator("video").evaluate("video => { video.dataset.mark = 'same'; }")
    card.get_by_role("button", name="Favourite").click()
    expect(card.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    shelf.wait_for_timeout(2 * POLL)
    state = card.locator("video").evaluate("video => [video.dataset.mark, video.paused]")
    assert state == ["same", False]
    card.get_by_role("button", name="Favourite").click()


def test_filters_live_in_the_address_and_survive_reload_and_back(shelf: Page) -> None:
    """ui.md check 39."""
    search = shelf.locator("#search")
    search.fill("shelf two")
    expect(shelf.locator(".card")).to_have_count(1)
    expect(shelf).to_have_url(re.compile(r"\?q=shelf\+two$"))
    expect(search).to_be_focused()
    shelf.locator("label", has=shelf.locator("#status-failed")).click()
    expect(shelf).to_have_url(re.compile(r"status=failed"))
    expect(shelf.locator(".empty")).to_be_visible()
    shelf.reload()
    expect(shelf.locator(".empty")).to_contain_text("No videos match")
    expect(shelf.locator("#status-failed")).to_be_checked()
    shelf.go_back()
    expect(shelf.locator(".card")).to_have_count(1)
    expect(search).to_have_value("shelf two")
    expect(shelf.locator("#status-all")).to_be_checked()
    shelf.go_forward()
    expect(shelf.locator(".empty")).to_be_visible()
    shelf.locator(".empty").get_by_role("button", name="Clear filters").click()
    expect(shelf).to_have_url(re.compile(r":\d+/$"))
    shelf.goto("/?q=shelf+two&status=completed")
    shelf.locator(".chip", has_text="shelf two").click()
    expect(shelf).to_have_url(re.compile(r"/\?status=completed$"))


def test_a_range_goes_to_the_trash_and_comes_back_to_its_places(shelf: Page) -> None:
    """ui.md checks 38, 41."""
    before = prompts(shelf)
    select(shelf, 0)
    select(shelf, 2, shift=True)
    expect(shelf.locator("#selected")).to_have_text("3")
    select(shelf, 1)
    expect(shelf.locator("#selected")).to_have_text("2")
    shelf.get_by_role("button", name="Trash", exact=True).click()
    expect(shelf.locator(".card")).to_have_count(1)
    toast = shelf.locator(".toast")
    expect(toast).to_contain_text("2 videos moved to the trash.")
    toast.get_by_role("button", name="Undo").click()
    expect(shelf.locator(".card")).to_have_count(3)
    assert prompts(shelf) == before
    expect(shelf.locator("#count")).to_have_text("3 videos")


def test_what_is_in_the_trash_can_be_restored_and_plays(shelf: Page, clips: list[str]) -> None:
    """ui.md check 43."""
    card = shelf.locator(".card").last
    card.hover()
    card.get_by_role("button", name="To the trash").click()
    expect(shelf.locator(".card")).to_have_count(2)
    shelf.goto("/trash/")
    expect(shelf.locator(".card")).to_contain_text("Deleted for good in 29 days")
    shelf.get_by_role("button", name="Restore").click()
    expect(shelf.locator(".empty")).to_contain_text("The trash is empty")
    assert shelf.request.get(f"/v/{clips[0]}/file/video").ok


def test_delete_now_removes_the_file(page: Page, studio: Studio) -> None:
    """ui.md check 43."""
    video_id = studio.create("Not for long")
    studio.wait(video_id)
    page.goto("/?q=not+for+long")
    page.locator(".card").hover()
    page.get_by_role("button", name="To the trash").click()
    expect(page.locator(".card")).to_have_count(0)
    page.goto("/trash/")
    page.get_by_text("Delete now…").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator(".empty")).to_be_visible()
    assert page.request.get(f"/v/{video_id}/file/video").status == 404
    assert not (studio.data_dir / "media" / "videos" / video_id).exists()


def test_a_zip_of_three_begins_at_once(shelf: Page) -> None:
    """ui.md check 42."""
    for number in range(3):
        select(shelf, number)
    with shelf.expect_download(timeout=5_000) as download:
        shelf.get_by_role("button", name="Download zip").click()
    archive = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes()))
    assert archive.testzip() is None
    names = archive.namelist()
    assert len(names) == 6 and all(re.search(r"-shelf-\w+\.(mp4|json)$", name) for name in names)


def test_tags_and_projects_are_given_to_the_selection(shelf: Page) -> None:
    select(shelf, 0)
    select(shelf, 1)
    shelf.get_by_text("Tag…").click()
    shelf.locator("#selection [name=tag]").fill("sea")
    shelf.get_by_role("button", name="Add", exact=True).click()
    expect(shelf.get_by_role("link", name="#sea")).to_have_count(2)
    select(shelf, 0)
    shelf.get_by_text("Move…").click()
    shelf.locator("#selection [name=new_project]").fill("Harbour film")
    shelf.get_by_role("button", name="Move", exact=True).click()
    expect(shelf.get_by_role("link", name="Harbour film")).to_have_count(1)
    shelf.get_by_role("link", name="Harbour film").click()
    expect(shelf.locator(".card")).to_have_count(1)


def test_what_does_not_match_is_a_pill_and_what_matches_a_card(shelf: Page, studio: Studio) -> None:
    """ui.md check 22."""
    studio.create("At the quay, one")
    shelf.goto("/?q=quay")
    expect(shelf.locator(".card")).to_have_count(1)
    studio.create("[slow:4] Elsewhere")
    studio.create("[slow:4] At the quay, two")
    shelf.evaluate("document.dispatchEvent(new Event('changed'))")
    expect(shelf.locator(".card")).to_have_count(2)
    expect(shelf.locator("#pill")).to_have_text("1 new video · show")
    assert prompts(shelf)[0] == "[slow:4] At the quay, two"
    shelf.locator("#pill").click()
    expect(shelf.locator(".card", has_text="Elsewhere")).to_have_count(1)


def test_the_page_keeps_its_place_while_things_change(shelf: Page, studio: Studio) -> None:
    """ui.md check 38."""
    shelf.set_viewport_size({"width": 390, "height": 500})
    card = shelf.locator(".card").last
    card.scroll_into_view_if_needed()
    before = shelf.evaluate("scrollY")
    assert before > 0
    card.get_by_role("button", name="Favourite").click()
    expect(card.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    shelf.wait_for_timeout(POLL)
    assert shelf.evaluate("scrollY") == before
    card.get_by_role("button", name="Favourite").click()


def test_the_title_says_how_many_run(page: Page) -> None:
    page.get_by_label("Prompt").fill("[slow:3] Counted")
    page.get_by_role("button", name="Generate").click()
    expect(page).to_have_title(re.compile(r"^\(\d+\) Studio"))


def test_without_javascript_the_selection_and_the_filters_work(
    clips: list[str], context: BrowserContext, studio: Studio
) -> None:
    """ui.md check 39."""
    assert context.browser
    plain = context.browser.new_context(
        base_url=studio.url, storage_state=context.storage_state(), java_script_enabled=False
    )
    page = plain.new_page()
    page.goto("/")
    page.locator("#search").fill("shelf t")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(".card", has_text="Shelf t")).to_have_count(2)
    page.locator(".pick input").first.click(force=True)
    page.locator("#selection").get_by_role("button", name="Trash").click()
    expect(page.locator(".card", has_text="Shelf t")).to_have_count(1)
    page.goto("/trash/")
    page.get_by_role("button", name="Restore").click()
    plain.close()
