"""What else the official `openai` package can ask for: remixes, edits, extensions, files, Azure."""

from __future__ import annotations

import io
from typing import Any

import av
import openai
import pytest
from openai import AzureOpenAI, OpenAI
from openai.types import Video
from PIL import Image

from tests.live import Studio
from tests.videos import clips

pytestmark = [
    pytest.mark.process,
    # OpenAI shut its own service down; its client still speaks to ours, and says so.
    pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def client(studio: Studio) -> OpenAI:
    """As a script would make it."""
    return OpenAI(base_url=f"{studio.url}/v1", api_key=studio.key)


@pytest.fixture(scope="module")
def source(client: OpenAI) -> Video:
    """A Sora script's video."""
    return client.videos.create_and_poll(
        model="sora-2", prompt="a quiet harbour", seconds="4", size="1280x720", poll_interval_ms=500
    )


def length(client: OpenAI, video: Video) -> float:
    """Seconds of the stored clip."""
    data = client.videos.download_content(video.id).read()
    with av.open(io.BytesIO(data), "r") as clip:
        assert clip.duration is not None
        return clip.duration / av.time_base


def test_a_remix_keeps_model_size_and_length(client: OpenAI, source: Video) -> None:
    video = client.videos.remix(source.id, prompt="make it snow")
    assert (video.remixed_from_video_id, video.status) == (source.id, "queued")
    assert (video.model, video.size, video.seconds) == ("sora-2", "1280x720", "4")
    done = client.videos.poll(video.id, poll_interval_ms=500)
    assert (done.status, done.error) == ("completed", None)
    assert abs(length(client, done) - 4) < 0.2


def test_an_edit_names_its_source_by_id(client: OpenAI, source: Video) -> None:
    body = {"video": {"id": source.id}, "prompt": "at night"}
    video = client.post("/videos/edits", body=body, cast_to=Video)
    assert video.remixed_from_video_id == source.id
    assert client.videos.poll(video.id, poll_interval_ms=500).status == "completed"


def test_an_edit_takes_a_film(client: OpenAI) -> None:
    film = ("film.mp4", clips.film(), "video/mp4")
    video = client.videos.edit(prompt="at night", video=film)
    assert (video.model, video.seconds) == ("aleph2", "2")
    assert client.videos.poll(video.id, poll_interval_ms=500).status == "completed"


def test_the_id_may_come_as_a_form_field(client: OpenAI, source: Video) -> None:
    omitted: Any = openai.omit
    extra = {"video": {"id": source.id}}
    video = client.videos.edit(prompt="at dawn", video=omitted, extra_body=extra)
    assert video.remixed_from_video_id == source.id


def test_an_extension_is_the_whole(client: OpenAI, source: Video) -> None:
    body = {"video": {"id": source.id}, "prompt": "a boat comes in", "seconds": "4"}
    video = client.post("/videos/extensions", body=body, cast_to=Video)
    assert (video.seconds, video.size) == ("8", "1280x720")
    done = client.videos.poll(video.id, poll_interval_ms=500)
    assert (done.status, done.seconds, done.error) == ("completed", "8", None)
    assert abs(length(client, done) - 8) < 0.3


def test_characters_are_refused_in_words(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refusal:
        client.videos.get_character("char_1")
    assert refusal.value.code == "not_supported"


def test_a_file_is_uploaded_named_read_and_deleted(client: OpenAI) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (1280, 720), "teal").save(picture, "PNG")
    file = client.files.create(file=("start.png", picture.getvalue()), purpose="vision")
    assert (file.object, file.status, file.filename) == ("file", "processed", "start.png")
    assert client.files.wait_for_processing(file.id).bytes == len(picture.getvalue())
    body = {"model": "gen4_turbo", "prompt": "it moves", "input_reference": {"file_id": file.id}}
    video = client.post("/videos", body=body, cast_to=Video)
    assert file.id in [listed.id for listed in client.files.list(purpose="vision", limit=1)]
    assert client.files.content(file.id).read() == picture.getvalue()
    assert client.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(file.id)
    assert client.videos.poll(video.id, poll_interval_ms=500).status == "completed"


@pytest.mark.parametrize(
    "options", [{"azure_endpoint": "{}"}, {"base_url": "{}/openai/v1"}], ids=["endpoint", "v1"]
)
def test_azures_client_needs_no_other_server(studio: Studio, options: dict[str, str]) -> None:
    where: dict[str, Any] = {name: text.format(studio.url) for name, text in options.items()}
    azure = AzureOpenAI(api_key=studio.key, api_version="2025-04-01-preview", **where)
    video = azure.videos.create_and_poll(
        model="sora-2", prompt="a kite", seconds="4", poll_interval_ms=500
    )
    assert video.status == "completed"
    assert azure.videos.download_content(video.id).read()[4:8] == b"ftyp"
    assert azure.videos.list(limit=1).data[0].id == video.id
    assert azure.models.retrieve("gen4.5").id == "gen4.5"
    assert azure.videos.delete(video.id).deleted


def test_a_base_url_may_lack_v1(studio: Studio) -> None:
    client = OpenAI(base_url=studio.url, api_key=studio.key)
    assert "sora-2" in [model.id for model in client.models.list()]
    with pytest.raises(openai.NotFoundError) as refusal:
        client.videos.retrieve("video_../a b%2F")
    assert refusal.value.code == "not_found"
