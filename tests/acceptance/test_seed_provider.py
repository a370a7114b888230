"""The seed's fifth curl: a provider key by `POST /api/providers`, then a video made with it.

The server has RUNWAY_API_KEY, and RUNWAYML_BASE_URL leads to a sandbox that stands by itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.live import Studio, eventually, free_port

pytestmark = pytest.mark.process

CANARY = "key_" + "c0ffee9d" * 16
SEED = """{
    "provider": "runway",
    "keys": [
        {
            "name": "runway-key-1",
            "value": "env.RUNWAY_API_KEY",
            "models": ["*"],
            "weight": 1.0
        }
    ]
}"""


@pytest.fixture
def upstream(tmp_path: Path) -> Iterator[str]:
    """The address of a sandbox of its own."""
    port = free_port()
    command = [sys.executable, "-m", "providers.sandbox", "--port", str(port)]
    options = ["--data", str(tmp_path / "upstream"), "--pace", "20"]
    process = subprocess.Popen([*command, *options], cwd=settings.BASE_DIR)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


@pytest.fixture
def studio(upstream: str, tmp_path: Path) -> Iterator[Studio]:
    """A studio with a Runway key in its environment."""
    env = {"RUNWAY_API_KEY": CANARY, "RUNWAYML_BASE_URL": upstream, "STUDIO_LOG_LEVEL": "DEBUG"}
    running = Studio(tmp_path / "data", **env)
    yield running
    assert running.stop() == 0, running.output


def test_the_seed_s_key_is_added_and_makes_a_video_and_its_secret_is_nowhere(
    studio: Studio, upstream: str
) -> None:
    command = ["curl", "-sS", "--location", f"{studio.url}/api/providers"]
    command += ["--header", f"Authorization: Bearer {studio.key}"]
    command += ["--header", "Content-Type: application/json", "--data", SEED]
    done = subprocess.run(command, check=True, capture_output=True, timeout=60)
    provider = json.loads(done.stdout)
    [key] = [key for key in provider["keys"] if key["name"] == "runway-key-1"]
    assert (key["value"], key["value_state"], key["status"]) == (
        "env.RUNWAY_API_KEY",
        "found",
        "works",
    )
    assert key["network_config"]["base_url"] == upstream
    keys = f"{studio.url}/api/providers/runway/keys"
    assert studio.http.put(f"{keys}/environment", json={"enabled": False}, timeout=9).ok
    plain = {"name": "plain", "value": CANARY, "enabled": False}
    assert studio.http.post(keys, json=plain, timeout=9).ok

    video_id = studio.create("a lighthouse")
    eventually("a start", 60, lambda: studio.arrows(video_id).startswith("abc"))
    assert studio.pids("manage.py") != []
    assert studio.pids(CANARY[-16:]) == []
    assert studio.wait(video_id)["status"] == "completed"
    sql = "SELECT k.name FROM videos_video v JOIN providers_providerkey k"
    sql += " ON k.id = v.provider_key_id WHERE v.id = ?"
    assert studio.rows(sql, video_id) == [("runway-key-1",)]
    assert CANARY[-16:] not in studio.output
    for path in studio.data_dir.glob("rushes.sqlite3*"):
        assert CANARY.encode() not in path.read_bytes()


def test_a_file_of_keys_is_applied_at_start_and_a_wrong_one_stops_it(
    upstream: str, tmp_path: Path
) -> None:
    path = tmp_path / "providers.json"
    path.write_text(SEED.replace("1.0", "2"))
    env = {"RUNWAYML_BASE_URL": upstream, "STUDIO_PROVIDERS_FILE": str(path)}
    studio = Studio(tmp_path / "data", **env)
    [key] = studio.http.get(f"{studio.url}/api/providers", timeout=9).json()["providers"][0]["keys"]
    assert (key["name"], key["weight"], key["value_state"]) == ("runway-key-1", 2, "missing")
    assert studio.stop() == 0
    path.write_text(SEED.replace("1.0", "-2"))
    done = subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=settings.BASE_DIR,
        env={**studio._environment(env)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "STUDIO_PROVIDERS_FILE: keys[0].weight: A weight is a number" in done.stderr
