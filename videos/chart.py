"""Stacked bars as plain numbers, for a template to draw as SVG. Pure; called by the usage page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

WIDTH, HEIGHT, GAP = 720, 160, 0.25
MOST_SERIES = 6


@dataclass(frozen=True)
class Bar:
    """One piece of a day's stack, in units of the drawing; `series` numbers its colour."""

    x: str
    y: str
    width: str
    height: str
    series: int
    day: date
    name: str
    amount: Decimal


@dataclass(frozen=True)
class Chart:
    """The pieces, the names of the series in their order, and what the full height stands for.

    `rows` are the same figures as a table: a day, its amount in each series, and their sum.
    """

    bars: list[Bar]
    names: list[str]
    top: Decimal
    rows: list[tuple[date, list[Decimal], Decimal]]

    width = WIDTH
    height = HEIGHT


def stacked(
    days: Sequence[date],
    amounts: Mapping[date, Mapping[str, Decimal]],
    names: Sequence[str],
    others: str,
) -> Chart:
    """A bar for each day. The first names get a series each, what is left over shares one."""
    own = list(names if len(names) <= MOST_SERIES else names[: MOST_SERIES - 1])
    shown = own if len(own) == len(names) else [*own, others]
    rows = []
    for day in days:
        found = amounts.get(day, {})
        series = [found.get(name, Decimal(0)) for name in own]
        if len(shown) > len(own):
            series.append(sum(found.values(), Decimal(0)) - sum(series, Decimal(0)))
        rows.append((day, series, sum(series, Decimal(0))))
    top = _round_up(max((total for _, _, total in rows), default=Decimal(0)))
    return Chart(_bars(rows, shown, top), shown, top, rows)


def _bars(
    rows: Sequence[tuple[date, list[Decimal], Decimal]], names: Sequence[str], top: Decimal
) -> list[Bar]:
    step = WIDTH / max(1, len(rows))
    bars = []
    for place, (day, series, _) in enumerate(rows):
        base = float(HEIGHT)
        for number, amount in enumerate(series):
            height = float(amount / top) * HEIGHT
            base -= height
            if amount > 0:
                x = f"{step * (place + GAP / 2):.2f}"
                size = (f"{step * (1 - GAP):.2f}", f"{height:.2f}")
                bars.append(Bar(x, f"{base:.2f}", *size, number, day, names[number], amount))
    return bars


def _round_up(amount: Decimal) -> Decimal:
    """The next of 1, 2, 5, 10, 20, 50, ... that is not below."""
    for step in (Decimal(10) ** power * digit for power in range(12) for digit in (1, 2, 5)):
        if step >= amount:
            return step
    return amount
