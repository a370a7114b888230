"""The code that proves whoever fills in the first-run page to be the operator of this machine.

`manage.py setup_code` prints it, the page compares it. It is derived from the installation's secret
key and the hour, so that nothing has to be kept: it works until the end of the next hour, on every
machine that shares the key, and only as long as there is nobody (the page is gone afterwards).
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from django.utils.crypto import constant_time_compare, salted_hmac

PERIOD_SECONDS = 3600
GROUPS, GROUP_LENGTH = 4, 4


def make(now: datetime) -> tuple[str, datetime]:
    """The code of this hour, 80 bits as `ABCD-EFGH-…`, and when it stops to work."""
    period = _period(now)
    return _code(period), datetime.fromtimestamp((period + 2) * PERIOD_SECONDS, UTC)


def is_right(typed: str, now: datetime) -> bool:
    """Whether this is the code of this hour or the last, however it is spaced and spelled."""
    plain = "".join(each for each in typed.upper() if each.isalnum())
    period = _period(now)
    codes = [_code(each).replace("-", "") for each in (period, period - 1)]
    same = [constant_time_compare(plain, code) for code in codes]
    return any(same)


def _period(now: datetime) -> int:
    return int(now.timestamp()) // PERIOD_SECONDS


def _code(period: int) -> str:
    digest = salted_hmac("studio.accounts.setup_code", str(period), algorithm="sha256").digest()
    text = base64.b32encode(digest).decode()
    starts = range(0, GROUPS * GROUP_LENGTH, GROUP_LENGTH)
    return "-".join(text[start : start + GROUP_LENGTH] for start in starts)
