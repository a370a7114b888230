"""The probe: real videos of every kind that Runway sends, and what pretends to be one."""

from __future__ import annotations

import io
import socket
import struct
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from videos.playing import Unusable
from videos.probe import DAMAGED, probe

from .clips import film, picture, silence, song

MUCH = 2 * 1024**3


def look(data: bytes, folder: Path, max_bytes: int = MUCH) -> dict[str, Any]:
    """What the probe finds, in this process."""
    path = folder / "output"
    path.write_bytes(data)
    return probe(path, folder, max_bytes)


def is_refused(data: bytes, folder: Path, max_bytes: int = MUCH) -> bool:
    """Whether the probe refuses it."""
    try:
        look(data, folder, max_bytes)
    except (Unusable, *DAMAGED):
        return True
    return False


@pytest.mark.parametrize(
    ("species", "content_type"),
    [
        ("mp4", "video/mp4"),
        ("header last", "video/mp4"),
        ("fragments", "video/mp4"),
        ("prores", "video/quicktime"),
        ("mkv", "video/x-matroska"),
    ],
)
def test_a_video_is_told_with_size_and_length(
    tmp_path: Path, species: str, content_type: str
) -> None:
    found = look(film(species), tmp_path)
    assert found["seconds"] == pytest.approx(2, abs=0.1)
    assert found == {
        "kind": "video",
        "content_type": content_type,
        "width": 96,
        "height": 64,
        "seconds": found["seconds"],
        "has_audio": False,
        "fps": 12.0,
        "codec": "prores" if species == "prores" else "h264",
    }


def test_sound_is_noticed(tmp_path: Path) -> None:
    assert look(film(sound=True), tmp_path)["has_audio"]


def test_a_video_gets_a_thumbnail_and_a_sheet_of_its_course(tmp_path: Path) -> None:
    look(film(), tmp_path)
    with Image.open(tmp_path / "thumbnail.webp") as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("WEBP", (96, 64))
    with Image.open(tmp_path / "spritesheet.jpg") as sheet:
        assert (sheet.format, sheet.size) == ("JPEG", (5 * 96, 5 * 64))
        reds = [_red(sheet, x, y) for y in range(32, 320, 64) for x in range(48, 480, 96)]
    assert reds == sorted(reds)
    assert reds[-1] - reds[0] > 80


def _red(image: Image.Image, x: int, y: int) -> int:
    pixel = image.convert("RGB").getpixel((x, y))
    assert isinstance(pixel, tuple)
    return int(pixel[0])


@pytest.mark.parametrize("species", ["mp4", "header last", "fragments", "prores"])
def test_a_video_that_is_cut_anywhere_is_refused(tmp_path: Path, species: str) -> None:
    data = film(species)
    cuts = {*range(0, len(data), max(1, len(data) // 150)), *range(len(data) - 20, len(data))}
    assert [cut for cut in sorted(cuts) if not is_refused(data[:cut], tmp_path)] == []


def test_a_matroska_file_that_lost_its_end_is_refused(tmp_path: Path) -> None:
    data = film("mkv", seconds=4)
    cuts = range(0, len(data) * 3 // 4, len(data) // 20)
    assert [cut for cut in cuts if not is_refused(data[:cut], tmp_path)] == []


def test_a_cut_video_whose_boxes_were_mended_is_refused(tmp_path: Path) -> None:
    data = film(seconds=4)
    at = data.index(b"mdat") - 4
    cut = at + (len(data) - at) * 2 // 3
    mended = data[:at] + struct.pack(">I", cut - at) + data[at + 4 : cut]
    assert is_refused(mended, tmp_path)


def test_bytes_behind_the_last_box_are_refused(tmp_path: Path) -> None:
    assert is_refused(film() + b"<html>", tmp_path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"<!doctype html><title>Not found</title>",
        b'{"error": "expired"}',
        film()[:32],
        film()[: film().index(b"mdat") - 4],
        film()[:32] + film()[film().index(b"mdat") - 4 :],
        b"\0\0\0\x08moov\0\0\0\x08mdat",
        b"\0\0\0\x01ftyp" + b"\xff" * 8,
        b"\x1aE\xdf\xa3" + b"\0" * 200,
        bytes(range(256)) * 40,
        b"%PDF-1.7\n%%EOF",
        b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 100,
        picture("GIF"),
        picture("GIF", save_all=True, append_images=[Image.new("L", (96, 64))]),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
    ],
    ids=[
        *("empty", "one byte", "html", "json", "ftyp only", "no mdat", "no moov", "empty boxes"),
        *("huge box", "empty mkv", "noise", "pdf", "wav", "gif", "animated gif", "eps"),
    ],
)
def test_foreign_bytes_are_refused(tmp_path: Path, data: bytes) -> None:
    assert is_refused(data, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["output"]


def test_a_sound_is_told_with_its_length(tmp_path: Path) -> None:
    found = look(song(2), tmp_path)
    assert (found["kind"], found["content_type"]) == ("audio", "audio/mp4")
    assert abs(found["seconds"] - 2) < 0.1


def test_the_cover_of_a_song_is_no_video(tmp_path: Path) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as clip:
        voice = clip.add_stream("aac", rate=48_000, layout="mono")
        cover: Any = clip.add_stream("png", rate=1)
        cover.width, cover.height, cover.pix_fmt = 96, 64, "rgb24"
        cover.disposition = av.stream.Disposition.attached_pic
        frame: Any = av.VideoFrame.from_image(Image.new("RGB", (96, 64)))  # type: ignore[no-untyped-call]
        clip.mux(cover.encode(frame))
        clip.mux(cover.encode())
        clip.mux(voice.encode(silence(1)))
        clip.mux(voice.encode())
    assert look(file.getvalue(), tmp_path)["kind"] == "audio"


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{url}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{url}'\n",
        "file '{url}'\n",
        "concat:{url}|{url}",
        '<?xml version="1.0"?><MPD><Period><BaseURL>{url}</BaseURL></Period></MPD>',
        "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 4010 RTP/AVP 96\n",
    ],
    ids=["hls", "ffconcat", "concat list", "concat", "dash", "sdp"],
)
@pytest.mark.parametrize("scheme", ["file", "http", "plain"])
def test_a_playlist_is_refused_and_nothing_that_it_names_is_opened(
    tmp_path: Path, playlist: str, scheme: str
) -> None:
    (tmp_path / "other.mp4").write_bytes(film())
    with socket.create_server(("127.0.0.1", 0)) as canary:
        urls = {
            "file": f"file://{tmp_path}/other.mp4",
            "http": f"http://127.0.0.1:{canary.getsockname()[1]}/other.mp4",
            "plain": "other.mp4",
        }
        assert is_refused(playlist.format(url=urls[scheme]).encode(), tmp_path)
        canary.setblocking(False)
        with pytest.raises(BlockingIOError):
            canary.accept()
