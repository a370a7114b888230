"""The administration's page of the settings, and what `manage.py check` says of them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from constance.models import Constance
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from providers import house
from studio import checks
from studio.accounts.models import AuditEntry
from studio.admin import LABELS
from studio.settings_fields import models
from tests.web.conftest import browser_of, text
from tests.web.test_pages import is_strict

PAGE = "/admin/constance/config/"


@pytest.fixture
def root(db: None) -> Client:
    """An administrator's browser."""
    ContentType.objects.clear_cache()  # the settings' type is made with their first entry
    return browser_of("root@example.org", is_staff=True, is_superuser=True)


def fields(browser: Client, **changed: Any) -> dict[str, Any]:
    """The form as the page sends it, with some values changed."""
    form = browser.get(PAGE).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in {**sent, **changed}.items()}


def test_the_page_is_strict_and_speaks_our_words(root: Client) -> None:
    answer = root.get(PAGE)
    html = answer.content.decode()
    assert answer.status_code == 200 and is_strict(html)
    assert "unsafe" not in answer["Content-Security-Policy"]
    for name, label in LABELS.items():
        assert f'<label for="id_{name}">{label}:</label>' in html or f">{label}:<" in html
    assert "MODELS_OFF" not in text(answer) and "onstance" not in text(answer)


def test_its_history_is_strict_and_tells_who_changed_something(root: Client) -> None:
    root.post(PAGE, fields(root, CURRENCY="EUR"))
    answer = root.get(f"{PAGE}history/")
    assert is_strict(answer.content.decode())
    assert "root@example.org" in text(answer) and "CURRENCY" in text(answer)


def test_the_front_page_leads_to_it(root: Client) -> None:
    html = root.get("/admin/").content.decode()
    assert is_strict(html) and f'href="{PAGE}"' in html


def test_what_is_saved_is_in_force(root: Client) -> None:
    changed = {
        "MODELS_OFF": ["gen4_turbo", "act_two"],
        "FIRST_MODEL": "veo3.1",
        "SORA_2_MODELS": "seedance2_5\r\nveo3.1_fast",
        "CREDIT_PRICE": "0.025",
        "CURRENCY": "EUR",
        "ROUTING": "least_busy",
        "TRASH_DAYS": "7",
    }
    assert root.post(PAGE, fields(root, **changed)).status_code == 302
    assert house.current() == house.House(
        off=frozenset({"gen4_turbo", "act_two"}),
        orders={"sora-2": ("seedance2_5", "veo3.1_fast")},
        first="veo3.1",
        credit_price=Decimal("0.025"),
        currency="EUR",
        routing="least_busy",
        trash_days=7,
    )
    again = root.get(PAGE)
    assert "seedance2_5\nveo3.1_fast" in again.content.decode()
    assert len(re.findall(r'name="MODELS_OFF"[^>]*checked', again.content.decode())) == 2


def test_saving_without_a_change_stores_nothing(root: Client) -> None:
    assert root.post(PAGE, fields(root)).status_code == 302
    assert not Constance.objects.exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SORA_2_MODELS": "gen9"}, "there is no video model &#x27;gen9&#x27;"),
        ({"SORA_2_MODELS": "veo3.1 veo3.1"}, "it names a model twice"),
        ({"MODELS_OFF": ["gen9"]}, "gen9 is not one of the available choices"),
        ({"MODELS_OFF": [name for name, _ in models()]}, "it switches every model off"),
        ({"MODELS_OFF": ["veo3.1"], "FIRST_MODEL": "veo3.1"}, "This model is switched off."),
        ({"CREDIT_PRICE": "-1"}, "greater than or equal to 0"),
        ({"CURRENCY": ""}, "This field is required."),
        ({"ROUTING": "best"}, "best is not one of the available choices"),
        ({"TRASH_DAYS": "0"}, "greater than or equal to 1"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_in_words(
    root: Client, changed: dict[str, Any], said: str
) -> None:
    answer = root.post(PAGE, fields(root, **changed))
    assert answer.status_code == 200 and said in answer.content.decode()
    assert not Constance.objects.exists()


def test_a_page_that_somebody_else_overtook_is_refused(root: Client) -> None:
    old = fields(root, CURRENCY="CHF")
    root.post(PAGE, fields(root, CURRENCY="EUR"))
    assert "modified by someone else" in text(root.post(PAGE, old))
    assert house.current().currency == "EUR"


def test_a_member_finds_no_such_page(root: Client) -> None:
    member = browser_of("mia@example.org")
    assert member.get(PAGE).status_code == member.get("/admin/nowhere/").status_code != 200
    member.post(PAGE, fields(root, CURRENCY="EUR"))
    assert not Constance.objects.exists()


def test_a_change_is_in_the_audit(root: Client) -> None:
    root.post(PAGE, fields(root, MODELS_OFF=["gen4_turbo"], TRASH_DAYS="7"))
    entry = AuditEntry.objects.get(action="settings.changed")
    assert entry.who == "root@example.org"
    assert entry.before == {"MODELS_OFF": [], "TRASH_DAYS": 30}
    assert entry.after == {"MODELS_OFF": ["gen4_turbo"], "TRASH_DAYS": 7}
    root.post(PAGE, fields(root))
    assert AuditEntry.objects.filter(action="settings.changed").count() == 1


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("MODELS_OFF", "{"),
        ("MODELS_OFF", '{"__type__": "default", "__value__": 5}'),
        ("SORA_2_MODELS", '{"__type__": "default", "__value__": ["gen9"]}'),
        ("CREDIT_PRICE", '{"__type__": "default", "__value__": "much"}'),
        ("FIRST_MODEL", '{"__type__": "default", "__value__": ["x"]}'),
    ],
    ids=str,
)
def test_a_wrong_stored_value_takes_no_page_down_and_is_mended_here(
    root: Client, name: str, stored: str
) -> None:
    Constance.objects.create(key=name, value=stored)
    for path in ("/", "/models/", "/usage/", "/admin/", PAGE):
        assert root.get(path).status_code == 200, path
    good = {"MODELS_OFF": [], "SORA_2_MODELS": "", "CREDIT_PRICE": "1", "FIRST_MODEL": ""}
    assert root.post(PAGE, fields(root, **{name: good[name]})).status_code == 302
    assert checks.check_stored_settings(None, ["default"]) == []


def test_a_wrong_stored_value_is_a_warning(db: None) -> None:
    assert checks.check_stored_settings(None, ["default"]) == []
    Constance.objects.create(key="TRASH_DAYS", value='{"__type__": "default", "__value__": 0}')
    assert [found.id for found in checks.check_stored_settings(None, ["default"])] == [
        "studio.W005"
    ]
    assert checks.check_stored_settings(None) == []
