"""What an API key is allowed: models, videos a day, videos at a time. Called by `repeats.once`.

Requests a minute are counted where the key is looked up (`studio.accounts.auth`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from studio.accounts.errors import ApiError
from studio.accounts.models import ApiKey
from videos.arrows import TERMINAL
from videos.models import Video

PARALLEL_RETRY_SECONDS = 10


def check(key: ApiKey, video: Video) -> None:
    """Refuse a video that the key may not have. Inside the transaction that accepts it.

    The key's row is held where something is counted, so that of two at once the second counts the
    first. Raises: ApiError 403 or 429, which must undo the video.
    """
    if not key.may_use(video.resolved_model):
        allowed = ", ".join(key.models_allowed)
        message = f"This API key may not use '{video.resolved_model}'. It may use: {allowed}."
        raise ApiError(403, message, code="model_not_allowed", param="model")
    if key.videos_per_day is None and key.parallel_videos is None:
        return
    ApiKey.objects.select_for_update(no_key=True).get(pk=key.pk)
    made = Video.objects.filter(api_key=key)
    _check_day(key, made.filter(created_at__gte=_midnight()).count())
    _check_parallel(key, made.exclude(status__in=TERMINAL).count())


def _check_day(key: ApiKey, count: int) -> None:
    if key.videos_per_day is None or count <= key.videos_per_day:
        return
    end = _midnight() + timedelta(days=1)
    message = (
        f"This API key may make {key.videos_per_day} videos a day. It may again at {end:%H:%M} UTC."
    )
    raise _too_many(message, (end - datetime.now(UTC)).total_seconds(), should_retry=False)


def _check_parallel(key: ApiKey, count: int) -> None:
    if key.parallel_videos is not None and count > key.parallel_videos:
        message = f"This API key may have {key.parallel_videos} unfinished videos at a time."
        raise _too_many(message, PARALLEL_RETRY_SECONDS, should_retry=True)


def _too_many(message: str, seconds: float, *, should_retry: bool) -> ApiError:
    headers = {"Retry-After": str(int(seconds) + 1)}
    if not should_retry:
        headers["x-should-retry"] = "false"
    return ApiError(429, message, code="rate_limit_exceeded", headers=headers)


def _midnight() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
