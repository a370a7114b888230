"""Pages of the administration whose changes are on record. Used by the apps' `admin.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from . import audit

Row = TypeVar("Row", bound=Model)

if TYPE_CHECKING:
    Base = admin.ModelAdmin
else:

    class Base(admin.ModelAdmin):
        """As Django's, which takes no type parameter itself."""

        __class_getitem__ = classmethod(lambda cls, _: cls)


class RecordedAdmin(Base[Row]):
    """Writes `recorded_as` with `.added`, `.changed` or `.deleted`, and what of `AUDITED` differs.

    The model's class names `AUDITED`.
    """

    recorded_as = ""

    def save_model(self, request: HttpRequest, obj: Row, form: Any, change: bool) -> None:
        """On record."""
        with audit.change(audit.by(request), self.recorded_as, obj, self._audited()):
            super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        """On record."""
        with audit.change(audit.by(request), self.recorded_as, obj, self._audited()):
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        """One by one."""
        for row in queryset:
            self.delete_model(request, row)

    def _audited(self) -> tuple[str, ...]:
        names: tuple[str, ...] = self.model.AUDITED  # type: ignore[attr-defined] # as above
        return names
