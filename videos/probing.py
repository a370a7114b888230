"""What a file is, found out by another process with little memory and time (`videos.probe`).

Called by `media.py` for outputs, by `inputs.py` for uploads, and by the page of a video for one
frame of it (`videos.still`). Nothing here trusts the file.
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
from typing import Any

from django.conf import settings

SECONDS = 120.0
STILL_SECONDS = 30.0

logger = logging.getLogger(__name__)


class Unreadable(Exception):
    """The file is not what it should be; the message says why, in words."""


@dataclass(frozen=True)
class Found:
    """`kind` is video, audio, picture or zip; `seconds` is None for what does not play.

    `fps` and `codec` are those of a video, as far as it tells them.
    """

    kind: str
    content_type: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    has_audio: bool = False
    fps: float | None = None
    codec: str = ""


def look_into(path: Path, folder: Path) -> Found:
    """What the file is; its pictures (thumbnail, spritesheet) are left in `folder`.

    Raises: Unreadable for everything that is no good file.
    """
    most = str(settings.STUDIO_MAX_VIDEO_BYTES)
    return Found(**_ask(["videos.probe", str(path), str(folder), most], SECONDS))


def look_into_bytes(data: bytes) -> Found:
    """The same for bytes that are not on our storage yet."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        path.write_bytes(data)
        return look_into(path, Path(folder))


def still(path: Path, seconds: float) -> bytes:
    """The frame that a clip shows at a moment, as a PNG of full size; the last one behind its end.

    Raises: Unreadable.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "still.png"
        _ask(["videos.still", str(path), str(made), str(seconds)], STILL_SECONDS)
        return made.read_bytes()


def _ask(command: list[str], seconds: float) -> dict[str, Any]:
    """What a module of ours prints about a file, in a process of its own. Raises: Unreadable."""
    try:
        run = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", *command],
            cwd=settings.BASE_DIR,
            env={"PATH": os.environ.get("PATH", "")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        found: dict[str, Any] = json.loads(run.stdout)
    except subprocess.TimeoutExpired as exc:
        raise Unreadable("it took too long to look into") from exc
    except ValueError as exc:
        logger.warning("%s ended with %s: %s", command[0], run.returncode, run.stderr[-500:])
        raise Unreadable(f"it broke its probe (exit {run.returncode})") from exc
    if "error" in found:
        raise Unreadable(found["error"])
    return found
