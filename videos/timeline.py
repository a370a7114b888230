"""Rows in the order of their time: what a list of the API pages through."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q

Row = TypeVar("Row", bound=models.Model)


class Timeline(models.QuerySet[Row]):
    """A table with `created_at`; the id settles ties."""

    def in_order(self, order: str) -> Self:
        """By time of creation, "asc" or "desc"."""
        sign = "-" if order == "desc" else ""
        return self.order_by(f"{sign}created_at", f"{sign}id")

    def behind(self, row: Row, order: str) -> Self:
        """What comes after a row `in_order`.

        The database compares its own text of the moment: SQLite's has milliseconds, ours more.
        """
        than = "lt" if order == "desc" else "gt"
        same = self.model._default_manager.filter(pk=row.pk)
        moment = models.Subquery(same.values("created_at"))
        later = Q(**{f"created_at__{than}": moment})
        tied = Q(created_at=moment) & Q(**{f"id__{than}": row.pk})
        # Says nothing new, but lets the database begin at that place of the index.
        return self.filter(later | tied, **{f"created_at__{than}e": moment})
