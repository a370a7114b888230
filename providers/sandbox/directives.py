"""The words in a prompt that make the sandbox misbehave on purpose, as a pure parser.

Only `providers.sandbox` calls this; `docs/sandbox.md` explains every directive to script authors.
A directive whose number makes no sense is ordinary text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

PATTERN = re.compile(r"\[([a-z]+)(?::([^\[\]]{1,80}))?\]", re.IGNORECASE)
MAX_SECONDS = 3600.0
MAX_OUTPUTS = 8
MAX_CREDITS = 1_000_000

FLAGS = frozenset({"credits", "html", "drop", "expire", "truncate", "corrupt", "vanish"})


@dataclass(frozen=True)
class Directives:
    """What a prompt asks for. Durations are seconds; None and False mean "as usual"."""

    fail: str | None = None
    throttle: float | None = None
    slow: float | None = None
    hang: float | None = None
    drip: float | None = None
    http: int | None = None
    http_times: int | None = None
    credits: bool = False
    html: bool = False
    drop: bool = False
    expire: bool = False
    truncate: bool = False
    corrupt: bool = False
    vanish: bool = False
    outputs: int = 1
    cost: int | None = None


def parse(prompt: str) -> Directives:
    """Every directive in the prompt; of two equal ones the later counts."""
    found: dict[str, Any] = {}
    for name, argument in PATTERN.findall(prompt):
        found.update(_directive(name.lower(), argument.strip()))
    return Directives(**found)


def _directive(name: str, argument: str) -> dict[str, Any]:
    if name in FLAGS:
        return {} if argument else {name: True}
    if name == "fail":
        return {"fail": argument} if argument else {}
    if name == "http":
        return _http(argument)
    if name in ("throttle", "slow", "hang", "drip"):
        return _number(name, argument, 0, MAX_SECONDS)
    if name == "outputs":
        return _whole(_number(name, argument, 1, MAX_OUTPUTS))
    if name == "cost":
        return _whole(_number(name, argument, 0, MAX_CREDITS))
    return {}


def _http(argument: str) -> dict[str, Any]:
    match = re.fullmatch(r"([45]\d\d)(?::([1-9]\d{0,5}))?", argument)
    if match is None:
        return {}
    return {"http": int(match[1]), "http_times": int(match[2]) if match[2] else None}


def _number(name: str, argument: str, low: float, high: float) -> dict[str, Any]:
    if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", argument, re.ASCII):
        return {}
    number = float(argument)
    return {name: number} if low <= number <= high else {}


def _whole(found: dict[str, Any]) -> dict[str, Any]:
    return {name: int(number) for name, number in found.items() if number == int(number)}
