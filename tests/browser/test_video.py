"""The page of a video in Chromium: the player's buttons, copying, what moves by itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.live import Studio, eventually

from .test_accessibility import BEYOND

pytestmark = [pytest.mark.browser, pytest.mark.process]

SOON = 30_000
FPS = 24


@pytest.fixture(scope="module")
def clips(studio: Studio) -> list[str]:
    """Three finished videos, the newest first."""
    ids = [studio.create(f"Clip {number} of a harbour") for number in range(3)]
    for its_id in ids:
        studio.wait(its_id)
    return ids[::-1]


@pytest.fixture
def video(page: Page, clips: list[str]) -> Locator:
    """The player on the page of the one in the middle, ready."""
    page.goto(f"/v/{clips[1]}/")
    player = page.locator(".viewer video")
    eventually("it can play", 10, lambda: player.evaluate("v => v.readyState >= 2"))
    return player


def number(video: Locator) -> int:
    """Which frame is shown."""
    return int(video.evaluate(f"v => Math.floor(v.currentTime * {FPS} + 0.01)"))


def press(page: Page, name: str) -> None:
    page.get_by_role("group", name="Player").get_by_role("button", name=name, exact=True).click()


def test_nothing_of_the_file_but_its_head_is_asked_for_before_it_plays(
    page: Page, clips: list[str]
) -> None:
    page.goto(f"/v/{clips[1]}/")
    player = page.locator(".viewer video")
    assert player.get_attribute("preload") == "metadata"
    assert player.evaluate("v => v.paused && !v.autoplay && v.controls")
    poster = player.get_attribute("poster")
    assert poster and page.request.get(poster).status == 200


def test_the_player_seeks_steps_loops_and_changes_its_speed(page: Page, video: Locator) -> None:
    """ui.md check 45."""
    press(page, "Forward one frame")
    press(page, "Forward one frame")
    eventually("two frames on", 5, lambda: number(video) == 2)
    expect(page.locator("#timecode")).to_have_text("00:00:02")
    press(page, "Back one frame")
    eventually("one back", 5, lambda: number(video) == 1)
    press(page, "Forward one second")
    eventually("a second on", 5, lambda: number(video) == 1 + FPS)
    expect(page.locator("#timecode")).to_have_text("00:01:01")
    page.get_by_label("Copy frame at").fill("0.5")
    page.get_by_label("Copy frame at").press("Tab")
    eventually("there", 5, lambda: number(video) == FPS // 2)
    page.get_by_label("2×").check(force=True)
    assert video.evaluate("v => v.playbackRate") == 2
    press(page, "Loop")
    press(page, "Mute")
    assert video.evaluate("v => [v.loop, v.muted]") == [True, True]
    expect(page.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "true")
    press(page, "Play or pause")
    eventually("it plays", 5, lambda: video.evaluate("v => !v.paused && v.currentTime > 0.6"))
    press(page, "Play or pause")
    assert video.evaluate("v => v.paused")


def test_a_frame_goes_into_the_form(page: Page, video: Locator) -> None:
    """ui.md check 45; the form shows the picture that the address names."""
    press(page, "Forward one frame")
    page.get_by_role("button", name="As first frame").click()
    page.wait_for_url(re.compile(r"/\?first_frame=file-[0-9a-f]{32}$"))


def test_the_arrows_follow_the_library(page: Page, video: Locator, clips: list[str]) -> None:
    """ui.md check 45."""
    expect(page.locator(".stage-bar")).to_contain_text(re.compile(r"\d+ of \d+"))
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(clips[2]))
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile(clips[1]))


def test_a_video_on_its_page_becomes_a_player_by_itself(page: Page, studio: Studio) -> None:
    page.goto(f"/v/{studio.create('[slow:3] A slow ferry')}/")
    expect(page.locator("#timeline")).to_contain_text("Accepted")
    tags = page.get_by_label("Tags", exact=True)
    tags.fill("half typed")
    expect(page.locator(".viewer video")).to_be_visible(timeout=SOON)
    expect(page.locator("#timeline")).to_contain_text("Saved")
    expect(page.locator("#recipe")).to_contain_text("24 fps")
    expect(page.locator("#live")).to_contain_text("A slow ferry: Ready.")
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    expect(tags).to_have_value("half typed")
    expect(tags).to_be_focused()
    expect(page.locator("#follow[hx-get]")).to_have_count(0)


def test_a_failure_is_told_on_the_page_with_its_cost(page: Page, studio: Studio) -> None:
    page.goto(f"/v/{studio.create('[fail:SAFETY.INPUT.TEXT] A scene')}/")
    expect(page.locator(".viewer")).to_contain_text("Blocked by content rules", timeout=SOON)
    expect(page.locator("#recipe")).to_contain_text("Sandbox · free")


def test_star_project_and_tags_are_kept(page: Page, video: Locator) -> None:
    star = page.get_by_role("button", name="Favourite")
    pressed = star.get_attribute("aria-pressed")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false" if pressed == "true" else "true")
    page.get_by_label("Project", exact=True).fill("Harbour film")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_label("Project", exact=True)).to_have_value("Harbour film")
    page.get_by_label("Tags", exact=True).fill("night, sea")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Tags", exact=True)).to_have_value("night, sea")


def test_scripts_are_copied_from_a_dialog(
    page: Page, context: BrowserContext, studio: Studio, video: Locator
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=studio.url)
    page.get_by_role("link", name="Copy as JSON, curl, Python").click()
    dialog = page.get_by_role("dialog", name="Copy")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Copy").first.click()
    expect(dialog.get_by_role("button", name="Copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()").startswith(
        f"curl {studio.url}/v1/videos"
    )
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_everything_on_the_page_works_without_javascript(
    context: BrowserContext, studio: Studio, clips: list[str]
) -> None:
    assert context.browser
    plain = context.browser.new_context(
        base_url=studio.url, storage_state=context.storage_state(), java_script_enabled=False
    )
    page = plain.new_page()
    page.goto(f"/v/{clips[0]}/")
    page.get_by_role("button", name="Favourite").click()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Copy frame at").fill("0.25")
    page.get_by_role("button", name="As last frame").click()
    page.wait_for_url(re.compile(r"/\?last_frame=file-"))
    page.goto(f"/v/{clips[0]}/")
    expect(page.get_by_text("Times are in UTC.")).to_be_visible()
    expect(page.get_by_role("button", name="Forward one frame")).to_be_hidden()
    page.get_by_role("link", name="Copy as JSON, curl, Python").click()
    expect(page.locator("#copy-curl")).to_contain_text("curl ")
    page.get_by_role("link", name="Back to the video").click()
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("heading", name="Keys")).to_be_hidden()
    plain.close()


def test_what_was_put_into_the_trash_comes_back_and_plays(page: Page, video: Locator) -> None:
    """ui.md check 43, from the video's own page."""
    page.keyboard.press("Delete")
    expect(page.get_by_text("In the trash.")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_text("In the trash.")).to_have_count(0)
    page.keyboard.press("k")
    eventually("it plays", 10, lambda: video.evaluate("v => v.currentTime > 0.2"))


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_every_target_of_the_page_is_large_enough(
    page: Page, clips: list[str], width: int
) -> None:
    """ui.md checks 52 and 53, for this page."""
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"/v/{clips[1]}/")
    targets = (
        "main button, main .button, main summary, main input:not([type=radio], [type=hidden]),"
    )
    targets += ".speeds span, .stage-bar a, .bar a, .bar button"
    small = page.locator(targets).evaluate_all("""all => all
        .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 44)
        .map((each) => each.outerHTML.slice(0, 80))""")
    assert small == []
    page.get_by_text("Delete…").click()
    expect(page.get_by_role("button", name="Delete for good")).to_be_visible()
    assert page.evaluate(BEYOND) == []
    bar = page.get_by_role("navigation", name="Pages").bounding_box()
    assert bar and round(bar["y"] + bar["height"]) == 844
    page.get_by_role("button", name="Me", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
