"""People and API keys in the administration."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from studio.accounts.auth import find_key
from studio.accounts.errors import ApiError
from studio.accounts.models import ApiKey, Session, User
from tests.videos.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Client:
    """An administrator's browser."""
    client = Client()
    user = make_user("root@example.org", is_staff=True, is_superuser=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_api_key_is_shown_once_when_it_is_made(root: Client) -> None:
    ana = make_user()
    fields = {"name": "script", "owner": ana.pk, "scopes": ["read"]}
    page = root.post("/admin/accounts/apikey/add/", fields, follow=True).content.decode()
    found = re.search(r"rk_[0-9A-Za-z]{38}", page)
    assert found
    assert find_key(found[0]).owner == ana
    for path in (
        "/admin/accounts/apikey/",
        f"/admin/accounts/apikey/{find_key(found[0]).pk}/change/",
    ):
        again = root.get(path).content.decode()
        assert f"rk_…{found[0][-4:]}" in again
        assert found[0] not in again
        assert find_key(found[0]).digest not in again


def test_changing_a_keys_name_keeps_the_key(root: Client) -> None:
    key, token = ApiKey.issue(make_user(), "script")
    fields = {"name": "nightly script", "owner": key.owner.pk, "scopes": ["read"]}
    root.post(f"/admin/accounts/apikey/{key.pk}/change/", fields)
    assert find_key(token).name == "nightly script"


def test_a_revoked_key_is_refused(root: Client) -> None:
    key, token = ApiKey.issue(make_user(), "script")
    data = {"action": "revoke", "_selected_action": [key.pk]}
    root.post("/admin/accounts/apikey/", data)
    with pytest.raises(ApiError):
        find_key(token)
    assert ApiKey.objects.filter(pk=key.pk).exists()


def test_a_person_is_added_by_e_mail_address_and_can_sign_in(root: Client) -> None:
    password = "three words together"
    fields = {"email": "bo@example.org", "name": "Bo", "password1": password, "password2": password}
    assert root.post("/admin/accounts/user/add/", fields).status_code == 302
    signed_in = Client().post("/sign-in/", {"username": "bo@example.org", "password": password})
    assert signed_in["Location"] == "/"


def test_somebody_who_left_is_kept_out_and_not_deleted(root: Client) -> None:
    ana = make_user()
    _, token = ApiKey.issue(ana, "script")
    assert root.post(f"/admin/accounts/user/{ana.pk}/delete/", {"post": "yes"}).status_code == 403
    root.post(f"/admin/accounts/user/{ana.pk}/change/", {"email": ana.email})
    assert not User.objects.get(pk=ana.pk).is_active
    with pytest.raises(ApiError):
        find_key(token)


def test_an_e_mail_address_has_one_spelling(root: Client) -> None:
    password = {"password1": "three words together", "password2": "three words together"}
    root.post("/admin/accounts/user/add/", {"email": "Bo@Example.ORG", **password})
    assert User.objects.filter(email="bo@example.org").exists()
    again = root.post("/admin/accounts/user/add/", {"email": "BO@example.org", **password})
    assert "already exists" in again.content.decode()
    ana = make_user()
    path = f"/admin/accounts/user/{ana.pk}/change/"
    assert "already exists" in root.post(path, {"email": "BO@example.org"}).content.decode()
    root.post(path, {"email": "Ana.B@Example.org", "is_active": "on"})
    ana.refresh_from_db()
    assert (ana.email, ana.is_active) == ("ana.b@example.org", True)


def test_nobody_takes_his_own_rights_away(root: Client) -> None:
    user = make_user("root@example.org")
    root.post(f"/admin/accounts/user/{user.pk}/change/", {"email": user.email, "name": "Root"})
    user.refresh_from_db()
    assert (user.name, user.is_active, user.is_staff, user.is_superuser) == ("Root", *[True] * 3)


def test_a_key_leaves_no_trace_in_the_database(root: Client) -> None:
    fields = {"name": "script", "owner": make_user().pk, "scopes": ["read"]}
    page = root.post("/admin/accounts/apikey/add/", fields, follow=True).content.decode()
    found = re.search(r"rk_[0-9A-Za-z]{38}", page)
    assert found
    rows = [str(list(model.objects.values())) for model in (ApiKey, LogEntry, Session)]
    assert [found[0] in row for row in rows] == [False] * 3


@pytest.mark.parametrize("page", ["", "add/", "{}/change/", "{}/history/"])
@pytest.mark.parametrize("model", ["user", "apikey"])
def test_the_pages_hold_under_the_strict_policy(root: Client, model: str, page: str) -> None:
    key, _ = ApiKey.issue(make_user(), "script")
    pk = key.pk if model == "apikey" else key.owner.pk
    answer = root.get(f"/admin/accounts/{model}/{page.format(pk)}")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert re.findall(r"\sstyle=|<style|\son\w+=", html) == []
    assert re.findall(r"<script(?![^>]* src=)[^>]*>", html) == []
