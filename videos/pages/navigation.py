"""What every page of the studio has around it: the queue's badge and the list of keys."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest

from studio.accounts.models import User
from videos.arrows import TERMINAL
from videos.models import Video

from . import shortcuts


def navigation(request: HttpRequest) -> dict[str, Any]:
    """A context processor. The badge is counted where a template shows it."""
    if not isinstance(getattr(request, "user", None), User):
        return {}
    user = request.user
    assert isinstance(user, User)
    return {"shortcut_list": shortcuts.by_place(), "queue_badge": lambda: badge(user)}


def badge(user: User) -> str:
    """How many videos of this person, and of all, are under way, as "2/5"; "" for none at all."""
    moving = Video.objects.exclude(next_at=None).filter(deleted_at=None)
    found = moving.exclude(status__in=TERMINAL).aggregate(
        all=Count("pk"), mine=Count("pk", filter=Q(owner=user))
    )
    return f"{found['mine']}/{found['all']}" if found["all"] else ""
