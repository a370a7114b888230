"""The files of every endpoint and format, fetched over HTTP and really decoded."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import av
import pytest
from PIL import Image, ImageStat

from tests.providers.sandbox.conftest import Api, image_bytes, image_uri, video_bytes, video_uri
from tests.providers.sandbox.test_render import decoded, difference

SOURCE = {"videoUri": video_uri(2, (160, 90))}


def ordered(api: Api, endpoint: str, body: dict[str, Any]) -> tuple[str, bytes]:
    """Content type and content of the first file of a task."""
    answer = api.post(f"/v1/{endpoint}", body)
    assert answer.status_code == 200, answer.text
    task = api.finished(answer.json()["id"])
    assert task["status"] == "SUCCEEDED"
    file = api.session.get(task["output"][0], timeout=10)
    return file.headers["Content-Type"], file.content


def video(content: bytes) -> tuple[str, tuple[int, int], float, float]:
    """Codec, size, frames a second and seconds."""
    with av.open(io.BytesIO(content), "r") as container:
        stream = container.streams.video[0]
        context, rate = stream.codec_context, float(stream.average_rate or 0)
        seconds = (container.duration or 0) / av.time_base
        return context.name, (context.width, context.height), rate, round(seconds, 2)


def colour(image: Image.Image) -> str:
    """Which of red and blue prevails in the upper half, where nothing is written."""
    upper = image.crop((0, image.height // 4, image.width // 2, image.height // 2))
    red, _, blue = ImageStat.Stat(upper).mean
    return "red" if red > blue else "blue"


def test_an_edit_shows_the_source_and_lasts_as_long(api: Api) -> None:
    kind, content = ordered(api, "video_to_video", {"model": "aleph2", **SOURCE})
    assert kind == "video/mp4"
    assert video(content) == ("h264", (160, 90), 24, 2)
    found = decoded(content)
    assert [colour(found[number]) for number in (0, 20, 28, 47)] == ["blue", "blue", "red", "red"]
    assert difference(found[0], Image.new("RGB", (160, 90), (20, 40, 200))) > 1


def test_an_extension_goes_on_where_the_source_ends(api: Api) -> None:
    body = {
        "model": "seedance2_5",
        "mode": "extend",
        "promptText": "It goes on",
        "promptVideo": video_uri(2, (160, 90)),
        "duration": 4,
        "audio": False,
    }
    _, content = ordered(api, "video_to_video", body)
    assert video(content) == ("h264", (160, 90), 24, 6)
    found = decoded(content)
    assert [colour(found[number]) for number in (0, 47, 52, 140)] == ["blue", "red", "red", "red"]


def test_an_uploaded_video_is_worked_on(api: Api) -> None:
    started = api.post("/v1/uploads", {"filename": "a.mp4", "type": "ephemeral"}).json()
    form = {"data": started["fields"], "files": {"file": ("a.mp4", video_bytes(2, (160, 90)))}}
    assert api.session.post(started["uploadUrl"], **form, timeout=10).status_code == 204
    body = {"model": "aleph2", "videoUri": started["runwayUri"]}
    _, content = ordered(api, "video_to_video", body)
    assert colour(decoded(content)[0]) == "blue"


def test_a_video_by_address_is_a_placeholder(api: Api) -> None:
    body = {
        "model": "hailuo3",
        "promptText": "In snow",
        "promptVideo": "https://films.invalid/a.mp4",
        "ratio": "1:1",
        "duration": 5,
    }
    _, content = ordered(api, "video_to_video", body)
    assert video(content) == ("h264", (768, 768), 24, 5)


def test_an_upscaled_video_is_larger_and_keeps_its_rate(api: Api) -> None:
    body = {"model": "magnific_video_upscaler_creative", "resolution": "720p", **SOURCE}
    _, content = ordered(api, "video_upscale", body)
    assert video(content) == ("h264", (1280, 720), 4, 2)
    assert colour(decoded(content)[-1]) == "red"


def test_an_enhanced_video_has_the_asked_rate(api: Api) -> None:
    body = {"model": "enhance_frame_rate", "targetFramerate": "59_94", **SOURCE}
    _, content = ordered(api, "video_upscale", body)
    name, size, rate, seconds = video(content)
    assert (name, size) == ("h264", (160, 90))
    assert rate == pytest.approx(60_000 / 1001)
    assert seconds == pytest.approx(2, abs=0.02)


def test_a_performance_decides_the_length_and_the_character_the_picture(api: Api) -> None:
    body = {
        "model": "act_two",
        "ratio": "960:960",
        "character": {"type": "image", "uri": image_uri(480, 480)},
        "reference": {"type": "video", "uri": video_uri(3)},
    }
    _, content = ordered(api, "character_performance", body)
    assert video(content) == ("h264", (960, 960), 24, 3)
    with Image.open(io.BytesIO(image_bytes(480, 480))) as expected:
        assert difference(decoded(content)[0], expected.resize((960, 960))) < 6


@pytest.mark.parametrize(
    ("profile", "pix_fmt"), [("422 Proxy", "yuv422p10le"), (None, "yuv444p12le")], ids=str
)
def test_prores_is_prores(api: Api, profile: str | None, pix_fmt: str) -> None:
    body = {"model": "aleph2", "outputFormat": "prores", **SOURCE}
    kind, content = ordered(
        api, "video_to_video", body | ({"proresProfile": profile} if profile else {})
    )
    assert kind == "video/quicktime"
    assert content[4:12] == b"ftypqt  "
    assert video(content) == ("prores", (160, 90), 24, 2)
    with av.open(io.BytesIO(content), "r") as container:
        assert container.streams.video[0].codec_context.pix_fmt == pix_fmt
    assert len(decoded(content)) == 48


def test_a_sequence_is_a_zip_of_pictures(api: Api) -> None:
    kind, content = ordered(
        api, "video_to_video", {"model": "aleph2", "outputFormat": "png_sequence", **SOURCE}
    )
    assert kind == "application/zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"frame_{number:05d}.png" for number in range(1, 9)]
        frames = [Image.open(io.BytesIO(archive.read(name))) for name in archive.namelist()]
    assert {(frame.format, frame.size) for frame in frames} == {("PNG", (160, 90))}
    assert [colour(frames[0]), colour(frames[-1])] == ["blue", "red"]


def test_mov_is_h264_in_quicktime(api: Api) -> None:
    body = {
        "model": "seedance2_5",
        "promptVideo": video_uri(1, (160, 90)),
        "ratio": "480:854",
        "duration": 4,
        "outputFormat": "mov",
    }
    kind, content = ordered(api, "video_to_video", body)
    assert (kind, content[4:12]) == ("video/quicktime", b"ftypqt  ")
    assert video(content) == ("h264", (480, 854), 24, 4)


def test_a_last_picture_is_the_last_frame(api: Api) -> None:
    images = [
        {"uri": image_uri(848, 480), "position": "first"},
        {"uri": image_uri(480, 848), "position": "last"},
    ]
    body = {
        "model": "wan3",
        "promptText": "Day to night",
        "ratio": "auto_480p",
        "duration": 2,
        "promptImage": images,
    }
    _, content = ordered(api, "image_to_video", body)
    found = decoded(content)
    with Image.open(io.BytesIO(image_bytes(480, 480))) as expected:
        assert difference(found[-1], expected.resize(found[-1].size)) < 6


def test_references_are_shown_at_the_edge(api: Api) -> None:
    body = {"model": "wan3", "promptText": "A sea", "ratio": "624:624", "duration": 2}
    plain = decoded(ordered(api, "text_to_video", body)[1])[0]
    referred = {**body, "references": [{"uri": image_uri()}]}
    shown = decoded(ordered(api, "text_to_video", referred)[1])[0]
    edge = (624 - 85, 64, 624 - 20, 130)
    assert difference(plain.crop(edge), shown.crop(edge)) > 20


def test_auto_is_charged_by_the_real_length(api: Api) -> None:
    body = {
        "model": "seedance2_5",
        "promptVideo": video_uri(4, (320, 180)),
        "mode": "edit",
        "promptText": "In snow",
        "duration": "auto",
        "audio": False,
    }
    answer = api.post("/v1/video_to_video", body).json()
    task = api.finished(answer["id"])
    assert answer["estimatedCost"] == {"credits": 30 * 20 + 4 * 10}
    assert task["cost"] == {"credits": 4 * 20 + 4 * 10}
    content = api.session.get(task["output"][0], timeout=10).content
    assert video(content) == ("h264", (320, 180), 24, 4)


def test_nothing_given_stays_behind(api: Api) -> None:
    answer = api.post("/v1/video_to_video", {"model": "aleph2", **SOURCE}).json()
    api.finished(answer["id"])
    assert list((api.root / "inputs").glob(f"{answer['id']}-*")) == []
