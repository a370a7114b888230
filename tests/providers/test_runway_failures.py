"""Which error each bad answer becomes; for a create above all whether Runway may have taken it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
import responses
from urllib3.exceptions import NewConnectionError, ProtocolError

from providers.errors import (
    Issue,
    ProviderAuthError,
    ProviderError,
    ProviderForbidden,
    ProviderNotFound,
    ProviderOutOfCredits,
    ProviderProtocolError,
    ProviderRateLimited,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUncertain,
    SubmissionUnreadable,
)
from providers.runway import RunwayClient

from .conftest import CREATE, READ, SECRET, TASK, TEXT

HTML = "<!doctype html><title>Just a moment</title>"


def refusal_of(client: RunwayClient) -> ProviderError:
    """What a create raises."""
    with pytest.raises(ProviderError) as caught:
        client.create(TEXT)
    assert SECRET not in str(caught.value)
    return caught.value


def test_a_refused_body_names_its_fields(
    runway: responses.RequestsMock, client: RunwayClient
) -> None:
    issues = [
        {"code": "too_big", "path": ["promptText"], "message": "At most 1000 characters"},
        {"code": "custom", "path": ["promptImage", 0, "uri"], "message": "Not https"},
        {"code": "invalid_union", "path": [], "message": "No matching discriminator"},
    ]
    body = {"error": "Validation of body failed", "issues": issues, "docUrl": "https://docs"}
    runway.post(CREATE, json=body, status=400)
    error = refusal_of(client)
    assert isinstance(error, ProviderRejected)
    assert str(error) == "Validation of body failed"
    assert error.status == 400
    assert error.issues == (
        Issue("promptText", "At most 1000 characters", "too_big"),
        Issue("promptImage[0].uri", "Not https", "custom"),
        Issue("", "No matching discriminator", "invalid_union"),
    )


@pytest.mark.parametrize("status", [400, 402, 405, 413, 422])
def test_other_refusals_are_final(
    runway: responses.RequestsMock, client: RunwayClient, status: int
) -> None:
    runway.post(CREATE, json={"error": "Invalid parameter 'promptText'"}, status=status)
    error = refusal_of(client)
    assert type(error) is ProviderRejected
    assert (error.status, error.issues, error.retryable) == (status, (), False)
    assert str(error) == "Invalid parameter 'promptText'"


def test_not_enough_credits_is_told_apart(
    runway: responses.RequestsMock, client: RunwayClient
) -> None:
    text = "You do not have enough credits to run this task."
    runway.post(CREATE, json={"error": text, "docUrl": "https://docs"}, status=400)
    assert type(refusal_of(client)) is ProviderOutOfCredits


@pytest.mark.parametrize(
    ("status", "kind"), [(401, ProviderAuthError), (403, ProviderForbidden)], ids=str
)
def test_a_wrong_key_is_told_apart_from_one_that_may_not_do_this(
    runway: responses.RequestsMock, client: RunwayClient, status: int, kind: type[Exception]
) -> None:
    runway.post(CREATE, json={"error": "Incorrect hostname for API key"}, status=status)
    error = refusal_of(client)
    assert type(error) is kind
    assert str(error) == "Incorrect hostname for API key"


def test_a_task_that_is_gone_is_told_apart(
    runway: responses.RequestsMock, client: RunwayClient
) -> None:
    runway.get(READ, json={"error": "Could not find Task"}, status=404)
    with pytest.raises(ProviderNotFound):
        client.get(TASK)


def in_seconds(seconds: float) -> str:
    """A moment from now as HTTP writes it."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("7", 7, 7), ("0.5", 0.5, 0.5), (600, 500, 600), ("86400", 3600, 3600)],
    ids=["seconds", "fraction", "date", "a day"],
)
def test_the_wish_to_wait_is_passed_on_up_to_an_hour(
    runway: responses.RequestsMock,
    client: RunwayClient,
    status: int,
    header: str | int,
    least: float,
    most: float,
) -> None:
    wish = header if isinstance(header, str) else in_seconds(header)
    runway.post(CREATE, json={"error": "no"}, status=status, headers={"Retry-After": wish})
    error = refusal_of(client)
    assert isinstance(error, ProviderUnavailable) and error.retryable
    assert isinstance(error, ProviderRateLimited) == (status == 429)
    assert error.retry_after and least <= error.retry_after <= most


@pytest.mark.parametrize(
    "header",
    [
        *("", "soon", "-5", "0", "nan", "-inf", "1 2 3", "(", "Mon, 99 Foo 2026"),
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Sat, 01 Jan 2000 00:00:00 GMT",
    ],
)
def test_a_senseless_wish_to_wait_is_none(
    runway: responses.RequestsMock, client: RunwayClient, header: str
) -> None:
    runway.post(CREATE, json={"error": "no"}, status=429, headers={"Retry-After": header})
    error = refusal_of(client)
    assert isinstance(error, ProviderRateLimited)
    assert error.retry_after is None or header.startswith("Fri")


@pytest.mark.parametrize(
    ("text", "daily"),
    [
        ("You have reached your daily task limit.", True),
        ("Daily Task Limit exceeded", True),
        ("Too many requests", False),
    ],
)
def test_the_daily_limit_is_told_apart(
    runway: responses.RequestsMock, client: RunwayClient, text: str, daily: bool
) -> None:
    runway.post(CREATE, json={"error": text}, status=429)
    error = refusal_of(client)
    assert isinstance(error, ProviderRateLimited)
    assert error.daily is daily


UNCERTAIN: dict[str, dict[str, Any]] = {
    "500": {"json": {"error": "oops"}, "status": 500},
    "502": {"body": HTML, "status": 502},
    "504": {"body": HTML, "status": 504},
    "520": {"body": HTML, "status": 520},
    "301": {"status": 301, "headers": {"Location": "https://elsewhere.example/"}},
    "307": {"status": 307, "headers": {"Location": CREATE}},
    "304": {"status": 304},
    "read timeout": {"body": requests.exceptions.ReadTimeout("slow")},
    "reset": {"body": requests.exceptions.ConnectionError(ProtocolError("reset"))},
    "cut": {"body": requests.exceptions.ChunkedEncodingError("cut")},
    "undecodable": {"body": requests.exceptions.ContentDecodingError("gzip")},
    "broken pipe": {"body": BrokenPipeError(32, "pipe")},
}


@pytest.mark.parametrize("answer", UNCERTAIN.values(), ids=UNCERTAIN)
def test_a_create_of_which_nobody_can_know_is_uncertain_and_sent_once(
    runway: responses.RequestsMock, client: RunwayClient, answer: dict[str, Any]
) -> None:
    runway.post(CREATE, **answer)
    error = refusal_of(client)
    assert type(error) is SubmissionUncertain
    assert (error.code, error.retryable) == ("submission_uncertain", False)
    assert len(runway.calls) == 1


UNREADABLE: dict[str, dict[str, Any]] = {
    "html": {"body": HTML},
    "empty": {"body": ""},
    "204": {"status": 204},
    "cut json": {"body": '{"id": "17f2'},
    "list": {"json": [TASK]},
    "no id": {"json": {"hello": "world"}},
    "id null": {"json": {"id": None}},
    "id number": {"json": {"id": 7}},
    "id empty": {"json": {"id": ""}},
    "id hostile": {"json": {"id": "../organization"}},
    "id with a newline": {"json": {"id": f"{TASK}\n"}},
    "id endless": {"json": {"id": "x" * 65}},
}


@pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE)
def test_a_success_without_a_task_id_is_uncertain_and_not_the_protocol(
    runway: responses.RequestsMock, client: RunwayClient, answer: dict[str, Any]
) -> None:
    runway.post(CREATE, **answer)
    error = refusal_of(client)
    assert type(error) is SubmissionUnreadable
    assert isinstance(error, SubmissionUncertain) and isinstance(error, ProviderProtocolError)
    assert (error.code, error.retryable) == ("submission_uncertain", False)
    assert len(runway.calls) == 1


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_success_with_a_task_id_is_taken(
    runway: responses.RequestsMock, client: RunwayClient, status: int
) -> None:
    runway.post(CREATE, json={"id": TASK}, status=status)
    assert client.create(TEXT).id == TASK


UNSENT: dict[str, Exception] = {
    "connect timeout": requests.exceptions.ConnectTimeout("slow"),
    "no connection": requests.exceptions.ConnectionError(
        NewConnectionError(None, "refused")  # type: ignore[arg-type]  # no matter which
    ),
}


@pytest.mark.parametrize("failure", UNSENT.values(), ids=UNSENT)
def test_a_create_that_never_left_is_unavailable_and_sent_once(
    runway: responses.RequestsMock, client: RunwayClient, failure: Exception
) -> None:
    runway.post(CREATE, body=failure)
    error = refusal_of(client)
    assert type(error) is ProviderUnavailable
    assert error.__cause__ is failure
    assert len(runway.calls) == 1


@pytest.mark.parametrize(
    "base_url", ["", "runway", "ftp://runway.example", "http://", "http://[::1", "http://h:99999"]
)
def test_a_base_url_that_is_none_sends_nothing(base_url: str) -> None:
    assert type(refusal_of(RunwayClient(SECRET, base_url))) is ProviderUnavailable


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_read_may_be_tried_again_after_their_failure(
    runway: responses.RequestsMock, client: RunwayClient, status: int
) -> None:
    runway.get(READ, body=HTML, status=status, headers={"Retry-After": "9"})
    with pytest.raises(ProviderUnavailable) as caught:
        client.get(TASK)
    assert (caught.value.retry_after, str(caught.value)) == (9, f"Runway answered {status}.")
    assert len(runway.calls) == 1


@pytest.mark.parametrize("method", ["get", "cancel", "organization"])
def test_a_read_without_an_answer_is_unavailable(
    runway: responses.RequestsMock, client: RunwayClient, method: str
) -> None:
    for verb in (responses.GET, responses.DELETE):
        runway.add(verb, READ, body=requests.exceptions.ReadTimeout("slow"))
    runway.get(READ.partition("/tasks")[0] + "/organization", body=ConnectionResetError())
    arguments = () if method == "organization" else (TASK,)
    with pytest.raises(ProviderUnavailable):
        getattr(client, method)(*arguments)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_of_a_read_is_not_followed(
    runway: responses.RequestsMock, client: RunwayClient, status: int
) -> None:
    runway.get(READ, status=status, headers={"Location": "https://elsewhere.example/"})
    with pytest.raises(ProviderProtocolError):
        client.get(TASK)
    assert len(runway.calls) == 1
