"""Browsers without JavaScript, and with htmx: Ana's, a stranger's, and nobody's."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from providers.models import ProviderKey
from studio.accounts.models import Role
from tests.videos.factories import make_key, make_user, make_video
from videos import requests
from videos.models import File, Project, Video

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


@pytest.fixture
def film(ana: Client) -> Project:
    """Ana's project, which she shares."""
    return Project.objects.create(owner=make_user(), name="Harbour film", is_shared=True)


@pytest.fixture
def shot(film: Project, data_dir: Path) -> Video:
    """A finished video of Ana's in it, made with a picture: clip, still, last frame, input."""
    path = default_storage.save("videos/first.png", picture())
    media = [{"field": "input_reference", "uri": f"file:{path}", "kind": "image"}]
    asked = requests.check({"model": "gen4.5", "prompt": "a crane", "seconds": 5}).as_json()
    video = make_video("completed", prompt="a crane", project=film, request=asked)
    Video.objects.update(request={**asked, "media": media})
    sizes = {"size": 9, "sha256": "0" * 64, "width": 64, "height": 36}
    for kind in (File.VIDEO, File.THUMBNAIL, File.FRAMES[1], File.INPUT):
        name = default_storage.save(f"videos/{video.pk}/{kind}.png", picture())
        content_type = "video/mp4" if kind == File.VIDEO else "image/png"
        File.objects.create(video=video, kind=kind, path=name, content_type=content_type, **sizes)
    return video


@pytest.fixture
def viewer(key: ProviderKey) -> Client:
    """The browser of somebody who only looks."""
    make_user("vi@example.org").set_role(Role.VIEWER)
    return browser_of("vi@example.org")


@pytest.fixture(params=["stranger", "viewer"])
def other(request: pytest.FixtureRequest) -> Client:
    """Somebody else's browser: a member's, a viewer's."""
    client: Client = request.getfixturevalue(request.param)
    return client
