"""Official clients of other versions and languages, each in an environment of its own.

Versions: the oldest with videos, and the newest for Debian's Node.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image

from tests.live import Studio, python_with

pytestmark = pytest.mark.process

SCRIPTS = Path(__file__).parent / "clients"
CACHE = Path(settings.BASE_DIR) / ".venv" / "clients"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A frame to begin with."""
    path = tmp_path / "start.png"
    Image.new("RGB", (1280, 720), "teal").save(path)
    return path


def said(studio: Studio, *command: str | Path) -> dict[str, Any]:
    """The last line that a script prints, which knows nothing but our address and a key."""
    env = {**os.environ, "OPENAI_BASE_URL": f"{studio.url}/v1", "OPENAI_API_KEY": studio.key}
    done = subprocess.run(
        command, check=False, env=env, capture_output=True, text=True, timeout=150
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def check_sora(video: dict[str, Any]) -> None:
    """What a Sora script may rely on."""
    assert (video["object"], video["model"], video["status"]) == ("video", "sora-2", "completed")
    assert (video["seconds"], video["size"], video["progress"]) == ("8", "1280x720", 100)
    assert (video["error"], video["remixed_from_video_id"]) == (None, None)


@pytest.mark.node
@pytest.mark.parametrize("version", ["6.2.0", "6.49.0"])
def test_a_sora_script_in_node(studio: Studio, picture: Path, version: str) -> None:
    folder = CACHE / f"openai-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    install = ["npm", "install", "--no-audit", "--no-fund", f"openai@{version}"]
    subprocess.run([*install, "--prefix", folder], check=True, capture_output=True)
    seen = said(studio, "node", SCRIPTS / "sora.mjs", folder, picture)
    check_sora(seen["video"])
    assert (seen["box"], seen["bytes"]) == ("ftyp", seen["told"])
    assert seen["uploads"] == ["completed", "completed"]
    assert seen["remixed_from"]
    assert len(seen["listed"]) >= 3
    assert seen["refusal"] == {"name": "BadRequestError", "status": 400, "param": "seconds"}
    assert seen["buffer"] == {"name": "BadRequestError", "status": 400, "param": "input_reference"}
    assert (seen["deleted"], seen["gone"]) == (True, 404)


def test_a_sora_script_with_the_oldest_package(studio: Studio, picture: Path) -> None:
    seen = said(studio, *python_with("openai==2.2.0"), "python", SCRIPTS / "sora.py", picture)
    assert seen["version"] == "2.2.0"
    check_sora(seen["video"])
    assert (seen["box"], seen["moved"]) == ("ftyp", "completed")
    assert seen["remixed_from"]
    assert seen["listed"] == [True, True]
    assert (seen["refusal"], seen["deleted"], seen["gone"]) == ("seconds", True, 404)


def test_a_sora_script_through_litellm(studio: Studio) -> None:
    script = SCRIPTS / "through_litellm.py"
    command = [*python_with("litellm==1.109.1"), "python", script, f"{studio.url}/v1", studio.key]
    seen = said(studio, *command)
    assert seen["id"]
    assert seen["status"][-1] == "completed"
    assert (seen["box"], seen["seconds"], seen["size"]) == ("ftyp", "8", "1280x720")
