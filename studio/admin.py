"""The administration's page of the settings that can be changed while it runs.

django-constance brings form, table and history; the words and what the form looks at are ours.
"""

from __future__ import annotations

from typing import Any

from constance.admin import Config, ConstanceAdmin
from constance.forms import ConstanceForm
from constance.utils import get_values
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from providers import house
from studio.accounts import audit

LABELS = {
    "MODELS_OFF": "Models switched off",
    "FIRST_MODEL": "The form begins with",
    "SORA_2_MODELS": "Models behind sora-2",
    "SORA_2_PRO_MODELS": "Models behind sora-2-pro",
    "CREDIT_PRICE": "Price of a credit",
    "CURRENCY": "Currency",
    "ROUTING": "Choice of the key",
    "TRASH_DAYS": "Days in the trash",
}


class SettingsForm(ConstanceForm):  # type: ignore[misc]  # constance comes without types
    """All settings at once, under names for people."""

    def __init__(self, *, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request=request, **kwargs)
        self.request = request
        for name, label in LABELS.items():
            self.fields[name].label = label

    def save(self) -> Any:
        """Keep all or nothing, and who changed what; the names of the settings that changed."""
        with transaction.atomic():
            before = get_values()
            changed = super().save()
            if changed:
                actor = audit.by(self.request)
                audit.record(actor, "settings.changed", "settings", before, get_values())
        return changed

    def clean(self) -> Any:
        """What no field sees alone: some model stays on, and the form's first one is not off."""
        cleaned = super().clean()
        _, problems = house.of(cleaned)
        off, first = cleaned.get("MODELS_OFF", []), cleaned.get("FIRST_MODEL", "")
        if first and first in off:
            self.add_error("FIRST_MODEL", "This model is switched off. Choose one that is on.")
        if problems:
            raise ValidationError(problems)
        return cleaned


class Settings(Config):  # type: ignore[misc]  # constance comes without types
    """What stands in the administration's list; no model of the database."""

    class Meta(Config.Meta):  # type: ignore[misc]  # the same
        """Its name."""

        verbose_name = verbose_name_plural = "settings"

    _meta = Meta()


class SettingsAdmin(ConstanceAdmin):  # type: ignore[misc]  # constance comes without types
    """The page, for superusers, as every administrator is one."""

    change_list_form = SettingsForm


admin.site.unregister([Config])
admin.site.register([Settings], SettingsAdmin)
