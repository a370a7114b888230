"""The videos app."""

from django.apps import AppConfig


class VideosConfig(AppConfig):
    """Registers the app under its short label."""

    name = "videos"
    verbose_name = "Videos"
