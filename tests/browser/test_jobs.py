"""A video's way from Generate to its end, as its card tells it. The sandbox plays Runway."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.live import Studio

pytestmark = [pytest.mark.browser, pytest.mark.process]

SOON = 30_000
WATCH = """(words) => {
    window.told = [];
    window.spoken = [];
    new MutationObserver((changes) => {
        const live = document.querySelector("#live");
        const isSpoken = changes.some((each) => live.contains(each.target));
        if (isSpoken && live.innerText.includes(words)) window.spoken.push(live.innerText.trim());
        const card = [...document.querySelectorAll(".card")]
            .find((each) => each.querySelector(".prompt")?.textContent.includes(words));
        if (!card) return;
        const title = card.querySelector(".state .title")?.firstChild.textContent.trim();
        window.told.push([title ?? "Ready", card.querySelector("progress")?.value ?? 0]);
    }).observe(document.body, {
        subtree: true, childList: true, attributes: true, characterData: true,
    });
}"""
WAY = [
    *("Queued", "Sending to Runway", "Sent to Runway", "Waiting for a Runway slot"),
    *("Sent to Runway", "In progress", "Saving to the library", "Ready"),
]


def card_of(page: Page, prompt: str) -> Locator:
    """The card of the video with these words in its prompt."""
    return page.locator(".card", has=page.locator(".prompt", has_text=prompt))


def ask(page: Page, prompt: str) -> Locator:
    """Type a prompt, press Generate; the new card."""
    page.get_by_label("Prompt").fill(prompt)
    page.locator("#go").click()
    card = card_of(page, prompt)
    expect(card).to_have_count(1, timeout=SOON)
    return card


def id_of(studio: Studio, prompt: str) -> str:
    """The id of the first video of this prompt."""
    sql = "SELECT id FROM videos_video WHERE prompt = ? ORDER BY created_at LIMIT 1"
    return str(studio.rows(sql, prompt)[0][0])


def is_in_order(seen: list[str], order: list[str]) -> bool:
    """Whether everything seen comes in this order, some of it perhaps not seen."""
    rest = iter(order)
    return all(each in rest for each in seen)


def test_a_new_card_is_first_and_says_what_it_waits_for(page: Page, studio: Studio) -> None:
    """ui.md check 16; the time limit is not for a test beside others."""
    ask(page, "[http:429] First of all")
    first = page.locator(".card").first
    expect(first).to_contain_text("First of all")
    expect(first).to_contain_text("Queued", timeout=SOON)
    expect(first).to_contain_text("in the queue", timeout=SOON)
    first.get_by_role("button", name="Cancel", exact=True).click()
    expect(first).to_have_attribute("data-status", "cancelled", timeout=SOON)


def test_a_card_tells_every_state_in_order_and_never_goes_back(page: Page, studio: Studio) -> None:
    """ui.md checks 17, 18, 19 and 51: nothing throttled looks like a failure, no bar goes back."""
    prompt = "[throttle:10] [slow:5] Told in order"
    page.evaluate(WATCH, "Told in order")
    card = ask(page, prompt)
    expect(card).to_contain_text("Waiting for a Runway slot", timeout=SOON)
    expect(card.get_by_role("progressbar", name=re.compile("Told in order"))).to_be_visible()
    expect(card).not_to_contain_text(re.compile("fail", re.IGNORECASE))
    colours = card.locator(".state .title").evaluate("""(title) => {
        const failed = title.closest(".card").cloneNode(true);
        failed.dataset.status = "failed";
        title.closest(".grid").append(failed);
        const colour = getComputedStyle(failed.querySelector(".state .title")).color;
        failed.remove();
        return [getComputedStyle(title).color, colour];
    }""")
    assert colours[0] != colours[1]
    expect(card).to_have_attribute("data-status", "completed", timeout=2 * SOON)
    expect(card).to_contain_text("Sandbox · free")
    expect(card.locator("img")).to_be_visible()
    expect(page.locator("#live")).to_contain_text("Told in order: Ready.")
    told = page.evaluate("window.told")
    seen = [title for number, (title, _) in enumerate(told) if told[number - 1][0] != title]
    assert is_in_order(seen, WAY) and seen[-1] == "Ready", seen
    values = [value for title, value in told if title == "In progress"]
    assert values and values == sorted(values)
    spoken = page.evaluate("window.spoken")
    assert set(spoken) == {f"{prompt}: Ready."}
    assert studio.accepted(prompt) == 1


def test_after_idle_minutes_a_new_video_moves_at_once(page: Page, studio: Studio) -> None:
    """ui.md check 20, pitfall 2: asking for a video wakes a page that looks every 20 seconds."""
    for (its_id,) in studio.rows(
        "SELECT id FROM videos_video WHERE status NOT IN ('completed', 'failed', 'cancelled')"
    ):
        studio.http.post(f"{studio.url}/v1/videos/{its_id}/cancel", timeout=30)
    expect(page.locator('#updates[hx-trigger^="every 20s"]')).to_have_count(1, timeout=SOON)
    card = ask(page, "[slow:3] After a rest")
    expect(page.locator('#updates[hx-trigger^="every 2s"]')).to_have_count(1)
    expect(card).to_have_attribute("data-status", "in_progress", timeout=SOON)


def test_another_browser_and_another_tab_show_the_same_video(
    page: Page, context: BrowserContext, studio: Studio
) -> None:
    """ui.md checks 21 and 22: once in each, with its progress."""
    second = context.new_page()
    second.goto("/")
    ask(page, "[slow:20] Seen from everywhere")
    card = card_of(second, "Seen from everywhere")
    expect(card).to_have_count(1, timeout=SOON)
    second.close()
    expect(card_of(page, "Seen from everywhere")).to_contain_text("%", timeout=SOON)
    assert context.browser
    other = context.browser.new_context(base_url=studio.url, storage_state=context.storage_state())
    elsewhere = other.new_page()
    elsewhere.goto("/")
    card = card_of(elsewhere, "Seen from everywhere")
    expect(card).to_contain_text("%")
    assert float(card.locator("progress").get_attribute("value") or 0) > 0
    other.close()
    its_id = id_of(studio, "[slow:20] Seen from everywhere")
    studio.http.post(f"{studio.url}/v1/videos/{its_id}/cancel", timeout=30)


def test_a_video_from_a_script_appears_once_by_itself(page: Page, studio: Studio) -> None:
    """ui.md check 22."""
    ask(page, "[slow:8] From the page")
    studio.create("From a script")
    card = card_of(page, "From a script")
    expect(card).to_have_count(1, timeout=SOON)
    expect(card).to_have_attribute("data-status", "completed", timeout=SOON)
    ids = page.locator("[id]").evaluate_all("all => all.map(each => each.id)")
    assert len(ids) == len(set(ids))


def test_cancelling_what_is_queued_costs_nothing_and_sends_nothing(
    page: Page, studio: Studio
) -> None:
    """ui.md checks 23 and 33."""
    prompt = "[http:429] Never sent"
    card = ask(page, prompt)
    expect(card).to_contain_text("Queued", timeout=SOON)
    card.get_by_role("button", name="Cancel", exact=True).click()
    expect(card).to_have_attribute("data-status", "cancelled", timeout=SOON)
    expect(card).to_contain_text("Cancelled")
    sql = "SELECT coalesce(sum(credits), 0) FROM videos_ledgerline WHERE video_id = ?"
    assert studio.rows(sql, id_of(studio, prompt)) == [(0,)]
    assert studio.accepted(prompt) == 0


def test_a_running_video_is_cancelled_in_two_steps(page: Page, studio: Studio) -> None:
    """ui.md check 24. That the task is deleted once is a matter of tests/videos/test_follow.py."""
    card = ask(page, "[slow:60] A river")
    expect(card).to_contain_text("In progress", timeout=SOON)
    card.get_by_text("Cancel…").click()
    expect(card).to_have_attribute("data-status", "in_progress")
    card.get_by_role("button", name="Cancel, free of charge").click()
    expect(card).to_have_attribute("data-status", "cancelled", timeout=SOON)
    expect(card).to_contain_text("Cancelled")
    expect(card.get_by_role("button", name="Run again")).to_be_visible()
    assert studio.accepted("[slow:60] A river") == 1


def test_what_the_rules_block_leads_back_to_the_prompt(page: Page, studio: Studio) -> None:
    """ui.md check 26; tests/web/test_cards.py keeps Runway's code from those who need not know."""
    prompt = "[fail:SAFETY.INPUT.TEXT] A scene"
    card = ask(page, prompt)
    expect(card).to_have_attribute("data-status", "failed", timeout=SOON)
    expect(card).to_contain_text("Blocked by content rules")
    expect(card.get_by_role("button", name=re.compile("again|once more"))).to_have_count(0)
    expect(page.locator("#live")).to_contain_text("Blocked by content rules")
    card.get_by_role("link", name="Edit prompt").click()
    expect(page.get_by_label("Prompt")).to_have_value(prompt)
    assert studio.accepted(prompt) == 1


def test_a_fault_of_runway_is_tried_once_more_and_then_by_people(
    page: Page, studio: Studio
) -> None:
    """ui.md checks 27 and 32."""
    prompt = "[fail:INTERNAL] A fault"
    card = ask(page, prompt)
    expect(card).to_have_attribute("data-status", "failed", timeout=2 * SOON)
    assert studio.accepted(prompt) == 2
    card.get_by_role("button", name="Try again").click()
    both = card_of(page, prompt)
    expect(both).to_have_count(2, timeout=SOON)
    expect(both.last).to_have_attribute("data-status", "failed")
    [(new,)] = studio.rows(
        "SELECT id FROM videos_video WHERE again_of_id = ?", id_of(studio, prompt)
    )
    studio.http.post(f"{studio.url}/v1/videos/{new}/cancel", timeout=30)


def test_a_result_that_runway_threw_away_is_not_tried_by_itself(page: Page, studio: Studio) -> None:
    """ui.md check 27."""
    prompt = "[fail:INTERNAL.BAD_OUTPUT.CODE01] Text over the picture"
    card = ask(page, prompt)
    expect(card).to_have_attribute("data-status", "failed", timeout=SOON)
    expect(card.get_by_role("button", name=re.compile("again|once more"))).to_be_visible()
    assert studio.accepted(prompt) == 1


def test_a_link_that_expired_is_asked_for_anew(page: Page, studio: Studio) -> None:
    """ui.md check 29, as far as the sandbox plays it: ready only with the file on the disk."""
    card = ask(page, "[expire] [slow:1] The link is old")
    expect(card).to_have_attribute("data-status", "completed", timeout=2 * SOON)
    its_id = id_of(studio, "[expire] [slow:1] The link is old")
    assert list((studio.data_dir / "media" / "videos" / its_id).glob("*.mp4"))


def test_a_lost_answer_leaves_the_decision_to_people(page: Page, studio: Studio) -> None:
    """ui.md check 30's sister: Runway may have it, and only people may pay twice."""
    card = ask(page, "[drop] A storm")
    expect(card).to_contain_text("We do not know whether Runway took it", timeout=SOON)
    card.get_by_role("button", name="Send again (may pay twice)").click()
    both = card_of(page, "[drop] A storm")
    expect(both).to_have_count(2, timeout=SOON)
    expect(both.last).to_contain_text("Given up")
    expect(both.first).to_contain_text("We do not know", timeout=SOON)
    both.first.get_by_role("button", name="Give up").click()
    expect(both.first).to_contain_text("Given up")
    assert studio.accepted("[drop] A storm") == 2


def test_focus_stays_on_cancel_and_then_moves_to_the_video(page: Page) -> None:
    """ui.md check 50."""
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
    """ui.md check 60: what was typed stays."""
    page.get_by_label("Prompt").fill("[slow:2] Kept")
    context.clear_cookies()
    page.evaluate("htmx.trigger('#updates', 'refresh')")
    expect(page.locator("#signed-out")).to_be_visible()
    expect(page.get_by_label("Prompt")).to_have_value("[slow:2] Kept")
    assert all("401" in complaint for complaint in complaints)
    complaints.clear()
