"""What the sandbox refuses, and in which words."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from tests.providers.sandbox.conftest import HEADERS, TEXT, Api, image_uri

IMAGE = {**TEXT, "promptImage": image_uri()}
VEO = {"model": "veo3.1", "promptText": "A quiet sea", "ratio": "1280:720"}


def issues(api: Api, path: str, body: Any) -> list[tuple[str, list[Any]]]:
    """The code and path of every complaint about a body that is refused."""
    answer = api.post(f"/v1/{path}", body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] == "Validation of body failed"
    assert answer.json()["docUrl"].startswith("https://")
    return [(issue["code"], issue["path"]) for issue in answer.json()["issues"]]


def sent(api: Api, request: bytes) -> bytes:
    """The raw answer to a raw request that ends the connection."""
    host, _, port = api.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"model": "gen4_turbo"}, [("invalid_union", ["model"])]),
        ({"model": "gen3a_turbo"}, [("invalid_union", ["model"])]),
        ({"model": ["gen4.5"]}, [("invalid_union", ["model"])]),
        ({"duration": "2"}, [("invalid_type", ["duration"])]),
        ({"duration": 2.0}, [("invalid_type", ["duration"])]),
        ({"duration": True}, [("invalid_type", ["duration"])]),
        ({"duration": 1}, [("too_small", ["duration"])]),
        ({"duration": 10**30}, [("too_big", ["duration"])]),
        ({"ratio": "960:960"}, [("invalid_value", ["ratio"])]),
        ({"ratio": None}, [("invalid_type", ["ratio"])]),
        ({"seed": -1}, [("too_small", ["seed"])]),
        ({"seed": 2**32}, [("too_big", ["seed"])]),
        ({"promptText": ""}, [("too_small", ["promptText"])]),
        ({"promptText": "😀" * 501}, [("too_big", ["promptText"])]),
        ({"promptText": "a\0b"}, [("custom", ["promptText"])]),
        ({"promptText": "a\ud800b"}, [("custom", ["promptText"])]),
        ({"audio": True}, [("unrecognized_keys", [])]),
        ({"outputFormat": "gif"}, [("invalid_value", ["outputFormat"])]),
        ({"outputFormat": {}}, [("invalid_value", ["outputFormat"])]),
        ({"contentModeration": "low"}, [("invalid_type", ["contentModeration"])]),
        ({"contentModeration": {"x": 1}}, [("unrecognized_keys", ["contentModeration"])]),
    ],
    ids=str,
)
def test_text_to_video_refuses_what_runway_refuses(
    api: Api, change: dict[str, Any], expected: list[tuple[str, list[Any]]]
) -> None:
    assert issues(api, "text_to_video", {**TEXT, **change}) == expected


@pytest.mark.parametrize("name", ["promptText", "ratio", "duration"])
def test_a_missing_field_is_named(api: Api, name: str) -> None:
    assert issues(api, "text_to_video", without(TEXT, name)) == [("invalid_type", [name])]


def test_everything_wrong_is_said_at_once(api: Api) -> None:
    body = {"model": "gen4.5", "promptText": "", "duration": 11, "x": 1}
    codes = {code for code, _ in issues(api, "text_to_video", body)}
    assert codes == {"too_small", "too_big", "invalid_type", "unrecognized_keys"}


def test_a_length_outside_the_listed_ones_is_refused(api: Api) -> None:
    assert issues(api, "text_to_video", {**VEO, "duration": 5}) == [("invalid_value", ["duration"])]


def test_the_longest_prompt_is_accepted(api: Api) -> None:
    api.delete(api.create("😀" * 500))


@pytest.mark.parametrize(
    ("image", "path"),
    [
        ("http://example.com/a.png", ["promptImage"]),
        ("https://127.0.0.1/a.png", ["promptImage"]),
        ("https://[::1/a.png", ["promptImage"]),
        ("https://a.io/" + "a" * 2048, ["promptImage"]),
        ("data:image/gif;base64,R0lGODlhAQABAAAAACw=", ["promptImage"]),
        ("data:image/png;base64,not base64!", ["promptImage"]),
        ("data:image/png;base64,AAAA", ["promptImage"]),
        (image_uri()[:200], ["promptImage"]),
        ("data:image/png;base64," + "A" * 5_242_880, ["promptImage"]),
        ("runway://00000000-0000-0000-0000-000000000000", ["promptImage"]),
        (image_uri(460, 1000), ["promptImage"]),
        ([{"uri": image_uri(1000, 460), "position": "first"}], ["promptImage", 0, "uri"]),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_picture_that_runway_could_not_use_is_refused(
    api: Api, image: object, path: list[Any]
) -> None:
    assert issues(api, "image_to_video", {**IMAGE, "promptImage": image}) == [("custom", path)]


def test_a_wrong_shape_is_measured(api: Api) -> None:
    answer = api.post("/v1/image_to_video", {**IMAGE, "promptImage": image_uri(462, 1000)})
    assert answer.json()["issues"][0]["message"] == (
        "Invalid asset aspect ratio. width / height ratio must be at least 0.5. Got 0.462."
    )


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (5, [("invalid_union", ["promptImage"])]),
        ([], [("too_small", ["promptImage"])]),
        (["x"], [("invalid_type", ["promptImage", 0])]),
        ([{"uri": 5, "position": "first"}], [("invalid_type", ["promptImage", 0, "uri"])]),
        ([{"uri": image_uri()}], [("invalid_value", ["promptImage", 0, "position"])]),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_malformed_list_of_pictures_is_refused(
    api: Api, images: object, expected: list[tuple[str, list[Any]]]
) -> None:
    assert issues(api, "image_to_video", {**IMAGE, "promptImage": images}) == expected


@pytest.mark.parametrize("positions", [["last"], ["first", "first"]], ids=str)
def test_a_last_picture_needs_exactly_one_first(api: Api, positions: list[str]) -> None:
    images = [{"uri": image_uri(), "position": position} for position in positions]
    body = {**VEO, "promptImage": images}
    assert issues(api, "image_to_video", body) == [("custom", ["promptImage"])]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"model": NaN}',
        b'{"a": Infinity}',
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"duration": ' + b"9" * 10_000 + b"}",
    ],
    ids=lambda data: repr(data[:15]),
)
def test_what_is_not_json_is_refused(api: Api, data: bytes) -> None:
    answer = api.post("/v1/text_to_video", json=None, data=data)
    assert answer.status_code == 400
    assert answer.json() == {"error": "Invalid JSON in request body"}


@pytest.mark.parametrize("data", ["[]", '"text"', "5", "null"])
def test_a_body_must_be_an_object(api: Api, data: str) -> None:
    answer = api.post("/v1/text_to_video", json=None, data=data)
    assert answer.json()["issues"][0]["code"] == "invalid_type"


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401),
        ("Bearer key_123", 401),
        ("Bearer " + "0" * 132, 401),
        (HEADERS["Authorization"], 200),
    ],
    ids=["none", "short", "no prefix", "good"],
)
def test_a_key_must_look_like_one(api: Api, authorization: str | None, status: int) -> None:
    headers = {**HEADERS, "Authorization": authorization}
    assert api.get("/v1/organization", headers=headers).status_code == status


@pytest.mark.parametrize("version", [None, "2023-01-01"], ids=str)
def test_the_version_header_must_be_there(api: Api, version: str | None) -> None:
    answer = api.get("/v1/organization", headers={**HEADERS, "X-Runway-Version": version})
    assert answer.status_code == 400
    assert "X-Runway-Version" in answer.json()["error"]


def test_an_unknown_path_is_404_and_a_wrong_method_405(api: Api) -> None:
    assert api.get("/v1/nothing").status_code == 404
    assert api.get("/v1/text_to_video").status_code == 405
    assert api.post("/v1/tasks/x", {}).status_code == 405


def test_a_body_over_the_cap_is_413(api: Api) -> None:
    assert api.post("/v1/text_to_video", json=None, data=bytes(33 * 2**20)).status_code == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ("Content-Length: 99999999999", 413),
        ("Content-Length: -1", 400),
        ("Content-Length: abc", 400),
        ("Transfer-Encoding: chunked", 411),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(api: Api, headers: str, status: int) -> None:
    answer = sent(api, f"POST /v1/uploads HTTP/1.1\r\n{headers}\r\n\r\n".encode())
    assert int(answer.split()[1]) == status
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GARBAGE", 400),
        (b"GET / HTTP/9.9", 505),
        (b"BREW / HTTP/1.1", 501),
        (b"GET //[ HTTP/1.1", 404),
        (b"GET /v1/tasks/\xff HTTP/1.1", 401),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1", 414),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_hardly_http_is_refused_in_json(api: Api, request_line: bytes, status: int) -> None:
    answer = sent(api, request_line + b"\r\nConnection: close\r\n\r\n")
    assert int(answer.split()[1]) == status
    assert json.loads(answer.rpartition(b"\r\n")[2])["error"]
