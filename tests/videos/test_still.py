"""One frame of a clip: the one that is shown at that moment, in a process with limits."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from videos import probing

from .clips import FPS, SPECIES, film, song

LAST = 2 * FPS - 1


@pytest.fixture
def clip(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A file of what the test asks for."""
    path = tmp_path / "clip"
    path.write_bytes(request.param)
    return path


def seen(path: Path, seconds: float) -> int:
    """Which frame a moment shows, told by its brightness."""
    with Image.open(io.BytesIO(probing.still(path, seconds))) as picture:
        assert (picture.format, picture.size) == ("PNG", (96, 64))
        pixel = picture.convert("RGB").getpixel((48, 32))
    assert isinstance(pixel, tuple)
    return round((pixel[0] - 40) / 5)


@pytest.mark.parametrize("clip", [film(each) for each in SPECIES], ids=SPECIES, indirect=True)
def test_a_moment_shows_the_frame_that_a_player_shows(clip: Path) -> None:
    for number in (0, 1, 13, LAST):
        assert seen(clip, number / FPS) == number
        assert seen(clip, (number + 0.5) / FPS) == number


@pytest.mark.parametrize("clip", [film()], indirect=True)
def test_behind_the_end_it_is_the_last_frame(clip: Path) -> None:
    assert seen(clip, 99.0) == LAST


@pytest.mark.parametrize("clip", [song(), b"<html>", film()[:900]], indirect=True)
def test_what_shows_nothing_is_refused_in_words(clip: Path) -> None:
    with pytest.raises(probing.Unreadable):
        probing.still(clip, 0.0)
