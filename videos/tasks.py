"""django-q2's entry points. Thin: each takes claims, does one step of each, and never raises.

What is lost here comes due again by itself; what comes twice is refused by its fence.
"""

from __future__ import annotations

import logging
from functools import partial

from providers import routing

from . import working
from .follow import follow as follow_batch
from .follow import look_back as look_back_batch
from .leases import Claim
from .models import Superseded
from .notify import notify as notify_batch
from .reconcile import fetch as fetch_figures
from .store import store as store_one
from .submit import submit as submit_one

logger = logging.getLogger(__name__)


def submit(claims: list[Claim]) -> None:
    """Send queued videos to Runway, one after the other."""
    working.beat()
    for claim in claims:
        try:
            submit_one(claim, working.worker_dir())
        except Superseded as exc:
            logger.info("%s", exc)
        except Exception:
            logger.exception("submit of %s", claim[0])


def follow(claims: list[Claim]) -> None:
    """Look at accepted tasks, side by side."""
    working.beat()
    try:
        follow_batch(claims)
    except Exception:
        logger.exception("follow of %s videos", len(claims))


def look_back(claims: list[Claim]) -> None:
    """Look at tasks that timed out, side by side."""
    working.beat()
    try:
        look_back_batch(claims)
    except Exception:
        logger.exception("look back at %s videos", len(claims))


def store(claims: list[Claim]) -> None:
    """Fetch the outputs of finished tasks."""
    working.beat()
    for claim in claims:
        try:
            store_one(claim)
        except Superseded as exc:
            logger.info("%s", exc)
        except Exception:
            logger.exception("store of %s", claim[0])


def notify(claims: list[Claim]) -> None:
    """Send due webhooks, side by side."""
    working.beat()
    try:
        notify_batch(claims)
    except Exception:
        logger.exception("notify of %s deliveries", len(claims))


def reconcile() -> None:
    """Fetch Runway's figures of the last days."""
    working.beat()
    try:
        fetch_figures(run=partial(working.work, []))
    except Exception:
        logger.exception("reconcile")


def test_keys() -> None:
    """Ask how the provider keys do whose time has come."""
    working.beat()
    try:
        routing.test_due_keys()
    except Exception:
        logger.exception("the test of the provider keys")


def beat() -> None:
    """Prove that the cluster takes messages."""
    working.beat()
