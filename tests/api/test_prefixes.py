"""One API under every address that a client may have been given."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from studio.middleware import is_api, plain_path
from tests.videos.factories import make_video

from .conftest import Caller

PREFIXES = ["/v1", "", "/openai/v1", "/openai", "/openai/openai"]
prefixed = pytest.mark.parametrize("prefix", PREFIXES, ids=lambda prefix: prefix or "/")
BODY = {"model": "gen4.5", "prompt": "a lighthouse", "seconds": "5"}


def send(caller: Caller, method: str, path: str, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {caller.token}"}
    return Client().generic(method, path, headers=headers, **more)


@prefixed
@pytest.mark.parametrize("slash", ["", "/"], ids=["plain", "slash"])
def test_a_video_lives_and_ends_under_it(caller: Caller, prefix: str, slash: str) -> None:
    made: Any = Client().post(
        f"{prefix}/videos{slash}",
        BODY,
        "application/json",
        headers={"api-key": caller.token},
        query_params={"api-version": "2025-04-01-preview"},
    )
    assert made.status_code == 200, made.content
    path = f"{prefix}/videos/{made.json()['id']}"
    assert send(caller, "GET", path + slash).json()["id"] == made.json()["id"]
    assert send(caller, "GET", f"{path}/content{slash}").json()["error"]["code"] == (
        "video_not_ready"
    )
    assert send(caller, "POST", f"{path}/cancel{slash}").json()["status"] == "failed"
    listed = send(caller, "GET", f"{prefix}/videos{slash}?limit=1&api-version=v1").json()
    assert listed["data"][0]["id"] == made.json()["id"]
    assert send(caller, "DELETE", path + slash).json()["deleted"] is True


@prefixed
def test_models_are_listed_under_it(caller: Caller, prefix: str) -> None:
    assert send(caller, "GET", f"{prefix}/models").json()["object"] == "list"
    assert send(caller, "GET", f"{prefix}/models/gen4.5/").json()["id"] == "gen4.5"


@pytest.mark.django_db
@prefixed
@pytest.mark.parametrize("path", ["/videos", "/videos/", "/videos/x/content", "/models", "/files"])
def test_nobody_gets_in_without_a_key(prefix: str, path: str) -> None:
    answer = Client().get(prefix + path)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_api_key"


@prefixed
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/videos/x/y/z", 404),
        ("GET", "/videos/x", 404),
        ("PUT", "/videos", 405),
        ("POST", "/models", 405),
    ],
    ids=str,
)
def test_every_error_is_the_envelope(
    caller: Caller, prefix: str, method: str, path: str, status: int
) -> None:
    answer = send(caller, method, prefix + path)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    assert answer["x-request-id"]


def test_an_error_names_the_path_that_was_asked_for(caller: Caller) -> None:
    answer = send(caller, "PUT", "/openai/videos/")
    assert answer.json()["error"]["message"] == "PUT is not allowed at /openai/videos/."


@pytest.mark.parametrize("suffix", [":runway", "%3Arunway"])
@prefixed
def test_bifrosts_suffix_is_part_of_no_id(caller: Caller, prefix: str, suffix: str) -> None:
    video = make_video(owner=caller.owner)
    answer = send(caller, "GET", f"{prefix}/videos/{video.pk}{suffix}")
    assert answer.json()["id"] == video.pk


def test_an_id_may_be_percent_encoded(caller: Caller) -> None:
    video = make_video(owner=caller.owner)
    encoded = "".join(f"%{ord(char):02X}" for char in video.pk)
    assert send(caller, "GET", f"/videos/{encoded}").json()["id"] == video.pk


@pytest.mark.django_db
def test_the_page_of_models_stays_one_for_people() -> None:
    assert "/sign-in/" in Client().get("/models/").headers["Location"]


def test_with_a_key_the_same_address_is_the_api_s(caller: Caller) -> None:
    assert send(caller, "GET", "/models/").json()["object"] == "list"


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/videos", "/v1/videos"),
        ("/openai/videos/a/remix/", "/v1/videos/a/remix"),
        ("/openai/openai/v1/files/f", "/v1/files/f"),
        ("/v1/videos/\n", "/v1/videos/\n"),
        ("/videosx", "/videosx"),
        ("/v1/v1/videos", "/v1/v1/videos"),
        ("/openai/openai/openai/videos", "/openai/openai/openai/videos"),
        ("/v/videos", "/v/videos"),
        ("/", "/"),
    ],
)
def test_spellings(path: str, plain: str) -> None:
    assert plain_path(path) == plain


@pytest.mark.parametrize("path", ["/v1", "/openai/x", "/files/x", "/models", "/api/docs"])
def test_some_paths_always_answer_json(path: str) -> None:
    assert is_api(path)


@pytest.mark.parametrize("path", ["/models/", "/v/x/", "/videosx", "/"])
def test_pages_do_not(path: str) -> None:
    assert not is_api(path)
