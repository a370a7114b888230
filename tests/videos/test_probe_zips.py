"""The probe on zips of frames and on single pictures."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from videos.playing import Unusable

from .clips import archive, picture
from .test_probe import is_refused, look


def test_a_zip_of_png_frames_is_told_by_its_first_one(tmp_path: Path) -> None:
    frames = {f"frame{number}_png": picture() for number in range(3)}
    found = look(archive(**frames), tmp_path)
    assert (found["kind"], found["content_type"]) == ("zip", "application/zip")
    assert (found["width"], found["height"], found["seconds"]) == (96, 64, None)
    with Image.open(tmp_path / "thumbnail.webp") as thumbnail:
        assert thumbnail.size == (96, 64)


def test_a_zip_of_frames_that_we_cannot_decode_is_kept_without_a_picture(tmp_path: Path) -> None:
    found = look(archive(a_exr=b"v/1\x01", b_exr=b"v/1\x01"), tmp_path)
    assert (found["kind"], found["width"]) == ("zip", None)
    assert not (tmp_path / "thumbnail.webp").exists()


@pytest.mark.parametrize(
    "data",
    [
        archive(a_txt=b"no frame"),
        archive(),
        archive(a_png=b"no picture"),
        archive(a_png=picture(), b_png=picture()[:-2000]),
        archive(a_png=picture()[:-2000], b_png=picture()),
        archive(a_png=picture("JPEG")),
        archive(a_png=b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n"),
        archive(a_png=picture())[:-30],
        archive(a_png=picture(), b_png=picture())[:400],
    ],
    ids=[
        *("no frames", "nothing", "no picture", "last cut", "first cut", "jpeg", "eps"),
        *("directory cut", "content cut"),
    ],
)
def test_a_zip_without_good_frames_is_refused(tmp_path: Path, data: bytes) -> None:
    assert is_refused(data, tmp_path)


@pytest.mark.parametrize("suffix", ["png", "exr"])
def test_a_zip_with_one_flipped_bit_is_refused(tmp_path: Path, suffix: str) -> None:
    data = bytearray(archive(**{f"a_{suffix}": picture()}))
    data[200] ^= 1
    assert is_refused(bytes(data), tmp_path)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    data = bytearray(archive(a_exr=b"frame"))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert is_refused(bytes(data), tmp_path)


def test_a_zip_that_unpacks_to_far_too_much_is_refused_unread(tmp_path: Path) -> None:
    data = archive(a_exr=bytes(5_000_000))
    assert len(data) < 10_000
    with pytest.raises(Unusable, match="unpacks to more"):
        look(data, tmp_path, max_bytes=1_000_000)


def test_a_zip_that_understates_what_it_holds_is_refused(tmp_path: Path) -> None:
    data = bytearray(archive(a_exr=bytes(5_000_000)))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 100)
    assert is_refused(bytes(data), tmp_path, max_bytes=1_000_000)


def test_a_zip_of_very_many_files_is_refused(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for number in range(20_001):
            made.writestr(f"{number}.exr", b"")
    with pytest.raises(Unusable, match="20001 files"):
        look(file.getvalue(), tmp_path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_told_as_one(tmp_path: Path, kind: str) -> None:
    found = look(picture(kind), tmp_path)
    assert (found["kind"], found["content_type"]) == ("picture", f"image/{kind.lower()}")
    assert (found["width"], found["height"]) == (96, 64)


def test_an_animated_picture_is_no_video(tmp_path: Path) -> None:
    more = [Image.new("RGB", (96, 64), (9 * n, 0, 0)) for n in range(5)]
    assert look(picture("WEBP", save_all=True, append_images=more), tmp_path)["kind"] == "picture"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_that_is_cut_is_refused(tmp_path: Path, kind: str) -> None:
    data = picture(kind)
    cuts = range(0, len(data) - 50, len(data) // 20)
    assert [cut for cut in cuts if not is_refused(data[:cut], tmp_path)] == []
