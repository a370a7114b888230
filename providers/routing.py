"""Which key serves a model now, and what a failure means for a key.

Called by the worker; pages and commands ask who makes the videos.
"""

from __future__ import annotations

import random
from datetime import timedelta

from django.db.models import Q, prefetch_related_objects
from django.utils import timezone

from .errors import (
    ProviderAuthError,
    ProviderError,
    ProviderForbidden,
    ProviderOutOfCredits,
    ProviderRateLimited,
    ProviderUnavailable,
)
from .models import ModelRest, ProviderKey
from .secrets import SecretUnavailable

RATE_LIMITED_SECONDS = 30.0
DAILY_LIMIT_SECONDS = 3600.0
FORBIDDEN_SECONDS = 3600.0
OUT_OF_CREDITS_SECONDS = 600.0
UNAVAILABLE_SECONDS = 5.0


def pool(model: str = "") -> list[ProviderKey]:
    """The keys that may be chosen for the model (for any, if none is named), resting ones too.

    Sandbox and real keys never mix: as soon as one real key that passed its test serves the model,
    the sandbox does not.
    """
    keys = ProviderKey.objects.in_service().proven()
    able = [key for key in keys if (key.serves(model) if model else key.weight > 0)]
    return [key for key in able if not key.is_sandbox] or able


def choose(model: str, chance: random.Random | None = None) -> ProviderKey | None:
    """A usable key for the model, by weight; None when there is none now (`why_none` says why)."""
    now, found = timezone.now(), pool(model)
    prefetch_related_objects(found, "rests")
    keys = [key for key in found if (key.rests_until(model) or now) <= now]
    if not keys:
        return None
    weights = [key.weight for key in keys]
    return (chance or random.Random()).choices(keys, weights)[0]  # noqa: S311 - no secret


def is_sandboxed(model: str = "") -> bool:
    """Whether the sandbox makes the videos (of this model), free of charge."""
    keys = pool(model)
    return bool(keys) and all(key.is_sandbox for key in keys)


def why_none(model: str) -> str:
    """In words for people: why no key serves this model now."""
    keys = list(ProviderKey.objects.filter(enabled=True))
    if not keys:
        return "No provider key is set up. An administrator can add one."
    keys = [key for key in keys if key.serves(model)]
    if not keys:
        return f"No provider key serves {model}."
    in_service = [key for key in keys if not key.paused_reason]
    if not in_service:
        return f"Every provider key is paused: {keys[0].name}: {keys[0].paused_reason}"[:300]
    return _why_resting(pool(model), model) or _why_unproven(in_service[0])


def after_failure(key: ProviderKey, exc: ProviderError, model: str = "") -> None:
    """Let a key rest, or pause it until an administrator looks, as its failure calls for.

    `model` is the one that was asked for: what Runway refuses for one model it may grant for
    others, so that the key rests for this one alone.
    """
    if isinstance(exc, ProviderForbidden):
        _rest(key, FORBIDDEN_SECONDS, model, f"Runway refused it: {exc}")
    elif isinstance(exc, ProviderAuthError):
        _pause(key, f"Runway refused this key: {exc}")
    elif isinstance(exc, SecretUnavailable):
        _pause(key, str(exc))
    elif isinstance(exc, ProviderOutOfCredits):
        _rest(key, OUT_OF_CREDITS_SECONDS)
    elif isinstance(exc, ProviderRateLimited):
        seconds = DAILY_LIMIT_SECONDS if exc.daily else exc.retry_after or RATE_LIMITED_SECONDS
        _rest(key, seconds, model, str(exc))
    elif isinstance(exc, ProviderUnavailable):
        _rest(key, exc.retry_after or UNAVAILABLE_SECONDS)


def _why_resting(keys: list[ProviderKey], model: str) -> str:
    """How long until the first of them is back, and what Runway said; "" when there are none."""
    if not keys:
        return ""
    now = timezone.now()
    back, key = min(
        ((key.rests_until(model) or now, key) for key in keys), key=lambda pair: pair[0]
    )
    seconds = max(1, round((back - now).total_seconds()))
    said = [rest.reason for rest in key.rests.all() if (rest.model, rest.until) == (model, back)]
    told = f": {said[0]}" if said else "."
    return f"Every provider key is resting; the next one is back in {_spoken(seconds)}{told}"[:300]


def _why_unproven(key: ProviderKey) -> str:
    said = f" ({key.test_error[:110]})" if key.test_error else ""
    return (
        f"The provider key {key.name} has not passed its test yet{said}. "
        "An administrator can test it under /admin/, free of charge."
    )


def _pause(key: ProviderKey, reason: str) -> None:
    ProviderKey.objects.filter(pk=key.pk, paused_reason="").update(paused_reason=reason[:200])


def _rest(key: ProviderKey, seconds: float, model: str = "", reason: str = "") -> None:
    """Rest so long from now; a longer rest that was called for already stays."""
    until = timezone.now() + timedelta(seconds=seconds)
    if not model:
        is_shorter = Q(cooldown_until=None) | Q(cooldown_until__lt=until)
        ProviderKey.objects.filter(is_shorter, pk=key.pk).update(cooldown_until=until)
        return
    values = {"until": until, "reason": reason[:300]}
    _, is_new = ModelRest.objects.get_or_create(key=key, model=model, defaults=values)
    if not is_new:
        ModelRest.objects.filter(key=key, model=model, until__lt=until).update(**values)


def _spoken(seconds: int) -> str:
    if seconds == 1:
        return "1 second"
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"
