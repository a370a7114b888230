"""One submission goes through the whole pool: each key once, until one takes the video."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from django.utils import timezone
from urllib3.exceptions import NewConnectionError

from providers.models import ProviderKey
from providers.pool import Wish
from tests.videos.factories import BASE_URL, make_key, make_user, make_video
from videos import actions, capacity, leases, ledger
from videos import requests as validator
from videos.models import Video
from videos.submit import _begin, submit

pytestmark = pytest.mark.django_db

TASK = "17f20503-6c24-4c16-946b-35dbbce2af2f"
CREATE = f"{BASE_URL}/v1/text_to_video"
NO_CREDITS = "You do not have enough credits to run this task."
REFUSED = requests.exceptions.ConnectionError(NewConnectionError(None, "refused"))  # type: ignore[arg-type]  # as urllib3 raises it

Send = Callable[[], Video]


@pytest.fixture
def runway() -> Any:
    """Runway at the wire; whatever is not registered is refused."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def send(data_dir: Path, tmp_path: Path) -> Send:
    """Claims the one video there is, submits it, and gives it as it is then."""
    checked = validator.check({"model": "gen4.5", "prompt": "a lighthouse", "seconds": 5})
    video = actions.accept(checked, make_user())

    def once() -> Video:
        Video.objects.filter(pk=video.pk).update(next_at=timezone.now() - timedelta(seconds=1))
        [claim] = leases.claim("queued", 1)
        submit(claim, tmp_path)
        video.refresh_from_db()
        return video

    return once


def arrows(video: Video) -> str:
    """The letters of the video's events, in order."""
    return "".join(video.events.order_by("id").values_list("arrow", flat=True))


def answer(runway: responses.RequestsMock, *answers: dict[str, Any]) -> None:
    """What Runway says to one create after the other."""
    for one in answers:
        runway.add(responses.POST, CREATE, **one)


PASSING: dict[str, dict[str, Any]] = {
    "refused": {"body": REFUSED},
    "401": {"json": {"error": "Invalid API key"}, "status": 401},
    "403": {"json": {"error": "Not for you"}, "status": 403},
    "429": {"json": {"error": "slow down"}, "status": 429},
    "503": {"json": {"error": "busy"}, "status": 503},
    "credits": {"json": {"error": NO_CREDITS}, "status": 400},
}


@pytest.mark.parametrize("first", PASSING.values(), ids=PASSING)
def test_what_one_key_cannot_take_the_next_one_gets_at_once(
    runway: responses.RequestsMock, send: Send, first: dict[str, Any]
) -> None:
    make_key("one"), make_key("two")
    answer(runway, first, {"json": {"id": TASK}})
    video = send()
    assert (video.status, arrows(video)) == ("in_progress", "abdbc")
    assert video.attempt == 2
    assert video.task and video.task.provider_key == video.provider_key
    details = video.events.filter(arrow="b").values_list("detail", flat=True)
    assert {text.rpartition(" ")[2] for text in details} == {"one", "two"}


def test_each_key_is_asked_once_and_the_video_waits_with_a_reason(
    runway: responses.RequestsMock, send: Send
) -> None:
    for number in range(4):
        make_key(f"key {number}")
    answer(runway, PASSING["503"])
    video = send()
    assert (video.status, arrows(video), len(runway.calls)) == ("queued", "abdbdbdbd", 4)
    assert ledger.cost(video) == 60
    assert video.reason.startswith("Every provider key is resting; the next one is back in")
    assert video.next_at and video.next_at < timezone.now() + timedelta(seconds=6)


def test_nobody_is_asked_after_a_doubt(runway: responses.RequestsMock, send: Send) -> None:
    make_key("one"), make_key("two"), make_key("three")
    answer(runway, PASSING["429"], {"json": {"error": "oops"}, "status": 502})
    video = send()
    assert (video.error_code, arrows(video)) == ("submission_uncertain", "abdbe")
    assert len(runway.calls) == 2


def test_nobody_is_asked_after_a_refusal_of_the_request(
    runway: responses.RequestsMock, send: Send
) -> None:
    make_key("one"), make_key("two")
    answer(runway, {"json": {"error": "Validation of body failed"}, "status": 400})
    assert (arrows(send()), len(runway.calls)) == ("abe", 1)


def test_a_key_without_credits_is_paused_until_it_has_enough(
    runway: responses.RequestsMock, send: Send
) -> None:
    key = make_key()
    answer(runway, PASSING["credits"])
    video = send()
    assert video.reason == f"Every provider key is paused: main: Out of credits: {NO_CREDITS}"
    for balance, paused in ((59, True), (60, False)):
        runway.get(f"{BASE_URL}/v1/organization", json={"creditBalance": balance})
        key.test()
        key.refresh_from_db()
        assert bool(key.paused_reason) is paused
        runway.remove(responses.GET, f"{BASE_URL}/v1/organization")
    runway.remove(responses.POST, CREATE)
    answer(runway, {"json": {"id": TASK}})
    assert send().status == "in_progress"


def test_a_key_whose_secret_is_gone_is_passed_over(
    runway: responses.RequestsMock, send: Send
) -> None:
    ProviderKey.objects.create(
        name="gone", secret="env.RUNWAY_NOT_THERE", weight=10**6, passed_at=timezone.now()
    )
    make_key("there")
    answer(runway, {"json": {"id": TASK}})
    video = send()
    assert (video.status, arrows(video)) == ("in_progress", "abc")
    assert ProviderKey.objects.get(name="gone").paused_reason == (
        "The environment variable RUNWAY_NOT_THERE is not set."
    )


def test_a_full_key_leaves_the_video_here_where_it_is_cancelled_for_free(
    runway: responses.RequestsMock, send: Send
) -> None:
    key = make_key(limits={"models": {"gen4.5": {"concurrent": 2}}})
    make_video("in_progress"), make_video("submitting")
    video = send()
    assert (video.status, arrows(video), len(runway.calls)) == ("queued", "a", 0)
    assert "waits for a free place" in video.reason
    assert capacity.load().of(key, "gen4.5") == capacity.load().of(key) == 2
    actions.cancel(video)
    video.refresh_from_db()
    assert (video.status, ledger.cost(video)) == ("cancelled", Decimal(0))


def test_the_last_place_of_a_key_that_went_meanwhile_begins_nothing(send: Send) -> None:
    key = make_key(limits={"models": {"gen4.5": {"concurrent": 1}}})
    video, wish = Video.objects.get(), Wish("gen4.5", Decimal(60))
    other = make_video("in_progress")
    assert not _begin(key, video, wish)
    assert (video.status, arrows(video)) == ("queued", "a")
    Video.objects.filter(pk=other.pk).update(status="storing")
    assert _begin(key, video, wish)
    assert arrows(video) == "ab"


def test_a_success_and_a_failure_are_measured(runway: responses.RequestsMock, send: Send) -> None:
    make_key("one"), make_key("two")
    answer(runway, PASSING["429"], {"json": {"id": TASK, "estimatedCost": {"credits": 60}}})
    video = send()
    good = video.provider_key
    assert good is not None
    bad = ProviderKey.objects.exclude(pk=good.pk).get()
    counts = ("calls", "accepted", "failures", "throttled")
    assert good.minutes.values_list(*counts).get() == (1, 1, 0, 0)
    assert bad.minutes.values_list(*counts).get() == (1, 0, 0, 1)
    assert good.last_success_at and not good.last_error
    assert (bad.last_error, bad.last_success_at) == ("slow down", None)
