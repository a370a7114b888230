"""kill -9 of real processes at the worst moments: nothing is lost, nothing is sent twice.

The sandbox's ledger counts what Runway would have billed. Each test leaves the studio as it was.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.live import TERMINAL, Studio, eventually

pytestmark = pytest.mark.process

TAKEOVER_SECONDS = 30


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio whose processes are killed and must come back by themselves."""
    running = Studio(tmp_path_factory.mktemp("faults") / "data")
    yield running
    assert running.stop() == 0, running.output


def worker(studio: Studio) -> int:
    """The pid of `manage.py worker`."""
    return eventually("a worker", 30, lambda: studio.pids("manage.py", "worker"))[0]


def cluster(studio: Studio) -> list[int]:
    """The pids of the hot qcluster: parent, sentinel, then its workers, monitor and pusher."""

    def whole() -> list[int] | None:
        pids = [pid for pid in studio.pids("qcluster") if is_hot(pid)]
        return pids if len(pids) >= 7 else None

    return eventually("a whole hot cluster", 30, whole)


def is_hot(pid: int) -> bool:
    """Whether a process belongs to the hot cluster."""
    with open(f"/proc/{pid}/environ", "rb") as file:
        return b"STUDIO_CLUSTER=hot" in file.read().split(b"\0")


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    """Hold processes still for a while."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def reach(studio: Studio, video_id: str, status: str) -> None:
    """Wait until the row has this status."""
    eventually(f"{status} of {video_id}", 30, lambda: studio.status(video_id) == status)


def test_a_worker_killed_with_videos_in_every_status_loses_none(studio: Studio) -> None:
    sending = studio.create("[hang:60] accepted, but the answer never comes")
    running = studio.create("[slow:20] is being made")
    storing = studio.create("[drip:20] comes down slowly")
    reach(studio, running, "in_progress")
    reach(studio, storing, "storing")
    reach(studio, sending, "submitting")
    eventually(
        "Runway's yes",
        10,
        lambda: studio.accepted("[hang:60] accepted, but the answer never comes"),
    )
    with stopped([worker(studio)]):
        waiting = studio.create("nobody claimed it yet")
        os.kill(worker(studio), signal.SIGKILL)
        killed = time.monotonic()
    assert studio.wait(sending, TAKEOVER_SECONDS)["error"]["code"] == "submission_uncertain"
    eventually("takeover", TAKEOVER_SECONDS, lambda: studio.status(waiting) != "queued")
    assert time.monotonic() - killed < TAKEOVER_SECONDS
    for video_id in (running, storing, waiting):
        assert studio.wait(video_id, 90)["status"] == "completed"
    assert studio.arrows(sending) == "abe"
    assert studio.arrows(running) == studio.arrows(storing) == studio.arrows(waiting) == "abcfg"
    for video_id in (sending, running, storing, waiting):
        assert studio.accepted(studio.video(video_id)["prompt"]) == 1


def test_a_worker_killed_before_the_request_left_sends_nothing_twice(studio: Studio) -> None:
    prompt = "noted, but never seen by Runway"
    sandbox = studio.pids("manage.py", "sandbox")
    with stopped(sandbox):
        video_id = studio.create(prompt)
        reach(studio, video_id, "submitting")
        os.kill(worker(studio), signal.SIGKILL)
        assert studio.wait(video_id, TAKEOVER_SECONDS)["error"]["code"] == "submission_uncertain"
    assert studio.arrows(video_id) == "abe"
    assert studio.accepted(prompt) <= 1


def test_an_answer_that_only_the_disk_knows_is_found_again(studio: Studio) -> None:
    prompt = "[hang:2] accepted, but the database was away"
    spool = studio.data_dir / "spool"
    video_id = studio.create(prompt)
    reach(studio, video_id, "submitting")
    with studio.locked_database():
        eventually("the task id on disk", 15, lambda: list(spool.glob("*.accepted")))
        os.kill(worker(studio), signal.SIGKILL)
    assert studio.wait(video_id, 90)["status"] == "completed"
    assert studio.accepted(prompt) == 1
    assert studio.arrows(video_id).replace("m", "") in ("abcfg", "abefg")
    assert list(spool.glob("*.accepted")) == []


def test_an_idle_q2_worker_killed_while_it_holds_its_queue_wedges_nothing(studio: Studio) -> None:
    for pid in cluster(studio)[2:5]:
        os.kill(pid, signal.SIGKILL)
    video_id = studio.create("after the idle workers died")
    eventually("takeover", TAKEOVER_SECONDS, lambda: studio.status(video_id) != "queued")
    assert studio.wait(video_id)["status"] == "completed"
    assert studio.accepted("after the idle workers died") == 1


def test_a_qcluster_whose_parent_is_killed_is_replaced_whole(studio: Studio) -> None:
    before = cluster(studio)
    os.kill(before[0], signal.SIGKILL)
    eventually("the end of the orphans", 10, lambda: not set(before) & set(studio.pids("qcluster")))
    video_id = studio.create("after the parent died")
    eventually(
        "takeover",
        TAKEOVER_SECONDS,
        lambda: studio.status(video_id) in (*TERMINAL, "in_progress", "storing"),
    )
    assert studio.wait(video_id)["status"] == "completed"


def test_everything_dies_with_the_command_that_started_it(studio: Studio) -> None:
    family = studio.pids("manage.py")
    assert len(family) > 10
    assert studio.stop() == 0
    assert studio.pids("manage.py") == []
