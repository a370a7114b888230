"""Budgets, prices and exports are on record, with what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from studio.accounts.models import AuditEntry
from tests.videos.factories import make_user, make_video
from videos.models import Budget, ModelPrice

from .conftest import browser_of
from .test_library import stored

ANA = "ana@example.org"

pytestmark = pytest.mark.django_db


def entries() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """What is on record: the code, before and after, in order."""
    return list(AuditEntry.objects.order_by("id").values_list("action", "before", "after"))


@pytest.fixture
def root(db: None) -> Client:
    """An administrator's browser."""
    return browser_of("root@example.org", is_staff=True)


def test_a_budget_is_made_changed_and_deleted_on_record(root: Client) -> None:
    ana = make_user()
    inline = {f"warnings-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}
    fields = {"scope": "person", "person": ana.pk, "period": "month", "is_hard": "on", **inline}
    root.post("/admin/videos/budget/add/", {**fields, "amount": "100"})
    budget = Budget.objects.get()
    root.post(f"/admin/videos/budget/{budget.pk}/change/", {**fields, "amount": "250"})
    root.post(f"/admin/videos/budget/{budget.pk}/delete/", {"post": "yes"})
    added, changed, deleted = entries()
    assert added[0] == "budget.added" and added[2]["person_id"] == ana.pk
    assert changed == ("budget.changed", {"amount": "100.00"}, {"amount": "250.00"})
    assert (deleted[0], deleted[1]["amount"], deleted[2]) == ("budget.deleted", "250.00", {})


def test_a_price_is_set_and_taken_back_on_record(root: Client) -> None:
    fields = {"model": "gen4.5", "credits": "7", "unit": "second"}
    root.post("/admin/videos/modelprice/add/", fields)
    price = ModelPrice.objects.get()
    root.post(f"/admin/videos/modelprice/{price.pk}/change/", {**fields, "credits": "8"})
    data = {"action": "delete_selected", "_selected_action": [price.pk], "post": "yes"}
    root.post("/admin/videos/modelprice/", data)
    assert [entry[0] for entry in entries()] == [
        f"model_price.{verb}" for verb in ("added", "changed", "deleted")
    ]
    assert entries()[1][1:] == ({"credits": "7.00"}, {"credits": "8.00"})


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_an_export_of_the_ledger_is_on_record(ana: Client, suffix: str) -> None:
    make_video()
    path = f"/usage/ledger.{suffix}?first=2026-01-01&last=2026-12-31"
    ana.head(path)
    assert entries() == []
    assert ana.get(path).status_code == 200
    [(action, _, after)] = entries()
    assert (action, after["format"], after["whose"]) == ("usage.exported", suffix, ANA)
    assert set(after) == {"format", "whose", "first", "last", "lines"}


def test_an_export_of_videos_is_on_record(ana: Client, data_dir: Path) -> None:
    ids = [stored(data_dir, prompt, b"film").pk for prompt in ("one", "two")]
    answer: Any = ana.post("/studio/zip", {"ids": ids})
    assert answer.getvalue()
    assert entries() == [("library.exported", {}, {"videos": 2})]
