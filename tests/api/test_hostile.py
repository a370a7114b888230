"""Bodies, ids and parameters made to hurt: a 4xx in the envelope, and nothing written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from videos.models import Video

from .conftest import Caller

GOOD = '"model": "gen4.5", "prompt": "x"'


def assert_refused(answer: Any, status: int = 400) -> dict[str, Any]:
    """The envelope, whole."""
    error: dict[str, Any] = answer.json()["error"]
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/json"
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    assert error["code"]
    assert not Video.objects.exists()
    return error


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"17",
        b"NaN",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b'{%s, "seed": NaN}' % GOOD.encode(),
        b'{%s, "seconds": Infinity}' % GOOD.encode(),
        b'{%s, "seconds": 1e999}' % GOOD.encode(),
        b'{"model": "gen4.5", "prompt": "\xff"}',
        b'{"model": "gen4.5", "prompt": "\\ud800"}',
        b'{"model": "gen4.5", "prompt": "a\\u0000b"}',
        b'{"model": "gen4.5\\u0000", "prompt": "x"}',
        b'{"model": {"a": 1}, "prompt": "x"}',
        b'{"model": "gen4.5", "prompt": ["x"]}',
        b'{"model": "gen4.5", "prompt": 5}',
        b'{%s, "seconds": []}' % GOOD.encode(),
        b'{%s, "seconds": {}}' % GOOD.encode(),
        b'{%s, "size": 1280}' % GOOD.encode(),
        b'{%s, "seed": -1}' % GOOD.encode(),
        b'{%s, "seed": 1.5}' % GOOD.encode(),
        b'{%s, "seed": %s}' % (GOOD.encode(), b"9" * 5000),
        b'{%s, "seconds": "%s"}' % (GOOD.encode(), b"9" * 5000),
        b'{%s, "x": %s}' % (GOOD.encode(), b"[" * 100_000),
        b'{%s, "x": %s1%s}' % (GOOD.encode(), b'{"a":' * 900, b"}" * 900),
        b'{%s, "\\ud800": 1}' % GOOD.encode(),
        b'{%s, "__proto__": 1, "constructor": 2}' % GOOD.encode(),
        b'{%s, "content_moderation": "low"}' % GOOD.encode(),
        b'{%s, "input_reference": {"type": "Buffer", "data": [137]}}' % GOOD.encode(),
        b'{%s, "input_reference": "data:image/png;base64,AAAA"}' % GOOD.encode(),
        b'{%s, "input_reference": "https://127.0.0.1/a.png"}' % GOOD.encode(),
        b'{%s, "references": {"a": 1}}' % GOOD.encode(),
    ],
    ids=lambda body: body[-40:].decode("latin-1").encode("unicode_escape").decode(),
)
def test_a_json_body_that_makes_no_sense_is_refused(caller: Caller, body: bytes) -> None:
    assert_refused(caller.post(body=body))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=", b"--\r\n"),
        ("multipart/form-data; boundary=\xe9", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"no parts at all"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\n!!!!\r\n--x--\r\n",
        ),
        (
            "multipart/form-data; boundary=x",
            b"".join(
                b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\na\r\n' % n
                for n in range(300)
            )
            + b"--x--\r\n",
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\n\xff\xfe\r\n--x--\r\n',
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_form_that_makes_no_sense_is_refused(caller: Caller, kind: str, body: bytes) -> None:
    assert_refused(caller.send("POST", "", body, kind))


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": ["a", "b"]},
        {"input_reference": "https://example.org/a.png", "input_reference[image_url]": "x"},
        {"a[b][c][d][e][f]": "x"},
        {"a[]": ["1", "2"], "a[b]": "x"},
        {"a[][b]": "x", "a[c]": "y"},
        {"a[][]": "x"},
        {"[": "x"},
        {"]a[": "x"},
        {"a\0b": "x"},
        {"prompt": "half a \ufffd character"},
        {"input_reference[0]": "137", "input_reference[1]": "80"},
    ],
    ids=lambda fields: str(fields)[:60],
)
def test_form_fields_in_two_shapes_or_too_deep_are_refused(
    caller: Caller, fields: dict[str, Any]
) -> None:
    assert_refused(caller.form({"model": "gen4.5", **fields}))


def test_a_form_with_too_many_fields_is_told_the_limit(caller: Caller) -> None:
    error = assert_refused(caller.form({f"f{number}": "x" for number in range(201)}))
    assert error["message"].startswith("Too many fields: a form may have 200.")


@pytest.mark.parametrize("kind", ["", "text/plain", "application/xml", "image/png", ";", "a/b/c"])
def test_another_content_type_is_a_415_that_names_the_right_ones(caller: Caller, kind: str) -> None:
    error = assert_refused(caller.send("POST", "", f"{{{GOOD}}}", kind), 415)
    assert "application/json" in error["message"]
    assert "multipart/form-data" in error["message"]


def test_json_sent_as_curl_does_without_a_header_is_a_415(caller: Caller) -> None:
    kind = "application/x-www-form-urlencoded"
    assert_refused(caller.send("POST", "", f"{{{GOOD}}}", kind), 415)


def test_a_body_over_the_limit_is_a_413(caller: Caller, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = settings.STUDIO_MAX_BODY_BYTES = 10_000
    body = json.dumps({"model": "gen4.5", "prompt": "x" * 20_000})
    assert_refused(caller.post(body=body), 413)


@pytest.mark.parametrize(
    "video_id",
    [
        "x",
        "video_",
        "video_" + "0" * 32,
        "video_" + "0" * 31 + "%00",
        "video_" + "G" * 32,
        "VIDEO_" + "0" * 32,
        "%ED%A0%80",
        "..%2F..%2Fetc%2Fpasswd",
        "a" * 5000,
        "1%20OR%201=1",
        "video_" + "0" * 32 + "%0A",
    ],
    ids=lambda value: value[:30],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_id_that_nobody_gave_out_is_a_404(caller: Caller, video_id: str, method: str) -> None:
    assert_refused(caller.send(method, f"/{video_id}"), 404)


@pytest.mark.parametrize(
    "query",
    [
        "limit=101",
        "limit=-1",
        "limit=x",
        "limit=",
        "limit=" + "9" * 5000,
        "limit=1e2",
        "after=nonsense",
        "after=%00",
        "after=video_" + "0" * 32,
        "order=sideways",
        "status=cancelled",
        "status=",
        "created_after=yesterday",
        "created_after=-1",
        "created_before=253402300800",
        "created_before=1e9",
        "model=%00",
        "mode=" + "x" * 101,
        "prompt=%00",
        "prompt=" + "x" * 501,
        "metadata[]=x",
        "metadata[a]=" + "x" * 513,
        "metadata[" + "k" * 65 + "]=x",
        "metadata[a%00]=x",
    ],
    ids=lambda value: value[:30],
)
def test_a_list_parameter_that_makes_no_sense_is_refused(caller: Caller, query: str) -> None:
    error = assert_refused(caller.get(f"?{query}"))
    assert error["param"] == query.partition("=")[0].partition("[")[0]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "", 405),
        ("PATCH", "/x", 405),
        ("GET", "/x/cancel", 405),
        ("POST", "/x/content", 405),
        ("TRACE", "", 405),
        ("GET", "/x/y/z", 404),
        ("POST", "/x/remix", 404),
    ],
    ids=str,
)
def test_what_does_not_exist_is_said_in_the_envelope(
    caller: Caller, method: str, path: str, status: int
) -> None:
    assert_refused(caller.send(method, path), status)


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/x/", "/api/nothing", "/openai/x"])
def test_unknown_paths_of_the_api_answer_json(caller: Caller, path: str) -> None:
    answer = Client().get(path, headers={"Authorization": f"Bearer {caller.token}"})
    assert_refused(answer, 404)


def test_a_failure_of_ours_is_a_500_in_the_envelope_that_tells_nothing(
    caller: Caller, settings: Any
) -> None:
    settings.STUDIO_DEADLINE = "not a duration"
    answer = caller.post(body={"model": "gen4.5", "prompt": "x"})
    error = assert_refused(answer, 500)
    assert "duration" not in error["message"]
    assert answer["x-should-retry"] == "false"


def test_a_read_that_failed_may_be_repeated(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("videos.models.VideoQuerySet.owned_by", lambda self, user: 1 / 0)
    answer = caller.send("GET", "")
    assert_refused(answer, 500)
    assert "x-should-retry" not in answer


@pytest.mark.parametrize("extra", [{"HTTP_HOST": "evil.example"}, {"HTTP_HOST": "a b"}], ids=str)
def test_a_foreign_host_header_is_refused(caller: Caller, extra: dict[str, str]) -> None:
    answer = Client().get("/v1/videos", **extra)  # type: ignore[arg-type]
    assert_refused(answer)
