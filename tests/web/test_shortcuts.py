"""The list of keys: one table, in every page, and nothing in it that no page has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.videos.factories import make_user
from videos.pages.shortcuts import TABLE

from .conftest import text

ROWS = [row for row in TABLE if row.do and row.do != "move"]


@pytest.mark.parametrize("path", ["/", "/models/", "/settings/webhooks/"])
def test_every_page_has_the_list_and_the_way_to_it(ana: Client, path: str) -> None:
    html = ana.get(path).content.decode()
    assert '<div class="shortcuts" id="shortcuts" popover' in html
    assert 'data-do="help" popovertarget="shortcuts"' in html
    assert "Back one frame" in html


def test_single_keys_can_be_switched_off_and_the_list_says_so(ana: Client) -> None:
    user = make_user("ana@example.org")
    user.shortcuts = False
    user.save()
    answer = ana.get("/")
    assert "Single keys are switched off" in text(answer)
    keys = "|".join(re.findall(r'data-keys="([^"]+)"', answer.content.decode())).split("|")
    assert set(keys) == {
        *("Escape", "Space", "Delete", "Home", "End"),
        *("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"),
    }


def test_strangers_see_no_list(db: None) -> None:
    assert "shortcuts" not in Client().get("/sign-in/").content.decode()


def test_no_key_does_two_things_in_one_place() -> None:
    for where in {row.where for row in TABLE}:
        keys = [key for row in TABLE if row.where == where for key in row.keys]
        assert len(keys) == len(set(keys)), where


def test_the_page_where_one_is_says_so(ana: Client) -> None:
    current = re.compile(r'<a[^>]*aria-current="page"[^>]*>([^<]+)')
    for path, name in (
        ("/", "Studio"),
        ("/models/", "Models"),
        ("/settings/webhooks/", "Settings"),
    ):
        page = ana.get(path).content.decode()
        header = page[page.index("<header") : page.index("</header>")]
        assert [words.strip() for words in current.findall(header)] == [name]


def test_the_script_knows_no_key_of_its_own() -> None:
    script = (Path(settings.BASE_DIR) / "static" / "js" / "keys.js").read_text()
    assert not re.search(r'key === "[a-z?/.,]"', script)
