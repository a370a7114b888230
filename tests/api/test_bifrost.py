"""What a script for Bifrost's Runway provider sends, and what it reads of the answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.videos.factories import make_video

from .conftest import Caller

PREFIXES = ["/v1", "/openai/v1", "/openai", "/openai/openai"]
prefixed = pytest.mark.parametrize("prefix", PREFIXES)


def ask(caller: Caller, method: str, path: str, body: object = None) -> Any:
    """A call as Bifrost's clients make it."""
    headers = {"x-bf-vk": caller.token, "x-bf-send-back-raw-response": "true"}
    more = {} if body is None else {"data": body, "content_type": "application/json"}
    return getattr(Client(), method.lower())(path, headers=headers, **more)


@prefixed
def test_a_video_is_made_and_followed(caller: Caller, prefix: str) -> None:
    body = {
        "model": "runway/gen4_turbo",
        "prompt": "a lighthouse",
        "seconds": "5",
        "size": "1280x720",
        "seed": 7,
        "fallbacks": ["runway/gen4.5"],
    }
    made = ask(caller, "POST", f"{prefix}/videos", body)
    assert (made.status_code, made.json()["status"]) == (200, "queued")
    its_id = f"{made.json()['id']}:runway"
    seen = ask(caller, "GET", f"{prefix}/videos/{its_id}").json()
    assert (seen["id"], seen["object"]) == (made.json()["id"], "video")
    assert seen["created_at"] == made.json()["created_at"]
    gone = ask(caller, "DELETE", f"{prefix}/videos/{its_id}").json()
    assert (gone["deleted"], gone["object"]) == (True, "video.deleted")


@prefixed
def test_a_list_needs_no_provider_and_minds_none(caller: Caller, prefix: str) -> None:
    video = make_video(owner=caller.owner)
    for query in ("", "?provider=runway", "?provider=runway&limit=1&order=desc"):
        listed = ask(caller, "GET", f"{prefix}/videos{query}").json()
        assert [found["id"] for found in listed["data"]] == [video.pk]


@prefixed
def test_a_failed_video_is_no_failed_call(caller: Caller, prefix: str) -> None:
    reason = {"error_code": "moderation_blocked", "error_message": "Refused."}
    video = make_video("failed", owner=caller.owner, **reason)
    seen = ask(caller, "GET", f"{prefix}/videos/{video.pk}:runway")
    assert (seen.status_code, seen.json()["status"]) == (200, "failed")
    assert seen.json()["error"] == {"code": "moderation_blocked", "message": "Refused."}


@prefixed
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/videos/x:runway", 404),
        ("GET", "/videos/x:nobody/content", 404),
        ("POST", "/videos", 400),
        ("POST", "/videos/x:runway/remix", 404),
    ],
    ids=str,
)
def test_an_error_is_the_caller_s_and_says_why(
    caller: Caller, prefix: str, method: str, path: str, status: int
) -> None:
    body = {"model": "runway/gen4.5"} if method == "POST" else None
    answer = ask(caller, method, prefix + path, body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_what_is_not_ready_is_no_failure_of_the_server(caller: Caller) -> None:
    video = make_video("in_progress", owner=caller.owner)
    answer = ask(caller, "GET", f"/v1/videos/{video.pk}:runway/content")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "video_not_ready")
