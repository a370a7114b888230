"""The administration's site: shows our own models and nothing that a library brings.

django-q2 would register its schedules, and whoever may edit those may call any function of the
process; so what is shown is listed by app, and every other registration is left out. Named by
`studio.apps.AdministrationConfig`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model

OURS = frozenset({"accounts", "providers", "videos"})


class AdministrationSite(admin.AdminSite):
    """Django's administration under the product's name, for the models of these apps alone."""

    site_title = site_header = "Rushes"
    index_title = "Administration"

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[admin.ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """As Django's, for models of ours; others are passed over in silence."""
        models = (
            [model_or_iterable] if isinstance(model_or_iterable, type) else [*model_or_iterable]
        )
        ours = [model for model in models if model._meta.app_label in OURS]
        super().register(ours, admin_class, **options)
