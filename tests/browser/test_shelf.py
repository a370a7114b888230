"""A library of 500 videos in Chromium: what it fetches, how it goes on, who may see its files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.live import Studio, eventually

pytestmark = [pytest.mark.browser, pytest.mark.process]

SOON = 30_000
MANY, A_PAGE = 500, 24
COPIED = "strftime('%Y-%m-%d %H:%M:%f', created_at, '-' || ? || ' minutes')"


def copy(database: sqlite3.Connection, video_id: str, number: int) -> None:
    """The rows of a finished video once more, some minutes older; the files are the same."""
    for table, changed in (
        ("videos_video", {"id": "?", "prompt": "'Many ' || ?", "created_at": COPIED}),
        ("videos_file", {"video_id": "?"}),
    ):
        names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        kept = [name for name in names if (table, name) != ("videos_file", "id")]
        values = [changed.get(name, name) for name in kept]
        given = {"id": f"video_{number:032x}", "video_id": f"video_{number:032x}"}
        bound = [given.get(name, number) for name in kept if "?" in changed.get(name, "")]
        where = "id" if table == "videos_video" else "video_id"
        database.execute(
            f"INSERT INTO {table} ({', '.join(kept)})"
            f" SELECT {', '.join(values)} FROM {table} WHERE {where} = ?",
            [*bound, video_id],
        )


@pytest.fixture(scope="module")
def many(studio: Studio) -> Iterator[str]:
    """500 videos called "Many …", newest first; the id of the one that they are copies of."""
    video_id = studio.create("[slow:1] Many times")
    studio.wait(video_id)
    path = studio.data_dir / "rushes.sqlite3"
    with closing(sqlite3.connect(path, timeout=20)) as database, database:
        for number in range(1, MANY):
            copy(database, video_id, number)
    yield video_id
    with closing(sqlite3.connect(path, timeout=20)) as database, database:
        for table, name in (("videos_file", "video_id"), ("videos_video", "id")):
            database.execute(f"DELETE FROM {table} WHERE {name} LIKE 'video_000000000000%'")


def watch(page: Page) -> list[Request]:
    """What the page asks for, from now on."""
    seen: list[Request] = []

    def note(request: Request) -> None:
        seen.append(request)

    page.on("request", note)
    return seen


def files(seen: list[Request], name: str) -> list[str]:
    """The addresses of one kind of file among them."""
    return [each.url for each in seen if urlsplit(each.url).path.endswith(f"/file/{name}")]


def has_cards(page: Page, count: int) -> bool:
    """Whether the page shows so many."""
    return len(names(page)) >= count


def names(page: Page) -> list[str]:
    """The ids of the cards that the page shows, in order."""
    found = page.locator(".grid .card").evaluate_all("all => all.map((each) => each.id)")
    return [str(each) for each in found]


def test_a_large_library_asks_for_the_first_posters_and_no_video(page: Page, many: str) -> None:
    """ui.md check 34."""
    seen = watch(page)
    page.goto("/?q=many")
    expect(page.locator("#count")).to_have_text(f"{MANY} videos")
    page.wait_for_load_state("networkidle")
    assert not files(seen, "video")
    assert 0 < len(files(seen, "thumbnail")) <= A_PAGE
    assert page.locator("video").count() == 0


def test_further_pages_repeat_and_skip_nothing_while_new_videos_arrive(
    page: Page, many: str, studio: Studio
) -> None:
    """ui.md check 40."""
    page.goto("/?q=many")
    expect(page.locator(".grid .card")).to_have_count(A_PAGE)
    new = studio.create("Many, and one more")
    page.locator(".more").scroll_into_view_if_needed()
    eventually("the second page", 20, lambda: len(names(page)) >= 2 * A_PAGE)
    for pages in (3, 4, 5):
        more = page.get_by_role("link", name="Load more")
        more.scroll_into_view_if_needed()
        if pages == 5:
            more.click()
        eventually("the next page", 20, partial(has_cards, page, pages * A_PAGE))
    page.evaluate("document.dispatchEvent(new Event('changed'))")
    expect(page.locator(f"#card-{new.removeprefix('video_')}")).to_have_count(1, timeout=SOON)
    shown = names(page)
    assert len(shown) == len(set(shown))
    sql = "SELECT id FROM videos_video WHERE prompt LIKE '%many%' ORDER BY created_at DESC, id DESC"
    inside = [f"card-{row[0].removeprefix('video_')}" for row in studio.rows(sql)]
    assert shown == inside[: len(shown)]


def test_hovering_fetches_one_video_of_many(page: Page, many: str) -> None:
    """ui.md checks 34 and 35."""
    seen = watch(page)
    page.goto("/?q=many")
    page.locator(".card .poster").first.hover()
    expect(page.locator("video")).to_have_count(1)
    eventually("its file", 10, lambda: files(seen, "video"))
    assert len(set(files(seen, "video"))) == 1


def test_a_file_is_read_in_parts_by_its_owner_alone(
    page: Page, chromium: Browser, studio: Studio, many: str
) -> None:
    """ui.md check 44; tests/web has those who are signed in as somebody else."""
    path = f"/v/{many}/file/video"
    part = page.request.get(path, headers={"Range": "bytes=0-99"})
    assert part.status == 206 and len(part.body()) == 100
    assert part.headers["content-range"].startswith("bytes 0-99/")
    stranger = chromium.new_context(base_url=studio.url)
    assert stranger.request.get(path, max_redirects=0).status in (302, 401)
    stranger.close()


def test_no_page_names_the_host_of_runway(
    page: Page, context: BrowserContext, many: str, studio: Studio
) -> None:
    """ui.md check 44: pages and their requests know our files, not Runway's links."""
    for path in ("/?q=many", f"/v/{many}/", "/queue/", "/trash/"):
        answer = page.goto(path)
        assert answer
        text = answer.text()
        assert "runwayml.com" not in text and "cloudfront" not in text, path
        ours = {str(studio.port), "None"}
        hosts = page.evaluate("""() => [...document.querySelectorAll("[src], [href], [poster]")]
            .flatMap((each) => [each.src, each.href, each.poster])
            .filter((url) => typeof url === "string" && url.startsWith("http"))""")
        foreign = {url for url in hosts if str(urlsplit(url).port) not in ours}
        assert not foreign, path
