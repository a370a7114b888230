"""Which videos match, in words. `models.py` gives them to Video as `objects`."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Now

from studio.accounts.models import User

from .arrows import OPEN
from .records import File, LedgerLine, Task
from .timeline import Timeline

if TYPE_CHECKING:
    from .models import Video  # noqa: F401 - named by the type of the rows

# The columns that no page shows: writing them alone is no change for anybody.
UNSEEN = frozenset({"next_at", "fence", "seen_at", "failures", "unknowns", "deadline_at"})


def from_now(seconds: float) -> Any:
    """A database expression: `seconds` from the database's now."""
    return Now() + timedelta(seconds=seconds)


class VideoQuerySet(Timeline["Video"]):
    """Which videos match, in words."""

    def update(self, **changes: Any) -> int:
        """As Django's; counts `version` up unless nobody can see what changes."""
        if not changes.keys() <= UNSEEN:
            changes = {**changes, "version": F("version") + 1, "changed_at": Now()}
        return super().update(**changes)

    def touch(self) -> int:
        """Pages show these anew, because something beside the row changed: books, tags, files."""
        return self.update(version=F("version"))

    def owned_by(self, user: User) -> Self:
        """The videos that this person made and has not deleted; those in the trash, too.

        They are what a person acts on, and all that the API knows.
        """
        return self.filter(owner=user, deleted_at=None)

    def visible_to(self, user: User) -> Self:
        """The videos that this person may look at: their own, and what is in a shared project.

        What others have put into the trash is not. Ask it about named videos or one project: over
        the whole table no index serves it.
        """
        is_shown = Q(project__is_shared=True, trashed_at=None)
        return self.filter(Q(owner=user) | is_shown, deleted_at=None)

    def in_library(self) -> Self:
        """Those that are not in the trash."""
        return self.filter(trashed_at=None)

    def changed_since(self, moment: datetime) -> Self:
        """What changed, deleted ones too, oldest change first."""
        return self.filter(changed_at__gte=moment).order_by("changed_at")

    def open(self) -> Self:
        """Those that somebody still waits for. All of them have a `next_at`: it is the index's."""
        return self.filter(status__in=OPEN, deleted_at=None).exclude(next_at=None)

    def for_cards(self) -> Self:
        """With all that `cards.make` reads, in a handful of queries however many they are."""
        takes = self.model._default_manager.filter(deleted_at=None, trashed_at=None)
        takes = takes.order_by("created_at", "id").only("status", "prompt", "stack")
        newest = Task.objects.filter(video=models.OuterRef("pk")).order_by("-id")
        return (
            self.with_cost()
            .annotate(failure_code=Coalesce(newest.values("failure_code")[:1], Value("")))
            .select_related("project", "owner")
            .prefetch_related("files", "tags", models.Prefetch("takes", takes, to_attr="others"))
        )

    def in_full(self) -> Self:
        """With all that the API tells about a video: cost, `outputs`, metadata."""
        outputs = File.objects.filter(kind=File.VIDEO).order_by("position")
        return self.with_cost().prefetch_related(
            models.Prefetch("files", queryset=outputs, to_attr="outputs"), "pairs"
        )

    def with_lateness(self) -> Self:
        """Adds `is_late`: past its deadline by the database's clock."""
        return self.annotate(
            is_late=models.ExpressionWrapper(
                Q(deadline_at__lte=Now()), output_field=models.BooleanField()
            )
        )

    def with_cost(self) -> Self:
        """Adds `cost` as `ledger.cost` tells it, and `last_mark`, that of the newest line."""
        lines = LedgerLine.objects.filter(video=models.OuterRef("pk"))
        total = lines.values("video").annotate(total=models.Sum("credits")).values("total")
        return self.annotate(
            cost=Coalesce(models.Subquery(total), Decimal(0)),
            last_mark=Coalesce(
                models.Subquery(lines.order_by("-id").values("mark")[:1]), Value("")
            ),
        )
