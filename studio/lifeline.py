"""Children that cannot outlive their parent, however it dies.

The parent holds the write end of a pipe and passes the read end down. Nothing is written: when the
last write end closes, because the parent ended or was killed, every child ends itself. Called by
`manage.py` for its own process, and by the supervisor for its children.
"""

from __future__ import annotations

import os
import signal
import threading

VARIABLE = "STUDIO_LIFELINE_FD"


class Lifeline:
    """The parent's side. `env` and `fd` go to each child that is to end with us."""

    def __init__(self) -> None:
        self.fd, self._held = os.pipe()
        self.env = {VARIABLE: str(self.fd)}
        os.register_at_fork(after_in_child=self._let_go)

    def _let_go(self) -> None:
        """A forked copy of us must not keep the children alive."""
        if self._held >= 0:
            os.close(self._held)
            self._held = -1


def watch() -> None:
    """The child's side: end with the parent. Does nothing for a process started by hand.

    Forked children of this process watch as well.
    """
    fd = os.environ.get(VARIABLE)
    if fd is None:
        return
    os.set_inheritable(int(fd), True)
    _start(int(fd))
    os.register_at_fork(after_in_child=lambda: _start(int(fd)))


def _start(fd: int) -> None:
    threading.Thread(target=_wait, args=(fd,), name="lifeline", daemon=True).start()


def _wait(fd: int) -> None:
    os.read(fd, 1)
    os.kill(os.getpid(), signal.SIGKILL)
