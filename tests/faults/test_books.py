"""After any sequence of events the books are right: per video, and per key as the sandbox counts.

Real processes. The sandbox stands where Runway would, so its videos cost credits, and what it
charges is the truth. Sequences are random, from seeds.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from providers.sandbox.server import Server
from tests.live import Studio, eventually

pytestmark = pytest.mark.process

FIRST, SECOND = "environment", "second"
KEYS = {FIRST: "key_" + "0" * 124 + "b00c", SECOND: "key_" + "1" * 124 + "b00c"}
Accounts = dict[str, Server]
VIDEOS = 14
WISHES = (
    "",
    "[cost:33]",
    "[cost:0]",
    "[fail:SAFETY.INPUT.TEXT]",
    "[fail:INTERNAL]",
    "[drop]",
    "[html]",
    "[http:500]",
    "[http:400]",
    "[http:503:1]",
    "[slow:8]",
    "[throttle:8]",
)
ACTS = ("", "", "cancel", "delete")
MOMENTS = ("queued", "in_progress", "the end")
OVER = ("completed", "failed", "cancelled")


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    """Two sandboxes in the place of Runway's accounts, four times as fast, by their key's name."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(account(tmp_path_factory.mktemp(name))) for name in KEYS}


@contextmanager
def account(folder: Path) -> Iterator[Server]:
    """A running one."""
    with Server(folder, pace=4) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, accounts: Accounts) -> Iterator[Studio]:
    """A studio with a key of each account; the second is added as a script would."""
    running = Studio(tmp_path_factory.mktemp("books") / "data", **env_of(accounts))
    network = {"base_url": accounts[SECOND].url}
    key = {"name": SECOND, "value": KEYS[SECOND], "network_config": network}
    url = f"{running.url}/api/providers/runway/keys"
    answer = running.http.post(url, json=key, timeout=30)
    assert answer.json()["status"] == "works", answer.text
    yield running
    assert running.stop() == 0, running.output


def env_of(accounts: Accounts) -> dict[str, str]:
    """How a studio finds them."""
    return {
        "RUNWAY_API_KEY": KEYS[FIRST],
        "RUNWAYML_BASE_URL": accounts[FIRST].url,
        "STUDIO_PROVIDER_ORIGINS": accounts[SECOND].url,
        "STUDIO_FOLLOW_SECONDS": "0.5",
    }


def act(studio: Studio, video_id: str, moment: str, what: str) -> None:
    """Cancel or delete a video at a moment of its life, or whenever it gets past it."""

    def has_come() -> bool:
        status = studio.status(video_id)
        return status in (moment, *OVER) or moment == "queued"

    if what:
        eventually(f"{moment} of {video_id}", 60, has_come)
        path = f"{studio.url}/v1/videos/{video_id}"
        verb, url = ("POST", f"{path}/cancel") if what == "cancel" else ("DELETE", path)
        assert studio.http.request(verb, url, timeout=30).status_code == 200


def are_over(studio: Studio) -> bool:
    """Whether nothing more will happen."""
    words = ", ".join(f"'{status}'" for status in OVER)
    return studio.rows(f"SELECT count(*) FROM videos_video WHERE status NOT IN ({words})") == [(0,)]


def booked(studio: Studio) -> dict[str, float]:
    """The sum of each video's lines."""
    sql = "SELECT video_id, sum(credits) FROM videos_ledgerline GROUP BY video_id"
    return dict(studio.rows(sql))


@pytest.mark.parametrize("seed", [1, 2])
def test_the_books_are_right_after_any_sequence(
    studio: Studio, accounts: Accounts, seed: int
) -> None:
    chance = random.Random(seed)
    ids = [
        studio.create(f"{seed}-{number} {chance.choice(WISHES)}", model="gen4.5")
        for number in range(VIDEOS)
    ]
    for video_id in ids:
        act(studio, video_id, chance.choice(MOMENTS), chance.choice(ACTS))
    eventually("the end of everything", 120, lambda: are_over(studio))
    sums = booked(studio)
    for video_id in ids:
        video = studio.video(video_id)
        if "error" in video and "id" not in video:  # deleted
            continue
        assert video["cost"]["credits"] == sums[video_id], (seed, video)
    check_against(studio, accounts)


def check_against(studio: Studio, accounts: Accounts) -> None:
    """Each task costs what its account charges, each key what its tasks do; the rest is marked."""
    told = differences(studio, accounts)
    marks = dict(studio.rows("SELECT video_id, max(mark) FROM videos_ledgerline GROUP BY video_id"))
    sql = (
        "SELECT provider_id, video_id, task.credits, is_assumed FROM videos_task AS task"
        " JOIN providers_providerkey AS key ON key.id = provider_key_id WHERE key.name = ?"
    )
    for name, runway in accounts.items():
        charged = {record.id: record.charged for record in runway.sandbox.store.all()}
        tasks = studio.rows(sql, name)
        for provider_id, video_id, credits, is_assumed in tasks:
            assert credits == charged[provider_id] or is_assumed, (name, provider_id, video_id)
        assert all(marks[video_id] == "assumed" for _, video_id, _, assumed in tasks if assumed)
        assert tasks and told[name] == sum(charged.values()) - sum(task[2] for task in tasks), name
    check_unknown(studio, accounts)


def check_unknown(studio: Studio, accounts: Accounts) -> None:
    """A task that we know nothing of belongs to a submission that was said to be uncertain."""
    known = {row[0] for row in studio.rows("SELECT provider_id FROM videos_task")}
    records = [each for runway in accounts.values() for each in runway.sandbox.store.all()]
    lost = [each for each in records if each.id not in known]
    uncertain = "SELECT count(*) FROM videos_video WHERE error_code = 'submission_uncertain'"
    [(count,)] = studio.rows(uncertain)
    assert len(lost) <= count
    assert all("[drop]" in each.body["promptText"] for each in lost)


def differences(studio: Studio, accounts: Accounts) -> Counter[str]:
    """By key, the credits that `manage.py reconcile` finds charged beyond our books."""
    env = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "STUDIO_DATA_DIR": str(studio.data_dir),
        **env_of(accounts),
    }
    manage = str(Path(settings.BASE_DIR) / "manage.py")
    command = [sys.executable, manage, "reconcile", "--days", "2"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)
    total: Counter[str] = Counter()
    for line in done.stdout.splitlines()[:-1]:
        amount = line.rpartition("difference ")[2].removesuffix(" cr")
        total[line.split()[1]] += int(amount.replace("\N{NARROW NO-BREAK SPACE}", ""))
    return total
