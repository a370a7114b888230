"""The doors of the library: pages and their fragments, then the API."""

from __future__ import annotations

from django.urls import path

from .api.app import api

PAGES: list[object] = []

urlpatterns = [*PAGES, path("", api.urls)]
