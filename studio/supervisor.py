"""Processes that are kept running: started in groups of their own, restarted with back-off.

Used by `manage.py run` (web, worker, sandbox) and by `manage.py worker` (its qclusters).
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from django.conf import settings

from .lifeline import Lifeline

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0


class Child:
    """One `manage.py` command that should be running."""

    def __init__(self, name: str, arguments: Sequence[str], env: dict[str, str]) -> None:
        self.name = name
        self.command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
        self.env = env
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.start_again_at = 0.0
        self._pause = FIRST_PAUSE_SECONDS
        self._is_asked = False

    @property
    def is_running(self) -> bool:
        """Whether its main process lives."""
        return self.process is not None and self.process.poll() is None

    def start(self, lifeline: Lifeline) -> None:
        """Start it in a process group of its own."""
        self.started_at = time.monotonic()
        self._is_asked = False
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            self.command,
            env={**os.environ, **self.env, **lifeline.env},
            pass_fds=[lifeline.fd],
            start_new_session=True,
        )

    def keep_up(self, lifeline: Lifeline) -> bool:
        """Restart it when its time has come; True when it was started just now."""
        if self.is_running:
            return False
        now = time.monotonic()
        if self.process is not None and not self.start_again_at:
            self._plan_restart(now)
        if now < self.start_again_at:
            return False
        self.start_again_at = 0.0
        self.start(lifeline)
        return True

    def ask_to_stop(self) -> None:
        """SIGTERM, once, to the main process only; its own children are its business.

        A second one would mean "at once" (see Stop).
        """
        if self.process is not None and self.is_running and not self._is_asked:
            self._is_asked = True
            self.process.terminate()

    def kill(self) -> None:
        """SIGKILL to the whole group, and wait for the main process."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float) -> None:
        """Ask, wait that long, then kill whatever is left of the group."""
        self.ask_to_stop()
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.kill()

    def _plan_restart(self, now: float) -> None:
        """The main process died: end its orphans, and start again after a growing pause."""
        assert self.process is not None
        self.kill()
        if now - self.started_at > STEADY_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        logger.warning(
            "%s ended (%s); starting it again in %.1f s",
            self.name,
            self.process.returncode,
            self._pause,
        )
        self.start_again_at = now + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)


class Stop:
    """Turns SIGINT and SIGTERM into a flag; a second one ends the process at once."""

    def __init__(self) -> None:
        self.requested = False
        signal.signal(signal.SIGINT, self._note)
        signal.signal(signal.SIGTERM, self._note)

    def _note(self, number: int, frame: object) -> None:
        if self.requested:
            os._exit(130)  # the lifeline ends the children
        self.requested = True
