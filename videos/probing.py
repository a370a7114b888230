"""What a file is, found out by another process with little memory and time (`videos.probe`).

Called by `media.py` for outputs and by `inputs.py` for uploads. Nothing here trusts the file.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

SECONDS = 120.0

logger = logging.getLogger(__name__)


class Unreadable(Exception):
    """The file is not what it should be; the message says why, in words."""


@dataclass(frozen=True)
class Found:
    """`kind` is video, audio, picture or zip; `seconds` is None for what does not play."""

    kind: str
    content_type: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    has_audio: bool = False


def look_into(path: Path, folder: Path) -> Found:
    """What the file is; its pictures (thumbnail, spritesheet) are left in `folder`.

    Raises: Unreadable for everything that is no good file.
    """
    command = [sys.executable, "-m", "videos.probe", str(path), str(folder)]
    try:
        run = subprocess.run(  # noqa: S603 - our own interpreter and module
            [*command, str(settings.STUDIO_MAX_VIDEO_BYTES)],
            cwd=settings.BASE_DIR,
            env={"PATH": os.environ.get("PATH", "")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        found = json.loads(run.stdout)
    except subprocess.TimeoutExpired as exc:
        raise Unreadable("it took too long to look into") from exc
    except ValueError as exc:
        logger.warning("the probe ended with %s: %s", run.returncode, run.stderr[-500:])
        raise Unreadable(f"it broke its probe (exit {run.returncode})") from exc
    if "error" in found:
        raise Unreadable(found["error"])
    return Found(**found)


def look_into_bytes(data: bytes) -> Found:
    """The same for bytes that are not on our storage yet."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        path.write_bytes(data)
        return look_into(path, Path(folder))
