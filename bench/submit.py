"""How soon a request is at Runway, and its clip in the library: `python -m bench.submit`.

One idle installation with the sandbox behind it, requests one after the other.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

from tests.live import Studio

ROUNDS = 12
CLIP_ROUNDS = 4


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder) / "data")
        try:
            time.sleep(8)  # let the clusters settle
            sent = [until_sent(studio, f"at Runway {n}") for n in range(ROUNDS)]
            kept = [until_kept(studio, f"in the library {n}") for n in range(CLIP_ROUNDS)]
        finally:
            studio.stop()
    print(f"POST to Runway     {summary(sent)}   target: median below 1 s")
    print(f"POST to library    {summary(kept)}   target: a 5 s clip within 20 s")


def until_sent(studio: Studio, prompt: str) -> float:
    """Seconds from sending our POST to its acceptance by the sandbox."""
    begin = time.time()
    video_id = studio.create(prompt)
    while not studio.accepted(prompt):
        time.sleep(0.005)
    ledger = (studio.data_dir / "sandbox" / "ledger.jsonl").read_text().splitlines()
    [line] = [json.loads(line) for line in ledger if json.loads(line)["prompt"] == prompt]
    studio.http.delete(f"{studio.url}/v1/videos/{video_id}", timeout=30)
    return float(line["at"]) - begin


def until_kept(studio: Studio, prompt: str) -> float:
    """Seconds from sending our POST for a 5 s clip to its completion."""
    begin = time.time()
    video = studio.wait(studio.create(prompt, seconds="5"))
    assert video["status"] == "completed", video
    return time.time() - begin


def summary(seconds: list[float]) -> str:
    """Median and worst."""
    return f"median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s"


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main()
