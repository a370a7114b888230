"""How a provider key does, in words and numbers, for the administration. Reads, writes nothing."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from .measures import KeyMinute
from .models import ProviderKey


def in_words(key: ProviderKey) -> str:
    """Whether it serves now, and if not, why and until when."""
    if not key.enabled:
        return "switched off"
    if key.paused_reason:
        return f"paused: {key.paused_reason}"
    now = timezone.now()
    if key.cooldown_until and key.cooldown_until > now:
        return f"resting until {key.cooldown_until:%H:%M:%S} UTC"
    if not key.is_sandbox and key.credits is not None and key.credits < key.credit_floor:
        return f"stopped: {key.credits:.0f} credits are under its floor of {key.credit_floor}"
    rests = "; ".join(f"rests for {rest}" for rest in key.rests.all() if rest.until > now)
    return "; ".join(filter(None, (_test_result(key), rests)))


def last_error(key: ProviderKey) -> str:
    """What went wrong last, with time and code; "" for nothing."""
    if key.last_error_at is None:
        return ""
    return f"{key.last_error_at:%Y-%m-%d %H:%M:%S} UTC, {key.last_error_code}: {key.last_error}"


def limits(key: ProviderKey) -> str:
    """Runway's limits, model by model, as far as there are any."""
    models = key.limits.get("models", {})
    lines = [f"{name}: {told}" for name in sorted(models) if (told := _limit(key, name))]
    return "; ".join(lines) or "none known"


def running(key: ProviderKey) -> int:
    """Videos that it makes now."""
    return key.videos.filter(status__in=("submitting", "in_progress")).count()


def today(key: ProviderKey) -> int:
    """Tasks that it accepted in the last 24 hours."""
    since = timezone.now() - timedelta(days=1)
    minutes = KeyMinute.objects.filter(key=key, minute__gte=since)
    return sum(minutes.values_list("accepted", flat=True))


def _limit(key: ProviderKey, model: str) -> str:
    at_once, daily = key.limit(model, "concurrent"), key.limit(model, "daily")
    parts = [f"{at_once} at once" if at_once is not None else ""]
    if daily is not None:
        parts.append(f"{key.limit(model, 'used') or 0} of {daily} a day")
    return ", ".join(filter(None, parts))


def _test_result(key: ProviderKey) -> str:
    if key.passed_at is None and not key.is_sandbox:
        said = f"test failed: {key.test_error}" if key.test_error else "not tested yet"
        return f"{said}; gets no videos until it passes"
    return f"last test failed: {key.test_error}" if key.test_error else "works"
