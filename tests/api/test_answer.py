"""What an answer tells beyond OpenAI's keys: links, cost, queue, outlook, metadata, headers."""

from __future__ import annotations

import hashlib
import json
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import responses
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone

from studio.accounts.errors import error_response
from studio.accounts.models import User
from studio.middleware import envelope_errors
from tests.videos.factories import BASE_URL, make_video
from videos import actions, leases, ledger
from videos.models import File, LedgerLine, MetadataPair, Video
from videos.submit import submit

from .conftest import Caller
from .test_videos import body, keep

KITE = {"model": "gen4.5", "prompt": "a kite"}
SHA256 = hashlib.sha256(b"0123456789").hexdigest()
LONG_AGO = timedelta(days=1)


@pytest.fixture(autouse=True)
def _nothing_measured() -> None:
    cache.clear()


@pytest.fixture
def made(caller: Caller, data_dir: Path) -> Video:
    """A completed video with a clip and a thumbnail."""
    video = make_video("completed", completed_at=timezone.now())
    keep(video, data_dir, "video", b"0123456789", "video/mp4")
    keep(video, data_dir, "thumbnail", b"picture", "image/webp")
    return video


def link(caller: Caller, video: Video) -> str:
    """The link of its only output, as a path below our origin."""
    [output] = caller.get(f"/{video.pk}").json()["videos"]
    url = urlsplit(output["url"])
    return f"{url.path}?{url.query}"


def changed(path: str, **changes: str) -> str:
    """The same link with other parameters; an empty one is left out."""
    url = urlsplit(path)
    query = {**dict(parse_qsl(url.query)), **changes}
    return f"{url.path}?{urlencode({name: value for name, value in query.items() if value})}"


def finish(seconds: float, count: int = 3, **extra: Any) -> None:
    """Videos that took so long."""
    begin = timezone.now() - LONG_AGO
    for _ in range(count):
        end = begin + timedelta(seconds=seconds)
        make_video("completed", created_at=begin, completed_at=end, **extra)


def test_a_completed_video_lists_its_outputs_with_checksums(
    caller: Caller, made: Video, settings: Any
) -> None:
    settings.STUDIO_BASE_URL = "https://studio.example.org/"
    [output] = caller.get(f"/{made.pk}").json()["videos"]
    assert output.pop("url").startswith(
        f"https://studio.example.org/v1/videos/{made.pk}/content?output=0&expires="
    )
    assert output == {"type": "url", "content_type": "video/mp4", "bytes": 10, "sha256": SHA256}


@pytest.mark.parametrize("status", ["queued", "in_progress", "storing", "failed", "cancelled"])
def test_other_videos_have_no_outputs(caller: Caller, data_dir: Path, status: str) -> None:
    video = make_video(status)
    keep(video, data_dir, "video", b"draft", "video/mp4")
    assert caller.get(f"/{video.pk}").json()["videos"] == []


def test_every_output_has_a_link_of_its_own(caller: Caller, made: Video, data_dir: Path) -> None:
    second = keep(made, data_dir, "frames", b"second", "application/zip")
    File.objects.filter(pk=second.pk).update(kind="video", position=1)
    outputs = caller.get(f"/{made.pk}").json()["videos"]
    contents = [body(Client().get(output["url"])) for output in outputs]
    assert contents == [b"0123456789", b"second"]
    assert body(caller.get(f"/{made.pk}/content?output=1")) == b"second"
    assert caller.get(f"/{made.pk}/content?output=2").json()["error"]["param"] == "output"


def test_a_link_needs_no_key_and_understands_ranges(caller: Caller, made: Video) -> None:
    path = link(caller, made)
    whole: Any = Client().get(path)
    assert (whole.status_code, body(whole)) == (200, b"0123456789")
    part: Any = Client().get(path, headers={"Range": "bytes=2-3"})
    assert (part.status_code, body(part)) == (206, b"23")
    head: Any = Client().head(path)
    assert (head.status_code, head["Content-Length"]) == (200, "10")


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": "x"},
        {"signature": "a:b"},
        {"signature": "\u00e9\u0000"},
        {"output": "1"},
        {"output": ""},
        {"expires": "99999999999"},
        {"expires": ""},
        {"expires": "x"},
        {"variant": "thumbnail"},
    ],
    ids=str,
)
def test_a_changed_link_opens_nothing(caller: Caller, made: Video, changes: dict[str, str]) -> None:
    answer = Client().get(changed(link(caller, made), **changes))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "invalid_link")
    assert answer.json()["error"]["type"] == "permission_error"


def test_a_link_opens_no_other_video_and_no_other_door(caller: Caller, made: Video) -> None:
    other = make_video("completed")
    query = urlsplit(link(caller, made)).query
    paths = {
        f"/v1/videos/{other.pk}/content": 403,
        f"/v1/videos/{made.pk}": 401,
        "/v1/videos": 401,
    }
    assert {path: Client().get(f"{path}?{query}").status_code for path in paths} == paths


def test_a_link_of_somebody_who_was_shut_out_opens_nothing(caller: Caller, made: Video) -> None:
    path = link(caller, made)
    User.objects.filter(pk=made.owner_id).update(is_active=False)
    assert Client().get(path).status_code == 404


def test_without_its_cache_the_studio_still_answers(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object) -> None:
        raise ConnectionError("no Redis")

    monkeypatch.setattr("videos.outlook.cache.get", away)
    answer = caller.post(body={"model": "gen4.5", "prompt": "a pier"})
    assert (answer.status_code, answer.json()["estimated_completion"]) == (200, None)


def test_a_link_without_its_signature_needs_a_key(caller: Caller, made: Video) -> None:
    path = changed(link(caller, made), signature="")
    assert Client().get(path).status_code == 401
    assert caller.get(path.removeprefix("/v1/videos")).status_code == 200


def test_a_link_works_for_a_day(caller: Caller, made: Video, monkeypatch: Any) -> None:
    path, now = link(caller, made), time.time()
    for hours, status in ((23.9, 200), (24.1, 403)):
        monkeypatch.setattr(time, "time", lambda hours=hours: now + hours * 3600)
        assert Client().get(path).status_code == status


def test_the_link_of_a_deleted_video_is_dead(caller: Caller, made: Video) -> None:
    path = link(caller, made)
    caller.delete(f"/{made.pk}")
    assert Client().get(path).status_code == 404


def test_the_cost_is_reserved_first_and_final_at_the_end(caller: Caller) -> None:
    video = Video.objects.get(pk=caller.post(body={**KITE, "seconds": "5"}).json()["id"])
    cost = caller.get(f"/{video.pk}").json()["cost"]
    assert cost == {"credits": 60.0, "is_final": False, "is_assumed": False}
    Video.objects.update(status="completed")
    LedgerLine.objects.create(video=video, kind="settle", credits=Decimal("-1.5"))
    cost = caller.get(f"/{video.pk}").json()["cost"]
    assert cost == {"credits": 58.5, "is_final": True, "is_assumed": False}


def test_a_cost_that_runway_never_told_is_marked(caller: Caller) -> None:
    video = make_video("cancelled")
    LedgerLine.objects.create(video=video, kind="settle", credits=60, mark=ledger.ASSUMED)
    cost = caller.get(f"/{video.pk}").json()["cost"]
    assert cost == {"credits": 60.0, "is_final": True, "is_assumed": True}


def test_an_uncertain_submission_is_not_final_until_somebody_decides(caller: Caller) -> None:
    video = make_video("failed", error_code="submission_uncertain")
    ledger.reserve(video, Decimal(60))
    assert caller.get(f"/{video.pk}").json()["cost"]["is_final"] is False
    actions.give_up(video)
    cost = caller.get(f"/{video.pk}").json()["cost"]
    assert cost == {"credits": 0.0, "is_final": True, "is_assumed": True}


def test_a_price_that_nobody_knows_is_null(caller: Caller) -> None:
    video = make_video(estimate=None)
    assert caller.get(f"/{video.pk}").json()["cost"]["credits"] is None


def test_the_queue_position_counts_what_was_asked_for_before(
    caller: Caller, stranger: Caller
) -> None:
    first, _theirs, last = make_video(), make_video(owner=stranger.owner), make_video()
    begun = make_video("submitting")
    places = {v["id"]: v["queue_position"] for v in caller.get("").json()["data"]}
    assert places == {first.pk: 1, last.pk: 3, begun.pk: None}
    assert caller.get(f"/{last.pk}").json()["queue_position"] == 3
    caller.post(f"/{first.pk}/cancel")
    assert caller.get(f"/{last.pk}").json()["queue_position"] == 2


def test_the_queue_position_counts_by_turns(caller: Caller, stranger: Caller) -> None:
    theirs = [make_video(owner=stranger.owner) for _ in range(3)]
    mine = [make_video() for _ in range(2)]
    assert [caller.get(f"/{video.pk}").json()["queue_position"] for video in mine] == [2, 4]
    places = [stranger.get(f"/{video.pk}").json()["queue_position"] for video in theirs]
    assert places == [1, 3, 5]


def test_completion_is_estimated_from_what_the_model_took_lately(caller: Caller) -> None:
    finish(40, 2)
    finish(100)
    finish(7, 5, resolved_model="veo3.1")
    video = make_video("in_progress", provider_status="RUNNING")
    soon = caller.get(f"/{video.pk}").json()["estimated_completion"]
    assert type(soon) is int
    assert abs(soon - video.created_at.timestamp() - 100) < 3


@pytest.mark.parametrize(
    ("count", "age", "status"),
    [(2, 0, "in_progress"), (3, 200, "in_progress"), (3, 0, "completed"), (3, 0, "failed")],
    ids=["too few", "overdue", "completed", "failed"],
)
def test_completion_is_null_where_nobody_knows(
    caller: Caller, count: int, age: float, status: str
) -> None:
    finish(100, count)
    begin = timezone.now() - timedelta(seconds=age)
    video = make_video(status, created_at=begin)
    assert caller.get(f"/{video.pk}").json()["estimated_completion"] is None


def test_the_sandbox_says_nothing_about_runway(caller: Caller) -> None:
    finish(4, is_sandbox=True)
    video = make_video("in_progress", provider_status="RUNNING")
    assert caller.get(f"/{video.pk}").json()["estimated_completion"] is None


def test_a_list_asks_for_the_outlook_once(
    caller: Caller, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        make_video()
        make_video("in_progress", resolved_model="veo3.1")
    caller.get("")  # the key's use of this minute is noted
    with django_assert_max_num_queries(6):  # and the queue, and what videos took lately
        caller.get("?limit=10")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"status": "queued"}, 5000),
        ({"status": "in_progress", "provider_status": "THROTTLED"}, 5000),
        ({"status": "in_progress", "provider_status": "RUNNING", "progress": 0}, 5000),
        ({"status": "in_progress", "provider_status": "RUNNING", "progress": 90}, 2300),
        ({"status": "storing", "progress": 99}, 2030),
    ],
    ids=str,
)
def test_the_header_says_when_to_look_again(
    caller: Caller, values: dict[str, Any], expected: int
) -> None:
    answer = caller.get(f"/{make_video(**values).pk}")
    assert answer["openai-poll-after-ms"] == str(expected)


@pytest.mark.parametrize(("seconds", "bounds"), [(80, (9000, 10000)), (4, (2000, 2000))], ids=str)
def test_the_pause_follows_from_what_is_left(
    caller: Caller, seconds: float, bounds: tuple[int, int]
) -> None:
    finish(seconds)
    least, most = bounds
    assert least <= int(caller.post(body=KITE)["openai-poll-after-ms"]) <= most


def test_a_long_queue_is_looked_at_rarely_and_a_finished_video_not_at_all(caller: Caller) -> None:
    for _ in range(30):
        last = make_video()
    assert caller.get(f"/{last.pk}")["openai-poll-after-ms"] == "15000"
    over = caller.post(f"/{last.pk}/cancel")
    assert "openai-poll-after-ms" not in over


@pytest.mark.parametrize(
    ("method", "status", "expected"),
    [("POST", 500, "false"), ("POST", 409, "false"), ("GET", 500, None), ("GET", 503, None)],
    ids=str,
)
def test_only_what_may_cost_forbids_the_sdks_to_repeat_it(
    method: str, status: int, expected: str | None
) -> None:
    middleware = envelope_errors(lambda request: error_response(status, "x", code="internal_error"))
    answer = middleware(RequestFactory().generic(method, "/v1/videos"))
    assert answer.get("x-should-retry") == expected


def test_metadata_is_kept_in_either_encoding(caller: Caller) -> None:
    pairs = {"project": "apollo", "a b": "", "1": "2", "\u00fc": "\U0001f680"}
    first = caller.post(body={**KITE, "metadata": pairs}).json()
    form = {f"metadata[{key}]": value for key, value in pairs.items()}
    second = caller.form({**KITE, **form}).json()
    assert first["metadata"] == second["metadata"] == pairs
    assert caller.get(f"/{first['id']}").json()["metadata"] == pairs
    assert caller.post(body=KITE).json()["metadata"] == {}


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ("text", "invalid_type"),
        ([], "invalid_type"),
        ({"a": 1}, "invalid_type"),
        ({"a": None}, "invalid_type"),
        ({"a": {"b": "c"}}, "invalid_type"),
        ({"": "x"}, "invalid_value"),
        ({"k" * 65: "x"}, "invalid_value"),
        ({"a": "x" * 513}, "invalid_value"),
        ({"a\0": "x"}, "invalid_value"),
        ({"a": "\0"}, "invalid_value"),
        ({str(n): "x" for n in range(17)}, "invalid_value"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_metadata_of_another_shape_is_refused(caller: Caller, metadata: Any, code: str) -> None:
    answer = caller.post(body={**KITE, "metadata": metadata})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"], error["code"]) == (400, "metadata", code)
    assert not Video.objects.exists()


def test_the_largest_metadata_is_kept(caller: Caller) -> None:
    pairs = {f"{n:064}": "\u00fc" * 512 for n in range(16)}
    assert caller.post(body={**KITE, "metadata": pairs}).json()["metadata"] == pairs


@responses.activate
def test_metadata_never_leaves_the_studio(caller: Caller, tmp_path: Path) -> None:
    caller.post(body={**KITE, "metadata": {"customer": "confidential"}})
    created = responses.post(f"{BASE_URL}/v1/text_to_video", json={"id": "task-1"})
    [claim] = leases.claim("queued", 1)
    submit(claim, tmp_path)
    [call] = created.calls
    assert b"confidential" not in call.request.body
    assert "confidential" not in json.dumps(Video.objects.get().request)


def test_metadata_goes_with_its_video(caller: Caller) -> None:
    video = caller.post(body={**KITE, "metadata": {"a": "b"}}).json()
    caller.delete(f"/{video['id']}")
    assert not MetadataPair.objects.exists()


def test_a_video_that_is_sent_again_keeps_its_metadata(caller: Caller) -> None:
    made = caller.post(body={**KITE, "metadata": {"a": "b"}}).json()
    Video.objects.update(status="failed", error_code="submission_uncertain")
    again = actions.send_again(Video.objects.get(pk=made["id"]), caller.owner)
    assert caller.get(f"/{again.pk}").json()["metadata"] == {"a": "b"}


def test_every_field_and_parameter_is_described_with_an_example(caller: Caller) -> None:
    document = Client().get("/api/openapi.json").json()
    bare = []
    for name in ("VideoObject", "VideoList", "Output", "Cost", "ErrorDetail", "Estimate"):
        for field, schema in document["components"]["schemas"][name]["properties"].items():
            text = json.dumps(schema)
            if "description" not in schema or not ("examples" in schema or "$ref" in text):
                bare.append(f"{name}.{field}")
    for path, operations in document["paths"].items():
        for operation in operations.values() if path.startswith("/v1/videos") else ():
            for parameter in operation.get("parameters", []):
                described = "description" in parameter and "example" in json.dumps(parameter)
                if not described and parameter["in"] != "path":
                    bare.append(f"{path} {parameter['name']}")
    assert bare == []
    create = document["paths"]["/v1/videos"]["post"]
    assert {"400", "401", "413", "415", "500", "503"} <= create["responses"].keys()
    assert create["security"] == [{"ApiKeyAuth": []}]
    fields = create["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert [n for n, s in fields.items() if not {"description", "examples"} <= s.keys()] == []
