"""When to look again. Pure functions of what is known; delays are in seconds.

Source: docs.dev.runwayml.com/errors (poll no faster than every five seconds, with jitter; back off
exponentially on errors); Standard Webhooks 1.0, "Retry schedule".
"""

from __future__ import annotations

import random

SLOWEST_LOOK = 60.0
GONE_AFTER_LOOKS = 5
GONE_AFTER_SECONDS = 60.0
LONGEST_STORE_RETRY = 900.0
LOOK_BACK_SECONDS = 3600.0
LOOK_BACK_DAYS = 7
MINUTE, HOUR = 60, 3600
# Before the second and each further try of a webhook; the first goes at once. About three days.
WEBHOOK_PAUSES = (
    5,
    5 * MINUTE,
    30 * MINUTE,
    *(hours * HOUR for hours in (2, 5, 10, 14, 20, 24)),
)


def follow_delay(interval: float, *, waiting_seconds: float, is_waiting: bool) -> float:
    """Until the next look at an accepted task.

    A running task is looked at every `interval`; one that waits for a slot ever less often, by a
    quarter of the time it has waited, up to a minute. Never sooner than `interval`.
    """
    delay = interval
    if is_waiting:
        delay = max(interval, min(SLOWEST_LOOK, waiting_seconds / 4))
    return delay * _jitter(0.2)


def retry_delay(
    interval: float, failures: int, retry_after: float | None = None, most: float = SLOWEST_LOOK
) -> float:
    """Until the next try after `failures` bad ones in a row, and never before `retry_after`."""
    delay = min(most, interval * 2.0 ** min(failures, 20))
    return max(delay, retry_after or 0.0) * _jitter(0.5)


def webhook_delay(attempts: int) -> float | None:
    """Until the next try of a webhook that failed so many times; None when it was the last."""
    if attempts > len(WEBHOOK_PAUSES):
        return None
    return WEBHOOK_PAUSES[attempts - 1] * _jitter(0.1)


def is_visible(age_seconds: float) -> bool:
    """Whether Runway shows a task by now; a new one may take a minute."""
    return age_seconds > GONE_AFTER_SECONDS


def is_gone(unknowns: int, age_seconds: float) -> bool:
    """Whether a task that Runway does not know (404) is really gone: five such answers in a row."""
    return is_visible(age_seconds) and unknowns >= GONE_AFTER_LOOKS


def _jitter(most: float) -> float:
    """A factor of 1 to 1 + `most`, so that tasks of one moment do not stay together."""
    return 1 + random.random() * most  # noqa: S311 - no secret hangs on it
