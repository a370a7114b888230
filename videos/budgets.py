"""Budgets: what they leave, who may still spend, and the warnings at 50, 80 and 100 %.

Called by `actions.accept` for every video, by the worker when Runway names a higher price, and by
the pages. A budget's period is that of UTC's calendar. What is used in it is the sum of the ledger
lines of the videos made in it, reservations included; what the sandbox makes counts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from studio.accounts.models import User

from . import ledger
from .models import Budget, BudgetWarning, LedgerLine, Video
from .money import Covers, Period
from .requests import InvalidRequest

THRESHOLDS = (50, 80, 100)

_EACH = {Period.DAY: "daily", Period.WEEK: "weekly", Period.MONTH: "monthly"}
_WHOSE = {
    Covers.PERSON: "your {} budget",
    Covers.API_KEY: "this API key's {} budget",
    Covers.PROJECT: "the project's {} budget",
    Covers.INSTALLATION: "the installation's {} budget",
}


@dataclass(frozen=True)
class Standing:
    """A budget in its present period."""

    budget: Budget
    starts_at: datetime
    ends_at: datetime
    used: Decimal

    @property
    def left(self) -> Decimal:
        """Credits that may still be spent."""
        return max(ledger.NOTHING, self.budget.amount - self.used)

    @property
    def over(self) -> Decimal:
        """Credits spent beyond it."""
        return max(ledger.NOTHING, self.used - self.budget.amount)

    @property
    def percent(self) -> int:
        """How much of it is used; 100 and more for all of it."""
        if not self.budget.amount:
            return 100
        return int(max(ledger.NOTHING, self.used) * 100 / self.budget.amount)

    @property
    def level(self) -> int:
        """The highest threshold that is reached, 0 for none."""
        return max((share for share in THRESHOLDS if self.percent >= share), default=0)

    @property
    def share(self) -> int:
        """The same, never above 100: the length of a bar."""
        return min(100, self.percent)

    @property
    def title(self) -> str:
        """For pages: "Monthly budget of Ana"."""
        words = {
            Period.DAY: _("Daily budget of %(whose)s"),
            Period.WEEK: _("Weekly budget of %(whose)s"),
            Period.MONTH: _("Monthly budget of %(whose)s"),
        }[Period(self.budget.period)]
        return words % {"whose": self.budget.target or _("everybody")}

    @property
    def name(self) -> str:
        """For answers of the API: "your monthly budget"."""
        return _WHOSE[Covers(self.budget.scope)].format(_EACH[Period(self.budget.period)])


class OverBudget(InvalidRequest):
    """A hard budget has no room for a video. `needed` is None where no price is known."""

    def __init__(self, standing: Standing, needed: Decimal | None, model: str) -> None:
        self.standing, self.needed, self.model = standing, needed, model
        left, all_of_it = ledger.words(standing.left), ledger.words(standing.budget.amount)
        message = (
            f"This needs {ledger.words(needed)}, and of {standing.name} {left} of {all_of_it} "
            f"are left until {standing.ends_at:%Y-%m-%d %H:%M} UTC."
            if needed is not None
            else f"Nobody knows what '{model}' costs here, and {standing.name} is hard. "
            "An administrator can set a price."
        )
        super().__init__(message, None, "insufficient_quota")

    @property
    def for_people(self) -> str:
        """The same, for a page."""
        if self.needed is None:
            words = _(
                "Nobody knows what %(model)s costs here, so a hard budget cannot allow it. "
                "An administrator can set a price."
            )
            return words % {"model": self.model}
        words = _(
            "This needs %(needed)s; %(left)s of %(amount)s are left until %(end)s UTC. "
            "Choose a shorter video or a cheaper model, or ask an administrator."
        )
        return words % {
            "needed": ledger.words(self.needed),
            "left": ledger.words(self.standing.left),
            "amount": ledger.words(self.standing.budget.amount),
            "end": f"{self.standing.ends_at:%Y-%m-%d %H:%M}",
        }


def reserve(video: Video) -> None:
    """Reserve a new video's estimate, if every hard budget that covers it has room.

    Inside the transaction that accepts the video. The budgets' rows are held until its end, so that
    of two at once the second counts the first. Raises: OverBudget, which must undo the video.
    """
    needed = video.estimate or ledger.NOTHING
    states = _held(video)
    _refuse_beyond(states, video)
    ledger.reserve(video, needed)
    _record(replace(state, used=state.used + needed) for state in states)


def take_over(video: Video) -> None:
    """What was accepted for the sandbox is made with a real key after all: now it counts.

    Inside a transaction. Raises: OverBudget, which must undo it.
    """
    video.is_sandbox = False
    _refuse_beyond(_held(video), video)
    Video.objects.filter(pk=video.pk).update(is_sandbox=False)
    warn(video)


def warn(video: Video) -> None:
    """After a reservation grew: record what its budgets have reached by that."""
    if not video.is_sandbox:
        _record(standings(_covering(video)))


def shown_to(user: User) -> list[Standing]:
    """The budgets that bind this person: their own, those of their keys and projects, and ours."""
    mine = (
        Q(scope=Covers.INSTALLATION)
        | Q(person=user)
        | Q(api_key__owner=user)
        | Q(project__owner=user)
    )
    return standings(Budget.objects.filter(mine))


def standings(budgets: Iterable[Budget]) -> list[Standing]:
    """Each of them in its present period."""
    return [standing(budget) for budget in budgets]


def standing(budget: Budget) -> Standing:
    """What is used of a budget, and when its period begins and ends."""
    starts_at, ends_at = bounds(budget.period, datetime.now(UTC))
    lines = LedgerLine.objects.filter(_lines(budget), video__created_at__gte=starts_at)
    total = lines.filter(video__is_sandbox=False).aggregate(total=Sum("credits"))["total"]
    return Standing(budget, starts_at, ends_at, total or ledger.NOTHING)


def bounds(period: str, moment: datetime) -> tuple[datetime, datetime]:
    """The beginning of the period around a moment (UTC), and that of the next one."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == Period.DAY:
        return day, day + timedelta(days=1)
    if period == Period.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def _held(video: Video) -> list[Standing]:
    """The budgets that a video counts in, held in a stable order; none for the sandbox's."""
    if video.is_sandbox:
        return []
    return standings(_covering(video).order_by("pk").select_for_update(no_key=True))


def _refuse_beyond(states: Iterable[Standing], video: Video) -> None:
    """Raises: OverBudget where a hard budget, of which it is no part yet, has no room for it."""
    for state in states:
        is_too_much = video.estimate is None or video.estimate > state.left
        if state.budget.is_hard and is_too_much:
            raise OverBudget(state, video.estimate, video.resolved_model)


def _record(states: Iterable[Standing]) -> None:
    """Each threshold that is reached, once per period."""
    reached = [
        BudgetWarning(
            budget=state.budget, starts_at=state.starts_at, percent=share, used=state.used
        )
        for state in states
        for share in THRESHOLDS
        if state.percent >= share
    ]
    if reached:
        BudgetWarning.objects.bulk_create(reached, ignore_conflicts=True)


def _covering(video: Video) -> QuerySet[Budget]:
    """The budgets that a video counts in."""
    covers = Q(scope=Covers.INSTALLATION) | Q(person_id=video.owner_id)
    if video.api_key_id:
        covers |= Q(api_key_id=video.api_key_id)
    if video.project_id:
        covers |= Q(project_id=video.project_id)
    return Budget.objects.filter(covers)


def _lines(budget: Budget) -> Q:
    """The ledger lines that a budget counts, whenever they were written."""
    return {
        Covers.PERSON: Q(video__owner_id=budget.person_id),
        Covers.API_KEY: Q(video__api_key_id=budget.api_key_id),
        Covers.PROJECT: Q(video__project_id=budget.project_id),
        Covers.INSTALLATION: Q(),
    }[Covers(budget.scope)]
