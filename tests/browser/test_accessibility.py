"""Every page, for everybody: axe finds nothing, nothing leaves the screen, no text is cut.

A new page is a line in `PAGES`. Source: WCAG 2.2, levels A and AA; ui.md checks 48 and 52.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Page

from tests.live import Studio, eventually

pytestmark = [pytest.mark.browser, pytest.mark.process]

# "{video}" is a finished one, "{failed}" one that failed. Before "empty" nobody has any video,
# before "stranger" nobody is signed in.
PAGES = {
    "studio, full": "/",
    "studio, further down": "/?after={video}",
    "studio, reusing": "/?from={failed}",
    "studio, empty": "empty /",
    "video": "/v/{video}/",
    "video, failed": "/v/{failed}/",
    "video, in doubt": "/v/{doubt}/",
    "studio, nothing found": "/?q=nothing+like+that",
    "queue": "/queue/",
    "queue, of others": "empty /queue/",
    "trash": "/trash/",
    "projects": "/projects/",
    "usage": "/usage/",
    "models": "/models/",
    "settings": "/settings/",
    "defaults": "/settings/defaults/?model=veo3.1",
    "API keys": "/settings/keys/",
    "API keys, none": "empty /settings/keys/",
    "webhooks": "/settings/webhooks/",
    "sign-in": "stranger /sign-in/",
    "not there": "/nowhere",
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (320, 390, 768, 1440)
NEWCOMER, PASSWORD = "newcomer@example.org", "a long pass phrase"

# What may be wider than the screen lies in a `.scroll`, which the keyboard can scroll.
BEYOND = """() => [...document.querySelectorAll("body *")]
    .filter((each) => !each.closest(".skip, .visually-hidden") && each.checkVisibility())
    .filter((each) => !each.parentElement.closest(".scroll"))
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
    .map((each) => each.outerHTML.slice(0, 120))"""
# Twice the text, as a reader's own style sheet would have it. What shows only its first lines on
# purpose says so by a line clamp, and the whole is a link away.
CLIPPED = """() => {
    const all = [...document.querySelectorAll("body, body *")];
    const sizes = all.map((each) => parseFloat(getComputedStyle(each).fontSize));
    all.forEach((each, place) => { each.style.fontSize = `${sizes[place] * 2}px`; });
    const isCut = (each) => {
        const style = getComputedStyle(each);
        if (style.webkitLineClamp !== "none") return false;
        const cuts = (value) => ["hidden", "clip"].includes(value);
        return (cuts(style.overflowX) && each.scrollWidth > each.clientWidth + 1) ||
            (cuts(style.overflowY) && each.scrollHeight > each.clientHeight + 1);
    };
    return all
        .filter((each) => !each.closest(".visually-hidden, svg, select, video, progress, input"))
        .filter((each) => each.checkVisibility() && each.textContent.trim() && isCut(each))
        .map((each) => each.outerHTML.slice(0, 120));
}"""


@pytest.fixture(scope="module")
def places(studio: Studio) -> dict[str, str]:
    """The ids of a finished, a failed and a doubtful video; another one is at work meanwhile."""
    made = {
        "video": studio.create("A lighthouse that everybody can use"),
        "failed": studio.create("[fail:SAFETY.INPUT.TEXT] A crowd for everybody"),
        "doubt": studio.create("[drop] Rain for everybody"),
    }
    studio.create("[slow:300] A river for everybody")
    for video_id in made.values():
        studio.wait(video_id)
    return made


@pytest.fixture(scope="module")
def newcomer(chromium: Browser, studio: Studio) -> object:
    """The cookies of somebody without a single video."""
    environment = {
        **os.environ,
        "STUDIO_DATA_DIR": str(studio.data_dir),
        "PORT": str(studio.port),
        "DJANGO_SETTINGS_MODULE": "studio.settings",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    command = ["manage.py", "createsuperuser", "--noinput", "--email", NEWCOMER]
    subprocess.run(
        [sys.executable, *command], cwd=settings.BASE_DIR, env=environment, check=True, timeout=60
    )
    page = chromium.new_page(base_url=studio.url)
    page.goto("/sign-in/")
    page.get_by_label("E-mail address").fill(NEWCOMER)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{studio.url}/")
    state = page.context.storage_state()
    page.close()
    return state


@pytest.fixture
def opened(
    request: pytest.FixtureRequest,
    chromium: Browser,
    studio: Studio,
    session: object,
    newcomer: object,
    places: dict[str, str],
) -> Iterator[Page]:
    """The page of this name, in a window of its own."""
    *who, path = PAGES[request.param].split()
    cookies = {"": session, "empty": newcomer, "stranger": None}["".join(who)]
    context = chromium.new_context(base_url=studio.url, storage_state=cookies)  # type: ignore[arg-type]  # its own type is private
    page = context.new_page()
    page.goto(path.format(**places))
    yield page
    context.close()


@pytest.mark.parametrize("opened", PAGES, indirect=True)
def test_axe_finds_nothing_in_dark_and_light(opened: Page) -> None:
    """ui.md check 48."""
    assert violations(opened) == []


def violations(page: Page) -> list[str]:
    """What axe says against a page, in both themes."""
    axe, found = Axe(), []
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        result = axe.run(page, options={"runOnly": {"type": "tag", "values": RULES}})
        assert result.response["passes"], "nothing was looked at"
        found += [f"{scheme}: {_told(each)}" for each in result.response["violations"]]
    return found


def _told(violation: dict[str, object]) -> str:
    nodes = violation["nodes"]
    assert isinstance(nodes, list)
    return f"{violation['id']}: {[node['html'][:160] for node in nodes]}"


@pytest.mark.parametrize("opened", PAGES, indirect=True)
def test_nothing_leaves_the_screen_and_no_large_text_is_cut(opened: Page) -> None:
    """ui.md check 52."""
    found = []
    for width in WIDTHS:
        opened.set_viewport_size({"width": width, "height": 800})
        found += [f"{width} px: {html}" for html in opened.evaluate(BEYOND)]
    found += [f"200 %: {html}" for html in opened.evaluate(CLIPPED)]
    found += [f"200 %, beyond: {html}" for html in opened.evaluate(BEYOND)]
    assert found == []


@pytest.mark.parametrize("theme", ["light", "dark", "system"])
def test_a_theme_is_there_on_first_paint_and_stays(page: Page, theme: str) -> None:
    """ui.md check 54."""
    page.emulate_media(color_scheme="dark" if theme == "light" else "light")
    page.goto("/settings/")
    page.locator(f"input[name=theme][value={theme}]").check()
    page.get_by_role("button", name="Save the look").click()
    page.wait_for_url("**/settings/#section-look")
    page.goto("/", wait_until="commit")
    shade = eventually(
        "a painted page",
        10,
        lambda: page.evaluate("document.body && getComputedStyle(document.body).backgroundColor"),
    )
    assert shade == ("rgb(14, 14, 14)" if theme == "dark" else "rgb(244, 244, 243)")
