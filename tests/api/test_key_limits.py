"""What an API key may do: scopes, models, requests a minute, videos a day and at once, its end."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from studio.accounts.models import ApiKey, Scope
from tests.api.conftest import Caller
from tests.videos.factories import make_key, make_user, make_video
from videos.models import Video

BODY = {"model": "gen4.5", "prompt": "A lighthouse", "seconds": "2"}


def limited(**limits: Any) -> Caller:
    """A caller whose key has these scopes or limits, in an installation with a provider key."""
    make_key()
    owner = make_user()
    return Caller(owner, ApiKey.issue(owner, "script", **limits)[1])


def refusal(answer: Any) -> tuple[int, str]:
    """Status and code of an error."""
    return answer.status_code, answer.json()["error"]["code"]


SCOPES = [
    ("GET", "", Scope.READ),
    ("GET", "/{id}", Scope.READ),
    ("HEAD", "/{id}/content", Scope.READ),
    ("POST", "/estimate", Scope.READ),
    ("POST", "", Scope.CREATE),
    ("POST", "/{id}/remix", Scope.CREATE),
    ("POST", "/edits", Scope.CREATE),
    ("POST", "/{id}/cancel", Scope.CANCEL),
    ("DELETE", "/{id}", Scope.CANCEL),
]


@pytest.mark.parametrize(("method", "path", "needed"), SCOPES, ids=str)
def test_an_operation_needs_its_scope(db: None, method: str, path: str, needed: Scope) -> None:
    others = [scope for scope in Scope.values if scope != needed]
    caller = limited(scopes=others)
    video = make_video(owner=caller.owner)
    answer: Any = caller.send(method, path.format(id=video.pk), "{}", "application/json")
    assert answer.status_code == 403
    assert f'scope="{needed}"' in answer["WWW-Authenticate"]
    if method != "HEAD":
        error = answer.json()["error"]
        assert (error["type"], error["code"]) == ("permission_error", "insufficient_scope")
    ApiKey.objects.update(scopes=[needed])
    again: Any = caller.send(method, path.format(id=video.pk), "{}", "application/json")
    assert again.status_code != 403


def test_the_admin_scope_is_worth_something_with_an_administrator_alone(db: None) -> None:
    key, _ = ApiKey.issue(make_user(), "script", Scope.values)
    assert not key.is_admin
    chief, _ = ApiKey.issue(make_user("root@example.org", is_staff=True), "script", Scope.values)
    assert chief.is_admin
    plain, _ = ApiKey.issue(chief.owner, "script")
    assert not plain.is_admin


def test_a_key_makes_videos_with_its_models_alone(db: None) -> None:
    caller = limited(models_allowed=["gen4*", "veo3.1_fast"])
    assert caller.post("", BODY).status_code == 200
    assert caller.post("", {**BODY, "model": "sora-2", "seconds": "4"}).status_code == 200
    answer = caller.post("", {**BODY, "model": "seedance2", "seconds": "5"})
    assert refusal(answer) == (403, "model_not_allowed")
    assert "gen4*, veo3.1_fast" in answer.json()["error"]["message"]
    assert answer.json()["error"]["param"] == "model"
    assert Video.objects.count() == 2


def test_requests_a_minute_are_counted_and_told(db: None) -> None:
    caller = limited(requests_per_minute=2)
    left = [caller.get("")["x-ratelimit-remaining-requests"] for _ in range(2)]
    assert left == ["1", "0"]
    ApiKey.objects.update(minute=2**40)  # the minute does not end during this test
    answer = caller.get("")
    assert refusal(answer) == (429, "rate_limit_exceeded")
    assert answer["x-ratelimit-limit-requests"] == "2"
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert answer.json()["error"]["type"] == "rate_limit_error"
    ApiKey.objects.update(minute=1)
    assert caller.get("").status_code == 200


def test_a_key_without_a_limit_is_told_none(caller: Caller) -> None:
    assert not [name for name in caller.get("").headers if name.startswith("x-ratelimit")]


def test_of_the_videos_a_day_those_of_earlier_days_do_not_count(db: None) -> None:
    caller = limited(videos_per_day=1)
    first = caller.post("", BODY)
    assert first.status_code == 200
    answer = caller.post("", BODY)
    assert refusal(answer) == (429, "rate_limit_exceeded")
    assert "1 videos a day" in answer.json()["error"]["message"]
    assert answer["x-should-retry"] == "false"
    assert caller.delete(f"/{first.json()['id']}").status_code == 200
    assert caller.post("", BODY).status_code == 429, "a deleted one was made all the same"
    Video.objects.update(created_at=timezone.now() - timedelta(days=1, seconds=1))
    assert caller.post("", BODY).status_code == 200


def test_only_unfinished_videos_count_as_parallel(db: None) -> None:
    caller = limited(parallel_videos=1)
    first = caller.post("", BODY)
    answer = caller.post("", BODY)
    assert refusal(answer) == (429, "rate_limit_exceeded")
    assert "x-should-retry" not in answer
    assert Video.objects.count() == 1
    caller.post(f"/{first.json()['id']}/cancel")
    assert caller.post("", BODY).status_code == 200


def test_a_repeat_of_a_call_is_no_second_video(db: None) -> None:
    caller = limited(videos_per_day=1)
    first = caller.post("", BODY, **{"Idempotency-Key": "order-17"})
    again = caller.post("", BODY, **{"Idempotency-Key": "order-17"})
    assert again.status_code == 200
    assert again.json()["id"] == first.json()["id"]


def test_the_limits_of_one_key_are_not_those_of_another(db: None) -> None:
    caller = limited(videos_per_day=1)
    other = Caller(caller.owner, ApiKey.issue(caller.owner, "other")[1])
    assert caller.post("", BODY).status_code == 200
    assert [other.post("", BODY).status_code for _ in range(3)] == [200] * 3


def test_an_expired_key_is_refused(db: None) -> None:
    caller = limited(expires_at=timezone.now() + timedelta(hours=1))
    assert caller.get("").status_code == 200
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert refusal(caller.get("")) == (401, "invalid_api_key")


def test_a_rotated_key_works_until_the_overlap_ends(caller: Caller) -> None:
    key = ApiKey.objects.get(owner=caller.owner)
    both = [caller, Caller(caller.owner, key.rotate(timedelta(hours=1)))]
    assert [each.get("").status_code for each in both] == [200, 200]
    ApiKey.objects.filter(replaced_by=key).update(expires_at=timezone.now())
    assert [each.get("").status_code for each in both] == [401, 200]


def test_a_rotated_key_has_no_second_helping_and_repeats_stay_repeats(db: None) -> None:
    caller = limited(videos_per_day=1)
    key = ApiKey.objects.get()
    first = caller.post("", BODY, **{"Idempotency-Key": "order-17"})
    both = [caller, Caller(caller.owner, key.rotate(timedelta(hours=1)))]
    assert [each.post("", BODY).status_code for each in both] == [429, 429]
    for each in both:
        again = each.post("", BODY, **{"Idempotency-Key": "order-17"})
        assert again.json()["id"] == first.json()["id"]
    assert [video.api_key for video in Video.objects.all()] == [key]


def test_revoking_a_rotated_key_ends_its_old_token_as_well(caller: Caller) -> None:
    key = ApiKey.objects.get(owner=caller.owner)
    key.rotate(timedelta(hours=1))
    ApiKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())
    assert caller.get("").status_code == 401


def test_a_rotation_gives_an_ending_key_no_longer_life(db: None) -> None:
    end = timezone.now() + timedelta(minutes=5)
    key, _ = ApiKey.issue(make_user(), "script", expires_at=end)
    key.rotate(timedelta(hours=1))
    assert {row.expires_at for row in ApiKey.objects.all()} == {end}


def test_the_last_use_is_noted_once_a_minute(caller: Caller) -> None:
    caller.get("")
    key = ApiKey.objects.get(owner=caller.owner)
    assert key.last_used_at is not None
    assert key.last_used_from == "127.0.0.1"
    caller.get("")
    assert ApiKey.objects.get(pk=key.pk).last_used_at == key.last_used_at
    early = timezone.now() - timedelta(minutes=2)
    ApiKey.objects.update(last_used_at=early)
    caller.get("")
    noted = ApiKey.objects.get(pk=key.pk).last_used_at
    assert noted is not None
    assert noted > early


def test_calls_at_the_same_moment_share_one_limit(shared_database: None) -> None:
    caller, together = limited(videos_per_day=3), threading.Barrier(8, timeout=30)

    def call(number: int) -> int:
        together.wait()
        try:
            status: int = caller.post("", {**BODY, "prompt": f"shot {number}"}).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(call, range(8)))
    assert sorted(answers) == [200] * 3 + [429] * 5
    assert Video.objects.count() == 3
