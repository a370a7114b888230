"""The audit in the administration: to read, search, filter and export; never to change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from . import audit, sheets
from .audit import AuditEntry

if TYPE_CHECKING:
    EntryAdmin = admin.ModelAdmin[AuditEntry]
else:
    EntryAdmin = admin.ModelAdmin

COLUMNS = ("at", "who", "address", "action", "subject", "subject_id", "before", "after")


@admin.register(AuditEntry)
class AuditEntryAdmin(EntryAdmin):
    """Who did or changed what."""

    list_display = ("at", "who", "action", "subject", "changes", "address")
    list_filter = ("action", ("person", admin.RelatedOnlyFieldListFilter))
    search_fields = ("who", "action", "subject", "subject_id", "address")
    date_hierarchy = "at"
    ordering = ("-id",)
    list_per_page = 50
    show_full_result_count = False
    actions = ("export",)

    @admin.display(description="before → after")
    def changes(self, entry: AuditEntry) -> str:
        """One line of what differs."""
        names = {**entry.before, **entry.after}
        return "; ".join(
            f"{name}: {entry.before.get(name, '')} → {entry.after.get(name, '')}" for name in names
        )[:300]

    @admin.action(description="Export the selected entries as CSV")
    def export(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> StreamingHttpResponse:
        """What the filters left, or what is ticked. The export is an entry itself."""
        newest = queryset.order_by("-id").values_list("id", flat=True).first()
        with transaction.atomic():
            count = {"entries": queryset.count()}
            audit.record(audit.by(request), "audit.exported", "audit", after=count)
        kept = queryset.filter(id__lte=newest or 0).order_by("id")
        return sheets.answer("rushes-audit.csv", COLUMNS, _rows(kept))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


def _rows(entries: QuerySet[AuditEntry]) -> Iterator[tuple[object, ...]]:
    for entry in entries.iterator():
        values = [getattr(entry, name) for name in COLUMNS[1:-2]]
        told = [json.dumps(value, default=str) for value in (entry.before, entry.after)]
        yield (entry.at.isoformat(), *values, *told)
