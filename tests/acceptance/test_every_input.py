"""Models of every kind through the running studio: from words, pictures, videos, performances."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import av
import pytest
from django.conf import settings
from PIL import Image, ImageChops, ImageStat

from tests.live import Studio

pytestmark = pytest.mark.process


def made(studio: Studio, **fields: Any) -> dict[str, Any]:
    """The Video object of a video that has to succeed."""
    answer = studio.http.post(f"{studio.url}/v1/videos", json=fields, timeout=30)
    assert answer.status_code == 200, answer.text
    video = studio.wait(answer.json()["id"], 90)
    assert video["status"] == "completed", video
    return video


def content(studio: Studio, video_id: str) -> bytes:
    """The stored MP4."""
    return studio.http.get(f"{studio.url}/v1/videos/{video_id}/content", timeout=60).content


def shape(data: bytes) -> tuple[int, int, float]:
    """Width, height and length of a clip."""
    with av.open(io.BytesIO(data), "r") as clip:
        stream = clip.streams.video[0]
        assert clip.duration is not None
        return stream.width, stream.height, clip.duration / av.time_base


@pytest.fixture(scope="module")
def source(studio: Studio) -> str:
    """A stored clip of three seconds to work on."""
    return str(made(studio, model="gen4.5", prompt="a quiet harbour", seconds=3)["id"])


def test_a_sora_script_without_a_model_gets_a_video_with_sound(studio: Studio) -> None:
    video = made(studio, prompt="a kite", model="sora-2")
    assert (video["model"], video["resolved_model"]) == ("sora-2", "veo3.1_fast")
    data = content(studio, video["id"])
    assert shape(data)[:2] == (720, 1280)
    with av.open(io.BytesIO(data), "r") as clip:
        assert clip.streams.audio


def test_a_model_of_aspects_says_the_size_that_was_really_made(studio: Studio) -> None:
    video = made(studio, model="hailuo3", prompt="a kite", seconds=5, size="1280x720")
    width, height, _ = shape(content(studio, video["id"]))
    assert video["size"] == f"{width}x{height}"
    assert abs(width / height - 16 / 9) < 0.02


def test_a_video_of_the_library_is_edited(studio: Studio, source: str) -> None:
    video = made(studio, model="aleph2", prompt="make it snow", video_uri={"video_id": source})
    assert video["mode"] == "video_to_video"
    assert (video["seconds"], round(shape(content(studio, video["id"]))[2])) == ("3", 3)


def test_a_video_goes_on_from_the_last_frame_of_another(studio: Studio, source: str) -> None:
    frame = {"video_id": source, "frame": "last"}
    video = made(studio, model="gen4_turbo", prompt="it goes on", seconds=2, input_reference=frame)
    assert video["mode"] == "image_to_video"
    with av.open(io.BytesIO(content(studio, source)), "r") as clip:
        before: Any = list(clip.decode(video=0))[-1]
    with av.open(io.BytesIO(content(studio, video["id"])), "r") as clip:
        after: Any = next(clip.decode(video=0))
    pair = [frame.to_image().resize((16, 9)).convert("L") for frame in (before, after)]
    assert ImageStat.Stat(ImageChops.difference(*pair)).mean[0] < 20


def test_a_video_is_enlarged(studio: Studio, source: str) -> None:
    answer = studio.http.post(
        f"{studio.url}/v1/videos/{source}/upscale", json={"resolution": "1k"}, timeout=30
    ).json()
    video = studio.wait(answer["id"], 90)
    assert (video["status"], video["remixed_from_video_id"]) == ("completed", source)


def test_a_performance_moves_a_character(studio: Studio, source: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (720, 720), "teal").save(picture, "PNG")
    performance = content(studio, source)
    files: Any = {
        "model": (None, "act_two"),
        "character": ("face.png", picture.getvalue(), "image/png"),
        "performance": ("me.mp4", performance, "video/mp4"),
    }
    answer = studio.http.post(f"{studio.url}/v1/videos", files=files, timeout=60)
    assert answer.status_code == 200, answer.text
    video = studio.wait(answer.json()["id"], 90)
    assert (video["status"], video["mode"]) == ("completed", "character_performance")


def test_a_file_too_large_for_a_data_uri_is_uploaded(studio: Studio) -> None:
    picture = io.BytesIO()
    noise = Image.effect_noise((2400, 1350), 90).convert("RGB")
    noise.save(picture, "PNG")
    assert len(picture.getvalue()) > 4_000_000
    files: Any = {
        "model": (None, "gen4_turbo"),
        "prompt": (None, "grain"),
        "seconds": (None, "2"),
        "input_reference": ("noise.png", picture.getvalue(), "image/png"),
    }
    answer = studio.http.post(f"{studio.url}/v1/videos", files=files, timeout=60)
    assert answer.status_code == 200, answer.text
    assert studio.wait(answer.json()["id"], 90)["status"] == "completed"
    assert list((studio.data_dir / "sandbox" / "uploads").iterdir())


def test_a_model_that_only_the_catalogue_knows_makes_videos(tmp_path: Path) -> None:
    catalogue = json.loads((settings.BASE_DIR / "providers" / "catalog.json").read_text())
    catalogue["models"]["gen99"] = {
        "name": "Gen-99",
        "prices": {"per_second": [{"credits": 3}]},
        "modes": {
            "text_to_video": {
                "required": ["model", "promptText", "ratio", "duration"],
                "optional": ["grain"],
                "prompt": {"min": 1, "max": 50},
                "ratios": ["640:360"],
                "durations": {"enum": [2]},
                "options": {"grain": {"enum": ["fine", "coarse"]}},
                "strict": True,
            }
        },
    }
    (tmp_path / "catalog.json").write_text(json.dumps(catalogue))
    studio = Studio(tmp_path / "data", STUDIO_CATALOG_FILE=str(tmp_path / "catalog.json"))
    try:
        video = made(studio, model="gen99", prompt="a kite", grain="fine")
        assert shape(content(studio, video["id"]))[:2] == (640, 360)
        refused = studio.http.post(
            f"{studio.url}/v1/videos",
            json={"model": "gen99", "prompt": "x", "grain": "none"},
            timeout=9,
        )
        assert refused.json()["error"]["param"] == "grain"
    finally:
        assert studio.stop() == 0, studio.output
