"""What was made and what it cost: totals, days, models, people, and the ledger behind them.

Called by the usage page. Everything is about the videos **made** in a range of days (UTC), as
budgets count them, so that every figure of the page is a sum of the same ledger lines. What the
sandbox made counts as videos and not as credits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from studio.accounts.models import User

from .arrows import CANCELLED, COMPLETED, FAILED
from .ledger import ASSUMED, NOTHING, RELEASE, RESERVE, SETTLE, UNCERTAIN
from .models import LedgerLine, Video, VideoQuerySet

BLOCKED = "moderation_blocked"
MOST_TIMED = 5000
ENTRIES = 50

_SUMS = ("videos", "paid", "seconds", "credits", "failed", "blocked", "lost", "refunded")


@dataclass(frozen=True)
class Wish:
    """Which videos: made from the first day to the last (UTC), and narrowed by what is given."""

    first: date
    last: date
    owner: User | None = None
    model: str = ""
    project_id: int | None = None
    key_id: int | None = None

    @property
    def days(self) -> list[date]:
        """Every day of the range."""
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=number) for number in range(count)]

    def videos(self) -> VideoQuerySet:
        """The videos; deleted ones are among them."""
        return Video.objects.filter(self._where(""))

    def lines(self) -> QuerySet[LedgerLine]:
        """Their lines in the books, but for those of the sandbox's, which sum to nothing."""
        return LedgerLine.objects.filter(self._where("video__"), video__is_sandbox=False)

    def _where(self, prefix: str) -> Q:
        begin = datetime.combine(self.first, time.min, UTC)
        end = datetime.combine(self.last + timedelta(days=1), time.min, UTC)
        where: dict[str, object] = {"created_at__gte": begin, "created_at__lt": end}
        given = {
            "owner": self.owner,
            "resolved_model": self.model,
            "project_id": self.project_id,
            "api_key_id": self.key_id,
        }
        where.update((name, value) for name, value in given.items() if value)
        return Q(**{f"{prefix}{name}": value for name, value in where.items()})


@dataclass
class Total:
    """Sums over some videos. `paid` counts those that cost credits, `seconds` what was made.

    `lost` is what blocked videos cost all the same, `refunded` what failed and cancelled ones gave
    back, `median` the seconds from request to file.
    """

    videos: int = 0
    paid: int = 0
    seconds: int = 0
    credits: Decimal = NOTHING
    failed: int = 0
    blocked: int = 0
    lost: Decimal = NOTHING
    refunded: Decimal = NOTHING
    median: float | None = None

    @property
    def each(self) -> Decimal | None:
        """Credits a video; None without any that cost some."""
        return self.credits / self.paid if self.paid else None

    @property
    def blocked_percent(self) -> int:
        """How many of a hundred videos were blocked."""
        return round(100 * self.blocked / self.videos) if self.videos else 0

    def add(self, row: dict[str, Any]) -> None:
        """Add a group of the database."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + (row.get(name) or 0))


@dataclass
class Report:
    """All that the page adds up; `people` by their addresses."""

    total: Total = field(default_factory=Total)
    models: dict[str, Total] = field(default_factory=dict)
    people: dict[str, Total] = field(default_factory=dict)
    by_day: dict[date, dict[str, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One line of the ledger, and the sum of all up to it."""

    line: LedgerLine
    balance: Decimal

    @property
    def reason(self) -> str:
        """Why it was written, in words."""
        if self.line.mark == ASSUMED:
            return _("Assumed: Runway did not tell")
        if self.line.mark == UNCERTAIN:
            return _("Given up: nobody knows whether Runway took it")
        return {
            RESERVE: _("Reserved"),
            SETTLE: _("Settled at what Runway told"),
            RELEASE: _("Given back"),
        }[self.line.kind]


def report(wish: Wish) -> Report:
    """Everything in three queries."""
    found = Report()
    for row in [*_video_groups(wish), *_line_groups(wish)]:
        found.total.add(row)
        found.models.setdefault(row["maker"], Total()).add(row)
        found.people.setdefault(row["who"], Total()).add(row)
        if row.get("credits"):
            day = found.by_day.setdefault(row["day"], {})
            day[row["maker"]] = day.get(row["maker"], NOTHING) + row["credits"]
    found.models = _by_credits(found.models)
    found.people = _by_credits(found.people)
    _add_medians(found, wish)
    return found


def entries(wish: Wish, before: int | None = None) -> tuple[list[Entry], int | None]:
    """A page of the ledger, newest first, and behind which line the next one begins."""
    lines = wish.lines()
    newest = lines.filter(pk__lt=before) if before else lines
    page = list(_in_full(newest).order_by("-pk")[: ENTRIES + 1])
    shown: list[Entry] = []
    balance = _sum(lines.filter(pk__lte=page[0].pk)) if page else NOTHING
    for line in page[:ENTRIES]:
        shown.append(Entry(line, balance))
        balance -= line.credits
    return shown, shown[-1].line.pk if len(page) > ENTRIES else None


def every_entry(wish: Wish) -> Iterator[Entry]:
    """The whole ledger, oldest first, a few lines in memory at a time."""
    balance = NOTHING
    for line in _in_full(wish.lines()).order_by("pk").iterator(chunk_size=1000):
        balance += line.credits
        yield Entry(line, balance)


def _in_full(lines: QuerySet[LedgerLine]) -> QuerySet[LedgerLine]:
    return lines.select_related("video__owner", "video__api_key", "video__project")


def _sum(lines: QuerySet[LedgerLine]) -> Decimal:
    return lines.aggregate(total=Sum("credits"))["total"] or NOTHING


def _video_groups(wish: Wish) -> list[dict[str, Any]]:
    groups = wish.videos().values(
        day=TruncDate("created_at", tzinfo=UTC), maker=F("resolved_model"), who=F("owner__email")
    )
    sums = groups.annotate(
        videos=Count("pk"),
        paid=Count("pk", filter=Q(is_sandbox=False)),
        length=Sum("seconds", filter=Q(status=COMPLETED)),
        failed=Count("pk", filter=Q(status=FAILED)),
        blocked=Count("pk", filter=Q(error_code=BLOCKED)),
    )
    return [{**row, "seconds": row["length"]} for row in sums.order_by()]


def _line_groups(wish: Wish) -> list[dict[str, Any]]:
    groups = wish.lines().values(
        day=TruncDate("video__created_at", tzinfo=UTC),
        maker=F("video__resolved_model"),
        who=F("video__owner__email"),
    )
    ended = Q(video__status__in=(FAILED, CANCELLED), kind__in=(SETTLE, RELEASE), credits__lt=0)
    sums = groups.annotate(
        total=Sum("credits"),
        lost=Sum("credits", filter=Q(video__error_code=BLOCKED)),
        refunded=-Sum("credits", filter=ended),
    )
    return [{**row, "credits": row["total"]} for row in sums.order_by()]


def _add_medians(found: Report, wish: Wish) -> None:
    """From the newest videos of the range, at most so many."""
    made = wish.videos().filter(status=COMPLETED)
    rows = made.order_by("-created_at").values_list("resolved_model", "created_at", "completed_at")
    took: dict[str, list[float]] = {}
    for model, begin, end in rows[:MOST_TIMED]:
        if end is not None:
            took.setdefault(model, []).append((end - begin).total_seconds())
    for model, times in took.items():
        found.models[model].median = median(times)
    if took:
        found.total.median = median(seconds for times in took.values() for seconds in times)


def _by_credits(totals: dict[str, Total]) -> dict[str, Total]:
    """The dearest first."""
    ordered = sorted(totals.items(), key=lambda item: (-item[1].credits, -item[1].videos, item[0]))
    return dict(ordered)
