"""The clips and pictures that the sandbox makes."""

from __future__ import annotations

import io
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from providers.sandbox import render
from providers.sandbox.picture import FPS, Scene
from providers.sandbox.plan import Plan
from tests.providers.sandbox.conftest import image_bytes


def scene(prompt: str = "A quiet sea", **fields: object) -> Scene:
    usual = {"seed": 1, "label": "test", "width": 320, "height": 180, "frames": FPS}
    return Scene(prompt, **{**usual, **fields})  # type: ignore[arg-type]  # a mix of types


def clip(path: Path, drawn: Scene | None = None, **form: object) -> None:
    """Render a scene as a file, H.264 in MP4 unless the form says otherwise."""
    drawn = drawn or scene()
    usual = {"rate": str(FPS), "codec": "h264", "suffix": path.suffix[1:]}
    plan = Plan(drawn.width, drawn.height, drawn.frames, **{**usual, **form})  # type: ignore[arg-type]
    render.write(plan, drawn.pictures(), path)


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean distance of two pictures, 0 to 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def decoded(source: Path | bytes) -> list[Image.Image]:
    """Every frame of a clip, given by its path or its content."""
    file = io.BytesIO(source if isinstance(source, bytes) else source.read_bytes())
    with av.open(file, "r") as container:
        found = container.decode(video=0)
        return [frame.to_image() for frame in found]  # type: ignore[no-untyped-call]  # PyAV's own


@pytest.mark.parametrize(("audio", "streams"), [(False, 0), (True, 1)], ids=["silent", "sound"])
def test_a_clip_is_h264_of_the_asked_size_and_length(
    tmp_path: Path, audio: bool, streams: int
) -> None:
    path = tmp_path / "new" / "clip.mp4"
    clip(path, scene(frames=2 * FPS), has_audio=audio)
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.codec_context.width, video.codec_context.height) == (320, 180)
        assert video.frames == 48
        assert container.duration is not None
        assert abs(container.duration / av.time_base - 2) <= 1 / FPS
        assert len(container.streams.audio) == streams


def test_a_clip_plays_while_it_loads(tmp_path: Path) -> None:
    clip(tmp_path / "clip.mp4")
    content = (tmp_path / "clip.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_a_clip_moves(tmp_path: Path) -> None:
    clip(tmp_path / "clip.mp4")
    found = decoded(tmp_path / "clip.mp4")
    assert difference(found[0], found[-1]) > 2


def test_a_clip_starts_with_the_given_picture(tmp_path: Path) -> None:
    first = Image.open(io.BytesIO(image_bytes(640, 360)))
    clip(tmp_path / "clip.mp4", scene(first=first))
    found = decoded(tmp_path / "clip.mp4")
    assert difference(found[0], first.resize((320, 180))) < 6
    assert difference(found[0], found[-1]) > 2


def test_a_picture_of_another_shape_is_cropped_in_the_middle() -> None:
    first = Image.open(io.BytesIO(image_bytes(180, 180)))
    cropped = first.crop((0, 39, 180, 141)).resize((320, 180))
    assert difference(scene(first=first).frame(0), cropped) < 3


def test_the_same_request_gives_the_same_picture() -> None:
    assert difference(scene().frame(7), scene().frame(7)) == 0


@pytest.mark.parametrize("change", [{"prompt": "A loud sea"}, {"seed": 2}], ids=str)
def test_prompt_and_seed_change_the_picture(change: dict[str, object]) -> None:
    assert difference(scene().frame(0), scene(**change).frame(0)) > 2  # type: ignore[arg-type]


@pytest.mark.parametrize(("prompt", "is_written"), [("Hello", True), (" ", False)], ids=str)
def test_the_prompt_is_written_on_the_frame(prompt: str, is_written: bool) -> None:
    band = scene(prompt).frame(0).crop((0, 160, 320, 180)).convert("L")
    assert (band.histogram()[235:] != [0] * 21) == is_written


def test_a_picture_by_address_is_a_placeholder() -> None:
    named = scene(placeholder="images.example.com").frame(0)
    assert difference(named, scene(placeholder="other.example.org").frame(0)) > 0


@pytest.mark.parametrize(
    "prompt",
    ["", "日本語のプロンプト", "שלום 😀 \u202e\x07", "a" * 1000, "word " * 200, "\n\t"],
    ids=["empty", "japanese", "mixed", "one word", "many words", "blank"],
)
@pytest.mark.parametrize("size", [(64, 36), (720, 1280)], ids=str)
def test_any_text_can_be_drawn(prompt: str, size: tuple[int, int]) -> None:
    width, height = size
    assert scene(prompt, width=width, height=height).frame(0).size == size


def test_a_picture_is_a_png_of_the_asked_size(tmp_path: Path) -> None:
    clip(tmp_path / "frame.png", codec="png")
    with Image.open(tmp_path / "frame.png") as image:
        assert (image.format, image.size) == ("PNG", (320, 180))


def test_nothing_unfinished_stays_behind(tmp_path: Path) -> None:
    clip(tmp_path / "clip.mp4", has_audio=True)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
