"""Every operation of the API meets every hostile body, id and key: a 4xx in the envelope.

The operations come from the OpenAPI document, so that a new one is met as well.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests.videos.factories import make_video
from videos.api.app import api
from videos.models import Video

from .conftest import Caller

OPERATIONS = [
    (method.upper(), path)
    for path, methods in sorted(api.get_openapi_schema()["paths"].items())
    for method in sorted(methods)
    if method in ("get", "post", "put", "delete")
]
POSTS = [path for method, path in OPERATIONS if method == "POST"]
WITH_ID = [operation for operation in OPERATIONS if "{" in operation[1]]
TAKES_NO_BODY = ("cancel", "rotate_secret")

BODIES = {
    "broken JSON": (b"{", "application/json"),
    "a list": (b"[]", "application/json"),
    "not a number": (b'{"prompt": NaN}', "application/json"),
    "not UTF-8": (b'{"prompt": "\xff"}', "application/json"),
    "a lone surrogate": (b'{"prompt": "\\ud800", "name": "\\ud800"}', "application/json"),
    "deep": (b'{"prompt": ' + b"[" * 50_000, "application/json"),
    "5,000 digits": (b'{"seconds": ' + b"9" * 5000 + b', "name": 1}', "application/json"),
    "an unknown field": (b'{"\\u0000; drop table": 1}', "application/json"),
    "a form without an end": (
        b"--x\r\nContent-Disposition: form-data",
        "multipart/form-data; boundary=x",
    ),
    "a form without a boundary": (b"x", "multipart/form-data"),
    "XML": (b"<a/>", "application/xml"),
    "an odd charset": (b'{"prompt": 1}', "application/json; charset=utf-7"),
}
IDS = (
    "%00",
    "video_%ff",
    "..%2f..%2fetc%2fpasswd",
    "1' OR '1'='1",
    "x" * 3000,
    "\u0661",
    "video_" + "0" * 32,
)
KEYS: dict[str, dict[str, str]] = {
    "none": {},
    "empty": {"Authorization": "Bearer "},
    "of another scheme": {"Authorization": "Basic YTpi"},
    "SQL": {"Authorization": "Bearer rk_' OR 1=1 --"},
    "long": {"Authorization": "Bearer rk_" + "x" * 6000},
    "not ASCII": {"Authorization": "Bearer rk_\u00fc\u2603"},
    "with NUL": {"Authorization": "Bearer rk_\x00"},
}


def filled(path: str, value: str) -> str:
    """The path with this in the place of its ids."""
    return re.sub(r"\{\w+\}", lambda _: value, path)


def refused(answer: Any, *statuses: int) -> None:
    """A 4xx, in the envelope, that tells nothing of our insides."""
    assert answer.status_code in (statuses or range(400, 500)), answer.content[:500]
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    assert not re.search(r"Traceback|site-packages|sqlite|psycopg|DETAIL", error["message"])


def ask(method: str, path: str, data: bytes = b"", kind: str = "", **headers: str) -> Any:
    return Client(raise_request_exception=False).generic(method, path, data, kind, headers=headers)


@pytest.mark.parametrize("what", BODIES)
@pytest.mark.parametrize("path", [path for path in POSTS if not path.endswith(TAKES_NO_BODY)])
def test_no_body_breaks_an_operation(caller: Caller, path: str, what: str) -> None:
    source = make_video("completed", owner=caller.owner)
    data, kind = BODIES[what]
    answer = ask(
        "POST", filled(path, source.pk), data, kind, Authorization=f"Bearer {caller.token}"
    )
    refused(answer)
    assert Video.objects.count() == 1


@pytest.mark.parametrize("value", IDS, ids=ascii)
@pytest.mark.parametrize(("method", "path"), WITH_ID)
def test_no_id_breaks_an_operation(caller: Caller, method: str, path: str, value: str) -> None:
    refused(ask(method, filled(path, value), Authorization=f"Bearer {caller.token}"))


@pytest.mark.parametrize("what", KEYS)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_key_opens_an_operation(caller: Caller, method: str, path: str, what: str) -> None:
    video = make_video("completed", owner=caller.owner)
    refused(ask(method, filled(path, video.pk), b"", "", **KEYS[what]), 401)


@pytest.mark.parametrize(("method", "path"), WITH_ID)
def test_what_is_somebody_else_s_is_not_there(
    caller: Caller, stranger: Caller, method: str, path: str
) -> None:
    video = make_video("completed", owner=caller.owner)
    token = f"Bearer {stranger.token}"
    body = b'{"prompt": "x"}' if method == "POST" else b""
    refused(ask(method, filled(path, video.pk), body, "application/json", Authorization=token))
    video.refresh_from_db()
    assert video.deleted_at is None
    assert Video.objects.count() == 1
