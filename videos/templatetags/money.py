"""How templates say amounts ("1 240 cr", "12.40 USD") and how long something took ("2:05")."""

from __future__ import annotations

from decimal import Decimal

from django import template

from videos import ledger

register = template.Library()


@register.filter
def credits(amount: Decimal) -> str:
    """An amount in credits."""
    return ledger.words(amount)


@register.filter
def in_money(amount: Decimal) -> str:
    """The same in the installation's currency."""
    return ledger.in_money(amount)


@register.filter
def lasting(seconds: float | None) -> str:
    """Minutes and seconds, "-" where nothing is known."""
    return "–" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02}"
