"""The words in a prompt that drive the sandbox."""

from __future__ import annotations

import pytest

from providers.sandbox.directives import Directives, parse


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a plain [wide] shot", Directives()),
        ("[fail:SAFETY.INPUT.TEXT]", Directives(fail="SAFETY.INPUT.TEXT")),
        ("a [Throttle:5] b [SLOW:1.5]", Directives(throttle=5, slow=1.5)),
        ("[http:503]", Directives(http=503)),
        ("[http:429:2]", Directives(http=429, http_times=2)),
        ("[drop][hang:3]", Directives(drop=True, hang=3)),
        ("[drip:20]", Directives(drip=20)),
        ("[outputs:2] [cost:7]", Directives(outputs=2, cost=7)),
        ("[slow:1] [slow:2]", Directives(slow=2)),
    ],
)
def test_directives_are_read_from_the_prompt(prompt: str, expected: Directives) -> None:
    assert parse(prompt) == expected


@pytest.mark.parametrize(
    "prompt",
    [
        "[http:200]",
        "[http:503:0]",
        "[http]",
        "[fail:]",
        "[slow:-1]",
        "[drip]",
        "[slow:1e9]",
        "[slow:nan]",
        "[slow:٣]",
        "[outputs:0]",
        "[outputs:99]",
        "[outputs:1.5]",
        "[drop:1]",
        "[unknown:1]",
    ],
)
def test_what_makes_no_sense_is_ordinary_text(prompt: str) -> None:
    assert parse(prompt) == Directives()
