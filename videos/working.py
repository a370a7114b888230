"""Keeps a running task's claims and its cluster's heartbeat alive while threads do the HTTP.

The main thread of a django-q2 worker does all database work; a thread only talks to the provider
and to the disk. Used by submit, follow, store and the sending of webhooks.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cache
from pathlib import Path
from time import monotonic
from typing import TypeVar

from django.conf import settings
from django.db import Error, connection

from . import leases
from .leases import Claim

logger = logging.getLogger(__name__)

T = TypeVar("T")

THREADS = 64
RENEWALS_PER_LEASE = 4
BEAT_SECONDS = 5.0  # however long the lease is; the supervisor waits for three of them


def worker_dir() -> Path:
    """The run directory of the `manage.py worker` that this process belongs to."""
    return Path(os.environ["STUDIO_WORKER_DIR"])


def beat() -> None:
    """Tell the supervisor that this cluster lives."""
    (worker_dir() / f"{os.environ['STUDIO_CLUSTER']}.beat").touch()


def work(claims: Sequence[Claim], function: Callable[[], T]) -> T:
    """Run one function in a thread while the claims are kept. Raises what it raises."""
    future = _pool().submit(function)
    for _ in _finished({future: None}, lambda: claims):
        pass
    return future.result()


def work_all(
    jobs: Sequence[tuple[Claim, Callable[[], T]]],
    table: str = leases.VIDEOS,
) -> Iterator[tuple[Claim, Future[T]]]:
    """Run many functions in threads; gives each claim with its future as soon as that is done."""
    futures = {_pool().submit(function): claim for claim, function in jobs}
    open_claims = dict(futures)
    for future in _finished(futures, lambda: list(open_claims.values()), table):
        yield open_claims.pop(future), future


def _finished(
    futures: dict[Future[T], Claim] | dict[Future[T], None],
    claims: Callable[[], Sequence[Claim]],
    table: str = leases.VIDEOS,
) -> Iterator[Future[T]]:
    waiting = set(futures)
    pause = min(BEAT_SECONDS, settings.STUDIO_LEASE_SECONDS / RENEWALS_PER_LEASE)
    renewed = monotonic()
    while waiting:
        done, waiting = wait(waiting, timeout=pause / 5, return_when=FIRST_COMPLETED)
        yield from done
        if monotonic() - renewed >= pause:
            beat()
            _renew(claims(), table)
            renewed = monotonic()


def _renew(claims: Sequence[Claim], table: str) -> None:
    """Keep the leases if the database answers. If not, what the threads bring still counts."""
    try:
        leases.renew(claims, table)
    except Error:
        logger.exception("the leases of %s claims were not renewed", len(claims))
        connection.close_if_unusable_or_obsolete()


@cache
def _pool() -> ThreadPoolExecutor:
    """One pool a process; made after the fork, because threads do not survive one."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="provider")
