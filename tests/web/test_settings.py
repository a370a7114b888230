"""The settings of a person, section by section; defaults within the catalogue; API keys."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.accounts.auth import find_key
from studio.accounts.errors import ApiError
from studio.accounts.models import ApiKey, User
from studio.accounts.urls import SETTINGS_PAGES
from tests.videos.factories import make_user
from videos.models import Budget
from videos.urls import DEFAULTS_PAGES

from .conftest import HTMX, browser_of, text
from .test_pages import is_strict

NAMES = [str(page.name) for page in [*SETTINGS_PAGES, *DEFAULTS_PAGES]]
READ = {"settings", "sessions", "keys", "defaults", "default-choices"}
ARGUMENTS: dict[str, list[object]] = {
    "save-settings": ["look"],
    "revoke-key": [1],
    "rotate-key": [1],
}
KEY = {"name": "Cutting room", "scopes": ["read", "create"]}
OLD, NEW = "the old pass phrase", "a brand new pass phrase"


def path_of(name: str) -> str:
    """The path of a page by its name."""
    return reverse(name, args=ARGUMENTS.get(name, []))


def me() -> User:
    """Ana, as she is stored."""
    return User.objects.get(email="ana@example.org")


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_nobody_gets_in_without_signing_in(name: str) -> None:
    send = Client().get if name in READ else Client().post
    assert send(path_of(name))["Location"].startswith("/sign-in/?next=/")
    assert send(path_of(name), headers=HTMX).status_code == 401


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_read_and_an_action_is_posted(ana: Client, name: str) -> None:
    wrong = ana.post if name in READ else ana.get
    assert wrong(path_of(name)).status_code == 405


@pytest.mark.parametrize("name", ["settings", "sessions", "keys", "defaults", "webhooks"])
def test_every_page_of_the_settings_is_strict_and_leads_to_the_others(
    ana: Client, name: str
) -> None:
    html = ana.get(reverse(name)).content.decode()
    assert is_strict(html)
    for other in ("settings", "keys", "defaults", "webhooks"):
        assert f'href="{reverse(other)}' in html


@pytest.mark.parametrize(
    ("section", "sent", "kept"),
    [
        ("profile", {"name": "Ana Lindqvist"}, {"name": "Ana Lindqvist"}),
        ("look", {"theme": "light", "motion": "reduced"}, {"theme": "light", "motion": "reduced"}),
        ("notices", {"notices": "on", "sound": "on"}, {"notices": True, "sound": True}),
        ("shortcuts", {}, {"shortcuts": False}),
    ],
)
def test_a_section_keeps_what_it_says_and_nothing_else(
    ana: Client, section: str, sent: dict[str, str], kept: dict[str, object]
) -> None:
    before = User.objects.values().get()
    answer = ana.post(reverse("save-settings", args=[section]), {**sent, "is_staff": "on"})
    assert answer["Location"] == f"/settings/#section-{section}"
    assert User.objects.values().get() == {**before, **kept}
    assert "Saved." in text(ana.get("/settings/"))


def test_what_is_wrong_is_said_in_its_section(ana: Client) -> None:
    answer = ana.post("/settings/save/look", {"theme": "neon", "motion": "system"})
    assert answer.status_code == 422
    assert "neon is not one of the available choices" in text(answer)
    assert me().theme == "system"
    assert ana.post("/settings/save/money", {}).status_code == 404


def test_a_theme_is_on_the_page_before_anything_runs(ana: Client) -> None:
    ana.post("/settings/save/look", {"theme": "light", "motion": "reduced"})
    assert (
        '<html lang="en" data-theme="light" data-motion="reduced">' in ana.get("/").content.decode()
    )


def test_a_new_password_ends_every_other_session(key: object) -> None:
    user = make_user("ana@example.org")
    user.set_password(OLD)
    user.save()
    here, there = browser_of("ana@example.org"), browser_of("ana@example.org")
    sent = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
    wrong = here.post("/settings/save-password", {**sent, "old_password": "no"})
    assert wrong.status_code == 422
    assert "Your old password was entered incorrectly" in text(wrong)
    assert there.get("/settings/").status_code == 200
    assert here.post("/settings/save-password", sent)["Location"] == "/settings/#section-password"
    assert here.get("/settings/").status_code == 200
    assert there.get("/settings/").status_code == 302
    assert me().check_password(NEW)


def test_defaults_are_kept_as_the_form_sends_them(ana: Client) -> None:
    sent = {"model": "veo3.1", "seconds": "6", "size": "1280x720", "audio": "true"}
    assert ana.post("/settings/defaults/save", sent)["Location"] == "/settings/defaults/"
    assert me().defaults == sent
    html = ana.get("/settings/defaults/").content.decode()
    assert '<option value="veo3.1" selected>' in html and '<option value="6" selected>' in html
    ana.post("/settings/defaults/save", {"model": ""})
    assert me().defaults == {}


def test_defaults_that_a_model_does_not_take_are_made_to_fit_and_said(ana: Client) -> None:
    sent = {"model": "gen4.5", "seconds": "99", "size": "1280x720", "audio": "true", "prompt": "x"}
    ana.post("/settings/defaults/save", sent)
    assert me().defaults == {"model": "gen4.5", "seconds": "10", "size": "1280x720"}
    assert "has no 99 s" in text(ana.get("/settings/defaults/"))


def test_a_model_that_is_not_there_is_no_default(ana: Client) -> None:
    answer = ana.post("/settings/defaults/save", {"model": "sora-9"})
    assert answer.status_code == 422
    assert "Choose a model of the list." in text(answer)
    assert me().defaults == {}


def test_the_choices_follow_the_model_also_without_javascript(ana: Client) -> None:
    fragment = ana.get("/settings/defaults/choices?model=veo3.1").content.decode()
    assert re.findall(r'<option value="(\d)"', fragment) == ["4", "6", "8"]
    assert '<option value="4"' in ana.get("/settings/defaults/?model=veo3.1").content.decode()
    assert ana.get("/settings/defaults/choices?model=%00&seconds=%00").status_code == 200


def test_a_key_is_shown_once_in_the_answer_that_made_it(ana: Client) -> None:
    answer = ana.post("/settings/keys/add", KEY)
    found = re.search(r'id="token">(rk_\w{38})<', answer.content.decode())
    assert found and find_key(found[1]).owner == me()
    assert "no-store" in answer["Cache-Control"]
    assert found[1] not in answer.cookies.output()
    page = ana.get("/settings/keys/")
    assert found[1] not in page.content.decode()
    assert f"Cutting room rk_…{found[1][-4:]} read create never never" in text(page)


def test_a_key_without_a_name_is_not_made(ana: Client) -> None:
    for missing in KEY:
        answer = ana.post("/settings/keys/add", {**KEY, missing: []})
        assert answer.status_code == 422 and "This field is required." in text(answer)
    assert not ApiKey.objects.exists()


def test_only_administrators_give_a_key_their_rights(ana: Client) -> None:
    root = browser_of("root@example.org", is_staff=True)
    wanted = {**KEY, "scopes": ["read", "admin"]}
    assert ana.post("/settings/keys/add", wanted).status_code == 422
    assert root.post("/settings/keys/add", wanted).status_code == 200
    assert ApiKey.objects.get().is_admin
    assert "Administration" not in text(ana.get("/settings/keys/"))


def test_a_key_may_have_limits_and_an_end(ana: Client) -> None:
    limits = {"models_allowed": "gen4*, veo3.1", "videos_per_day": "9", "expires_at": "2030-01-31"}
    ana.post("/settings/keys/add", {**KEY, **limits})
    key = ApiKey.objects.get()
    assert (key.models_allowed, key.videos_per_day) == (["gen4*", "veo3.1"], 9)
    assert key.expires_at and key.expires_at.isoformat() == "2030-01-31T00:00:00+00:00"
    assert "31 Jan 2030" in text(ana.get("/settings/keys/"))


@pytest.mark.parametrize("hours", [1, 24, 168])
def test_a_replaced_key_works_on_for_as_long_as_was_chosen(ana: Client, hours: int) -> None:
    old, token = ApiKey.issue(me(), "mine")
    before = timezone.now()
    ana.post(f"/settings/keys/{old.pk}/rotate", {"overlap": hours})
    end = find_key(token).expires_at
    assert end and end >= before + timedelta(hours=hours) - timedelta(minutes=1)
    assert end <= timezone.now() + timedelta(hours=hours)


def test_a_key_may_be_replaced_without_an_overlap(ana: Client) -> None:
    old, token = ApiKey.issue(me(), "mine")
    page = text(ana.post(f"/settings/keys/{old.pk}/rotate", {"overlap": "0"}))
    assert "ended" in page
    with pytest.raises(ApiError):
        find_key(token)


def test_an_overlap_that_nobody_offered_replaces_nothing(ana: Client) -> None:
    old, token = ApiKey.issue(me(), "mine")
    for overlap in ("9000", "-1", "x"):
        answer = ana.post(f"/settings/keys/{old.pk}/rotate", {"overlap": overlap})
        assert answer.status_code == 422
    assert find_key(token).expires_at is None and ApiKey.objects.count() == 1


def test_the_page_tells_a_key_s_limits_budgets_and_last_use(ana: Client) -> None:
    key, _ = ApiKey.issue(me(), "mine", videos_per_day=9, models_allowed=["gen4*"])
    Budget.objects.create(scope="api_key", api_key=key, amount=500)
    ApiKey.objects.filter(pk=key.pk).update(
        last_used_at=datetime(2026, 11, 3, 14, 5, tzinfo=UTC), last_used_from="198.51.100.7"
    )
    page = text(ana.get("/settings/keys/")).replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "gen4* videos a day: 9" in page
    assert "3 Nov 2026 14:05 198.51.100.7" in page
    assert f"Monthly budget of {key}: 0 cr of 500 cr used, 0 %." in page


def test_a_replaced_key_works_on_for_a_day(ana: Client, stranger: Client) -> None:
    old, token = ApiKey.issue(me(), "mine")
    assert stranger.post(f"/settings/keys/{old.pk}/rotate").status_code == 404
    answer = ana.post(f"/settings/keys/{old.pk}/rotate")
    found = re.search(r'id="token">(rk_\w{38})<', answer.content.decode())
    assert found and find_key(found[1]).name == "mine"
    assert find_key(token).expires_at


def test_revoking_works_at_once_and_for_ones_own_alone(ana: Client, stranger: Client) -> None:
    key, token = ApiKey.issue(me(), "mine")
    assert stranger.post(f"/settings/keys/{key.pk}/revoke").status_code == 404
    assert find_key(token) == key
    assert ana.post(f"/settings/keys/{key.pk}/revoke")["Location"] == "/settings/keys/"
    with pytest.raises(ApiError):
        find_key(token)
    first = ApiKey.objects.get().revoked_at
    ana.post(f"/settings/keys/{key.pk}/revoke")
    assert ApiKey.objects.get().revoked_at == first
    assert "revoked" in text(ana.get("/settings/keys/"))
    assert "mine" not in text(stranger.get("/settings/keys/"))


def test_the_page_shows_how_to_call_the_api_here(ana: Client) -> None:
    page = text(ana.get("/settings/keys/"))
    assert f"curl {settings.STUDIO_BASE_URL}/v1/videos" in page
    assert "client.videos.create_and_poll" in page
