"""Keys and people in Chromium: two accounts behind real keys, and a member of the studio."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from tests.faults.upstream import GOOD, REVOKED, Upstream, upstream
from tests.live import Studio

from .conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.process]

SOON = 30_000
SECRET = "key_" + "badc0ffe" * 16
MEMBER, PASSWORD = "member@example.org", "three words together"
KEYS = "/admin/providers/providerkey/"


@pytest.fixture(scope="module")
def accounts() -> Iterator[list[Upstream]]:
    """Two accounts in good standing."""
    with ExitStack() as stack:
        yield [stack.enter_context(upstream(GOOD)) for _ in range(2)]


@pytest.fixture(scope="module")
def studio(accounts: list[Upstream], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio that may use them."""
    origins = ",".join(account.url for account in accounts)
    data = tmp_path_factory.mktemp("administration") / "data"
    running = Studio(data, STUDIO_PROVIDER_ORIGINS=origins, STUDIO_FOLLOW_SECONDS="0.5")
    yield running
    assert running.stop() == 0, running.output


@pytest.fixture(scope="module")
def session(chromium: Browser, studio: Studio) -> object:
    """The cookies of its administrator."""
    return sign_in(chromium, studio)


@pytest.fixture(scope="module")
def member(chromium: Browser, studio: Studio, session: object) -> Iterator[BrowserContext]:
    """The browser of somebody whom the administrator added, and who signed in by the keyboard."""
    admin = chromium.new_context(base_url=studio.url, storage_state=session)  # type: ignore[arg-type]  # its own type is private
    page = admin.new_page()
    page.goto("/admin/accounts/user/add/")
    page.get_by_label("E-mail address").fill(MEMBER)
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist")).to_contain_text("was added")
    admin.close()
    context = chromium.new_context(base_url=studio.url)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("E-mail address").focus()
    page.keyboard.insert_text(MEMBER)  # as a paste does
    page.keyboard.press("Tab")
    page.keyboard.insert_text(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{studio.url}/")
    page.close()
    yield context
    context.close()


def add_key(page: Page, name: str, account: Upstream) -> None:
    """Fill the administration's form for a key, and save it."""
    page.goto(f"{KEYS}add/")
    page.locator("#id_name").fill(name)
    page.locator("#id_new_secret").fill(SECRET)
    page.locator("#id_base_url").fill(account.url)
    page.locator("[name=_save]").click()


def act(page: Page, action: str, *names: str) -> None:
    """Do something with keys of the list."""
    page.goto(KEYS)
    for name in names:
        page.locator("tr", has_text=name).locator("input.action-select").check()
    page.locator("select[name=action]").select_option(action)
    page.locator("button[name=index]").click()


def test_a_key_is_tested_and_its_secret_is_in_no_answer_any_more(
    page: Page, accounts: list[Upstream]
) -> None:
    """ui.md checks 56 and 57."""
    add_key(page, "studio-a", accounts[0])
    bodies: list[str] = []

    def keep(response: Response) -> None:
        if response.request.resource_type in ("document", "xhr", "fetch"):
            bodies.append(response.text() if response.ok else "")

    page.on("response", keep)
    told = page.locator(".messagelist")
    expect(told).to_contain_text("studio-a works: 100000 credits", ignore_case=True)
    expect(told).to_contain_text("gen4.5: 8 at once, 0 of 5000 a day")
    accounts[1].mood = REVOKED
    add_key(page, "studio-b", accounts[1])
    expect(told).to_contain_text("studio-b does not work", ignore_case=True)
    accounts[1].mood = GOOD
    act(page, "test_keys", "studio-b")
    expect(told).to_contain_text("studio-b works", ignore_case=True)
    for path in ("/admin/accounts/auditentry/", "/queue/", "/usage/", KEYS):
        page.goto(path)
    page.get_by_role("link", name="studio-a").click()
    expect(page.locator("#id_new_secret")).to_have_value("")
    page.get_by_role("link", name="History").click()
    page.goto("/admin/accounts/auditentry/")
    expect(page.locator("#result_list")).to_contain_text("provider_key.tested")
    assert len(bodies) > 8
    assert not [body for body in bodies if SECRET[-24:] in body]


def test_a_key_that_is_refused_costs_nobody_a_video(page: Page, accounts: list[Upstream]) -> None:
    """ui.md check 28."""
    accounts[1].mood = REVOKED
    for number in range(4):
        page.get_by_label("Prompt").fill(f"shot {number}")
        page.get_by_role("button", name="Generate").click()
        card = page.locator(".card", has_text=f"shot {number}")
        expect(card).to_have_attribute("data-status", "completed", timeout=SOON)
        expect(card).not_to_contain_text("refused")
    assert sum(accounts[0].taken.values()) == 4
    page.goto(KEYS)
    if accounts[1].creates:
        expect(page.locator("tr", has_text="studio-b")).to_contain_text("paused: Runway refused")


def test_without_a_working_key_the_form_says_so_and_only_administrators_get_the_link(
    page: Page, member: BrowserContext
) -> None:
    """ui.md check 15."""
    act(page, "pause", "studio-a", "studio-b")
    page.goto("/")
    warning = page.locator("#sheet .warning")
    expect(warning).to_contain_text("No working key")
    expect(warning.get_by_role("link")).to_have_attribute("href", KEYS)
    theirs = member.new_page()
    theirs.goto("/")
    expect(theirs.locator("#sheet .warning")).to_contain_text("an administrator can add one")
    expect(theirs.locator("#sheet .warning a")).to_have_count(0)
    act(page, "resume", "studio-a")
    theirs.reload()
    expect(theirs.locator("#sheet .warning")).to_have_count(0)
    theirs.close()


def test_a_member_finds_no_administration_and_nobody_elses_videos(
    page: Page, member: BrowserContext, studio: Studio
) -> None:
    """ui.md check 59."""
    page.get_by_label("Prompt").fill("[slow:60] A secret shot")
    page.get_by_role("button", name="Generate").click()
    card = page.locator(".card", has_text="A secret shot")
    address = card.locator(".prompt a").get_attribute("href") or ""
    theirs = member.new_page()
    for path in (address, KEYS, "/admin/", "/admin/accounts/user/", "/admin/accounts/auditentry/"):
        answer = theirs.goto(path)
        assert answer and answer.status == 404, path
    theirs.goto("/queue/")
    expect(theirs.locator("main")).not_to_contain_text("A secret shot")
    assert SECRET[-24:] not in theirs.content()
    theirs.close()


def test_a_token_is_shown_once_works_with_its_scope_and_ends_when_it_is_revoked(
    member: BrowserContext, studio: Studio
) -> None:
    """ui.md check 60."""
    page = member.new_page()
    page.goto("/settings/keys/")
    page.get_by_label("Name").fill("reader")
    for scope in ("Create", "Cancel"):
        page.get_by_label(re.compile(f"^{scope}")).uncheck()
    page.get_by_role("button", name="Make the key").click()
    token = page.locator("#token").inner_text()
    page.goto("/settings/keys/")
    assert token not in page.content()
    headers = {"Authorization": f"Bearer {token}"}
    videos = f"{studio.url}/v1/videos"
    assert requests.get(videos, headers=headers, timeout=30).status_code == 200
    body = {"model": "gen4.5", "prompt": "a kite"}
    assert requests.post(videos, json=body, headers=headers, timeout=30).status_code == 403
    page.reload()
    row = page.locator("tr", has_text="reader")
    expect(row).to_contain_text("127.0.0.1")
    row.get_by_text("Revoke…").click()
    row.get_by_role("button", name="Revoke for good").click()
    expect(row).to_contain_text("revoked")
    assert requests.get(videos, headers=headers, timeout=30).status_code == 401
    page.close()
