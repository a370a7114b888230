"""Where the settings that can be changed while it runs are kept. Named by CONSTANCE_BACKEND.

A setting at its default has no row, so that the environment's default holds until somebody changes
it, and again when it is put back. A row that cannot be read counts as none.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from constance import config, settings, signals
from constance.backends.database import DatabaseBackend
from constance.codecs import dumps, loads

from providers import house

logger = logging.getLogger(__name__)


class StoredSettings(DatabaseBackend):  # type: ignore[misc]  # constance comes without types
    """django-constance's table, read leniently."""

    def mget(self, keys: Iterable[str]) -> dict[str, Any]:
        """The settings of these names that differ from their defaults; one query."""
        rows = self._model.objects.filter(key__in=list(keys)).values_list("key", "value")
        found = {}
        for key, value in rows:
            try:
                found[key] = loads(value)
            except (ArithmeticError, KeyError, TypeError, ValueError):
                logger.warning("The stored setting %s is unreadable. Its default holds.", key)
        return found

    def get(self, key: str) -> Any:
        """The value of a setting, its default where none is stored."""
        return self.mget([key]).get(key, settings.CONFIG[key][0])

    def set(self, key: str, value: Any) -> None:
        """Store a setting, and tell whoever listens to constance's `config_updated`."""
        before, rows = self.get(key), self._model.objects.filter(key=key)
        if value == settings.CONFIG[key][0]:
            rows.delete()
        else:
            self._model.objects.update_or_create(key=key, defaults={"value": dumps(value)})
        house.forget()
        if before != value:
            signals.config_updated.send(sender=config, key=key, old_value=before, new_value=value)
