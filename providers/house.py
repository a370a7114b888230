"""What administrators decide while it runs: models, their order, money, routing, the trash.

`studio/settings.py` lists these settings with their defaults, and the administration has their
page. The doors read them with `current` and hand the House on; `requests.check` and the form take
it as an argument, and without one nothing is switched off. A stored value that cannot be used
counts as its default, and the log says so.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from constance.utils import get_values

from . import catalog
from .catalog import VideoModel
from .pool import STRATEGIES

FRESH_SECONDS = 1.0
MOST_DAYS = 3650
MOST_PRICE = Decimal(1000)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class House:
    """The settings that can be changed while it runs.

    `off` are ids of models that nobody may ask for, `orders` the models behind an alias where an
    administrator chose others than the catalogue, `first` the model that the form begins with, ""
    for the catalogue's. `credit_price` is in `currency`.
    """

    off: frozenset[str] = frozenset()
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    first: str = ""
    credit_price: Decimal = Decimal("0.01")
    currency: str = "USD"
    routing: str = STRATEGIES[0]
    trash_days: int = 30

    @property
    def models(self) -> tuple[VideoModel, ...]:
        """The models that can be asked for, in the catalogue's order."""
        return tuple(model for model in catalog.models() if model.id not in self.off)

    @property
    def aliases(self) -> dict[str, tuple[str, ...]]:
        """Each alias with the models that it tries, in order; one with none left is not there."""
        orders = {**catalog.load().aliases, **self.orders}
        left = {
            alias: tuple(model for model in orders[alias] if model not in self.off)
            for alias in catalog.load().aliases
        }
        return {alias: models for alias, models in left.items() if models}

    @property
    def start(self) -> VideoModel:
        """The model that a new form begins with."""
        models = self.models
        return next((model for model in models if model.id == self.first), models[0])

    def shuts_out(self, name: str) -> bool:
        """Whether there is such a model or alias, and an administrator switched it off."""
        return name in self.off or (name in catalog.load().aliases and name not in self.aliases)


def of(values: Mapping[str, Any]) -> tuple[House, list[str]]:
    """The House that stored values make, by name, and in words which of them cannot be used.

    A name that is missing counts as its default here.
    """
    read, problems = {}, []
    for name, (attribute, clean) in RULES.items():
        if name in values:
            try:
                read[attribute] = clean(values[name])
            except (ArithmeticError, TypeError, ValueError) as exc:
                problems.append(f"The setting {name} cannot be used: {exc}.")
    orders = {ALIASES[name]: read.pop(name) for name in ALIASES if name in read}
    return House(**read, orders={name: order for name, order in orders.items() if order}), problems


def current() -> House:
    """The settings in force, at most FRESH_SECONDS old: one query, or none."""
    kept = _kept.get("house")
    if kept is None or kept[1] < time.monotonic():
        house, problems = of(get_values())
        for problem in {*problems} - _said:
            _said.add(problem)
            logger.warning("%s Its default holds.", problem)
        kept = _kept["house"] = (house, time.monotonic() + FRESH_SECONDS)
    return kept[0]


def forget() -> None:
    """Read anew next time. Whoever stores a setting calls this."""
    _kept.clear()


def a_model(value: object) -> str:
    """The id of a model that makes videos, or "". Raises: ValueError."""
    if value != "" and value not in [model.id for model in catalog.models()]:
        raise ValueError(f"there is no video model {str(value)[:80]!r}")
    return str(value)


def an_order(value: object) -> tuple[str, ...]:
    """Models for an alias, none for the catalogue's. Raises: ValueError, TypeError."""
    order = tuple(a_model(name) for name in _listed(value) if name)
    if len({*order}) < len(order):
        raise ValueError("it names a model twice")
    return order


def _off(value: object) -> frozenset[str]:
    """The models of the catalogue among these: what it lost needs no switching off."""
    ids = {model.id for model in catalog.models()}
    if ids <= {*_listed(value)}:
        raise ValueError("it switches every model off")
    return frozenset(ids & {*_listed(value)})


def _listed(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise TypeError("it is no list of words")
    return value


def _price(value: object) -> Decimal:
    price = Decimal(str(value))
    if not (price.is_finite() and 0 <= price <= MOST_PRICE):
        raise ValueError(f"it is not from 0 to {MOST_PRICE}")
    return price


def _currency(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= 12:
        raise ValueError("it is no currency of 1 to 12 characters")
    return value.strip()


def _routing(value: object) -> str:
    if value not in STRATEGIES:
        raise ValueError(f"it is none of {', '.join(STRATEGIES)}")
    return str(value)


def _days(value: object) -> int:
    if type(value) is not int or not 1 <= value <= MOST_DAYS:
        raise ValueError(f"it is no whole number from 1 to {MOST_DAYS}")
    return value


ALIASES = {"SORA_2_MODELS": "sora-2", "SORA_2_PRO_MODELS": "sora-2-pro"}
RULES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "MODELS_OFF": ("off", _off),
    "FIRST_MODEL": ("first", a_model),
    **{name: (name, an_order) for name in ALIASES},
    "CREDIT_PRICE": ("credit_price", _price),
    "CURRENCY": ("currency", _currency),
    "ROUTING": ("routing", _routing),
    "TRASH_DAYS": ("trash_days", _days),
}

_kept: dict[str, tuple[House, float]] = {}
_said: set[str] = set()
