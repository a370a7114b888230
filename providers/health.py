"""How a provider key does, for people: its health and its secret in words. Reads only.

Used by the administration, the API and `manage.py providers`.
"""

from __future__ import annotations

from django.utils import timezone

from . import secrets
from .models import ProviderKey

ELLIPSIS = "…"


def status(key: ProviderKey) -> str:
    """One word: off, paused, resting, stopped, untested, failed or works."""
    if not key.enabled:
        return "off"
    if key.paused_reason:
        return "paused"
    if key.cooldown_until and key.cooldown_until > timezone.now():
        return "resting"
    if not key.is_sandbox and key.credits is not None and key.credits < key.credit_floor:
        return "stopped"
    if key.test_error:
        return "failed"
    return "works" if key.passed_at or key.is_sandbox else "untested"


def words(key: ProviderKey) -> str:
    """The same in a sentence, with reasons and times."""
    word = status(key)
    if word == "off":
        return "switched off"
    if word == "paused":
        return f"paused: {key.paused_reason}"
    if word == "resting":
        return f"resting until {key.cooldown_until:%H:%M:%S} UTC"
    if word == "stopped":
        return f"stopped: {key.credits:.0f} credits are under its floor of {key.credit_floor}"
    now = timezone.now()
    rests = "; ".join(f"rests for {rest}" for rest in key.rests.all() if rest.until > now)
    return "; ".join(filter(None, (_test_result(key), rests)))


def secret_shown(key: ProviderKey) -> str:
    """All that may be shown of the secret: `key_…9f3c`, or the reference."""
    return key.secret if secrets.is_reference(key.secret) else f"key_{ELLIPSIS}{key.last4}"


def secret_state(key: ProviderKey) -> str:
    """Whether the secret can be had: found or missing, or encrypted or unreadable."""
    if secrets.is_reference(key.secret):
        return "missing" if key.problem() else "found"
    return "unreadable" if key.problem() else "encrypted"


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
