"""Provider keys in the administration: the secret goes in and never comes out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import responses
from cryptography.fernet import Fernet
from django.test import Client
from django.utils import timezone

from providers import health, routing
from providers.errors import ProviderRateLimited
from providers.models import PAUSED_BY_HAND, ProviderKey
from providers.pool import Load, Wish
from tests.videos.factories import BASE_URL, SECRET, make_key, make_user, make_video

pytestmark = pytest.mark.django_db

LIST = "/admin/providers/providerkey/"
PAGES = ("add", "{}/change", "{}/delete", "{}/history")
FIELDS = {
    "name": "main",
    "new_secret": SECRET,
    "base_url": BASE_URL,
    "model_ids": "[]",
    "weight": "1",
    "timeout_seconds": "30",
    "enabled": "on",
}


@pytest.fixture
def root() -> Client:
    """An administrator's browser."""
    client = Client()
    user = make_user("root@example.org", is_staff=True, is_superuser=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def act(root: Client, action: str, *keys: ProviderKey) -> str:
    """Run an action on keys; the page that follows."""
    data = {"action": action, "_selected_action": [key.pk for key in keys]}
    return root.post(LIST, data, follow=True).content.decode()


def test_a_key_is_added_encrypted_and_shown_by_its_last_four(root: Client) -> None:
    secret = "key_" + "0" * 124 + "9f3c"
    answer = root.post(f"{LIST}add/", {**FIELDS, "new_secret": secret})
    assert answer.status_code == 302
    key = ProviderKey.objects.get()
    assert secret not in key.secret
    assert key.client().base_url == BASE_URL
    pages = [root.get(path).content.decode() for path in (LIST, f"{LIST}{key.pk}/change/")]
    for page in pages:
        assert "key_…9f3c" in page
        assert secret not in page


def test_a_new_key_needs_a_secret(root: Client) -> None:
    answer = root.post(f"{LIST}add/", {**FIELDS, "new_secret": ""})
    assert "needs its secret" in answer.content.decode()
    assert not ProviderKey.objects.exists()


def test_an_empty_secret_keeps_the_one_there_is(root: Client) -> None:
    key = make_key()
    before = key.secret
    root.post(f"{LIST}{key.pk}/change/", {**FIELDS, "new_secret": "", "weight": "3"})
    key.refresh_from_db()
    assert (key.secret, key.weight) == (before, 3)


def test_a_new_address_needs_the_secret_again(root: Client, settings: Any) -> None:
    settings.STUDIO_PROVIDER_ORIGINS = ["http://127.0.0.1:4010"]
    key = make_key()
    moved = {**FIELDS, "base_url": "http://127.0.0.1:4010", "new_secret": ""}
    assert "Enter the secret again" in root.post(f"{LIST}{key.pk}/change/", moved).content.decode()
    key.refresh_from_db()
    assert key.base_url == BASE_URL
    root.post(f"{LIST}{key.pk}/change/", {**moved, "new_secret": SECRET})
    key.refresh_from_db()
    assert key.base_url == "http://127.0.0.1:4010"


@pytest.mark.parametrize(
    "change",
    [
        {"base_url": "https://evil.example.org"},
        {"base_url": "nonsense"},
        {"new_secret": "env.PATH"},
        {"new_secret": "file.../../etc/passwd"},
        {"model_ids": '{"a": 1}'},
        {"model_ids": "gen4.5"},
        {"model_ids": '["gen45"]'},
        {"new_secret": "two words"},
        {"base_url": "https://[::1"},
        {"base_url": f"{BASE_URL}:99999"},
        {"name": ""},
        {"weight": "-1"},
    ],
    ids=str,
)
def test_what_is_not_allowed_is_refused_with_words(root: Client, change: dict[str, str]) -> None:
    answer = root.post(f"{LIST}add/", {**FIELDS, **change})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not ProviderKey.objects.exists()


def test_a_reference_says_whether_it_leads_anywhere(
    root: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.post(f"{LIST}add/", {**FIELDS, "new_secret": "env.RUNWAY_STUDIO_B"})
    assert "env.RUNWAY_STUDIO_B (missing)" in root.get(LIST).content.decode()
    monkeypatch.setenv("RUNWAY_STUDIO_B", SECRET)
    assert "env.RUNWAY_STUDIO_B (found)" in root.get(LIST).content.decode()


def test_testing_a_key_tells_its_credits_or_why_not(root: Client) -> None:
    key = make_key()
    with responses.RequestsMock() as runway:
        runway.get(f"{BASE_URL}/v1/organization", json={"creditBalance": 4210})
        assert "Main works: 4210 credits" in act(root, "test_keys", key)
    with responses.RequestsMock() as runway:
        runway.get(f"{BASE_URL}/v1/organization", json={"error": "Invalid API key"}, status=401)
        assert "Main does not work: Invalid API key" in act(root, "test_keys", key)


def test_a_test_that_passes_ends_a_pause_but_not_an_administrators(root: Client) -> None:
    refused, held = make_key("refused", paused_reason="Runway refused this key"), make_key("held")
    act(root, "pause", held)
    with responses.RequestsMock() as runway:
        runway.get(f"{BASE_URL}/v1/organization", json={"creditBalance": 1})
        act(root, "test_keys", refused, held)
    refused.refresh_from_db()
    held.refresh_from_db()
    assert (refused.paused_reason, held.paused_reason) == ("", PAUSED_BY_HAND)
    act(root, "resume", held)
    assert ProviderKey.objects.in_service().count() == 2


def test_a_key_whose_tasks_are_not_over_is_not_deleted(root: Client) -> None:
    key = make_key()
    video = make_video("in_progress")
    for path, data in (
        (f"{LIST}{key.pk}/delete/", {"post": "yes"}),
        (LIST, {"action": "delete_selected", "_selected_action": key.pk, "post": "yes"}),
    ):
        page = root.post(path, data, follow=True).content.decode()
        assert f"{video.pk} needs main until it is over" in page
    assert ProviderKey.objects.filter(pk=key.pk).exists()
    type(video).objects.filter(pk=video.pk).update(status="completed", next_at=None)
    root.post(f"{LIST}{key.pk}/delete/", {"post": "yes"})
    assert not ProviderKey.objects.exists()


def test_a_key_with_nothing_but_queued_videos_may_go(root: Client) -> None:
    key = make_key()
    video = make_video("queued", provider_key=key)
    root.post(f"{LIST}{key.pk}/delete/", {"post": "yes"})
    video.refresh_from_db()
    assert video.provider_key is None


def test_a_new_secret_makes_old_tests_void(root: Client) -> None:
    key = make_key(tested_at=timezone.now(), test_error="Invalid API key", credits=7)
    assert "last test failed: Invalid API key" in root.get(LIST).content.decode()
    root.post(f"{LIST}{key.pk}/change/", FIELDS)
    assert "not tested yet" in root.get(LIST).content.decode()
    key.refresh_from_db()
    assert (key.tested_at, key.credits, key.passed_at) == (None, None, None)


@pytest.mark.django_db(transaction=True)
def test_a_key_is_tested_when_it_is_saved_and_makes_the_videos_once_it_passes(
    root: Client,
) -> None:
    make_key("sandbox", is_sandbox=True, passed_at=None)
    with responses.RequestsMock() as runway:
        runway.get(f"{BASE_URL}/v1/organization", json={"error": "Invalid API key"}, status=401)
        page = root.post(f"{LIST}add/", FIELDS, follow=True).content.decode()
    assert "Main does not work: Invalid API key It gets no videos until it passes a test" in page
    assert routing.is_sandboxed()
    key = ProviderKey.objects.get(name="main")
    with responses.RequestsMock() as runway:
        runway.get(f"{BASE_URL}/v1/organization", json={"creditBalance": 4210})
        page = root.post(f"{LIST}{key.pk}/change/", FIELDS, follow=True).content.decode()
    assert "Main works: 4210 credits" in page
    assert routing.choose(Wish("gen4.5"), Load()) == key
    assert not ProviderKey.objects.get(name="sandbox").enabled


@pytest.mark.django_db(transaction=True)
def test_a_key_that_passed_is_not_tested_for_its_weight(root: Client) -> None:
    key = make_key()
    with responses.RequestsMock():
        root.post(f"{LIST}{key.pk}/change/", {**FIELDS, "new_secret": "", "weight": "3"})
    key.refresh_from_db()
    assert (key.weight, key.tested_at) == (3, None)


def test_a_secret_that_cannot_be_decrypted_says_so(root: Client, settings: Any) -> None:
    make_key()
    settings.STUDIO_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert "key_…0000 (cannot be decrypted)" in root.get(LIST).content.decode()


def test_a_secret_is_not_written_back_into_a_refused_form(root: Client) -> None:
    secret = "key_" + "0" * 124 + "9f3c"
    page = root.post(f"{LIST}add/", {**FIELDS, "new_secret": secret, "name": ""}).content.decode()
    assert "errorlist" in page and "9f3c" not in page


def test_a_browser_does_not_fill_a_password_in_as_the_secret(root: Client) -> None:
    assert 'autocomplete="new-password"' in root.get(f"{LIST}add/").content.decode()


HEALTH: dict[str, tuple[dict[str, Any], str]] = {
    "off": ({"enabled": False, "paused_reason": "no"}, "switched off"),
    "paused": ({"paused_reason": "Runway refused <b>it</b>"}, "Runway refused &lt;b&gt;it"),
    "resting": ({"cooldown_until": datetime(2999, 1, 1, 12, 3, tzinfo=UTC)}, "resting until 12:03"),
    "rested": ({"cooldown_until": datetime(2000, 1, 1, tzinfo=UTC)}, ">works<"),
    "untested": ({"passed_at": None}, "not tested yet; gets no videos until it passes"),
    "never passed": ({"passed_at": None, "test_error": "No"}, "test failed: No; gets no videos"),
    "under its floor": (
        {"credits": 150, "credit_floor": 200},
        "stopped: 150 credits are under its floor of 200",
    ),
    "sandbox": ({"passed_at": None, "is_sandbox": True}, ">works<"),
    "failed": ({"test_error": "No answer", "passed_at": timezone.now()}, "test failed: No answer"),
    "works": ({"tested_at": timezone.now()}, "works"),
}


def test_health_names_the_models_that_a_key_does_not_serve_now(root: Client) -> None:
    key = make_key()
    later, before = datetime(2999, 1, 1, 12, 3, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC)
    key.rests.create(model="veo3.1", until=later, reason="Daily task limit")
    key.rests.create(model="gen4.5", until=before, reason="Over")
    page = root.get(LIST).content.decode()
    assert "works; rests for veo3.1 until 12:03:00 UTC (Daily task limit)" in page
    assert "Over" not in page
    act(root, "resume", key)
    assert not key.rests.exists()


@pytest.mark.parametrize(("values", "words"), HEALTH.values(), ids=HEALTH)
def test_health_is_told_in_words(root: Client, values: dict[str, Any], words: str) -> None:
    make_key(**values)
    assert words in root.get(LIST).content.decode()


def test_only_administrators_see_keys() -> None:
    make_key()
    client = Client()
    assert client.get(LIST).status_code == 302
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(LIST).status_code == 404


def test_the_pages_hold_under_the_strict_policy(root: Client) -> None:
    key = make_key()
    for path in ("/admin/", LIST, *(f"{LIST}{page}/" for page in PAGES)):
        answer = root.get(path.format(key.pk))
        html = answer.content.decode()
        assert answer.status_code == 200
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert " style=" not in html
        assert "<style" not in html
        assert re.findall(r"\son\w+=", html) == []
        assert re.findall(r"<script(?![^>]* src=)[^>]*>", html) == []


def test_a_key_s_page_tells_its_limits_its_work_and_its_last_error(root: Client) -> None:
    limits = {"gen4.5": {"concurrent": 5, "daily": 200, "used": 12}, "veo3.1": {}}
    key = make_key(limits={"models": limits})
    make_video("in_progress"), make_video("storing")
    routing.after_success(key, "gen4.5", None)
    routing.after_failure(key, ProviderRateLimited("slow down"), "gen4.5")
    page = root.get(f"{LIST}{key.pk}/change/").content.decode()
    assert "gen4.5: 5 at once, 12 of 200 a day</div>" in page
    assert "provider_rate_limited: slow down" in page
    assert health.limits(make_key("other")) == "none known"


@pytest.mark.django_db(transaction=True)
def test_a_floor_and_a_cap_are_set_and_an_empty_floor_is_none(root: Client) -> None:
    key = make_key()
    for floor, cap, expected in (("200", "3", (200, 3)), ("", "", (0, None))):
        sent = {**FIELDS, "new_secret": "", "credit_floor": floor, "parallel": cap}
        root.post(f"{LIST}{key.pk}/change/", sent)
        key.refresh_from_db()
        assert (key.credit_floor, key.parallel) == expected
