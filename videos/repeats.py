"""Never twice: which call made which video, so that a repeat of it answers with that video.

Called by the API's creating endpoints (`api/repeats.py`) and the clock. A call is remembered in the
transaction that accepts its video: of one that failed nothing stays, and of two at once the second
finds the row of the first.

A client that sends an Idempotency-Key is known by it. OpenAI's SDKs send none, but they say when
they repeat, so their repeats are known by what they ask for.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError
from django.db.models import Q

from studio.accounts.models import ApiKey

from .arrows import CANCELLED, FAILED
from .models import Call, Video, from_now

KEPT_SECONDS = 24 * 3600
RETRY_SECONDS = 30 * 60


class Repeated(Exception):
    """Another call for the same video was faster."""


@dataclass(frozen=True)
class Asking:
    """A call that wants a video. `key` is empty where none was sent."""

    api_key: ApiKey
    fingerprint: str
    key: str = ""
    is_retry: bool = False


def earlier(asking: Asking) -> Call | None:
    """The call that this one repeats, None if it is the first.

    A key never comes free by deleting its video; without a key, a video that is deleted, or ended
    for certain without one, is nobody's answer.
    """
    calls = Call.objects.filter(api_key=asking.api_key, key=asking.key).select_related("video")
    if asking.key:
        return calls.filter(created_at__gte=from_now(-KEPT_SECONDS)).first()
    if not asking.is_retry:
        return None
    recent = calls.filter(fingerprint=asking.fingerprint, created_at__gte=from_now(-RETRY_SECONDS))
    doubtful = Q(video__error_code__in=("submission_uncertain", "timed_out"))
    dead = Q(video__status=CANCELLED) | (Q(video__status=FAILED) & ~doubtful)
    return recent.filter(video__deleted_at=None).exclude(dead).order_by("-id").first()


def newest(asking: Asking) -> int:
    """The number of the last call that asked the same without a key; 0 if there is none."""
    if asking.key:
        return 0
    calls = Call.objects.filter(api_key=asking.api_key, key="", fingerprint=asking.fingerprint)
    return calls.order_by("-id").values_list("id", flat=True).first() or 0


def remember(asking: Asking, known: int, video: Video) -> None:
    """Note who made a video. Inside the transaction that accepts it.

    `known` is what `newest` said when the call came in. Raises: Repeated, which must undo the
    video.
    """
    if asking.key:
        _let_old_key_go(asking)
    else:
        _refuse_overtaken(asking, known)
    try:
        Call.objects.create(
            video=video,
            api_key=asking.api_key,
            key=asking.key,
            fingerprint=asking.fingerprint,
            is_retry=asking.is_retry,
        )
    except IntegrityError as exc:
        raise Repeated(video.pk) from exc


def winner(asking: Asking) -> Call | None:
    """After Repeated: the call that was faster."""
    if asking.key:
        return earlier(asking)
    return Call.objects.select_related("video").filter(pk=newest(asking)).first()


def forget_old() -> None:
    """Remove calls that no repeat will ask for any more."""
    Call.objects.filter(created_at__lt=from_now(-KEPT_SECONDS)).delete()


def _let_old_key_go(asking: Asking) -> None:
    mine = Call.objects.filter(api_key=asking.api_key, key=asking.key)
    mine.filter(created_at__lt=from_now(-KEPT_SECONDS)).delete()


def _refuse_overtaken(asking: Asking, known: int) -> None:
    """A client may repeat while its first call is still being worked on, and either may be faster.

    Two calls of which neither is a repeat are two wishes. Raises: Repeated.
    """
    # One at a time; SQLite has but one writer anyhow.
    ApiKey.objects.select_for_update(no_key=True).get(pk=asking.api_key.pk)
    since = Call.objects.filter(
        api_key=asking.api_key, key="", fingerprint=asking.fingerprint, pk__gt=known
    )
    if not asking.is_retry:
        since = since.filter(is_retry=True)
    if since.exists():
        raise Repeated(asking.fingerprint)
