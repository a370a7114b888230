"""Roles: groups with permissions, for new people and for those who were there before."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from studio import install
from studio.accounts.models import ApiKey, AuditEntry, Role, User
from tests.videos.factories import make_user, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Client:
    """An administrator's browser."""
    client = Client()
    user = make_user("root@example.org", is_staff=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_role_is_a_group_and_what_it_allows_are_the_groups_permissions() -> None:
    for role in Role:
        user = make_user(f"{role}@example.org")
        user.set_role(role)
        assert [group.name for group in user.groups.all()] == [role]
        found = User.objects.get(pk=user.pk)
        assert found.role == role
        assert found.has_perm("accounts.make_videos") is found.may_make is (role != Role.VIEWER)
        assert found.is_staff is found.is_superuser is (role == Role.ADMINISTRATOR)


def test_a_new_person_is_a_member_and_the_first_one_an_administrator() -> None:
    install.first_person()
    assert User.objects.get().role == Role.ADMINISTRATOR
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "person.added",
        "api_key.added",
    ]
    assert User.objects.create_user("eve@example.org").role == Role.MEMBER


def test_somebody_without_any_group_may_nothing() -> None:
    user = make_user()
    user.groups.clear()
    found = User.objects.get(pk=user.pk)
    assert (found.role, found.may_make) == (None, False)


def test_a_group_that_is_gone_is_made_again() -> None:
    Group.objects.all().delete()
    assert make_user("eve@example.org").may_make


def test_people_who_were_there_before_get_the_role_that_fits_their_rights() -> None:
    member, viewer = make_user(), make_user("root@example.org", is_staff=True)
    member.groups.clear()
    viewer.groups.clear()
    migration = MigrationExecutor(connection).loader.get_migration("accounts", "0005_roles")
    operation: Any = migration.operations[0]
    operation.code(apps, None)
    assert User.objects.get(pk=member.pk).role == Role.MEMBER
    assert User.objects.get(pk=viewer.pk).role == Role.ADMINISTRATOR


def test_an_administrator_gives_roles(root: Client) -> None:
    user = make_user()
    fields = {"email": user.email, "is_active": "on", "role": "viewer"}
    root.post(f"/admin/accounts/user/{user.pk}/change/", fields)
    assert User.objects.get(pk=user.pk).role == Role.VIEWER
    password = {"password1": "three words together", "password2": "three words together"}
    new = {"email": "eve@example.org", "role": "administrator", **password}
    root.post("/admin/accounts/user/add/", new)
    assert User.objects.get(email="eve@example.org").is_staff
    assert "Viewer" in root.get(f"/admin/accounts/user/{user.pk}/change/").content.decode()


def test_a_viewer_sees_no_buttons_but_the_one_that_downloads() -> None:
    user = make_user()
    make_video("completed")
    user.set_role(Role.VIEWER)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    html = client.get("/").content.decode()
    assert "You are a viewer" in html
    assert 'id="composer"' not in html
    assert re.findall(r'data-do="(trash|favourite|reuse)"', html) == []


def test_a_viewers_key_reads_and_makes_nothing() -> None:
    user = make_user()
    _, token = ApiKey.issue(user, "script")
    user.set_role(Role.VIEWER)
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().get("/v1/videos", headers=headers).status_code == 200
    answer = Client().post("/v1/videos", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "permission_denied")
    assert answer.json()["error"]["type"] == "permission_error"


def test_there_is_one_sign_in_page_and_no_administration_for_members() -> None:
    client = Client()
    assert client.get("/admin/login/")["Location"] == "/sign-in/?next=/admin/"
    guess = {"username": "root@example.org", "password": "guess"}
    assert client.post("/admin/login/", guess).status_code == 302
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/login/").status_code == 404
    client.force_login(
        make_user("root@example.org", is_staff=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert client.get("/admin/login/")["Location"] == "/admin/"
