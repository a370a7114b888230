"""How templates say amounts: `credits` ("1 240 cr") and `in_money` ("12.40 USD")."""

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
