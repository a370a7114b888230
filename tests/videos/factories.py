"""Rows for tests of the core: a person, a provider key, a video anywhere in its life."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from providers.models import ProviderKey
from studio.accounts.models import User
from videos.arrows import IN_PROGRESS, QUEUED, STORING
from videos.models import Task, Video

SECRET = "key_" + "0" * 128
BASE_URL = "https://api.dev.runwayml.com"


def make_user(email: str = "ana@example.org", **extra: Any) -> User:
    """A person with no password."""
    return User.objects.get_or_create(email=email, defaults=extra)[0]


def make_key(name: str = "main", **extra: Any) -> ProviderKey:
    """An enabled provider key that has passed its test."""
    key = ProviderKey(**{"name": name, "base_url": BASE_URL, "passed_at": timezone.now(), **extra})
    key.set_secret(SECRET)
    key.save()
    return key


def make_video(status: str = QUEUED, **extra: Any) -> Video:
    """A gen4.5 video of 5 s; from `submitting` on with a key, from `in_progress` with a task."""
    values = {
        "owner": make_user(),
        "model": "gen4.5",
        "resolved_model": "gen4.5",
        "mode": "text_to_video",
        "prompt": "a lighthouse",
        "seconds": 5,
        "size": "1280x720",
        "estimate": Decimal(60),
        "deadline_at": timezone.now() + timedelta(hours=24),
        "created_at": timezone.now(),  # SQLite's own has milliseconds only, and ties have no order
        **extra,
    }
    if status != QUEUED:
        values.setdefault("provider_key", ProviderKey.objects.first() or make_key())
        values.setdefault("attempt", 1)
    video = Video.objects.create(status=status, **values)
    video.refresh_from_db()
    if status in (IN_PROGRESS, STORING):
        make_task(video)
    return video


def make_task(video: Video, kind: str = Task.VIDEO, provider_id: str = "", **extra: Any) -> Task:
    """A task of the video's current attempt, estimated at the video's price."""
    values = {"estimated_credits": video.estimate, "attempt": video.attempt, **extra}
    return Task.objects.create(
        video=video,
        kind=kind,
        provider_key=video.provider_key,
        provider_id=provider_id or f"task-{video.pk[-8:]}-{video.tasks.count()}",
        **values,
    )
