"""What `make run` prepares, and that it does so once."""

from __future__ import annotations

from typing import Any

import pytest
import responses
from cryptography.fernet import Fernet
from django.contrib.auth import authenticate
from django.test import RequestFactory
from django.utils import timezone

from providers.models import ProviderKey
from studio import install
from studio.accounts.auth import find_key
from studio.accounts.models import User
from tests.providers.conftest import runway
from tests.videos.factories import BASE_URL, SECRET, make_key, make_video

__all__ = ["runway"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_runway_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in install.SECRET_NAMES:
        monkeypatch.delenv(name, raising=False)


def test_the_first_person_is_an_administrator_whose_secrets_work() -> None:
    first = install.first_person()
    assert first is not None
    user = User.objects.get()
    request = RequestFactory().post("/sign-in/")
    assert authenticate(request, username=first.email, password=first.password) == user
    assert user.is_superuser
    key = find_key(first.api_key)
    assert (key.owner, key.is_admin) == (user, True)


def test_there_is_only_one_first_person() -> None:
    install.first_person()
    assert install.first_person() is None
    assert User.objects.count() == 1


def test_an_installation_without_a_key_gets_the_sandbox() -> None:
    key = install.sandbox_key()
    assert key is not None
    assert (key.name, key.is_sandbox, key.enabled) == ("sandbox", True, True)
    assert install.sandbox_key() == key


@pytest.mark.parametrize("name", install.SECRET_NAMES)
def test_a_runway_key_in_the_environment_becomes_a_provider_key_by_reference(
    monkeypatch: pytest.MonkeyPatch, name: str, settings: Any
) -> None:
    monkeypatch.setenv(name, "key_" + "a" * 128)
    settings.RUNWAY_BASE_URL = "https://api.dev.runwayml.com"
    key = install.environment_key()
    assert key is not None
    assert (key.name, key.secret) == ("environment", f"env.{name}")
    assert install.sandbox_key() is None
    assert install.environment_key() == key
    assert ProviderKey.objects.count() == 1


@pytest.mark.parametrize("value", ["", "  "], ids=["empty", "blank"])
def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("RUNWAYML_API_SECRET", value)
    assert install.environment_key() is None


def test_a_sandbox_that_was_switched_off_stays_off() -> None:
    install.sandbox_key()
    ProviderKey.objects.update(enabled=False)
    assert install.sandbox_key() is None
    assert ProviderKey.objects.count() == 1


def test_a_sandbox_that_goes_finishes_what_it_has_begun() -> None:
    key = install.sandbox_key()
    assert key is not None
    ProviderKey.objects.update(enabled=False)
    make_video("queued", provider_key=key)
    assert install.sandbox_key() is None
    video = make_video("in_progress", provider_key=key)
    assert install.sandbox_key() == key
    type(video).objects.filter(pk=video.pk).update(status="completed", next_at=None)
    assert install.sandbox_key() is None


def test_an_installation_with_keys_gets_no_sandbox() -> None:
    make_key()
    assert install.sandbox_key() is None


def test_another_address_makes_the_old_test_of_the_environments_key_void(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setenv("RUNWAYML_API_SECRET", SECRET)
    key = install.environment_key()
    assert key is not None
    ProviderKey.objects.update(passed_at=timezone.now())
    again = install.environment_key()
    assert again and again.passed_at
    settings.RUNWAY_BASE_URL = "http://127.0.0.1:4010"
    moved = install.environment_key()
    assert moved and moved.passed_at is None


def test_a_key_whose_variable_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNWAYML_API_SECRET", SECRET)
    install.environment_key()
    assert install.unresolved_keys() == []
    monkeypatch.setenv("RUNWAYML_API_SECRET", " ")
    assert install.unresolved_keys() == [
        "The key 'environment' refers to env.RUNWAYML_API_SECRET, which is not set: "
        "start with it, or give the key another secret under /admin/."
    ]
    ProviderKey.objects.update(enabled=False)
    assert install.unresolved_keys() == []


def test_other_keys_that_cannot_be_had_are_named_with_the_reason(settings: Any) -> None:
    key = make_key("stored")
    file = ProviderKey(name="file")
    file.set_secret("file.runway")
    file.save()
    settings.STUDIO_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert [line[:58] for line in install.unresolved_keys()] == [
        "The key 'file' refers to file.runway, which leads nowhere ",
        "The key 'stored' cannot be used: This secret was encrypted",
    ]
    assert SECRET not in str(install.unresolved_keys()) and key.problem()


def test_a_key_that_never_passed_is_tested_again(runway: responses.RequestsMock) -> None:
    make_key("passed")
    make_key("off", passed_at=None, enabled=False)
    untested = make_key("untested", passed_at=None, test_error="No answer")
    runway.get(f"{BASE_URL}/v1/organization", json={"creditBalance": 7})
    install.test_unproven_keys()
    assert len(runway.calls) == 1
    untested.refresh_from_db()
    assert untested.passed_at and not untested.test_error
