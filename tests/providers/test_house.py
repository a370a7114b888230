"""What administrators decide while it runs: read leniently, and put back to its default."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import pytest
from constance import config, signals
from constance.models import Constance
from constance.utils import get_values
from django.conf import settings

from providers import catalog, house, routing
from providers.house import House
from providers.pool import Load, Wish
from tests.videos.factories import make_key

EVERY = [model.id for model in catalog.models()]


def test_nothing_is_switched_off_by_default() -> None:
    assert House().models == catalog.models()
    assert House().aliases == catalog.load().aliases
    assert House().start == catalog.models()[0]


def test_every_setting_of_the_page_is_read() -> None:
    assert house.RULES.keys() == settings.CONSTANCE_CONFIG.keys()


@pytest.mark.django_db
def test_the_defaults_are_those_of_the_environment() -> None:
    assert house.current() == House(
        credit_price=settings.STUDIO_CREDIT_PRICE,
        currency=settings.STUDIO_CURRENCY,
        routing=settings.STUDIO_ROUTING,
    )
    assert not Constance.objects.exists()


def test_a_model_that_is_off_is_not_in_aliases_either() -> None:
    rules = House(off=frozenset({"veo3.1_fast"}))
    assert "veo3.1_fast" not in [model.id for model in rules.models]
    assert rules.aliases["sora-2"] == ("seedance2_5",)


def test_an_alias_without_models_is_gone() -> None:
    rules = House(off=frozenset({"veo3.1_fast", "seedance2_5"}))
    assert "sora-2" not in rules.aliases and rules.shuts_out("sora-2")
    assert not rules.shuts_out("sora-2-pro")


def test_the_form_begins_with_the_model_that_was_chosen_unless_it_is_off() -> None:
    assert House(first="veo3.1").start.id == "veo3.1"
    assert House(first="veo3.1", off=frozenset({"veo3.1"})).start.id == EVERY[0]


def test_what_was_stored_is_in_force_at_once_in_its_own_process(db: None) -> None:
    assert house.current().off == frozenset()
    config.MODELS_OFF = ["gen4.5"]
    config.SORA_2_MODELS = ["seedance2_5"]
    config.CREDIT_PRICE = Decimal("0.02")
    now = house.current()
    assert now.off == {"gen4.5"} and now.aliases["sora-2"] == ("seedance2_5",)
    assert now.credit_price == Decimal("0.02")


def test_another_process_reads_anew_within_two_seconds() -> None:
    assert house.FRESH_SECONDS <= 2


def test_reading_is_one_query_and_then_none(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert house.current() is house.current()


def test_a_setting_that_is_put_back_to_its_default_is_not_stored(db: None) -> None:
    config.CURRENCY = "EUR"
    assert Constance.objects.count() == 1
    config.CURRENCY = settings.STUDIO_CURRENCY
    assert not Constance.objects.exists()
    assert house.current().currency == settings.STUDIO_CURRENCY


def test_a_change_is_told_with_what_was_before(db: None) -> None:
    told: list[tuple[str, object, object]] = []

    def listen(key: str, old_value: object, new_value: object, **_: Any) -> None:
        told.append((key, old_value, new_value))

    signals.config_updated.connect(listen)
    try:
        config.TRASH_DAYS = 7
        config.TRASH_DAYS = 7
        config.TRASH_DAYS = 30
    finally:
        signals.config_updated.disconnect(listen)
    assert told == [("TRASH_DAYS", 30, 7), ("TRASH_DAYS", 7, 30)]


WRONG: dict[str, list[object]] = {
    "MODELS_OFF": ["gen4.5", "everything", EVERY, 3, [1]],
    "FIRST_MODEL": ["gen9", 3, ["gen4.5"]],
    "SORA_2_MODELS": [["gen9"], "veo3.1", ["veo3.1", "veo3.1"]],
    "SORA_2_PRO_MODELS": [["gen4_image"], {}],
    "CREDIT_PRICE": ["much", "-1", "NaN", "Infinity", 1001, None],
    "CURRENCY": ["", " ", 5, "x" * 13],
    "ROUTING": ["best", 3, []],
    "TRASH_DAYS": [0, -1, "7", 3651, True, 1.5],
}


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in WRONG.items() for value in values],
    ids=str,
)
def test_a_value_that_cannot_be_used_counts_as_the_default(name: str, value: object) -> None:
    rules, problems = house.of({name: value})
    assert rules == House()
    assert len(problems) == 1 and name in problems[0]


def test_a_switched_off_model_that_the_catalogue_lost_is_passed_over() -> None:
    assert house.of({"MODELS_OFF": ["gen4.5", "gen1"]}) == (House(off=frozenset({"gen4.5"})), [])


def test_a_wrong_value_is_logged_once(db: None, caplog: pytest.LogCaptureFixture) -> None:
    config.ROUTING = "roulette"
    with caplog.at_level(logging.WARNING, "providers.house"):
        assert house.current().routing == "weighted"
        house.forget()
        assert house.current().routing == "weighted"
    assert [record.message for record in caplog.records] == [
        "The setting ROUTING cannot be used: it is none of weighted, least_busy, fill_first. "
        "Its default holds."
    ]


@pytest.mark.parametrize(
    "stored",
    ["", "{", "null", '{"__type__": "decimal", "__value__": "x"}', '{"__type__": "no"}', None],
    ids=str,
)
def test_a_row_that_cannot_be_read_counts_as_none_and_can_be_replaced(
    db: None, stored: str | None
) -> None:
    Constance.objects.create(key="CREDIT_PRICE", value=stored)
    assert house.current().credit_price == settings.STUDIO_CREDIT_PRICE
    config.CREDIT_PRICE = Decimal(3)
    assert get_values()["CREDIT_PRICE"] == Decimal(3)


def test_the_strategy_that_was_chosen_chooses_the_key(db: None) -> None:
    make_key(name="light", weight=1)
    heavy = make_key(name="heavy", weight=2)
    config.ROUTING = "fill_first"
    assert {routing.choose(Wish("gen4.5"), Load()) for _ in range(20)} == {heavy}
