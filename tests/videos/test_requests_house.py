"""Models that an administrator switched off, and the order behind an alias that one chose."""

from __future__ import annotations

import pytest

from providers.house import House
from videos.requests import InvalidRequest, check

OFF = House(off=frozenset({"gen4.5", "veo3.1_fast"}))


@pytest.mark.parametrize("asked", ["gen4.5", "runway/gen4.5"])
def test_a_model_that_is_off_is_refused_in_words(asked: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        check({"model": asked, "prompt": "a fox"}, house=OFF)
    error = refusal.value
    assert (error.code, error.param) == ("model_not_found", "model")
    assert error.message.startswith("An administrator switched 'gen4.5' off. Supported models are ")
    assert "'veo3.1_fast'" not in error.message and "'veo3.1'" in error.message


def test_another_refusal_names_no_model_that_is_off() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        check({"model": "gen9", "prompt": "a fox"}, house=OFF)
    assert "'gen4.5'" not in refusal.value.message


def test_an_alias_passes_over_what_is_off() -> None:
    checked = check({"model": "sora-2", "prompt": "a fox"}, house=OFF)
    assert (checked.model, checked.resolved_model) == ("sora-2", "seedance2_5")


def test_an_alias_with_nothing_left_is_refused() -> None:
    rules = House(off=frozenset({"veo3.1_fast", "seedance2_5"}))
    with pytest.raises(InvalidRequest, match="An administrator switched 'sora-2' off"):
        check({"prompt": "a fox"}, house=rules)


def test_an_alias_tries_the_models_in_the_order_that_was_chosen() -> None:
    rules = House(orders={"sora-2": ("gen4.5", "veo3.1")})
    assert check({"prompt": "a fox", "seconds": 8}, house=rules).resolved_model == "gen4.5"
    assert check({"prompt": "a fox"}).resolved_model == "veo3.1_fast"
