"""Work in threads: leases and heartbeat go on, and what a thread brought is never dropped."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from studio.cluster import STALE_SECONDS
from videos import leases, working
from videos.models import Video
from videos.working import BEAT_SECONDS, work

from .factories import make_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def beat_file(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The heartbeat of a cluster whose leases are renewed every few milliseconds."""
    settings.STUDIO_LEASE_SECONDS = 0.04
    monkeypatch.setenv("STUDIO_WORKER_DIR", str(tmp_path))
    monkeypatch.setenv("STUDIO_CLUSTER", "store")
    return tmp_path / "store.beat"


def until_it_beats(beat_file: Path) -> Callable[[], str]:
    """Work that lasts until the heartbeat is written, 10 s at most."""

    def wait() -> str:
        end = time.monotonic() + 10
        while not beat_file.exists() and time.monotonic() < end:
            time.sleep(0.005)
        return "done"

    return wait


def test_a_long_download_keeps_its_lease_and_the_heartbeat(beat_file: Path) -> None:
    video = make_video("storing")
    [claim] = leases.claim("storing", 1)
    long_ago = timezone.now() - timedelta(hours=1)
    Video.objects.update(next_at=long_ago)
    assert work([claim], until_it_beats(beat_file)) == "done"
    assert beat_file.exists()
    video.refresh_from_db()
    assert video.next_at and video.next_at > long_ago


def test_the_heartbeat_goes_on_however_long_the_lease_is(
    beat_file: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STUDIO_LEASE_SECONDS = 3600
    monkeypatch.setattr(working, "BEAT_SECONDS", 0.01)
    assert work([], until_it_beats(beat_file)) == "done"
    assert beat_file.exists()
    assert 3 * BEAT_SECONDS <= STALE_SECONDS


def test_what_a_thread_brought_counts_though_the_database_failed_meanwhile(
    beat_file: Path,
) -> None:
    no_claim: Any = (object(), 1)
    assert work([no_claim], until_it_beats(beat_file)) == "done"
    assert beat_file.exists()
