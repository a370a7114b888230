"""Chromium before a running studio with the sandbox. Every page is watched for what must not be."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.live import Studio

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# Chromium says this about every refusal, also those that the page expects and shows.
REFUSED = "Failed to load resource: the server responded with a status of 4"
# A page that is left, or asked for something newer, cuts a request off; htmx reports that twice.
LEFT = ("htmx:afterRequest", "htmx:sendAbort")
# The studio is shared: what another test typed would be the draft here.
FORGET_DRAFT = """async () => {
    const data = new FormData(document.querySelector("#composer"));
    for (const name of [...data.keys()]) if (name !== "csrfmiddlewaretoken") data.delete(name);
    await fetch("/studio/draft", {method: "POST", body: data});
}"""
REPORT_VIOLATIONS = """
    document.addEventListener("securitypolicyviolation", (event) =>
        console.error("CSP", event.violatedDirective, event.blockedURI));
"""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; skips where there is none, which CI must not."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with the sandbox behind it."""
    running = Studio(tmp_path_factory.mktemp("browser") / "data")
    yield running
    assert running.stop() == 0, running.output


@pytest.fixture(scope="session")
def session(chromium: Browser, studio: Studio) -> object:
    """The cookies of the administrator."""
    return sign_in(chromium, studio)


def sign_in(chromium: Browser, studio: Studio) -> object:
    """The cookies of the administrator, who signs in with what the banner said."""
    email, password = (
        re.search(rf"{label}\s+(\S+)", studio.output) for label in ("Sign in as", "Password")
    )
    assert email and password
    page = chromium.new_page()
    page.goto(studio.url)
    page.get_by_label("E-mail address").fill(email[1])
    page.get_by_label("Password").fill(password[1])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{studio.url}/")
    state = page.context.storage_state()
    page.close()
    return state


@pytest.fixture
def context(chromium: Browser, studio: Studio, session: object) -> Iterator[BrowserContext]:
    """A signed-in browser window."""
    context = chromium.new_context(base_url=studio.url, storage_state=session)  # type: ignore[arg-type]  # its own type is private
    yield context
    context.close()


@pytest.fixture
def complaints() -> list[str]:
    """Console errors, CSP violations and requests to other hosts. A test may allow some."""
    return []


@pytest.fixture
def page(context: BrowserContext, studio: Studio, complaints: list[str]) -> Iterator[Page]:
    """The studio's page. Fails the test in the end if anything complained."""
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.add_init_script(REPORT_VIOLATIONS)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def hear(message: object) -> None:
        kind, words = getattr(message, "type", ""), getattr(message, "text", "")
        if kind in ("error", "warning") and not words.startswith((REFUSED, *LEFT)):
            complaints.append(words)

    def see(request: object) -> None:
        url = urlsplit(getattr(request, "url", ""))
        if url.scheme in ("http", "https") and url.port != studio.port:
            complaints.append(f"foreign request: {url.geturl()}")

    page.on("console", hear)
    page.on("request", see)
    page.goto("/")
    page.evaluate(FORGET_DRAFT)
    page.reload()
    yield page
    page.close()
    assert complaints == []
