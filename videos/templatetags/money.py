"""How templates say amounts ("1 240 cr", "12.40 USD"), times ("2:05") and budgets of keys."""

from __future__ import annotations

from decimal import Decimal

from django import template

from studio.accounts.models import User
from videos import budgets, ledger
from videos.models import Budget

register = template.Library()


@register.filter
def credits(amount: Decimal) -> str:
    """An amount in credits."""
    return ledger.words(amount)


@register.filter
def in_money(amount: Decimal) -> str:
    """The same in the installation's currency."""
    return ledger.in_money(amount)


@register.simple_tag
def key_budgets(user: User) -> list[budgets.Standing]:
    """How the budgets of a person's API keys stand."""
    mine = Budget.objects.filter(api_key__owner=user, api_key__revoked_at=None)
    return budgets.standings(mine.select_related("api_key"))


@register.filter
def lasting(seconds: float | None) -> str:
    """Minutes and seconds, "-" where nothing is known."""
    return "–" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02}"
