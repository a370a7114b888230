"""What of a library a page shows: the fields of the filter form, which stand in the address.

Called by the pages. Everything that may be typed is taken; nonsense filters nothing. The names in
the address are chosen so that they do not collide with those of the form for new videos.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from providers import sizes

from .arrows import CANCELLED, COMPLETED, FAILED, OPEN
from .files import ID
from .models import VideoQuerySet

SHAPES = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9")
FAVOURITE = "favourite"
STATUSES = {
    "running": Q(status__in=OPEN),
    COMPLETED: Q(status=COMPLETED),
    FAILED: Q(status=FAILED),
    CANCELLED: Q(status=CANCELLED),
    FAVOURITE: Q(is_favourite=True),
}
STATUS_NAMES = {
    "": _("All"),
    "running": _("Running"),
    COMPLETED: _("Ready"),
    FAILED: _("Failed"),
    CANCELLED: _("Cancelled"),
    FAVOURITE: _("Favourites"),
}
NAMES = {
    "words": "q",
    "status": "status",
    "model": "by",
    "ratio": "ratio",
    "project": "in",
    "tag": "tag",
    "since": "since",
    "until": "until",
    "order": "order",
    "stack": "stack",
}
LONGEST = 200
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class Filters:
    """As in the address; "" filters nothing. `since` and `until` are days in UTC, both included.

    `stack` is the id of a first take: it and its other takes. `order` is "" or "oldest".
    """

    words: str = ""
    status: str = ""
    model: str = ""
    ratio: str = ""
    project: str = ""
    tag: str = ""
    since: str = ""
    until: str = ""
    order: str = ""
    stack: str = ""

    @property
    def active(self) -> dict[str, str]:
        """The filters that are set, by their name in the address; not the order."""
        values = {NAMES[each.name]: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in values.items() if value and name != "order"}

    @property
    def is_flat(self) -> bool:
        """Whether takes stand for themselves instead of in their stack."""
        return bool(self.active)

    @property
    def direction(self) -> str:
        """For `in_order`: "asc" or "desc"."""
        return "asc" if self.order else "desc"

    @property
    def query(self) -> str:
        """For an address, without "?"."""
        order = {"order": self.order} if self.order else {}
        return urlencode({**self.active, **order})

    def apply(self, videos: VideoQuerySet) -> VideoQuerySet:
        """Of these videos those that the page shows; without filters, first takes."""
        videos = videos.in_library()
        if not self.is_flat:
            return videos.filter(stack=None)
        wanted = STATUSES.get(self.status, Q()) & self._in_time() & self._in_order()
        for word in self.words.split():
            wanted &= Q(prompt__icontains=word)
        if self.model:
            wanted &= Q(model=self.model)
        if self.ratio:
            wanted &= Q(size__in=[size for size in sizes_of(videos) if shape(size) == self.ratio])
        return videos.filter(wanted)

    def _in_order(self) -> Q:
        """Project, tag, stack."""
        wanted = Q(project=int(self.project)) if self.project else Q()
        if self.tag:
            wanted &= Q(tags__name=self.tag)
        if self.stack:
            wanted &= Q(pk=self.stack) | Q(stack=self.stack)
        return wanted

    def _in_time(self) -> Q:
        wanted = Q(created_at__gte=_midnight(self.since)) if self.since else Q()
        if self.until:
            wanted &= Q(created_at__lt=_midnight(self.until) + timedelta(days=1))
        return wanted


def read(given: Mapping[str, str]) -> Filters:
    """The filters of an address. `without` names one to leave out, or is "all"."""
    values = {field: given.get(name, "") for field, name in NAMES.items()}
    values = {name: text.replace("\0", "").strip()[:LONGEST] for name, text in values.items()}
    found = Filters(**values)
    left_out = [field for field, name in NAMES.items() if given.get("without") in (name, "all")]
    good = {
        "status": found.status in STATUSES,
        "project": found.project.isdecimal() and len(found.project) < 10,
        "since": _is_day(found.since),
        "until": _is_day(found.until),
        "order": found.order == "oldest",
        "stack": bool(ID.fullmatch(found.stack)),
    }
    bad = [name for name, is_good in good.items() if not is_good]
    return replace(found, **dict.fromkeys([*bad, *left_out], ""))


def shape(size: str) -> str:
    """The shape that people call a size by: "16:9" for 1280x720; else the size itself."""
    return (sizes.pair(size) and sizes.same_aspect(size, SHAPES)) or size


def sizes_of(videos: VideoQuerySet) -> Iterable[str]:
    """The sizes that occur among these videos."""
    return videos.order_by().values_list("size", flat=True).distinct()


def _is_day(text: str) -> bool:
    try:
        return FIRST_YEAR <= _midnight(text).year <= LAST_YEAR
    except ValueError:
        return False


def _midnight(day: str) -> datetime:
    return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
