"""Which key takes a video now, and what each answer means for its key. See docs/routing.md.

Called by the worker; pages and commands ask who makes the videos. All state is in the database, so
that every process knows it, and the next start too.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from . import house, measures
from .errors import (
    ProviderAuthError,
    ProviderError,
    ProviderForbidden,
    ProviderOutOfCredits,
    ProviderRateLimited,
    ProviderUnavailable,
    SubmissionUncertain,
)
from .models import ModelRest, ProviderKey
from .pool import Load, Pool, Wish
from .secrets import SecretUnavailable

RATE_LIMITED_SECONDS = 30.0
DAILY_LIMIT_SECONDS = 3600.0
FORBIDDEN_SECONDS = 3600.0
UNAVAILABLE_SECONDS = 5.0
LONGEST_SECONDS = 600.0

logger = logging.getLogger(__name__)


def survey(load: Load | None = None) -> Pool:
    """The pool as it is now; four short queries. `load` is what our own videos occupy."""
    return Pool(
        keys=list(ProviderKey.objects.filter(enabled=True).prefetch_related("rests")),
        now=timezone.now(),
        load=load or Load(),
        measured=measures.lately(),
        made=measures.accepted_since_test(),
    )


def pool(model: str = "") -> list[ProviderKey]:
    """The keys that may be chosen for the model (for any, if none is named), resting ones too."""
    return Pool(list(ProviderKey.objects.filter(enabled=True)), timezone.now()).serving(model)


def choose(wish: Wish, load: Load, tried: Collection[int] = ()) -> ProviderKey | None:
    """A key that could take it now, by the installation's strategy; None when there is none."""
    return survey(load).choose(wish, house.current().routing, tried)


def is_sandboxed(model: str = "") -> bool:
    """Whether the sandbox makes the videos (of this model), free of charge."""
    keys = pool(model)
    return bool(keys) and all(key.is_sandbox for key in keys)


def after_success(key: ProviderKey, model: str, credits: Decimal | None) -> None:
    """A task was accepted, which may cost so much."""
    ProviderKey.objects.filter(pk=key.pk).update(
        last_success_at=Now(), misses=0, credits=F("credits") - (credits or Decimal(0))
    )
    measures.note(key.pk, model, calls=1, accepted=1)


def after_failure(
    key: ProviderKey, exc: ProviderError, model: str = "", credits: Decimal | None = None
) -> None:
    """Let a key rest, or pause it until a test passes, as its failure calls for.

    `model` is the one that was asked for: what Runway refuses for one model it may grant for
    others, so that the key rests for this one alone. `credits` is what the video may cost.
    """
    if not _is_of_the_key(exc):
        return
    is_throttled = isinstance(exc, ProviderRateLimited)
    with transaction.atomic():
        key.note_error(exc)
        measures.note(
            key.pk, model, calls=1, failures=int(not is_throttled), throttled=int(is_throttled)
        )
        _take_out(key, exc, model, credits)


def note_throttled(key_id: int, model: str) -> None:
    """An accepted task has to wait for a slot at the provider."""
    measures.note(key_id, model, throttled=1)


def note_begun(key_id: int, model: str, waited_seconds: float) -> None:
    """An accepted task began after so long."""
    measures.note(key_id, model, begun=1, waited=max(0, round(waited_seconds)))


def test_due_keys() -> None:
    """Read the standing of the keys whose time has come, each by one process; costs nothing."""
    soon = timedelta(seconds=settings.STUDIO_KEY_TEST_SECONDS)
    for key in ProviderKey.objects.due_for_test():
        mine = ProviderKey.objects.due_for_test().filter(pk=key.pk)
        if not mine.update(next_test_at=Now() + soon):
            continue
        error = key.test()
        if error:
            logger.warning("the key %s does not work: %s", key.name, error)


def _is_of_the_key(exc: ProviderError) -> bool:
    """Whether it says anything about the key, and not about one request."""
    return isinstance(
        exc,
        ProviderAuthError
        | SecretUnavailable
        | ProviderOutOfCredits
        | ProviderUnavailable
        | SubmissionUncertain,
    )


def _take_out(key: ProviderKey, exc: ProviderError, model: str, credits: Decimal | None) -> None:
    if isinstance(exc, ProviderForbidden) and model:
        reason = f"Runway refused it: {exc}"
        _rest_for_model(key, FORBIDDEN_SECONDS, model, reason, until_tested=True)
    elif isinstance(exc, ProviderAuthError):
        key.pause(f"Runway refused this key: {exc}")
    elif isinstance(exc, SecretUnavailable):
        key.pause(str(exc))
    elif isinstance(exc, ProviderOutOfCredits):
        key.pause(f"Out of credits: {exc}", needs_credits=max(credits or Decimal(0), Decimal(1)))
    elif isinstance(exc, ProviderUnavailable):
        _cool(key, exc, model)


def _cool(key: ProviderKey, exc: ProviderUnavailable, model: str) -> None:
    """Rest as long as Runway wishes, else longer with every miss in a row."""
    backoff = 2.0**key.misses
    is_awake = Q(cooldown_until=None) | Q(cooldown_until__lte=Now())
    awake = ProviderKey.objects.filter(is_awake, pk=key.pk, misses__lt=10)
    awake.exclude(rests__until__gt=Now()).update(misses=F("misses") + 1)
    if not isinstance(exc, ProviderRateLimited):
        seconds = exc.retry_after or min(LONGEST_SECONDS, UNAVAILABLE_SECONDS * backoff)
        _rest(key, seconds)
        return
    seconds = exc.retry_after or min(LONGEST_SECONDS, RATE_LIMITED_SECONDS * backoff)
    seconds = DAILY_LIMIT_SECONDS if exc.daily else seconds
    if model:
        _rest_for_model(key, seconds, model, str(exc))
    else:
        _rest(key, seconds)


def _rest(key: ProviderKey, seconds: float) -> None:
    """Rest so long from now; a longer rest that was called for already stays."""
    until = timezone.now() + timedelta(seconds=seconds)
    is_shorter = Q(cooldown_until=None) | Q(cooldown_until__lt=until)
    ProviderKey.objects.filter(is_shorter, pk=key.pk).update(cooldown_until=until)


def _rest_for_model(
    key: ProviderKey, seconds: float, model: str, reason: str, until_tested: bool = False
) -> None:
    until = timezone.now() + timedelta(seconds=seconds)
    values = {"until": until, "reason": reason[:300], "until_tested": until_tested}
    _, is_new = ModelRest.objects.get_or_create(key=key, model=model, defaults=values)
    if not is_new:
        ModelRest.objects.filter(key=key, model=model, until__lt=until).update(**values)
