"""The doors of people: ways in and out, the settings, the keys of their scripts."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from . import entrance, key_pages, pages, session_pages

ENTRANCES = [
    path("sign-in/", entrance.sign_in, name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("setup/", entrance.setup, name="setup"),
]
SETTINGS_PAGES = [
    path("settings/", pages.settings, name="settings"),
    path("settings/save-password", pages.password, name="change-password"),
    path("settings/save/<slug:section>", pages.save, name="save-settings"),
    path("settings/sessions/", session_pages.signed_in_at, name="sessions"),
    path("settings/sessions/end", session_pages.sign_out_there, name="end-sessions"),
    path("settings/keys/", key_pages.keys, name="keys"),
    path("settings/keys/add", key_pages.add, name="add-key"),
    path("settings/keys/<int:key_id>/rotate", key_pages.rotate, name="rotate-key"),
    path("settings/keys/<int:key_id>/revoke", key_pages.revoke, name="revoke-key"),
]

urlpatterns = [*ENTRANCES, *SETTINGS_PAGES]
