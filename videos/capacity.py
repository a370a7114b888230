"""What our videos occupy at each key, and which models nobody can take just now.

Called by `submit` and the clock. Counted in the database each time, so that every process sees the
same; a first frame counts as a video of the model that it is made for.
"""

from __future__ import annotations

from django.db import connection
from django.db.models.functions import Now

from providers import routing
from providers.models import ProviderKey
from providers.pool import Load, Wish
from providers.reasons import why_none

from . import turns
from .arrows import QUEUED
from .models import Video, VideoQuerySet

PUT_REASONS_ON = 1000


def load() -> Load:
    """The videos that are being submitted or made, by key and model."""
    with connection.cursor() as cursor:
        cursor.execute(turns.UNDER_WAY)
        return Load({(key_id, model): count for key_id, model, count in cursor if key_id})


def has_room(key: ProviderKey, wish: Wish) -> bool:
    """Whether this very key could take it now."""
    return key.pk in {usable.pk for usable in routing.survey(load()).usable(wish)}


def closed_models() -> dict[str, str]:
    """The models of waiting videos that no key can take now, with the reason for people."""
    with connection.cursor() as cursor:
        cursor.execute(turns.WAITING_MODELS)
        models = [model for (model,) in cursor]
    if not models:
        return {}
    pool = routing.survey(load())
    wishes = [Wish(model) for model in models]
    return {wish.model: why_none(pool, wish) for wish in wishes if not pool.usable(wish)}


def put_reasons(closed: dict[str, str]) -> None:
    """Let the videos that wait for a key say so, and those that only wait for their turn not."""
    due = Video.objects.filter(status=QUEUED, next_at__lte=Now())
    for model, reason in closed.items():
        _put(due.filter(resolved_model=model).exclude(reason=reason), reason)
    _put(due.exclude(resolved_model__in=closed).exclude(reason=""), "")


def _put(due: VideoQuerySet, reason: str) -> None:
    """To the first of them; the others get theirs next time."""
    first = due.order_by("created_at", "id").values("pk")[:PUT_REASONS_ON]
    Video.objects.filter(pk__in=first, status=QUEUED, next_at__lte=Now()).update(reason=reason)
