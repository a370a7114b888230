"""What `make run` prepares, and that it does so once."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory

from providers.models import ProviderKey
from studio import install
from studio.accounts.auth import find_key
from studio.accounts.models import User
from tests.videos.factories import make_key

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


def test_an_installation_with_keys_gets_no_sandbox() -> None:
    make_key()
    assert install.sandbox_key() is None
