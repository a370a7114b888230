"""What a card says in every state: words, cost, what can be done."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.videos.factories import make_video
from videos import cards, ledger
from videos.models import LedgerLine, Video

pytestmark = pytest.mark.django_db

RUNNING = {"provider_status": "RUNNING", "progress": 58}


def card_of(status: str, **columns: Any) -> cards.Card:
    """The card of a video with 60 credits reserved."""
    video = make_video(status, **columns)
    ledger.reserve(video, Decimal(60))
    return seen(video)


def seen(video: Video) -> cards.Card:
    """The card as a page would load it."""
    return cards.make(Video.objects.with_cost().get(pk=video.pk))


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
        ("completed", {}, "Completed", ""),
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


def test_a_refusal_says_what_is_wrong_once() -> None:
    message = "Runway refused the request: promptText: too {long}"
    card = card_of("failed", error_code="provider_rejected", error_message=message)
    assert card.text == "PromptText: too {long}"


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
    assert (card.cost, card.actions) == ("up to 60 cr", (cards.SEND_AGAIN, cards.GIVE_UP))
    ledger.release_uncertain(card.video)
    card = seen(card.video)
    assert card.title == "Given up"
    assert card.cost == "0 cr booked · Runway may charge more"
    assert card.actions == (cards.REUSE, cards.DELETE)


@pytest.mark.parametrize(
    ("status", "columns", "actions"),
    [
        ("queued", {}, ("cancel",)),
        ("submitting", {}, ("cancel",)),
        ("submitting", {"cancel_requested": True}, ()),
        ("in_progress", {"provider_status": "THROTTLED"}, ("cancel",)),
        ("in_progress", RUNNING, ("cancel_paid",)),
        ("in_progress", {**RUNNING, "is_sandbox": True}, ("cancel",)),
        ("storing", {}, ()),
        ("completed", {}, ("download", "reuse", "delete")),
        ("failed", {"error_code": "timed_out"}, ("reuse", "delete")),
        ("cancelled", {}, ("reuse", "delete")),
    ],
)
def test_a_card_offers_what_can_be_done(
    status: str, columns: dict[str, Any], actions: tuple[str, ...]
) -> None:
    assert card_of(status, **columns).actions == actions


def test_progress_is_known_only_while_runway_runs() -> None:
    assert card_of("in_progress", **RUNNING).progress == 58
    assert card_of("in_progress", provider_status="THROTTLED", progress=58).progress is None
    assert card_of("in_progress", provider_status="RUNNING").progress is None


def test_what_may_come_back_is_watched() -> None:
    assert card_of("failed", error_code="timed_out").is_watched
    assert not card_of("failed", error_code="bad_output").is_watched
    assert card_of("queued").is_watched


def test_a_percentage_changes_the_state_and_the_end_changes_the_card() -> None:
    before = card_of("in_progress", **RUNNING)
    Video.objects.update(progress=70)
    after = seen(before.video)
    assert (after.shape == before.shape, after.token == before.token) == (True, False)
    assert cards.changes({after.video.pk: before.token}, [after]).states == [after]
    Video.objects.update(status="completed")
    ended = seen(before.video)
    changes = cards.changes({ended.video.pk: after.token}, [ended])
    assert (changes.whole, changes.states, changes.ended) == ([ended], [], [ended])


def test_a_page_tells_its_cards_and_nonsense_is_nothing() -> None:
    one = "video_" + "a" * 32
    assert cards.held(f"{one}.00000000.11111111,video_x.1.2,\0") == {one: "00000000.11111111"}
    many = ",".join(f"video_{n:032x}.00000000.11111111" for n in range(300))
    assert len(cards.held(many)) == cards.MOST_HELD
