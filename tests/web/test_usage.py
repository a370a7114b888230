"""The usage page: every figure is a sum of the same ledger lines, and nobody sees others'."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from studio.accounts import sheets
from studio.accounts.models import ApiKey
from tests.videos.factories import make_task, make_user, make_video
from videos import actions, chart, ledger
from videos.models import Budget, LedgerLine, Project, Video
from videos.pages import usage

from .conftest import browser_of, text
from .test_pages import is_strict

MODELS = ("gen4.5", "gen4_turbo", "veo3.1", "veo3.1_fast", "seedance2", "act_two", "aleph2")
PATH = "/usage/?range=90d"


def make_spent(email: str = "ana@example.org", credits: int = 60, **extra: Any) -> Video:
    """A video that reserved 100 credits and cost so many in the end."""
    values = {"status": "completed", "completed_at": datetime.now(UTC), **extra}
    video = make_video(values.pop("status"), owner=make_user(email), **values)
    ledger.reserve(video, Decimal(100))
    make_task(video, credits=Decimal(0 if video.is_sandbox else credits))
    ledger.settle(video)
    return video


def a_season(seed: int = 7) -> None:
    """Videos of two people, many models and days: blocked, cancelled, deleted, of the sandbox."""
    chance = random.Random(seed)
    for number in range(60):
        video = make_spent(
            chance.choice(("ana@example.org", "bo@example.org")),
            chance.choice((0, 25, 60, 75, 130)),
            status=chance.choice(("completed", "completed", "failed", "cancelled")),
            error_code=chance.choice(("", "moderation_blocked")),
            model=chance.choice(MODELS),
            resolved_model=MODELS[number % len(MODELS)],
            is_sandbox=chance.random() < 0.2,
        )
        made = datetime.now(UTC) - timedelta(days=chance.randrange(60))
        Video.objects.filter(pk=video.pk).update(created_at=made)
        if chance.random() < 0.2:
            actions.delete(video)


def figures(html: str, tag: str, part: str = "") -> list[Decimal]:
    """The amounts that elements of a kind carry, in a part of the page that begins with an id."""
    found = html[html.index(f'id="{part}"') :].partition("</table>")[0] if part else html
    return [
        Decimal(value) for value in re.findall(rf'<{tag}[^>]*data-credits="([^"]+)"[^>]*>', found)
    ]


@pytest.mark.parametrize("person", ["ana", "root"])
def test_tiles_bars_tables_ledger_and_files_agree(db: None, person: str) -> None:
    """ui.md check 58."""
    a_season()
    browser = browser_of(f"{person}@example.org", is_staff=person == "root")
    html = browser.get(PATH).content.decode()
    [total] = figures(html, "dd")
    lines = LedgerLine.objects.filter(video__is_sandbox=False)
    own = lines if person == "root" else lines.filter(video__owner__email="ana@example.org")
    assert total == sum(line.credits for line in own) > 0
    assert sum(figures(html, "rect")) == total
    assert sum(figures(html, "td", "days")) == total
    assert sum(figures(html, "td", "models")) == total
    assert figures(html, "td", "lines")[1] == total
    rows = list(csv.DictReader(io.StringIO(exported(browser, "csv"))))
    assert sum(Decimal(row["credits"]) for row in rows) == total
    assert Decimal(rows[-1]["balance"]) == total
    objects = [json.loads(line) for line in exported(browser, "jsonl").splitlines()]
    assert [row["credits"] for row in objects] == [float(row["credits"]) for row in rows]
    if person == "root":
        assert sum(figures(html, "td", "people")) == total


def exported(browser: Client, suffix: str, query: str = "range=90d") -> str:
    """A file of the ledger as a browser gets it."""
    answer = browser.get(f"/usage/ledger.{suffix}?{query}")
    assert f".{suffix}" in answer["Content-Disposition"]
    return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def test_the_ledger_is_turned_page_by_page_and_its_balance_goes_on(db: None) -> None:
    for _ in range(40):
        make_spent()
    browser, path, balances, seen = browser_of("ana@example.org"), PATH, [], 0
    while path:
        html = browser.get(path).content.decode()
        amounts = figures(html, "td", "lines")
        balances += amounts[1::2]
        seen += len(amounts) // 2
        older = re.search(r'href="(/usage/[^"]+before=\d+)#', html)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == 80
    assert balances[0] == 40 * 60
    assert balances[-1] == 100


def test_an_installation_without_videos_has_a_usage_page(ana: Client) -> None:
    answer = ana.get("/usage/")
    assert "No videos in these days" in text(answer)
    assert is_strict(answer.content.decode())


def test_the_page_is_strict_and_works_over_quota(ana: Client) -> None:
    a_season()
    Budget.objects.create(scope="person", person=make_user(), amount=10)
    make_spent(credits=60)
    answer = ana.get(PATH)
    assert is_strict(answer.content.decode())
    assert "50 cr over" in text(answer) or "cr over" in text(answer)


def test_deleted_videos_stay_in_the_books_without_their_words(ana: Client) -> None:
    actions.delete(make_spent(prompt="a secret"))
    shown = text(ana.get(PATH))
    assert "Deleted video" in shown
    assert "a secret" not in shown


def test_blocked_videos_are_counted_with_what_they_cost(ana: Client) -> None:
    make_spent(status="failed", error_code="moderation_blocked", credits=60)
    make_spent()
    shown = text(ana.get(PATH))
    assert "Blocked 50 % 60 cr lost" in shown
    assert "Failed 1 40 cr given back" in shown


def test_a_member_sees_nothing_of_others(ana: Client) -> None:
    make_spent("bo@example.org", resolved_model="veo3.1")
    shown = ana.get(PATH).content.decode()
    assert "bo@example.org" not in shown
    assert "veo3.1" not in shown
    assert "Everybody" not in shown


@pytest.mark.parametrize("name", ["person", "model", "project", "key"])
def test_a_member_may_not_ask_for_what_is_others(ana: Client, name: str) -> None:
    bo = make_user("bo@example.org")
    make_spent(bo.email, resolved_model="veo3.1")
    film = Project.objects.create(owner=bo, name="film")
    values = {
        "person": bo.pk,
        "model": "veo3.1",
        "project": film.pk,
        "key": ApiKey.issue(bo, "k")[0].pk,
    }
    for path in ("/usage/", "/usage/ledger.csv", "/usage/ledger.jsonl"):
        assert ana.get(path, {name: str(values[name])}).status_code == 404
        assert ana.get(path, {name: "nonsense"}).status_code == 404


@pytest.mark.parametrize("name", ["person", "model", "project", "key"])
def test_each_filter_leaves_what_it_names(db: None, name: str) -> None:
    ana, bo = make_user(), make_user("bo@example.org")
    film, key = Project.objects.create(owner=ana, name="film"), ApiKey.issue(ana, "k")[0]
    make_spent(ana.email, 60, resolved_model="gen4.5", project=film, api_key=key)
    make_spent(bo.email, 25, resolved_model="veo3.1")
    values = {"person": ana.pk, "model": "gen4.5", "project": film.pk, "key": key.pk}
    root = browser_of("root@example.org", is_staff=True)
    query = f"range=90d&{name}={values[name]}"
    assert figures(root.get(f"/usage/?{query}").content.decode(), "dd") == [60]
    assert exported(root, "csv", query).count("\n") == 3


@pytest.mark.parametrize("path", ["/usage/", "/usage/ledger.csv", "/usage/ledger.jsonl"])
def test_strangers_are_sent_to_the_sign_in_page(db: None, path: str) -> None:
    assert Client().get(path).status_code == 302


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({}, "2026-03-03", "2026-04-01"),
        ({"range": "7d"}, "2026-03-26", "2026-04-01"),
        ({"range": "month"}, "2026-04-01", "2026-04-01"),
        ({"range": "own", "from": "2026-02-01", "to": "2026-01-01"}, "2026-01-01", "2026-02-01"),
        ({"range": "own", "from": "1990-01-01", "to": "2026-01-01"}, "2025-01-01", "2026-01-01"),
        ({"range": "own", "from": "2026-02-30", "to": "x"}, "2026-03-03", "2026-04-01"),
        ({"range": "<b>"}, "2026-03-03", "2026-04-01"),
    ],
)
def test_a_range_is_whole_days_of_utc(query: dict[str, str], first: str, last: str) -> None:
    found = usage.days_of(query, date(2026, 4, 1))
    assert [day.isoformat() for day in found] == [first, last]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert sheets.cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["gen4.5", "", -60.0, True])
def test_other_cells_stay_as_they_are(value: object) -> None:
    assert sheets.cell(value) == value


def test_a_project_named_as_a_formula_is_harmless_in_the_file(ana: Client) -> None:
    film = Project.objects.create(owner=make_user(), name="=HYPERLINK(1)")
    make_spent(project=film)
    assert ",'=HYPERLINK(1)," in exported(ana, "csv")


def test_many_models_share_the_last_colour() -> None:
    days = [date(2026, 1, 1), date(2026, 1, 2)]
    amounts = {days[1]: {name: Decimal(10) for name in MODELS}}
    drawn = chart.stacked(days, amounts, MODELS, "Other models")
    assert drawn.names == [*MODELS[:5], "Other models"]
    assert [bar.amount for bar in drawn.bars] == [10] * 5 + [20]
    assert drawn.top == 100
    assert {bar.series for bar in drawn.bars} == set(range(6))
