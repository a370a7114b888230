"""What the pool of keys has left, as far as Runway told it. Called by the form.

Budgets of people are looked at elsewhere; this refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Q, Sum

from providers.models import ProviderKey

from .arrows import FAILED, TERMINAL
from .models import LedgerLine


def left(pool: Iterable[ProviderKey]) -> Decimal | None:
    """Credits of the real keys of the pool at their last test, less what is set aside now.

    None where the sandbox makes the videos, or no key ever told.
    """
    told = [key.credits for key in pool if not key.is_sandbox and key.credits is not None]
    if not told:
        return None
    return max(Decimal(0), sum(told, Decimal(0)) - reserved())


def reserved() -> Decimal:
    """Credits that videos under way, and uncertain submissions, may still cost."""
    is_open = ~Q(video__status__in=TERMINAL)
    is_doubtful = Q(video__status=FAILED, video__error_code="submission_uncertain")
    lines = LedgerLine.objects.filter(is_open | is_doubtful, video__is_sandbox=False)
    return lines.aggregate(total=Sum("credits"))["total"] or Decimal(0)
