"""The four curls that this product was asked for, with an Authorization header added."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import av
import pytest

from tests.live import TERMINAL, Studio, eventually

pytestmark = pytest.mark.process


def curl(studio: Studio, *options: str) -> bytes:
    """What curl prints."""
    command = ["curl", "-sS", "-H", f"Authorization: Bearer {studio.key}", *options]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def test_create_status_content_and_cancel_work_as_written(studio: Studio, tmp_path: Path) -> None:
    url = f"{studio.url}/v1/videos"
    body = {
        "model": "runway/gen4_turbo",
        "prompt": "A serene mountain landscape at sunset",
        "seconds": "5",
        "size": "1280x720",
    }
    created = json.loads(
        curl(
            studio,
            "-X",
            "POST",
            url,
            "-H",
            "Content-Type: application/json",
            "-d",
            json.dumps(body),
        )
    )
    assert (created["object"], created["status"]) == ("video", "queued")

    def over() -> dict[str, str] | None:
        video = json.loads(curl(studio, f"{url}/{created['id']}"))
        return video if video["status"] in TERMINAL else None

    video = eventually("the end of the seed's video", 60, over)
    assert (video["status"], video["seconds"], video["size"]) == ("completed", "5", "1280x720")
    path = tmp_path / "video.mp4"
    curl(studio, f"{url}/{created['id']}/content", "--output", str(path))
    with av.open(str(path)) as clip:
        assert clip.streams.video[0].codec_context.name == "h264"
    deleted = json.loads(curl(studio, "-X", "DELETE", f"{url}/{created['id']}"))
    assert deleted["deleted"] is True
