"""The administration's site: shows our own models, our settings, and nothing else of a library.

For whoever is signed in and no administrator there is none: 404. Strangers sign in where everybody
does.

django-q2 would register its schedules, and whoever may edit those may call any function of the
process; so what is shown is listed by app, and every other registration is left out. Named by
`studio.apps.AdministrationConfig`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

OURS = frozenset({"accounts", "providers", "videos", "constance"})


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

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """As Django's, which would offer its own sign-in page to both."""
        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise Http404
            return inner(request, *args, **kwargs)

        return wrapped

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one sign-in page, which is throttled and recorded."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next") or f"/{self.name}/")
        if not self.has_permission(request):
            raise Http404
        return redirect(f"{self.name}:index")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Everybody changes it on the same page."""
        return redirect("settings")
