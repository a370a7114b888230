"""Who may call: API keys, and nobody else's videos."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.accounts import tokens
from studio.accounts.models import ApiKey
from tests.videos.factories import make_user, make_video

from .conftest import Caller

ENDPOINTS = [
    ("GET", ""),
    ("POST", ""),
    ("GET", "/{id}"),
    ("DELETE", "/{id}"),
    ("POST", "/{id}/cancel"),
    ("GET", "/{id}/content"),
    ("HEAD", "/{id}/content"),
]


@pytest.mark.parametrize(("method", "path"), ENDPOINTS, ids=str)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer rk_short"},
        {"Authorization": "Bearer ' OR 1=1 --"},
        {"Authorization": "Bearer \u00e9\u0000"},
    ],
    ids=str,
)
def test_nobody_gets_in_without_a_key(
    db: None, method: str, path: str, headers: dict[str, str]
) -> None:
    answer: Any = Client().generic(
        method, f"/v1/videos{path.format(id='video_' + '0' * 32)}", headers=headers
    )
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    if method != "HEAD":
        error = answer.json()["error"]
        assert (error["type"], error["code"]) == ("authentication_error", "invalid_api_key")


def test_a_well_formed_key_that_nobody_issued_is_refused(db: None) -> None:
    headers = {"Authorization": f"Bearer {tokens.generate()}"}
    assert Client().get("/v1/videos", headers=headers).status_code == 401


def test_a_malformed_key_costs_no_query(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        Client().get("/v1/videos", headers={"Authorization": "Bearer rk_" + "0" * 38})


def test_a_browser_session_is_no_key(db: None) -> None:
    browser = Client()
    browser.force_login(make_user())
    assert browser.get("/v1/videos").status_code == 401


def test_a_revoked_key_is_refused_at_once(caller: Caller) -> None:
    assert caller.get("").status_code == 200
    ApiKey.objects.update(revoked_at=timezone.now())
    assert caller.get("").status_code == 401


def test_the_key_of_somebody_who_left_is_refused(caller: Caller) -> None:
    caller.owner.is_active = False
    caller.owner.save()
    assert caller.get("").status_code == 401


@pytest.mark.parametrize("header", ["api-key", "x-api-key", "x-bf-vk", "x-goog-api-key"])
def test_azures_and_bifrosts_headers_carry_the_same_key(caller: Caller, header: str) -> None:
    assert Client().get("/v1/videos", headers={header: caller.token}).status_code == 200
    assert Client().get("/v1/videos", headers={header: "rk_x"}).status_code == 401


@pytest.mark.parametrize(("method", "path"), ENDPOINTS[2:], ids=str)
def test_somebody_elses_video_does_not_exist(
    caller: Caller, stranger: Caller, method: str, path: str
) -> None:
    video = make_video(owner=caller.owner)
    answer: Any = stranger.send(method, path.format(id=video.pk))
    assert answer.status_code == 404
    video.refresh_from_db()
    assert (video.status, video.deleted_at, video.cancel_requested) == ("queued", None, False)


def test_a_list_shows_only_ones_own(caller: Caller, stranger: Caller) -> None:
    make_video(owner=caller.owner)
    assert stranger.get("").json()["data"] == []


def test_somebody_elses_video_is_no_cursor(caller: Caller, stranger: Caller) -> None:
    video = make_video(owner=caller.owner)
    assert stranger.get(f"?after={video.pk}").status_code == 400


def test_keys_are_kept_as_hashes_only(caller: Caller) -> None:
    [key] = ApiKey.objects.filter(owner=caller.owner)
    assert caller.token not in str(vars(key))
    assert key.last4 == caller.token[-4:]
