"""The studio app: system checks and management commands."""

from django.apps import AppConfig


class StudioConfig(AppConfig):
    """Registers the system checks."""

    name = "studio"
    verbose_name = "Studio"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks  # noqa: F401, PLC0415
