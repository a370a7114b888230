"""Do our books agree with Runway's? Its figures for each key, day and model, beside ours.

Called once a day by the worker, by `manage.py reconcile`, and by the usage page, which only reads.
Runway counts by account: keys of one account each tell the sum of all of them.

Source: Runway's OpenAPI document 2024-11-06, /v1/organization/usage (90 days at most, by UTC).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from providers import catalog
from providers.errors import ProviderError
from providers.models import ProviderKey
from providers.tasks import UsedCredits

from .ledger import ASSUMED, NOTHING, UNCERTAIN
from .models import Task, UsageFigure, UsageLook, Video
from .usage import Entry, Wish

USUAL_DAYS, MOST_DAYS = 7, 90
PAUSE = timedelta(hours=23)
MOST_SHOWN = 200

Figures = list[UsedCredits]
Run = Callable[[Callable[[], Figures]], Figures]


@dataclass(frozen=True)
class Difference:
    """A day and a model of a key for which Runway counts other credits than we do."""

    day: date
    key: ProviderKey
    model: str
    ours: Decimal
    theirs: Decimal

    @property
    def credits(self) -> Decimal:
        """What Runway counts more; negative where it counts less."""
        return self.theirs - self.ours


def at_once(call: Callable[[], Figures]) -> Figures:
    """Ask in this thread. The worker has another way, which keeps its heart beating."""
    return call()


def keys() -> QuerySet[ProviderKey]:
    """The keys to ask: real ones that passed a test."""
    return ProviderKey.objects.filter(is_sandbox=False, passed_at__isnull=False)


def is_due() -> bool:
    """Whether some key was not asked for a day, or the last try failed."""
    fresh = Q(usagelook__at__gte=timezone.now() - PAUSE, usagelook__error="")
    return keys().exclude(fresh).exists()


def fetch(days: int = USUAL_DAYS, run: Run = at_once) -> list[UsageLook]:
    """Ask every key for its last days, today among them, and keep what it says. Costs nothing."""
    return [_fetch(key, min(days, MOST_DAYS), run) for key in keys()]


def differences(first: date, last: date) -> list[Difference]:
    """Every difference in the days that Runway was asked about, the newest first."""
    looks = UsageLook.objects.select_related("provider_key").exclude(first_day=None)
    found = [each for look in looks for each in _differences(look, first, last)]
    return sorted(found, key=lambda each: (each.day, each.key.name, each.model), reverse=True)


def marked(wish: Wish) -> list[Entry]:
    """The lines whose amount Runway never told, the newest first: what may explain differences."""
    lines = wish.lines().filter(mark__in=(ASSUMED, UNCERTAIN)).order_by("-pk")
    rows = lines.select_related("video__owner", "video__provider_key")[:MOST_SHOWN]
    return [Entry(line, NOTHING) for line in rows]


def doubtful(wish: Wish) -> list[Video]:
    """The videos of which nobody knows whether Runway took them, and nobody decided."""
    videos = wish.videos().filter(error_code="submission_uncertain", is_sandbox=False).with_cost()
    rows = videos.select_related("owner", "provider_key").order_by("-created_at")[:MOST_SHOWN]
    return [video for video in rows if video.last_mark != UNCERTAIN]


def _fetch(key: ProviderKey, days: int, run: Run) -> UsageLook:
    now = datetime.now(UTC)
    last = now.date()
    first = last - timedelta(days=days - 1)
    error = ""
    try:
        figures = run(partial(key.client().usage, first, last + timedelta(days=1)))
    except ProviderError as exc:
        error, figures = str(exc)[:300] or "Runway did not answer.", []
    with transaction.atomic():
        known = UsageLook.objects.filter(provider_key=key).first()
        look = known or UsageLook(provider_key=key)
        look.at, look.error = now, error
        if not error:
            look.first_day = min(look.first_day or first, first)
            _keep(key, first, figures)
        look.save()
    return look


def _keep(key: ProviderKey, first: date, figures: Iterable[UsedCredits]) -> None:
    """In the place of what was known of these days."""
    sums: dict[tuple[date, str], Decimal] = {}
    for figure in figures:
        place = (figure.day, figure.model)
        sums[place] = sums.get(place, NOTHING) + figure.credits
    UsageFigure.objects.filter(provider_key=key, day__gte=first).delete()
    UsageFigure.objects.bulk_create(
        UsageFigure(provider_key=key, day=day, model=model, credits=credits)
        for (day, model), credits in sums.items()
        if day >= first
    )


def _differences(look: UsageLook, first: date, last: date) -> list[Difference]:
    if look.first_day is None:
        return []
    first, last = max(first, look.first_day), min(last, look.at.date())
    ours = _ours(look, first, last)
    figures = look.provider_key.figures.filter(day__gte=first, day__lte=last)
    theirs = {(figure.day, figure.model): figure.credits for figure in figures}
    return [
        Difference(day, look.provider_key, model, mine, its)
        for day, model in {**ours, **theirs}
        if (mine := ours.get((day, model), NOTHING)) != (its := theirs.get((day, model), NOTHING))
    ]


def _ours(look: UsageLook, first: date, last: date) -> dict[tuple[date, str], Decimal]:
    """What the tasks of a key cost that were there when Runway was asked, by day and model."""
    tasks = Task.objects.filter(
        provider_key=look.provider_key,
        video__is_sandbox=False,
        created_at__gte=datetime.combine(first, time.min, UTC),
        created_at__lte=look.at,
    )
    groups = tasks.values("kind", "video__resolved_model", on=TruncDate("created_at", tzinfo=UTC))
    sums: dict[tuple[date, str], Decimal] = {}
    for row in groups.annotate(total=Sum(Coalesce("credits", "estimated_credits", Value(NOTHING)))):
        if row["on"] > last:
            continue
        is_frame = row["kind"] == Task.FIRST_FRAME
        model = catalog.load().first_frame_model if is_frame else row["video__resolved_model"]
        place = (row["on"], model)
        sums[place] = sums.get(place, NOTHING) + row["total"]
    return sums
