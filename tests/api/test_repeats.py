"""Never twice: repeats of creating calls, with an Idempotency-Key or as OpenAI's SDKs make them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpRequest, JsonResponse

from studio.accounts.models import ApiKey
from tests.videos.factories import make_video
from videos import actions, requests
from videos.api import repeats
from videos.models import Call, File, LedgerLine, Video
from videos.repeats import forget_old

from .conftest import Caller, make_caller
from .test_create import png
from .test_videos import keep

KITE = {"model": "gen4.5", "prompt": "a kite"}
KEY = {"Idempotency-Key": "order 17"}
FIRST_TRY = {"x-stainless-retry-count": "0"}
SECOND_TRY = {"x-stainless-retry-count": "1"}


def age(hours: float) -> None:
    """Make every call that was remembered older."""
    for call in Call.objects.all():
        call.created_at -= timedelta(hours=hours)
        call.save()


def test_the_same_key_and_body_answer_the_same_video_as_it_is_now(caller: Caller) -> None:
    first = caller.post(body=KITE, **KEY)
    Video.objects.update(status="in_progress", provider_status="RUNNING", progress=40)
    again = caller.post(body=KITE, **KEY)
    assert (again.status_code, again["idempotent-replayed"]) == (200, "true")
    assert "idempotent-replayed" not in first
    assert again.json()["id"] == first.json()["id"]
    assert (again.json()["status"], again.json()["progress"]) == ("in_progress", 40)
    assert Video.objects.count() == LedgerLine.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [{**KITE, "prompt": "another"}, {**KITE, "seconds": "5"}, {**KITE, "metadata": {"a": "b"}}],
    ids=["other", "more", "metadata"],
)
def test_the_same_key_for_another_body_is_refused(caller: Caller, body: dict[str, Any]) -> None:
    caller.post(body=KITE, **KEY)
    answer = caller.post(body=body, **KEY)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "idempotency_key_reused")
    assert error["param"] is None
    assert Video.objects.count() == 1


def test_fields_are_compared_and_not_bytes(caller: Caller) -> None:
    first = caller.post(body='{"model": "gen4.5", "prompt": "a kite"}', **KEY).json()
    again = caller.post(body='{"prompt":"a \\u006bite",   "model":"gen4.5"}', **KEY).json()
    form = caller.send(
        "POST",
        "",
        '--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na kite\r\n'
        '--x\r\nContent-Disposition: form-data; name="model"\r\n\r\ngen4.5\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
        **KEY,
    )
    assert first["id"] == again["id"] == form.json()["id"]  # type: ignore[attr-defined]


def test_files_are_compared_by_their_bytes(caller: Caller) -> None:
    def send(width: int, name: str) -> Any:
        part = SimpleUploadedFile(name, png(width), "image/png")
        return caller.form({**KITE, "input_reference": part}, **KEY)

    first = send(1280, "a.png").json()
    assert send(1280, "b.png").json()["id"] == first["id"]
    assert send(1290, "a.png").json()["error"]["code"] == "idempotency_key_reused"
    assert File.objects.count() == 1


@pytest.mark.parametrize("key", ["", "k" * 256, "a\tb", "a\x7fb", "\u00e9"], ids=ascii)
def test_a_key_has_1_to_255_printable_characters(caller: Caller, key: str) -> None:
    answer = caller.post(body=KITE, **{"Idempotency-Key": key})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, "Idempotency-Key")
    assert not Video.objects.exists()
    assert caller.post(body=KITE, **{"Idempotency-Key": "k" * 255}).status_code == 200


def test_a_key_belongs_to_one_api_key(caller: Caller) -> None:
    colleague = Caller(caller.owner, ApiKey.issue(caller.owner, "other")[1])
    first = caller.post(body=KITE, **KEY).json()
    assert colleague.post(body={**KITE, "prompt": "else"}, **KEY).json()["id"] != first["id"]


def test_a_refused_call_leaves_its_key_free(caller: Caller) -> None:
    assert caller.post(body={**KITE, "seconds": "99"}, **KEY).status_code == 400
    assert not Call.objects.exists()
    assert caller.post(body=KITE, **KEY).status_code == 200


def test_a_key_is_free_again_after_a_day(caller: Caller) -> None:
    first = caller.post(body=KITE, **KEY).json()
    age(23.9)
    assert caller.post(body=KITE, **KEY).json()["id"] == first["id"]
    age(0.2)
    other = caller.post(body={**KITE, "prompt": "another"}, **KEY)
    assert other.json()["id"] != first["id"]
    assert Call.objects.count() == 1


def test_the_key_of_a_deleted_video_makes_no_second_one(caller: Caller) -> None:
    first = caller.post(body=KITE, **KEY).json()
    caller.delete(f"/{first['id']}")
    answer = caller.post(body=KITE, **KEY)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert Video.objects.count() == 1


def test_upscaling_is_not_done_twice_either(caller: Caller, data_dir: Path) -> None:
    source = make_video("completed")
    keep(source, data_dir, "video", b"0123456789", "video/mp4")
    other = make_video("completed")
    keep(other, data_dir, "video", b"0123456789", "video/mp4")
    first = caller.post(f"/{source.pk}/upscale", {"resolution": "4k"}, **KEY)
    again = caller.post(f"/{source.pk}/upscale", {"resolution": "4k"}, **KEY)
    assert first.json()["id"] == again.json()["id"]
    elsewhere = caller.post(f"/{other.pk}/upscale", {"resolution": "4k"}, **KEY)
    assert elsewhere.json()["error"]["code"] == "idempotency_key_reused"


def test_a_repeated_upscale_is_answered_though_its_source_is_gone(
    caller: Caller, data_dir: Path
) -> None:
    source = make_video("completed")
    keep(source, data_dir, "video", b"0123456789", "video/mp4")
    first = caller.post(f"/{source.pk}/upscale", {}, **KEY).json()
    caller.delete(f"/{source.pk}")
    assert caller.post(f"/{source.pk}/upscale", {}, **KEY).json()["id"] == first["id"]


def test_an_sdk_that_says_it_repeats_gets_its_first_video(caller: Caller) -> None:
    first = caller.post(body=KITE, **FIRST_TRY).json()
    again = caller.post(body=KITE, **SECOND_TRY)
    assert again.json()["id"] == first["id"]
    assert again["idempotent-replayed"] == "true"
    assert caller.post(body=KITE, **{"x-stainless-retry-count": "2"}).json()["id"] == first["id"]


def test_two_first_tries_are_two_wishes(caller: Caller) -> None:
    first, second = (caller.post(body=KITE, **FIRST_TRY).json()["id"] for _ in range(2))
    assert first != second
    assert caller.post(body=KITE, **SECOND_TRY).json()["id"] == second


@pytest.mark.parametrize(
    ("body", "hours", "who"),
    [({**KITE, "seed": 1}, 0, "same"), (KITE, 0.51, "same"), (KITE, 0, "stranger")],
    ids=["another body", "after half an hour", "another API key"],
)
def test_what_does_not_repeat_makes_a_video(
    caller: Caller, stranger: Caller, body: dict[str, Any], hours: float, who: str
) -> None:
    first = caller.post(body=KITE).json()
    age(hours)
    sender = caller if who == "same" else stranger
    assert sender.post(body=body, **SECOND_TRY).json()["id"] != first["id"]


def test_a_repeat_whose_first_try_never_came_makes_the_video(caller: Caller) -> None:
    first = caller.post(body=KITE, **SECOND_TRY)
    assert first.status_code == 200
    assert "idempotent-replayed" not in first
    again = caller.post(body=KITE, **{"x-stainless-retry-count": "2"})
    assert again.json()["id"] == first.json()["id"]


def test_a_deleted_video_is_no_answer_to_a_repeat_without_a_key(caller: Caller) -> None:
    first = caller.post(body=KITE).json()
    caller.delete(f"/{first['id']}")
    assert caller.post(body=KITE, **SECOND_TRY).json()["id"] != first["id"]


@pytest.mark.parametrize(
    ("status", "code", "is_answer"),
    [
        ("failed", "moderation_blocked", False),
        ("failed", "submission_uncertain", True),
        ("cancelled", "cancelled", False),
        ("completed", "", True),
    ],
)
def test_a_video_that_ended_without_one_is_no_answer_to_a_repeat_without_a_key(
    caller: Caller, status: str, code: str, is_answer: bool
) -> None:
    first = caller.post(body=KITE).json()
    Video.objects.update(status=status, error_code=code)
    again = caller.post(body=KITE, **SECOND_TRY).json()
    assert (again["id"] == first["id"]) is is_answer


@pytest.mark.parametrize("count", ["", "x", "-1", "00", "\u0661", "1e9"], ids=ascii)
def test_a_count_that_is_none_marks_no_repeat(caller: Caller, count: str) -> None:
    first = caller.post(body=KITE).json()
    again = caller.post(body=KITE, **{"x-stainless-retry-count": count})
    assert again.json()["id"] != first["id"]


def test_a_first_try_that_its_repeat_overtook_answers_the_repeats_video(caller: Caller) -> None:
    def make(remember: repeats.Remember) -> Video:
        overtaken.append(caller.post(body=KITE, **SECOND_TRY).json()["id"])
        return accept(caller, remember)

    overtaken: list[str] = []
    answer = repeats.once(request_of(caller), KITE, make)
    assert [video.pk for video in Video.objects.all()] == overtaken
    assert overtaken[0].encode() in answer.content


def test_calls_older_than_a_day_are_forgotten(caller: Caller) -> None:
    caller.post(body=KITE, **KEY)
    age(25)
    kept = caller.post(body=KITE).json()["id"]
    forget_old()
    assert [call.video_id for call in Call.objects.all()] == [kept]


@pytest.mark.parametrize("headers", [KEY, SECOND_TRY], ids=["key", "repeats"])
def test_calls_at_the_same_moment_make_one_video(
    shared_database: None, headers: dict[str, str]
) -> None:
    caller, together = make_caller(), threading.Barrier(4, timeout=30)

    def make(remember: repeats.Remember) -> Video:
        together.wait()  # nobody has found an earlier call
        return accept(caller, remember)

    def call(_: int) -> JsonResponse:
        try:
            return repeats.once(request_of(caller, headers), KITE, make)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(call, range(4)))
    [video] = Video.objects.all()
    assert all(video.pk.encode() in answer.content for answer in answers)
    assert sum("idempotent-replayed" in answer for answer in answers) == 3
    assert LedgerLine.objects.count() == Call.objects.count() == 1


def request_of(caller: Caller, headers: dict[str, str] | None = None) -> HttpRequest:
    """A request that has passed authentication."""
    request: Any = HttpRequest()
    request.path_info = "/v1/videos"
    request.META = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in (headers or {}).items()
    }
    request.auth = ApiKey.objects.get(owner=caller.owner)
    return request  # type: ignore[no-any-return]


def accept(caller: Caller, remember: repeats.Remember) -> Video:
    key = ApiKey.objects.get(owner=caller.owner)
    return actions.accept(requests.check(KITE), caller.owner, key, also=remember)
