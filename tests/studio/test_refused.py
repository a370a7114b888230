"""Requests that no view sees: an unknown host, too many fields; and every error's headers."""

from __future__ import annotations

import html
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from studio import refused
from tests.web.conftest import browser_of, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_host_was_told() -> Iterator[None]:
    """As in a fresh process."""
    refused._told.clear()
    yield
    refused._told.clear()


def ask(path: str, host: str) -> Any:
    """GET for a host."""
    return Client().get(path, headers={"Host": host})


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the operator can read; Django's own lines go nowhere."""
    return [record.getMessage() for record in caplog.records if record.name == "studio.refused"]


def test_an_unknown_host_is_told_so_on_a_page_and_in_the_envelope() -> None:
    words = (
        "This studio is not known as 'studio.example:80'. STUDIO_ALLOWED_HOSTS lists further names."
    )
    page = ask("/", "studio.example:80")
    assert page.status_code == 400
    assert words in html.unescape(text(page))
    answer = ask("/v1/videos", "studio.example:80")
    error = {"message": words, "type": "invalid_request_error", "param": None}
    assert answer.json()["error"] == {**error, "code": "invalid_host"}
    assert answer["x-request-id"]


@pytest.mark.parametrize(
    "host",
    ["<b>x</b>", "a b", "x" * 5000, "\x1b[31m", "'\"", "evil.example\r\nX-A: b"],
    ids=ascii,
)
def test_a_made_up_host_hurts_nobody(host: str, caplog: pytest.LogCaptureFixture) -> None:
    for path in ("/", "/v1/videos"):
        answer = ask(path, host)
        body = answer.content.decode()
        assert answer.status_code == 400
        assert (path != "/" or "<b>" not in body) and "\x1b" not in body and len(body) < 2000
    [line] = told(caplog)
    assert line.isprintable() and len(line) < 300


def test_each_host_is_logged_once_and_not_without_end(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        ask("/", "studio.example")
    assert told(caplog) == [
        "refused a request for 'studio.example', which STUDIO_ALLOWED_HOSTS does not list"
    ]
    assert {r.levelno for r in caplog.records if r.name == "studio.refused"} == {logging.WARNING}
    for number in range(2 * refused.MOST_HOSTS):
        ask("/v1/", f"h{number}.example")
    assert len(told(caplog)) == refused.MOST_HOSTS


def test_too_many_fields_are_called_so_and_the_limit_is_named() -> None:
    fields = {f"f{number}": "x" for number in range(201)}
    words = "Too many fields: a form may have 200."
    page = browser_of("ana@example.org").post("/studio/videos/", fields)
    assert (page.status_code, words in text(page)) == (400, True)
    anywhere = Client().post("/sign-in/", fields)
    assert (anywhere.status_code, words in text(anywhere)) == (400, True)


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/nowhere", 404), ("/api/x", 404), ("/v1/videos", 401)], ids=str
)
def test_errors_have_the_security_headers(settings: Any, path: str, status: int) -> None:
    settings.SECURE_HSTS_SECONDS = 3600
    answer = Client().get(path, secure=True)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Strict-Transport-Security"].startswith("max-age=3600")
    assert answer["Referrer-Policy"] == "same-origin"
