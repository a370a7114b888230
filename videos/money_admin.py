"""Budgets and set prices in the administration. Imported by `admin.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from studio.accounts.recorded import RecordedAdmin

from . import budgets, ledger
from .looking_only import LookOnly
from .models import Budget, BudgetWarning, ModelPrice

if TYPE_CHECKING:
    InlineBase = admin.TabularInline[BudgetWarning, Budget]
else:
    InlineBase = admin.TabularInline


class WarningInline(LookOnly, InlineBase):
    """The thresholds that it reached."""

    model = BudgetWarning
    fields = ("starts_at", "percent", "used", "at")


@admin.register(Budget)
class BudgetAdmin(RecordedAdmin[Budget]):
    """Who may spend how much, and how they stand."""

    recorded_as = "budget"
    list_display = ("__str__", "amount", "used", "is_hard")
    list_filter = ("scope", "period", "is_hard")
    list_select_related = ("person", "api_key", "project")
    inlines: ClassVar = [WarningInline]

    @admin.display(description="used in this period")
    def used(self, budget: Budget) -> str:
        """The highest threshold that is reached comes first, in words."""
        state = budgets.standing(budget)
        over = f", {ledger.words(state.over)} over" if state.over else ""
        return f"{ledger.words(state.used)} ({state.percent} %{over})"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whom it is for is settled once."""
        return ("scope", "person", "api_key", "project") if obj else ()


@admin.register(ModelPrice)
class ModelPriceAdmin(RecordedAdmin[ModelPrice]):
    """Prices that stand in the place of the catalogue's, from the next request on."""

    recorded_as = "model_price"
    list_display = ("model", "credits", "unit", "note", "changed_at")
