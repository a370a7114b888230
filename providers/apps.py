"""The providers app: Runway's keys and catalogue."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Registers the app under its short label."""

    name = "providers"
    verbose_name = "Providers"
