"""How far a page has been told: the cursor of its polls. Pure.

On PostgreSQL changes become visible out of order: a row may carry an earlier time than one that was
seen before. So each poll looks `LAG` back, and skips what it has told by id and version.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

LAG = timedelta(seconds=10)
MOST = 100
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

_MARK = re.compile(r"([0-9a-f]{8})(\d{1,9})(e?)")


@dataclass(frozen=True)
class Change:
    """What a poll reads of a row first. `is_over`: nothing more will happen by itself."""

    pk: str
    version: int
    changed_at: datetime
    is_over: bool


@dataclass(frozen=True)
class Cursor:
    """`since` is the newest change that was told; `seen` tells versions since `LAG` before it.

    Its keys are digests of ids, so that the cursor of a busy page still fits into an address; its
    values are the version and whether the row was over.
    """

    since: datetime = BEGINNING
    seen: dict[str, tuple[int, bool]] = field(default_factory=dict)

    @property
    def begin(self) -> datetime:
        """From here on rows have to be looked at."""
        return self.since - LAG

    @property
    def text(self) -> str:
        """For an address; `read` takes it back."""
        marks = (f"{key}{version}{'e' * over}" for key, (version, over) in self.seen.items())
        return f"{round(self.since.timestamp() * 1_000_000)}_{'-'.join(marks)}"

    def news(self, rows: Iterable[Change]) -> list[Change]:
        """What of the rows since `begin`, oldest change first, is new to the page."""
        return [row for row in rows if self.seen.get(key_of(row.pk), (-1,))[0] != row.version]

    def ends(self, rows: Iterable[Change]) -> set[str]:
        """The ids of those that were not known to be over and are. Asked about `news`."""
        known = {key for key, (_, over) in self.seen.items() if over}
        return {row.pk for row in rows if row.is_over and key_of(row.pk) not in known}

    def after(self, rows: list[Change], told: list[Change]) -> Cursor:
        """The cursor once `told`, the first of the news, is on the page; `rows` as in `news`."""
        new = {row.pk for row in self.news(rows)} - {row.pk for row in told}
        known = [row for row in rows if row.pk not in new]
        since = max((self.since, *(row.changed_at for row in known)))
        marks = [row for row in known if row.changed_at >= since - LAG]
        return Cursor(since, {key_of(row.pk): (row.version, row.is_over) for row in marks})


def read(text: str) -> Cursor:
    """The cursor that an address carries; nonsense is the beginning."""
    moment, _, marks = text[:60_000].partition("_")
    if not moment.isdecimal() or len(moment) > 16:
        return Cursor()
    seen = {key: (int(version), over == "e") for key, version, over in _MARK.findall(marks)}
    return Cursor(datetime.fromtimestamp(int(moment) / 1_000_000, UTC), seen)


def key_of(pk: str) -> str:
    """A short digest of an id."""
    return f"{zlib.crc32(pk.encode()):08x}"
