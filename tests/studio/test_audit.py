"""The audit: everything that matters is in it, no secret is, and nobody changes it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from providers.models import ProviderKey
from studio.accounts import audit, sheets, triggers
from studio.accounts.models import ApiKey, AuditEntry, User
from tests.videos.factories import SECRET, make_key, make_user, make_video

pytestmark = pytest.mark.django_db

PASSWORD = "three words together"
KEYS = "/admin/providers/providerkey/"


@pytest.fixture
def root() -> Client:
    """An administrator's browser."""
    client = Client(REMOTE_ADDR="198.51.100.7")
    user = make_user("root@example.org", is_staff=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def newest() -> AuditEntry:
    """The last thing that was done."""
    entry = AuditEntry.objects.first()
    assert entry
    return entry


def told(entry: AuditEntry) -> tuple[Any, ...]:
    """Who did what to what."""
    return entry.who, entry.action, entry.subject


def key_fields(**changes: Any) -> dict[str, Any]:
    """What the form of a provider key sends."""
    fields = {"name": "main", "base_url": "https://api.dev.runwayml.com", "model_ids": "[]"}
    return {**fields, "weight": 1, "timeout_seconds": 30, "enabled": "on", **changes}


def test_a_change_tells_who_what_where_and_what_differs(root: Client) -> None:
    key = make_key()
    root.post(f"{KEYS}{key.pk}/change/", key_fields(weight=3))
    entry = newest()
    assert told(entry) == ("root@example.org", "provider_key.changed", str(key))
    assert (entry.before, entry.after) == ({"weight": 1}, {"weight": 3})
    assert (entry.address, entry.subject_id) == ("198.51.100.7", str(key.pk))
    assert entry.person and entry.person.email == "root@example.org"
    assert entry.at


def test_nothing_is_written_where_nothing_changed(root: Client) -> None:
    key = make_key()
    root.post(f"{KEYS}{key.pk}/change/", key_fields())
    assert not AuditEntry.objects.exists()


def test_a_new_secret_is_told_as_changed_and_is_nowhere(root: Client) -> None:
    key = make_key(is_sandbox=True)
    secret = "key_" + "7" * 128
    root.post(f"{KEYS}{key.pk}/change/", key_fields(new_secret=secret))
    entry = newest()
    assert (entry.before, entry.after) == ({"secret": "changed"}, {"secret": "changed"})
    rows = str(list(AuditEntry.objects.values()))
    assert secret not in rows and SECRET not in rows
    assert ProviderKey.objects.get().secret not in rows


def test_a_key_is_paused_resumed_and_deleted_on_record(root: Client) -> None:
    key = make_key()
    for action in ("pause", "resume"):
        root.post(KEYS, {"action": action, "_selected_action": [key.pk]})
    root.post(f"{KEYS}{key.pk}/delete/", {"post": "yes"})
    pause, resume, delete = AuditEntry.objects.order_by("id")
    assert pause.before == {"paused_reason": ""} and pause.after["paused_reason"]
    assert resume.after == {"paused_reason": ""}
    assert (delete.action, delete.subject_id) == ("provider_key.deleted", str(key.pk))
    assert delete.before["name"] == "main" and delete.after == {}


def test_people_are_on_record(root: Client) -> None:
    fields = {"email": "eve@example.org", "role": "viewer"}
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    root.post("/admin/accounts/user/add/", {**fields, **passwords})
    eve = User.objects.get(email="eve@example.org")
    assert newest().action == "person.added"
    assert newest().after == {**fields, "name": "", "is_active": True}
    root.post(f"/admin/accounts/user/{eve.pk}/change/", {**fields, "role": "member"})
    assert newest().before == {"is_active": True, "role": "viewer"}
    assert newest().after == {"is_active": False, "role": "member"}
    path = f"/admin/accounts/user/{eve.pk}/password/"
    other = {"password1": PASSWORD + "!", "password2": PASSWORD + "!", "usable_password": "true"}
    root.post(path, other)
    assert (newest().action, newest().after) == ("person.changed", {"password": "changed"})


def test_api_keys_are_on_record(root: Client) -> None:
    owner = make_user()
    fields = {"name": "script", "owner": owner.pk, "scopes": ["read"]}
    root.post("/admin/accounts/apikey/add/", fields)
    key = ApiKey.objects.get()
    assert told(newest()) == ("root@example.org", "api_key.added", str(key))
    assert newest().after["scopes"] == ["read"]
    for action in ("rotate", "revoke"):
        data = {"action": action, "_selected_action": [key.pk]}
        root.post("/admin/accounts/apikey/", data)
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["api_key.added", "api_key.rotated", "api_key.changed"]
    assert list(newest().after) == ["revoked_at"]


def test_the_cancel_of_somebody_elses_video_is_on_record(root: Client) -> None:
    video, ended = make_video(), make_video("completed")
    data = {"action": "cancel", "_selected_action": [video.pk, ended.pk]}
    root.post("/admin/videos/video/", data)
    video.refresh_from_db()
    assert video.status == "cancelled"
    assert told(newest()) == ("root@example.org", "video.cancelled", video.pk)
    assert newest().after == {"owner": "ana@example.org"}
    assert AuditEntry.objects.count() == 1


def test_sign_ins_are_on_record_and_nothing_that_may_be_a_password() -> None:
    ana = make_user()
    ana.set_password(PASSWORD)
    ana.save()
    for name, password in ((ana.email, "no"), ("my secret", "no"), (ana.email, PASSWORD)):
        Client().post("/sign-in/", {"username": name, "password": password})
    failed, unknown, done = AuditEntry.objects.order_by("id")
    assert told(failed) == ("somebody", "sign_in.failed", ana.email)
    assert told(unknown) == ("somebody", "sign_in.failed", "an address that is nobody's")
    assert told(done) == (ana.email, "sign_in.done", ana.email)


def test_who_is_locked_out_fills_no_audit() -> None:
    make_user()
    for _ in range(15):
        Client().post("/sign-in/", {"username": "x@example.org", "password": "no"})
    assert AuditEntry.objects.count() == 9  # the tenth closed the door


def test_a_script_is_told_by_its_key() -> None:
    key, _ = ApiKey.issue(make_user(), "script")
    audit.record(audit.Actor(person=key.owner, api_key=key), "usage.exported", "usage")
    assert newest().who == f"ana@example.org with rk_…{key.last4}"
    assert newest().api_key == key


def test_it_is_written_with_the_change_or_not_at_all() -> None:
    key = make_key()
    other = make_key("other")
    with (
        pytest.raises(DatabaseError),
        audit.change(audit.OPERATOR, "provider_key", key, ("name",)),
    ):
        ProviderKey.objects.update(name=other.name)
    key.refresh_from_db()
    assert key.name == "main"
    assert not AuditEntry.objects.exists()


def test_what_people_do_with_their_own_keys_and_password_is_on_record() -> None:
    ana = make_user()
    ana.set_password(PASSWORD)
    ana.save()
    client = Client()
    client.force_login(ana, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/settings/keys/add", {"name": "script", "scopes": ["read"]})
    key = ApiKey.objects.get()
    assert told(newest()) == (ana.email, "api_key.added", str(key))
    client.post(f"/settings/keys/{key.pk}/rotate")
    assert told(newest()) == (ana.email, "api_key.rotated", str(key))
    client.post(f"/settings/keys/{key.pk}/revoke")
    assert (newest().action, list(newest().after)) == ("api_key.changed", ["revoked_at"])
    new = {"new_password1": PASSWORD + "!", "new_password2": PASSWORD + "!"}
    client.post("/settings/save-password", {"old_password": PASSWORD, **new})
    assert told(newest()) == (ana.email, "person.changed", ana.email)
    assert newest().after == {"password": "changed"}


def test_a_cancel_from_the_queue_is_on_record_unless_it_is_ones_own(root: Client) -> None:
    own = make_video(owner=User.objects.get(email="root@example.org"))
    root.post(f"/studio/queue/{own.pk}/cancel")
    assert not AuditEntry.objects.exists()
    video = make_video()
    root.post(f"/studio/queue/{video.pk}/cancel")
    assert told(newest()) == ("root@example.org", "video.cancelled", video.pk)


@pytest.mark.parametrize("name", ["secret", "new_secret", "Password", "api_token", "digest"])
def test_what_is_called_a_secret_is_never_kept(name: str) -> None:
    audit.record(audit.OPERATOR, "thing.changed", "thing", {name: "hidden"}, {name: "rk_x"})
    assert (newest().before, newest().after) == ({name: "changed"}, {name: "changed"})


def test_text_that_a_database_cannot_hold_is_no_trouble() -> None:
    audit.record(audit.OPERATOR, "thing.changed", "a\0b" * 200, {}, {"name": "a\0b"})
    assert newest().after == {"name": "ab"}
    assert newest().subject.startswith("abab")


@pytest.mark.parametrize("code", ["", "changed", "Key.changed", "key.changed.twice"])
def test_a_code_has_a_form(code: str) -> None:
    with pytest.raises(ValueError, match="no code of the audit"):
        audit.record(audit.OPERATOR, code, "thing")


def test_the_application_changes_and_deletes_no_entry() -> None:
    audit.record(audit.OPERATOR, "thing.changed", "thing")
    entry = newest()
    for attempt in (
        entry.save,
        entry.delete,
        lambda: AuditEntry.objects.update(who="nobody"),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.bulk_update([entry], ["who"]),
    ):
        with pytest.raises(audit.AppendOnly), transaction.atomic():
            attempt()
    assert newest().who == "operator of the server"


@pytest.mark.parametrize("statement", ["UPDATE {} SET who = 'nobody'", "DELETE FROM {}"])
def test_the_database_refuses_too(statement: str) -> None:
    if connection.vendor == "sqlite":  # tests/conftest.py took the one for DELETE away
        editor = connection.schema_editor(atomic=False)
        triggers.remove(None, editor)
        triggers.install(None, editor)
    audit.record(audit.OPERATOR, "thing.changed", "thing")
    refused = pytest.raises(DatabaseError, match="append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(triggers.TABLE))
    assert newest().who == "operator of the server"


def test_the_page_is_searched_filtered_and_read_only(root: Client) -> None:
    ana = audit.Actor(person=make_user())
    audit.record(ana, "usage.exported", "usage", {}, {"lines": 3})
    audit.record(audit.OPERATOR, "person.added", "eve@example.org")
    path = "/admin/accounts/auditentry/"
    page = root.get(path).content.decode()
    assert "lines:  → 3" in page and "eve@example.org" in page
    assert "delete_selected" not in page
    person = User.objects.get(email="ana@example.org").pk
    for query in ("q=usage", "action=usage.exported", f"person__id__exact={person}"):
        found = root.get(f"{path}?{query}").content.decode()
        assert "lines:" in found and "eve@example.org" not in found, query
    entry = newest()
    assert root.get(f"{path}{entry.pk}/change/").status_code == 200
    assert root.post(f"{path}{entry.pk}/change/", {"who": "x"}).status_code == 403
    assert root.post(f"{path}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert root.get(f"{path}add/").status_code == 403


def test_the_export_is_safe_and_on_record(root: Client) -> None:
    audit.record(audit.OPERATOR, "thing.changed", "=HYPERLINK(1)", {}, {"name": "+1"})
    data = {"action": "export", "_selected_action": [newest().pk], "select_across": "1"}
    answer: Any = root.post("/admin/accounts/auditentry/", data)
    assert answer["Content-Type"].startswith("text/csv")
    [row] = csv.DictReader(io.StringIO(answer.getvalue().decode()))
    assert row["subject"] == "'=HYPERLINK(1)"
    assert (row["action"], row["after"]) == ("thing.changed", '{"name": "+1"}')
    assert (newest().action, newest().after) == ("audit.exported", {"entries": 1})


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_spreadsheet_calculates_a_cell(text: str) -> None:
    [row] = csv.reader(io.StringIO("".join([*sheets.lines(["a"], [[text, 1]])][1:]), newline=""))
    assert row == [f"'{text}", "1"]
