"""Stacks: videos that were asked for together. The first take that can be seen is the head.

The head's `stack` is None, that of its other takes names it. Called by whatever hides a video or
brings one back; inside its transaction.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Q

from .models import Video


def heads(videos: Iterable[Video]) -> set[str]:
    """The ids of the heads that these videos have now. Ask before anything is written."""
    return {video.stack_id or video.pk for video in videos}


def regroup(heads: Iterable[str]) -> None:
    """Give the stacks that had these heads the head that is due to them now.

    Takes in the trash stay in the stack, behind all others, so that they come back to their place;
    deleted ones leave it.
    """
    for head in heads:
        members = Video.objects.filter(Q(pk=head) | Q(stack=head))
        members.filter(stack=head).exclude(deleted_at=None).update(stack=None)
        order = (F("trashed_at").desc(nulls_first=True), "created_at", "id")
        ids = list(members.filter(deleted_at=None).order_by(*order).values_list("pk", flat=True))
        shown = Video.objects.filter(pk__in=ids, trashed_at=None).order_by("created_at", "id")
        due = shown.values_list("pk", flat=True).first() or next(iter(ids), None)
        if due in (None, head):
            continue
        Video.objects.filter(pk__in=ids).exclude(pk=due).update(stack=due)
        Video.objects.filter(pk=due).update(stack=None)
