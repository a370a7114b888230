"""The official `openai` package with its base_url changed, and nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import openai
import pytest
from openai import OpenAI
from PIL import Image

from tests.live import Studio

pytestmark = [
    pytest.mark.process,
    # OpenAI shut its own service down; its client still speaks to ours, and says so.
    pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning"),
]


# Lengths that the SDK's types do not know, and its code sends all the same.
TWO: Any = "2"
FIVE: Any = "5"
TOO_MANY: Any = "99"


@pytest.fixture
def client(studio: Studio) -> Iterator[OpenAI]:
    """As a script would make it."""
    with OpenAI(base_url=f"{studio.url}/v1", api_key=studio.key) as made:
        yield made


def test_create_and_poll_then_download_gives_a_playable_video(
    client: OpenAI, tmp_path: Path
) -> None:
    video = client.videos.create_and_poll(
        model="gen4.5",
        prompt="a red kite over dunes",
        seconds=FIVE,
        size="1280x720",
    )
    assert (video.status, video.progress, video.error) == ("completed", 100, None)
    path = tmp_path / "kite.mp4"
    client.videos.download_content(video.id).write_to_file(path)
    with av.open(str(path)) as clip:
        stream = clip.streams.video[0]
        assert (stream.codec_context.width, stream.codec_context.height) == (1280, 720)
        assert clip.duration is not None
        assert abs(clip.duration / av.time_base - 5) < 0.1


@pytest.mark.parametrize(("variant", "kind"), [("thumbnail", "WEBP"), ("spritesheet", "JPEG")])
def test_its_pictures_can_be_downloaded(client: OpenAI, variant: Any, kind: str) -> None:
    video = client.videos.create_and_poll(model="gen4.5", prompt="a kite", seconds=TWO)
    content = client.videos.download_content(video.id, variant=variant)
    assert Image.open(io.BytesIO(content.read())).format == kind


def test_a_picture_becomes_the_first_frame(client: OpenAI, tmp_path: Path) -> None:
    picture = tmp_path / "start.png"
    Image.new("RGB", (1280, 720), (200, 30, 30)).save(picture)
    video = client.videos.create_and_poll(
        model="gen4_turbo",
        prompt="it moves",
        seconds=TWO,
        input_reference=picture,
    )
    assert video.status == "completed"
    clip_bytes = client.videos.download_content(video.id).read()
    with av.open(io.BytesIO(clip_bytes), "r") as clip:
        frame: Any = next(clip.decode(video=0))
        red, green, _ = frame.to_image().getpixel((40, 40))
    assert red > 150
    assert green < 90


def test_the_list_pages_through_everything_newest_first(client: OpenAI) -> None:
    made = [
        client.videos.create(model="gen4.5", prompt=f"number {n}", seconds=TWO).id for n in range(3)
    ]
    listed = [video.id for video in client.videos.list(limit=2)]
    assert [video_id for video_id in listed if video_id in made] == made[::-1]


def test_a_deleted_video_is_gone(client: OpenAI) -> None:
    video = client.videos.create(model="gen4.5", prompt="gone", seconds=TWO)
    assert client.videos.delete(video.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve(video.id)


def test_a_failed_video_says_why(client: OpenAI) -> None:
    video = client.videos.create_and_poll(
        model="gen4.5",
        prompt="[fail:SAFETY.INPUT.TEXT]",
        seconds=TWO,
    )
    assert video.status == "failed"
    assert video.error
    assert video.error.code == "moderation_blocked"


def test_a_wrong_value_is_a_bad_request_that_names_it(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refusal:
        client.videos.create(model="gen4.5", prompt="x", seconds=TOO_MANY)
    assert refusal.value.param == "seconds"
    assert "2, 3, 4, 5, 6, 7, 8, 9 or 10" in refusal.value.message


def test_a_wrong_key_is_an_authentication_error(studio: Studio) -> None:
    stranger = OpenAI(base_url=f"{studio.url}/v1", api_key="rk_wrong", max_retries=0)
    with stranger, pytest.raises(openai.AuthenticationError) as refusal:
        stranger.videos.list()
    assert refusal.value.code == "invalid_api_key"


def test_content_before_completion_is_a_bad_request(client: OpenAI) -> None:
    video = client.videos.create(model="gen4.5", prompt="[slow:60] soon", seconds=TWO)
    with pytest.raises(openai.BadRequestError) as refusal:
        client.videos.download_content(video.id)
    assert refusal.value.code == "video_not_ready"
    client.videos.delete(video.id)
