"""Three keys, of which one is revoked, one out of credits and one throttling: nobody notices.

Real processes; the accounts behind the keys count what they took.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.live import Studio, eventually

from .upstream import BROKE, GOOD, REVOKED, THROTTLING, Upstream, upstream

pytestmark = pytest.mark.process

VIDEOS = 200
AT_ONCE = 8
ADD_KEYS = """
import sys
from providers.models import ProviderKey
for number, pair in enumerate(sys.argv[1:]):
    name, url = pair.split("=")
    key = ProviderKey(name=name, base_url=url)
    key.set_secret("key_" + str(number) * 128)
    key.save()
    assert key.test() == "", key.test_error
"""


@pytest.fixture
def accounts() -> Iterator[dict[str, Upstream]]:
    """Three accounts in good standing, by the name of their key."""
    with ExitStack() as stack:
        names = (REVOKED, BROKE, THROTTLING)
        yield {name: stack.enter_context(upstream(GOOD, AT_ONCE)) for name in names}


@pytest.fixture
def studio(accounts: dict[str, Upstream], tmp_path: Path) -> Iterator[Studio]:
    """A studio with a tested key of each account."""
    data = tmp_path / "data"
    environment = {
        "STUDIO_PROVIDER_ORIGINS": ",".join(account.url for account in accounts.values()),
        "STUDIO_FOLLOW_SECONDS": "0.5",
        "STUDIO_KEY_TEST_SECONDS": "4",
    }
    running = Studio(data, **environment)
    pairs = [f"{name}={account.url}" for name, account in accounts.items()]
    code = f"import sys; sys.argv[1:] = {pairs!r}\n{ADD_KEYS}"
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "STUDIO_DATA_DIR": str(data), **environment},
        check=True,
        timeout=60,
    )
    yield running
    assert running.stop() == 0, running.output


def keys(studio: Studio) -> dict[str, tuple[Any, ...]]:
    """Of each key: why it is paused, the code of its last error, whether it ever succeeded."""
    sql = (
        "SELECT name, paused_reason, last_error_code, last_success_at IS NOT NULL"
        " FROM providers_providerkey WHERE NOT is_sandbox"
    )
    return {row[0]: row[1:] for row in studio.rows(sql)}


def counts(studio: Studio) -> dict[str, int]:
    """How many videos have each status."""
    return dict(studio.rows("SELECT status, COUNT(*) FROM videos_video GROUP BY status"))


def test_two_hundred_videos_complete_on_the_one_key_that_is_left(
    studio: Studio, accounts: dict[str, Upstream]
) -> None:
    for name, account in accounts.items():
        account.mood = name
    prompts = [f"number {number}" for number in range(VIDEOS)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(studio.create, prompts))
    eventually("all of them", 300, lambda: counts(studio) == {"completed": VIDEOS})
    taken = accounts[THROTTLING].taken
    assert dict(taken) == dict.fromkeys(prompts, 1)
    assert accounts[REVOKED].taken == accounts[BROKE].taken == {}
    assert accounts[REVOKED].creates <= 4 and accounts[BROKE].creates <= 4
    assert accounts[THROTTLING].busiest <= AT_ONCE
    assert accounts[THROTTLING].creates > VIDEOS
    wrong = "SELECT COUNT(*) FROM videos_videoevent WHERE arrow NOT IN ('a','b','c','d','f','g')"
    assert studio.rows(wrong) == [(0,)]

    seen = keys(studio)
    assert seen[REVOKED][:2] == ("Runway refused this key: Invalid API key", "provider_auth")
    assert seen[BROKE][0].startswith("Out of credits: You do not have enough credits")
    assert seen[BROKE][1] == "provider_out_of_credits"
    assert seen[THROTTLING] == ("", "provider_rate_limited", 1)

    accounts[BROKE].mood = GOOD
    eventually("work for the topped-up key", 60, lambda: keys(studio)[BROKE][0] == "")
    assert keys(studio)[REVOKED][0]
