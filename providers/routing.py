"""Which key serves a model now, and what a failure means for a key. Called by the worker."""

from __future__ import annotations

import random
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from .errors import (
    ProviderAuthError,
    ProviderError,
    ProviderOutOfCredits,
    ProviderRateLimited,
    ProviderUnavailable,
)
from .models import ProviderKey
from .secrets import SecretUnavailable

RATE_LIMITED_SECONDS = 30.0
DAILY_LIMIT_SECONDS = 3600.0
OUT_OF_CREDITS_SECONDS = 600.0
UNAVAILABLE_SECONDS = 5.0


def choose(model: str, chance: random.Random | None = None) -> ProviderKey | None:
    """A usable key for the model, by weight; None when there is none now (`why_none` says why)."""
    keys = [key for key in ProviderKey.objects.usable(timezone.now()) if key.serves(model)]
    if not keys:
        return None
    weights = [key.weight for key in keys]
    return (chance or random.Random()).choices(keys, weights)[0]  # noqa: S311 - no secret


def why_none(model: str) -> str:
    """In one sentence for people: why no key serves this model now."""
    now = timezone.now()
    keys = list(ProviderKey.objects.all())
    if not any(key.enabled for key in keys):
        return "No provider key is set up. An administrator can add one."
    keys = [key for key in keys if key.enabled and key.serves(model)]
    if not keys:
        return f"No provider key serves {model}."
    in_service = [key for key in keys if not key.paused_reason]
    if not in_service:
        return f"Every provider key is paused: {keys[0].name}: {keys[0].paused_reason}"[:300]
    back = min(key.cooldown_until or now for key in in_service)
    seconds = max(1, round((back - now).total_seconds()))
    return f"Every provider key is resting; the next one is back in {_spoken(seconds)}."


def after_failure(key: ProviderKey, exc: ProviderError) -> None:
    """Let a key rest, or pause it until an administrator looks, as its failure calls for."""
    if isinstance(exc, ProviderAuthError):
        _pause(key, f"Runway refused this key: {exc}")
    elif isinstance(exc, SecretUnavailable):
        _pause(key, str(exc))
    elif isinstance(exc, ProviderOutOfCredits):
        _rest(key, OUT_OF_CREDITS_SECONDS)
    elif isinstance(exc, ProviderRateLimited):
        _rest(key, DAILY_LIMIT_SECONDS if exc.daily else exc.retry_after or RATE_LIMITED_SECONDS)
    elif isinstance(exc, ProviderUnavailable):
        _rest(key, exc.retry_after or UNAVAILABLE_SECONDS)


def _pause(key: ProviderKey, reason: str) -> None:
    ProviderKey.objects.filter(pk=key.pk, paused_reason="").update(paused_reason=reason[:200])


def _rest(key: ProviderKey, seconds: float) -> None:
    """Rest so long from now; a longer rest that was called for already stays."""
    until = timezone.now() + timedelta(seconds=seconds)
    is_shorter = Q(cooldown_until=None) | Q(cooldown_until__lt=until)
    ProviderKey.objects.filter(is_shorter, pk=key.pk).update(cooldown_until=until)


def _spoken(seconds: int) -> str:
    if seconds == 1:
        return "1 second"
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"
