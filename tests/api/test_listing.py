"""Listing: filters, each alone and all together with paging."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection

from tests.videos.factories import make_video
from videos.arrows import STATUSES
from videos.models import MetadataPair, Video

from .conftest import Caller
from .test_videos import WORDS

NOON = datetime(2026, 9, 24, 12, tzinfo=UTC)


def listed(caller: Caller, **filters: object) -> list[str]:
    """The ids of a page."""
    answer = caller.get(f"?{urlencode(filters)}")
    assert answer.status_code == 200, answer.content
    return [video["id"] for video in answer.json()["data"]]


def pages(caller: Caller, limit: int, **filters: object) -> list[str]:
    """The ids of all pages, as a client walks through them."""
    ids: list[str] = []
    while True:
        after = {"after": ids[-1]} if ids else {}
        page = caller.get(f"?{urlencode({**filters, **after, 'limit': limit})}").json()
        ids += [video["id"] for video in page["data"]]
        if not page["has_more"]:
            return ids


@pytest.mark.parametrize("word", sorted(set(WORDS.values())))
def test_a_status_finds_what_shows_that_status(caller: Caller, word: str) -> None:
    for status in STATUSES:
        make_video(status, provider_status="RUNNING")
    for waiting in ("PENDING", "THROTTLED"):
        make_video("in_progress", provider_status=waiting)
    shown = {video["id"]: video["status"] for video in caller.get("").json()["data"]}
    found = listed(caller, status=word)
    assert set(found) == {pk for pk, status in shown.items() if status == word}
    assert found


@pytest.mark.parametrize("asked", ["veo3.1_fast", "sora-2", "runway/sora-2"])
def test_a_model_is_found_by_what_was_asked_for_and_by_what_makes_it(
    caller: Caller, asked: str
) -> None:
    make_video()
    video = make_video(model="sora-2", resolved_model="veo3.1_fast")
    assert listed(caller, model=asked) == [video.pk]


def test_a_mode_finds_its_videos(caller: Caller) -> None:
    make_video()
    video = make_video(mode="image_to_video")
    assert listed(caller, mode="image_to_video") == [video.pk]
    assert listed(caller, mode="nothing") == []


def test_times_meet_without_overlap(caller: Caller) -> None:
    early, at_noon, late = (
        make_video(created_at=NOON + timedelta(milliseconds=delay)).pk for delay in (-1, 0, 1)
    )
    noon = int(NOON.timestamp())
    assert listed(caller, created_before=noon) == [early]
    assert listed(caller, created_after=noon) == [late, at_noon]
    assert listed(caller, created_after=noon, created_before=noon + 1) == [late, at_noon]


def test_times_of_the_database_itself_are_compared_too(caller: Caller) -> None:
    video = make_video()
    second = int(video.created_at.timestamp())
    assert listed(caller, created_after=second) == [video.pk]
    assert listed(caller, created_before=second) == []
    assert listed(caller, created_after=second + 1) == []
    assert listed(caller, created_before=253402300799) == [video.pk]


@pytest.mark.parametrize(
    "words",
    [
        "lighthouse",
        "LIGHTHOUSE",
        "house at",
        "\u00dcBER",
        "\u00fcber",
        "100%",
        "a_b",
        ".*(x)",
        "\n",
    ],
    ids=ascii,
)
def test_a_prompt_is_searched_in_any_case_and_literally(caller: Caller, words: str) -> None:
    video = make_video(prompt="A Lighthouse at dawn, \u00fcber 100% a_b .*(x)\nend")
    make_video(prompt="light house, uber 100 pc, aXb, (x)")
    assert listed(caller, prompt=words) == [video.pk]


def test_metadata_finds_videos_with_all_its_pairs(caller: Caller, stranger: Caller) -> None:
    body = {"model": "gen4.5", "prompt": "a kite"}
    pairs = {"project": "apollo", "1": "2", 'q"]': "a=b"}
    both = caller.post(body={**body, "metadata": pairs}).json()["id"]
    one = caller.post(body={**body, "metadata": {"project": "apollo"}}).json()["id"]
    stranger.post(body={**body, "metadata": pairs})
    assert listed(caller, **{"metadata[project]": "apollo"}) == [one, both]
    assert listed(caller, **{"metadata[project]": "Apollo"}) == []
    assert listed(caller, **{"metadata[project]": "apollo", "metadata[1]": "2"}) == [both]
    assert listed(caller, **{'metadata[q"]]': "a=b"}) == [both]
    assert listed(caller, **{"metadata[project]": "apollo", "metadata[2]": "1"}) == []


def test_filters_combine_with_each_other_and_with_paging(caller: Caller) -> None:
    wanted = []
    for number in range(30):
        video = make_video(
            "completed" if number % 2 else "failed",
            mode="image_to_video" if number % 3 else "text_to_video",
            prompt=f"kite {number}",
            created_at=NOON + timedelta(seconds=number // 4),
        )
        MetadataPair.objects.create(video=video, key="set", value=str(number % 5 > 0))
        if number % 2 and number % 3 and number % 5 and 4 <= number < 24:
            wanted.append(video.pk)
    noon = int(NOON.timestamp())
    filters = {
        "status": "completed",
        "model": "gen4.5",
        "mode": "image_to_video",
        "prompt": "KITE",
        "created_after": noon + 1,
        "created_before": noon + 6,
        "metadata[set]": "True",
    }
    found = pages(caller, 2, **filters)
    assert len(found) == len(wanted) == 6
    assert set(found) == set(wanted)
    assert pages(caller, 2, order="asc", **filters) == found[::-1]
    assert found == listed(caller, **filters)


def test_a_filter_never_shows_what_is_not_ones_own(caller: Caller, stranger: Caller) -> None:
    make_video("completed")
    make_video("failed", owner=stranger.owner)
    for filters in ({"status": "completed"}, {"status": "queued"}, {"prompt": "lighthouse"}):
        assert set(listed(stranger, **filters)) <= {
            video.pk for video in Video.objects.filter(owner=stranger.owner)
        }


def test_a_limit_of_none_tells_whether_there_is_anything(caller: Caller) -> None:
    empty: dict[str, Any] = {"object": "list", "data": [], "first_id": None, "last_id": None}
    assert caller.get("?limit=0").json() == {**empty, "has_more": False}
    make_video()
    assert caller.get("?limit=0").json() == {**empty, "has_more": True}
    assert caller.get("?limit=0&status=failed").json() == {**empty, "has_more": False}


def test_parameters_of_other_gateways_change_nothing(caller: Caller) -> None:
    video = make_video()
    assert listed(caller, provider="runway", **{"api-version": "preview"}) == [video.pk]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "library"),
        ({"created_after": 1}, "library"),
        ({"status": "completed"}, "library"),
        ({"metadata[project]": "apollo"}, "metadata"),
    ],
    ids=str,
)
def test_a_page_is_read_from_an_index(
    caller: Caller, query: dict[str, Any], index: str, django_assert_max_num_queries: Any
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by what is in the table")
    with django_assert_max_num_queries(4) as asked:
        listed(caller, **query)
    [page] = [q["sql"] for q in asked if 'FROM "videos_video"' in q["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {page}")
        plan = " | ".join(row[3] for row in cursor.fetchall())
    assert f"USING INDEX {index}" in plan or f"USING COVERING INDEX {index}" in plan, plan
    assert "SCAN videos_video" not in plan
