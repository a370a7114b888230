"""The studio app: system checks, commands, the administration's site and its settings."""

from constance import apps as constance
from django.apps import AppConfig
from django.contrib.admin import apps as admin


class StudioConfig(AppConfig):
    """Registers the system checks."""

    name = "studio"
    verbose_name = "Studio"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks  # noqa: F401, PLC0415


class AdministrationConfig(admin.AdminConfig):
    """Django's administration, with our site in the place of its own."""

    default = False
    default_site = "studio.administration.AdministrationSite"


class StoredSettingsConfig(constance.ConstanceConfig):  # type: ignore[misc]  # it has no types
    """django-constance, which keeps what is changed while it runs, under a name for people."""

    default = False
    verbose_name = "Installation"
