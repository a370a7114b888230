"""The administration as a whole: what it shows, and what it must never show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.test import Client

from providers.models import ProviderKey
from studio.accounts.models import ApiKey, AuditEntry, User
from studio.admin import Settings
from tests.videos.factories import make_user
from videos.hooks import WebhookEndpoint
from videos.models import Budget, ModelPrice, Video

SHOWN = {
    User,
    ApiKey,
    AuditEntry,
    ProviderKey,
    Video,
    WebhookEndpoint,
    Budget,
    ModelPrice,
    Settings,
}


@pytest.fixture
def root(db: None) -> Client:
    """An administrator's browser."""
    client = Client()
    user = make_user("root@example.org", is_staff=True, is_superuser=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_exactly_our_models_are_shown() -> None:
    assert set(admin.site._registry) == SHOWN


@pytest.mark.parametrize("model", ["django_q.Schedule", "axes.AccessAttempt", "auth.Group"])
def test_what_a_library_registers_is_left_out(model: str) -> None:
    foreign: type[Model] = apps.get_model(model)
    admin.site.register(foreign)
    admin.site.register([foreign])
    assert set(admin.site._registry) == SHOWN


def test_nobody_schedules_a_call(root: Client) -> None:
    for path in ("schedule/add/", "schedule/", "ormq/", "success/", "failure/"):
        assert root.get(f"/admin/django_q/{path}").status_code == 404, path
    assert root.get("/admin/auth/group/").status_code == 404
    assert "django_q" not in root.get("/admin/").content.decode()


@pytest.mark.parametrize(
    "path", ["", "providers/providerkey/add/", "videos/video/", "constance/config/"]
)
def test_the_pages_wear_the_products_look(root: Client, path: str) -> None:
    html = root.get(f"/admin/{path}").content.decode()
    assert "· Rushes</title>" in html and "Django" not in html
    for file in ("favicon.svg", "css/tokens.css", "css/admin.css"):
        assert f'href="/static/{file}"' in html
    assert html.index("admin/css/base.css") < html.index("css/tokens.css") < html.index("admin.css")
    assert "theme.js" not in html and "dark_mode.css" not in html


def test_every_colour_that_djangos_pages_name_is_ours() -> None:
    base = Path(admin.__file__).parent / "static" / "admin" / "css" / "base.css"
    named = set(re.findall(r"^    (--[a-z-]+):", base.read_text(), re.MULTILINE))
    css = settings.BASE_DIR / "static" / "css"
    ours = (css / "admin.css").read_text() + (css / "tokens.css").read_text()
    assert len(named) > 30
    assert {name for name in named if f" {name}: " not in ours} == set()
