"""Which models a key serves."""

from __future__ import annotations

import pytest

from providers import patterns

CASES = [
    ([], "gen4.5", True),
    (["*"], "gen4.5", True),
    (["gen4*"], "gen4_turbo", True),
    (["gen4*"], "veo3.1", False),
    (["gen4*", "!gen4_turbo"], "gen4_turbo", False),
    (["!gen4_turbo", "gen4*"], "gen4_turbo", False),
    (["!gen4_turbo"], "gen4_turbo", False),
    (["!gen4_turbo"], "veo3.1", True),
    (["gen4.5"], "gen4x5", False),
]


@pytest.mark.parametrize(("wanted", "model", "allowed"), CASES, ids=str)
def test_an_exclusion_wins_and_nothing_means_all(
    wanted: list[str], model: str, allowed: bool
) -> None:
    assert patterns.allow(wanted, model) is allowed


@pytest.mark.parametrize("wanted", ["gen4.5", {"a": 1}, [1], ["gen45"], ["!x"], ["!*"], None])
def test_a_fault_is_said(wanted: object) -> None:
    assert patterns.fault(wanted)


@pytest.mark.parametrize("wanted", [[], ["*"], ["gen4*", "!gen4_turbo"]], ids=str)
def test_what_finds_models_is_no_fault(wanted: list[str]) -> None:
    assert patterns.fault(wanted) == ""


def test_none_and_a_star_are_said_as_all() -> None:
    assert [patterns.words(wanted) for wanted in ([], ["*"], ["gen4*"])] == ["all", "all", "gen4*"]
