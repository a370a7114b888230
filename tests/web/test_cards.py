"""What a card says in every state: words, cost, what can be done."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.videos.factories import make_task, make_video
from videos import cards, failures, ledger
from videos.models import LedgerLine, Video
from videos.outlook import Outlook

pytestmark = pytest.mark.django_db

RUNNING = {"provider_status": "RUNNING", "progress": 58}


def card_of(status: str, **columns: Any) -> cards.Card:
    """The card of a video with 60 credits reserved."""
    video = make_video(status, **columns)
    ledger.reserve(video, Decimal(60))
    return seen(video)


def seen(video: Video) -> cards.Card:
    """The card as a page would load it."""
    return cards.make(Video.objects.for_cards().get(pk=video.pk))


def names(card: cards.Card) -> tuple[str, ...]:
    """What is offered."""
    return tuple(action.name for action in card.actions)


def settled(status: str, credits: int, mark: str = "", **columns: Any) -> cards.Card:
    """The card of a video that cost this in the end."""
    video = card_of(status, **columns).video
    change = Decimal(credits - 60)
    LedgerLine.objects.create(video=video, kind=ledger.SETTLE, credits=change, mark=mark)
    return seen(video)


@pytest.mark.parametrize(
    ("status", "columns", "title", "text"),
    [
        ("queued", {}, "Queued", ""),
        ("queued", {"reason": "The first frame is made"}, "Queued", "The first frame is made"),
        ("submitting", {}, "Sending to Runway", ""),
        ("in_progress", {}, "Sent to Runway", ""),
        ("in_progress", {"provider_status": "PENDING"}, "Sent to Runway", ""),
        (
            "in_progress",
            {"provider_status": "THROTTLED", "reason": "Waiting for a Runway slot"},
            "Waiting for a Runway slot",
            "",
        ),
        ("in_progress", RUNNING, "In progress", ""),
        ("in_progress", {**RUNNING, "cancel_requested": True}, "Cancelling", ""),
        ("storing", {}, "Saving to the library", ""),
        ("storing", {"reason": "Saving: no space left"}, "Made, not saved yet", "No space left"),
        ("completed", {}, "Ready", ""),
        ("cancelled", {}, "Cancelled", ""),
    ],
)
def test_every_status_has_its_words(
    status: str, columns: dict[str, Any], title: str, text: str
) -> None:
    card = card_of(status, **columns)
    assert (card.title, card.text) == (title, text)


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("moderation_blocked", "Blocked by content rules"),
        ("invalid_input", "The picture could not be used"),
        ("bad_output", "Runway threw the result away"),
        ("provider_unavailable", "The model was not available"),
        ("provider_rejected", "Runway refused the request"),
        ("submission_uncertain", "We do not know whether Runway took it"),
        ("timed_out", "No answer in time"),
        ("input_gone", "The picture is gone"),
        ("provider_task_gone", "Runway lost this video"),
        ("output_lost", "The result is lost"),
        ("output_too_large", "The result could not be kept"),
        ("output_forbidden", "The result could not be kept"),
        ("task_failed", "Runway could not finish this"),
        ("something_new", "Runway could not finish this"),
    ],
)
def test_every_failure_says_what_happened(code: str, title: str) -> None:
    card = card_of("failed", error_code=code, error_message="It is so.")
    assert card.title == title
    assert len(card.text) > 5


def test_what_runway_said_inside_is_not_for_everybody() -> None:
    message = "Runway could not make this video (ODD.CODE)."
    card = card_of("failed", error_code="task_failed", error_message=message)
    assert "ODD" not in card.title + card.text


def test_what_runway_refused_is_for_administrators() -> None:
    message = "Runway refused the request: promptText: too {long}"
    card = card_of("failed", error_code="provider_rejected", error_message=message)
    assert "promptText" not in card.text and "administrator" in card.text


@pytest.mark.parametrize(
    ("status", "columns"),
    [("queued", {}), ("submitting", {}), ("in_progress", RUNNING)],
)
def test_while_it_is_open_it_costs_at_most_its_reservation(
    status: str, columns: dict[str, Any]
) -> None:
    assert card_of(status, **columns).cost == "up to 60 cr"


@pytest.mark.parametrize(
    ("status", "credits", "mark", "cost"),
    [
        ("storing", 57, "", "57 cr"),
        ("completed", 60, "", "60 cr"),
        ("completed", 0, "", "No charge"),
        ("failed", 60, "", "charged 60 cr"),
        ("failed", 0, "", "No charge"),
        ("cancelled", 0, "", "No charge"),
        ("cancelled", 0, "assumed", "No charge expected"),
        ("cancelled", 60, "assumed", "60 cr, assumed: Runway did not tell"),
    ],
)
def test_at_the_end_the_books_say_what_it_cost(
    status: str, credits: int, mark: str, cost: str
) -> None:
    assert settled(status, credits, mark).cost == cost


def test_what_the_sandbox_makes_is_free() -> None:
    assert card_of("in_progress", is_sandbox=True).cost == "Sandbox · free"


def test_large_amounts_are_grouped() -> None:
    assert ledger.words(Decimal("1240.50")) == "1\N{NARROW NO-BREAK SPACE}240.5 cr"


def test_doubt_keeps_its_price_until_somebody_gives_up() -> None:
    card = card_of("failed", error_code="submission_uncertain")
    assert (card.cost, names(card)) == ("up to 60 cr", ("send_again", "give_up"))
    ledger.release_uncertain(card.video)
    card = seen(card.video)
    assert card.title == "Given up"
    assert card.cost == "0 cr booked · Runway may charge more"
    assert names(card) == ("try_again",)


@pytest.mark.parametrize(
    ("status", "columns", "actions"),
    [
        ("queued", {}, ("cancel",)),
        ("submitting", {}, ("cancel",)),
        ("submitting", {"cancel_requested": True}, ()),
        ("in_progress", {"provider_status": "THROTTLED"}, ("cancel",)),
        ("in_progress", RUNNING, ("cancel_paid",)),
        ("in_progress", {**RUNNING, "is_sandbox": True}, ("cancel_paid",)),
        (
            "in_progress",
            {"reason": "No answer from Runway for 31 minutes"},
            ("check_again", "cancel"),
        ),
        ("storing", {}, ()),
        ("storing", {"reason": "Saving: no space left"}, ("save_again",)),
        ("completed", {}, ()),
        ("failed", {"error_code": "timed_out"}, ("check_again", "try_again")),
        ("cancelled", {}, ("run_again",)),
    ],
)
def test_a_card_offers_what_can_be_done(
    status: str, columns: dict[str, Any], actions: tuple[str, ...]
) -> None:
    assert names(card_of(status, **columns)) == actions


def test_progress_is_known_only_while_runway_runs() -> None:
    assert card_of("in_progress", **RUNNING).progress == 58
    assert card_of("in_progress", provider_status="THROTTLED", progress=58).progress is None
    assert card_of("in_progress", provider_status="RUNNING").progress is None


def test_the_first_frames_progress_is_not_the_videos() -> None:
    card = card_of("in_progress", **RUNNING, request={"first_frame": "1280x720"})
    assert (card.title, card.progress) == ("Making the first frame", None)


@pytest.mark.parametrize(
    ("failure", "title", "actions"),
    [
        ("SAFETY.INPUT.TEXT", "Blocked by content rules", ("edit",)),
        ("SAFETY.INPUT.IMAGE", "Blocked by content rules", ("change_picture",)),
        ("SAFETY.INPUT.NEW", "Blocked by content rules", ("edit",)),
        ("SAFETY.OUTPUT.VIDEO", "Result blocked", ("edit", "once_more")),
        ("INPUT_PREPROCESSING.SAFETY.TEXT", "Blocked by the model's own rules", ("edit",)),
        (
            "INTERNAL.BAD_OUTPUT.CODE01",
            "Runway threw the result away",
            ("try_again", "change_picture"),
        ),
        ("ASSET.INVALID", "The picture could not be used", ("change_picture",)),
        ("INTERNAL", "Runway had a fault", ("try_again",)),
        ("THIRD_PARTY.UNAVAILABLE", "The model was not available", ("try_again",)),
        ("ODD.CODE", "Runway could not finish this", ("try_again",)),
    ],
)
def test_runways_code_decides_what_is_said_and_offered(
    failure: str, title: str, actions: tuple[str, ...]
) -> None:
    video = make_video("failed", error_code=failures.explain(failure)[0])
    make_task(video, failure_code=failure)
    card = seen(video)
    assert (card.title, names(card)) == (title, actions)
    assert failure not in card.text


def test_a_second_fault_says_that_it_was_the_second() -> None:
    video = make_video("failed", error_code="task_failed", attempt=2)
    make_task(video, failure_code="INTERNAL")
    assert seen(video).title == "Stopped after the second try"


def test_a_running_video_says_when_it_will_be_there() -> None:
    video = seen(make_video()).video
    assert cards.when(video, Outlook(3, 100.0)) == "#3 in the queue · about 2 min"
    assert cards.when(video, Outlook(None, 20.0)) == "under a minute"
    video = seen(make_video("in_progress", progress=97)).video
    assert cards.when(video, Outlook()) == "finishing, slower than usual"


def test_the_trash_says_for_how_long() -> None:
    now = timezone.now()
    assert cards.days_left(now, 30) == "Deleted for good in 29 days"
    assert cards.days_left(now - timedelta(days=28), 30) == "Deleted for good in 1 day"
    assert cards.days_left(now - timedelta(days=30), 30) == "Deleted for good within a day"
