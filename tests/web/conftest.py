"""Browsers without JavaScript, and with htmx: Ana's, a stranger's, and nobody's."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from providers.models import ProviderKey
from tests.videos.factories import make_key, make_user

HTMX = {"HX-Request": "true"}


def browser_of(email: str, **extra: Any) -> Client:
    """A signed-in browser."""
    client = Client()
    client.force_login(
        make_user(email, **extra), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def picture(size: tuple[int, int] = (64, 36), kind: str = "PNG") -> io.BytesIO:
    """A picture file to choose."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "teal").save(buffer, kind)
    buffer.name = f"frame.{kind.lower()}"
    buffer.seek(0)
    return buffer


def text(response: Any) -> str:
    """What an answer says to people: its HTML without tags, spaces folded."""
    assert isinstance(response, HttpResponse)
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


@pytest.fixture
def key(db: None) -> ProviderKey:
    """A provider key, so that videos can be made."""
    return make_key()


@pytest.fixture
def ana(key: ProviderKey) -> Client:
    """The browser of Ana, who owns what the factories make."""
    return browser_of("ana@example.org")


@pytest.fixture
def stranger(key: ProviderKey) -> Client:
    """The browser of somebody else."""
    return browser_of("bo@example.org")
