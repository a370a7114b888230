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
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from providers.sandbox.server import Server
from tests.live import Studio, eventually

pytestmark = pytest.mark.process

KEY = "key_" + "0" * 124 + "b00c"
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
def runway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A sandbox in the place of Runway, four times as fast."""
    with Server(tmp_path_factory.mktemp("runway"), pace=4) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, runway: Server) -> Iterator[Studio]:
    """A studio whose real key is one of that Runway."""
    running = Studio(tmp_path_factory.mktemp("books") / "data", **env_of(runway))
    yield running
    assert running.stop() == 0, running.output


def env_of(runway: Server) -> dict[str, str]:
    """How a studio finds it."""
    return {
        "RUNWAY_API_KEY": KEY,
        "RUNWAYML_BASE_URL": runway.url,
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
def test_the_books_are_right_after_any_sequence(studio: Studio, runway: Server, seed: int) -> None:
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
    check_against(studio, runway)


def check_against(studio: Studio, runway: Server) -> None:
    """Each task costs what Runway charges, each key what its tasks do; the rest is marked."""
    charged = {record.id: record.charged for record in runway.sandbox.store.all()}
    tasks = studio.rows("SELECT provider_id, video_id, credits, is_assumed FROM videos_task")
    for provider_id, video_id, credits, is_assumed in tasks:
        assert credits == charged[provider_id] or is_assumed, (provider_id, video_id)
    marks = dict(studio.rows("SELECT video_id, max(mark) FROM videos_ledgerline GROUP BY video_id"))
    assert all(marks[video_id] == "assumed" for _, video_id, _, assumed in tasks if assumed)
    check_unknown(studio, runway, {task[0] for task in tasks})
    check_key(studio, runway, sum(charged.values()) - sum(task[2] for task in tasks))


def check_unknown(studio: Studio, runway: Server, known: set[str]) -> None:
    """A task that we know nothing of belongs to a submission that was said to be uncertain."""
    lost = [each for each in runway.sandbox.store.all() if each.id not in known]
    uncertain = "SELECT count(*) FROM videos_video WHERE error_code = 'submission_uncertain'"
    [(count,)] = studio.rows(uncertain)
    assert len(lost) <= count
    assert all("[drop]" in each.body["promptText"] for each in lost)


def check_key(studio: Studio, runway: Server, unexplained: float) -> None:
    """`manage.py reconcile` finds exactly the credits that were assumed or uncertain."""
    env = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "STUDIO_DATA_DIR": str(studio.data_dir),
        **env_of(runway),
    }
    manage = str(Path(settings.BASE_DIR) / "manage.py")
    command = [sys.executable, manage, "reconcile", "--days", "2"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)
    found = [line.rpartition("difference ")[2] for line in done.stdout.splitlines()[:-1]]
    total = sum(
        float(amount.removesuffix(" cr").replace("\N{NARROW NO-BREAK SPACE}", ""))
        for amount in found
    )
    assert total == unexplained, done.stdout
