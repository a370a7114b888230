"""Runway's answers in every wrong shape, hostile ids, and a key that must never be seen."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import responses

from providers.errors import ProviderError, ProviderNotFound, ProviderProtocolError
from providers.runway import RunwayClient

from .conftest import BASE, CREATE, READ, SECRET, TASK, TEXT, call_everything

WRONG = {
    "null": "null",
    "true": "true",
    "text": '"text"',
    "empty text": '""',
    "NUL, line and lone surrogate": '"\\u0000\\n\\ud800"',
    "minus one": "-1",
    "fraction": "0.1234567890123456789",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "1e400": "1e400",
    "400 digits": "9" * 400,
    "5000 digits": "9" * 5000,
    "list": "[]",
    "object": "{}",
    "list of everything": '[null, true, 1, "a", NaN, [[]], {"credits": []}]',
    "object of everything": '{"credits": [], "models": {"a": 1, "b": null, "c": {}}, "gen4.5": []}',
    "nested lists": "[" * 500 + "]" * 500,
    "very nested lists": "[" * 100_000 + "]" * 100_000,
    "long text": json.dumps("x" * 100_000),
}
FIELDS = {
    "get": ["status", "progress", "output", "cost", "estimatedCost", "failure", "failureCode"],
    "organization": ["creditBalance", "tier", "usage"],
    "create": ["id", "estimatedCost"],
    "refusal": ["error", "issues", "path", "message", "code"],
}
USUAL: dict[str, dict[str, Any]] = {
    "get": {"status": "RUNNING"},
    "organization": {"creditBalance": 7},
    "create": {"id": TASK},
    "refusal": {"error": "no"},
}
CASES = [(kind, name) for kind, names in FIELDS.items() for name in names]


def answer(runway: responses.RequestsMock, kind: str, body: str) -> None:
    """Answer everything with this body."""
    for method in (responses.GET, responses.POST):
        for url in (READ, CREATE, f"{BASE}/v1/organization"):
            runway.add(method, url, body=body, status=400 if kind == "refusal" else 200)


def call(client: RunwayClient, kind: str) -> Any:
    """The method under test; what it answers, or the ProviderError it raises."""
    try:
        if kind == "get":
            return client.get(TASK)
        return client.organization() if kind == "organization" else client.create(TEXT)
    except ProviderError as exc:
        return exc


def texts_of(result: Any) -> list[str]:
    """Every text of an answer or an error that somebody may keep."""
    if isinstance(result, Exception):
        issues = getattr(result, "issues", ())
        return [str(result), *(str(v) for issue in issues for v in vars(issue).values())]
    return [str(value) for name, value in vars(result).items() if name != "outputs"]


def assert_is_fit_to_keep(result: Any) -> None:
    """What may go into logs and any database: one line, valid Unicode, not endless."""
    for text in texts_of(result):
        text.encode()
        assert "\0" not in text and "\n" not in text
        assert len(text) <= 1000


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("kind", "name"), CASES, ids=[f"{k} {n}" for k, n in CASES])
def test_no_shape_of_a_field_breaks_the_client(
    runway: responses.RequestsMock, client: RunwayClient, kind: str, name: str, wrong: str
) -> None:
    usual = {key: json.dumps(value) for key, value in USUAL[kind].items()}
    if kind == "refusal" and name in ("path", "message", "code"):
        fields = {"issues": f'[{{"{name}": {wrong}}}]'}
    else:
        fields = {name: wrong}
    body = ", ".join(f'"{key}": {value}' for key, value in {**usual, **fields}.items())
    answer(runway, kind, f"{{{body}}}")
    assert_is_fit_to_keep(call(client, kind))


@pytest.mark.parametrize("inner", ["credits", "models", "gen4.5"])
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_no_shape_of_an_inner_field_breaks_the_client(
    runway: responses.RequestsMock, client: RunwayClient, inner: str, wrong: str
) -> None:
    nested = {
        "credits": f'{{"credits": {wrong}}}',
        "models": f'{{"models": {wrong}}}',
        "gen4.5": f'{{"models": {{"gen4.5": {{"maxDailyGenerations": {wrong}}}}}}}',
    }[inner]
    names = "cost", "estimatedCost", "tier", "usage"
    fields = ", ".join(f'"{name}": {nested}' for name in names)
    body = f'{{"id": "{TASK}", "status": "RUNNING", "creditBalance": 7, {fields}}}'
    answer(runway, "get", body)
    for kind in ("get", "organization", "create"):
        assert_is_fit_to_keep(call(client, kind))


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("kind", USUAL)
def test_no_shape_of_a_whole_answer_breaks_the_client(
    runway: responses.RequestsMock, client: RunwayClient, kind: str, wrong: str
) -> None:
    answer(runway, kind, wrong)
    result = call(client, kind)
    assert isinstance(result, ProviderError)
    assert_is_fit_to_keep(result)


@pytest.mark.parametrize("body", ["", "<html>", "[]", "null", '"RUNNING"', "{}", '{"status": 1}'])
def test_a_read_that_is_not_the_protocol_is_said_to_be_so(
    runway: responses.RequestsMock, client: RunwayClient, body: str
) -> None:
    runway.get(READ, body=body)
    with pytest.raises(ProviderProtocolError) as caught:
        client.get(TASK)
    assert caught.value.retryable


@pytest.mark.parametrize(
    "task_id",
    [
        "",
        ".",
        "..",
        "../organization",
        "a/b",
        "a?b",
        "a#b",
        "a%2fb",
        "a b",
        f"{TASK}\n",
        "ä",
        "x" * 65,
    ],
)
def test_a_hostile_task_id_never_reaches_the_url(
    runway: responses.RequestsMock, client: RunwayClient, task_id: str
) -> None:
    with pytest.raises(ProviderNotFound):
        client.get(task_id)
    client.cancel(task_id)
    assert len(runway.calls) == 0


def test_the_key_is_in_no_repr_and_no_log(
    runway: responses.RequestsMock, client: RunwayClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    call_everything(runway, client)
    assert SECRET not in repr(client) + str(vars(caplog)) + caplog.text


def test_a_key_that_runway_echoes_is_blotted_out(
    runway: responses.RequestsMock, client: RunwayClient
) -> None:
    issues = [{"path": [SECRET], "message": f"What is {SECRET}?", "code": SECRET}]
    runway.post(CREATE, json={"error": f"Bad key {SECRET}", "issues": issues}, status=400)
    with pytest.raises(ProviderError) as caught:
        client.create(TEXT)
    assert SECRET not in str(caught.value) + repr(vars(caught.value))
    runway.get(READ, json={"status": "FAILED", "failure": SECRET, "failureCode": SECRET})
    assert SECRET not in repr(client.get(TASK))


@pytest.mark.parametrize("secret", ["key\n_abcdefgh", "key_abcd\r\nX-Admin: 1", "key_ключключ"])
def test_a_key_that_is_no_header_is_not_sent_and_not_told(
    runway: responses.RequestsMock, secret: str
) -> None:
    with pytest.raises(ProviderError) as caught:
        RunwayClient(secret, BASE).organization()
    assert secret not in str(caught.value)
    assert caught.value.__cause__ is None
    assert len(runway.calls) == 0
