"""The usage page: what was made and what it cost, one's own, or everybody's for administrators."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from studio.accounts.models import ApiKey, User
from videos import budgets, chart, reconcile, usage
from videos.models import Budget, Project, UsageLook, Video
from videos.usage import Wish

from .doors import signed_in, user_of

RANGES = {
    "7d": gettext_lazy("7 days"),
    "30d": gettext_lazy("30 days"),
    "90d": gettext_lazy("90 days"),
    "month": gettext_lazy("This month"),
    "own": gettext_lazy("From … to …"),
}
USUAL = "30d"
MOST_DAYS = 366
FIELDS = ("range", "from", "to", "person", "model", "project", "key")


@dataclass(frozen=True)
class Choices:
    """What the filters may be set to: value and words of each."""

    people: dict[str, str]
    models: dict[str, str]
    projects: dict[str, str]
    keys: dict[str, str]


@require_safe
@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    """Tiles, bars, tables, and the ledger. `?before=<line>` turns the ledger's page."""
    user = user_of(request)
    choices = choices_of(user)
    wish = wish_of(request, choices)
    found = usage.report(wish)
    entries, older = usage.entries(wish, number(request.GET.get("before", "")))
    context = {
        "wish": wish,
        "report": found,
        "chart": chart.stacked(wish.days, found.by_day, list(found.models), _("Other models")),
        "entries": entries,
        "older": older,
        "choices": choices,
        "ranges": RANGES,
        "chosen": {"range": USUAL, **_given(request.GET)},
        "filters": _filters(request),
        "standings": _standings(user),
    }
    if sees_all(user):
        context |= reconciled(wish)
    return render(request, "videos/usage.html", context)


def sees_all(user: User) -> bool:
    """Whether everybody's usage is theirs to see."""
    return user.is_staff


def reconciled(wish: Wish) -> dict[str, Any]:
    """What administrators see besides: where Runway counts otherwise, and what may explain it."""
    return {
        "looks": UsageLook.objects.select_related("provider_key").order_by("provider_key__name"),
        "differences": reconcile.differences(wish.first, wish.last),
        "marked": reconcile.marked(wish),
        "doubtful": reconcile.doubtful(wish),
    }


def choices_of(user: User) -> Choices:
    """What this person may choose from."""
    videos, projects, keys = Video.objects.all(), Project.objects.all(), ApiKey.objects.all()
    people: dict[str, str] = {}
    if sees_all(user):
        people = {str(person.pk): str(person) for person in User.objects.order_by("email")}
    else:
        videos, projects = videos.filter(owner=user), projects.open_to(user)
        keys = keys.filter(owner=user)
    models = videos.order_by("resolved_model").values_list("resolved_model", flat=True).distinct()
    return Choices(
        people=people,
        models={model: model for model in models},
        projects={str(project.pk): project.label_for(user) for project in projects},
        keys={str(key.pk): str(key) for key in keys},
    )


def wish_of(request: HttpRequest, choices: Choices) -> Wish:
    """What the query asks for. Raises: Http404 for what is not theirs to choose."""
    user, query = user_of(request), request.GET
    offered = {
        "person": choices.people,
        "model": choices.models,
        "project": choices.projects,
        "key": choices.keys,
    }
    for name, values in offered.items():
        if query.get(name) and query[name] not in values:
            raise Http404
    owner: User | None = user
    if sees_all(user):
        owner = User.objects.filter(pk=number(query.get("person", "")) or 0).first()
    first, last = days_of(query, datetime.now(UTC).date())
    return Wish(
        first,
        last,
        owner,
        query.get("model", ""),
        number(query.get("project", "")),
        number(query.get("key", "")),
    )


def days_of(query: Mapping[str, str], today: date) -> tuple[date, date]:
    """The first and the last day that are asked for; the usual range where that makes no sense."""
    chosen = query.get("range", USUAL)
    if chosen == "month":
        return today.replace(day=1), today
    begin, end = _day(query.get("from", "")), _day(query.get("to", ""))
    if chosen == "own" and begin and end:
        begin, end = min(begin, end), max(begin, end)
        return max(begin, end - timedelta(days=MOST_DAYS - 1)), end
    count = int(chosen[:-1]) if chosen in ("7d", "90d") else 30
    return today - timedelta(days=count - 1), today


def number(text: str) -> int | None:
    """A number of a row; None for anything else."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def _standings(user: User) -> list[budgets.Standing]:
    if sees_all(user):
        return budgets.standings(Budget.objects.select_related("person", "api_key", "project"))
    return budgets.shown_to(user)


def _given(query: Mapping[str, str]) -> dict[str, str]:
    return {name: query[name] for name in FIELDS if query.get(name)}


def _filters(request: HttpRequest) -> str:
    """The filters as a query string, without the place in the ledger."""
    kept = request.GET.copy()
    kept.pop("before", None)
    return kept.urlencode()
