"""The books: append-only lines in credits. A video's lines sum to what it is shown to cost.

Called inside the transaction that writes the arrow which the line belongs to, so that status and
books never disagree.
"""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Sum

from providers import house

from .arrows import STORING
from .models import LedgerLine, Task, Video

RESERVE, SETTLE, RELEASE = "reserve", "settle", "release"
ASSUMED, UNCERTAIN, SANDBOX = "assumed", "uncertain", "sandbox"
NOTHING = Decimal(0)
NARROW = "\N{NARROW NO-BREAK SPACE}"


def cost(video: Video) -> Decimal:
    """What the video costs now: its reservation while it is under way, its price afterwards."""
    total = LedgerLine.objects.filter(video=video).aggregate(total=Sum("credits"))["total"]
    return total or NOTHING


def is_open(video: Video) -> bool:
    """Whether the price of a video loaded `with_cost` may still change.

    Runway tells it when its task ends; of an uncertain submission somebody must decide.
    """
    if video.error_code == "submission_uncertain":
        return video.last_mark != UNCERTAIN
    return not video.is_terminal and video.status != STORING


def words(amount: Decimal) -> str:
    """An amount for people: "1 240 cr", with a narrow space."""
    figure = f"{amount:,.2f}".rstrip("0").rstrip(".")
    return figure.replace(",", NARROW) + " cr"


def in_money(amount: Decimal) -> str:
    """Credits in the installation's currency: "12.40 USD"."""
    now = house.current()
    figure = f"{amount * now.credit_price:,.2f}"
    return f"{figure.replace(',', NARROW)} {now.currency}"


def reserve(video: Video, credits: Decimal) -> None:
    """Set credits aside for a video, or more of them when the provider names a higher price."""
    missing = credits - cost(video)
    if missing > 0:
        _write(video, RESERVE, missing)


def settle(video: Video) -> None:
    """Replace the reservation by what the video's tasks really cost.

    A task that never told its cost counts with its assumed one; what the sandbox made is free.
    """
    tasks = list(Task.objects.filter(video=video).order_by("id"))
    difference = _spent(video) - cost(video)
    if difference or tasks:
        kind = SETTLE if tasks else RELEASE
        _write(video, kind, difference, mark=_mark(video, tasks), task=tasks[-1] if tasks else None)


def release_uncertain(video: Video) -> None:
    """Give the reservation of an uncertain submission up, and say in the books that it was one.

    What earlier tasks of the video cost, such as its first frame, stays.
    """
    _write(video, RELEASE, _spent(video) - cost(video), mark=UNCERTAIN)


def is_given_up(video: Video) -> bool:
    """Whether its uncertain submission was given up, and nothing was booked since."""
    newest = LedgerLine.objects.filter(video=video).order_by("-id").first()
    return newest is not None and newest.mark == UNCERTAIN


def _spent(video: Video) -> Decimal:
    spent = Task.objects.filter(video=video).aggregate(total=Sum("credits"))["total"]
    return spent or NOTHING


def _mark(video: Video, tasks: list[Task]) -> str:
    if video.is_sandbox:
        return SANDBOX
    return ASSUMED if any(task.is_assumed for task in tasks) else ""


def _write(
    video: Video, kind: str, credits: Decimal, *, mark: str = "", task: Task | None = None
) -> None:
    LedgerLine.objects.create(video=video, kind=kind, credits=credits, mark=mark, task=task)
    Video.objects.filter(pk=video.pk).touch()
