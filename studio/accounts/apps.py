"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the app under its short label."""

    name = "studio.accounts"
    label = "accounts"
    verbose_name = "People and API keys"
