"""Every example of docs/api.md and docs/providers.md, as it stands there, on a running studio."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image

from tests.live import Studio

pytestmark = pytest.mark.process

FOLDER = Path(settings.BASE_DIR) / "docs"
DOCS = "".join((FOLDER / name).read_text() for name in ("api.md", "providers.md"))
HERE = "http://127.0.0.1:8080"


def examples(language: str) -> list[str]:
    """The blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)


# Cancel and delete come last, so that the others still find their video.
CURLS = sorted(examples("sh"), key=lambda text: "-X " in text)
INSTALL = ("npm", "install", "--no-audit", "--no-fund", "openai@6.49.0", "--prefix")


@pytest.fixture(scope="module")
def video_id(studio: Studio) -> str:
    """A completed video, for the examples that begin with one."""
    made = studio.create("a lighthouse")
    assert studio.wait(made)["status"] == "completed"
    return made


@pytest.fixture(autouse=True)
def picture(tmp_path: Path) -> None:
    """The picture that the examples send."""
    Image.new("RGB", (1280, 720), "teal").save(tmp_path / "first-frame.png")


def here(studio: Studio, example: str) -> str:
    """An example with our address and key. Receivers' names would need a resolver."""
    example = example.replace(HERE, studio.url).replace("rk_…", studio.key)
    return example.replace("https://hooks.example.org/", "https://1.1.1.1/")


def test_there_are_examples_of_every_language() -> None:
    assert len(CURLS) >= 15
    assert examples("python")
    assert examples("javascript")


@pytest.mark.parametrize("example", CURLS)
def test_a_curl_line_works_as_it_stands(
    studio: Studio, video_id: str, tmp_path: Path, example: str
) -> None:
    line = here(studio, example).replace("curl ", "curl -sS --fail-with-body ", 1)
    env = {**os.environ, "RUSHES_API_KEY": studio.key, "VIDEO_ID": video_id}
    done = subprocess.run(
        ["sh", "-c", line], check=False, cwd=tmp_path, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    if "-o lighthouse.mp4" in example:
        assert (tmp_path / "lighthouse.mp4").read_bytes()[4:8] == b"ftyp"
    else:
        assert "error" not in json.loads(done.stdout) or json.loads(done.stdout)["error"] is None


def test_the_python_example_works_as_it_stands(studio: Studio, tmp_path: Path) -> None:
    [code] = examples("python")
    command = [sys.executable, "-c", here(studio, code)]
    subprocess.run(command, check=True, cwd=tmp_path, timeout=120)
    assert (tmp_path / "lighthouse.mp4").read_bytes()[4:8] == b"ftyp"


@pytest.mark.node
def test_the_node_example_works_as_it_stands(studio: Studio, tmp_path: Path) -> None:
    [code] = examples("javascript")
    subprocess.run([*INSTALL, str(tmp_path)], check=True, capture_output=True)
    script = tmp_path / "example.mjs"
    script.write_text(here(studio, code))
    subprocess.run(["node", script], check=True, cwd=tmp_path, timeout=120)
    assert (tmp_path / "lighthouse.mp4").read_bytes()[4:8] == b"ftyp"
