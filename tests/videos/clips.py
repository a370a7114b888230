"""Files as Runway sends them, and worse: small clips, songs, pictures, zips, bombs. Made once."""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import av
from PIL import Image

FPS = 12
SPECIES = {
    "mp4": ("mp4", "libx264", "yuv420p", {"movflags": "+faststart"}),
    "header last": ("mp4", "libx264", "yuv420p", {}),
    "fragments": ("mp4", "libx264", "yuv420p", {"movflags": "frag_keyframe+empty_moov"}),
    "prores": ("mov", "prores_ks", "yuv422p10le", {}),
    "mkv": ("matroska", "libx264", "yuv420p", {}),
}


@cache
def film(species: str = "mp4", seconds: int = 2, sound: bool = False) -> bytes:
    """A clip of 96x64 pixels that brightens from frame to frame."""
    container, codec, pix_fmt, options = SPECIES[species]
    with (
        tempfile.NamedTemporaryFile() as file,
        av.open(file.name, "w", format=container, options=options) as clip,
    ):
        stream: Any = clip.add_stream(codec, rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 96, 64, pix_fmt
        voice = clip.add_stream("aac", rate=48_000, layout="mono") if sound else None
        for number in range(seconds * FPS):
            picture = Image.new("RGB", (96, 64), (40 + 5 * number, 90, 120))
            frame: Any = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            clip.mux(stream.encode(frame.reformat(format=pix_fmt)))
        clip.mux(stream.encode())
        if voice:
            clip.mux(voice.encode(silence(seconds)))
            clip.mux(voice.encode())
        clip.close()
        return Path(file.name).read_bytes()


@cache
def song(seconds: int = 1) -> bytes:
    """An MP4 without pictures."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as clip:
        voice = clip.add_stream("aac", rate=48_000, layout="mono")
        clip.mux(voice.encode(silence(seconds)))
        clip.mux(voice.encode())
    return file.getvalue()


def silence(seconds: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="fltp", layout="mono", samples=48_000 * seconds)
    frame.planes[0].update(bytes(4 * 48_000 * seconds))
    frame.sample_rate, frame.pts = 48_000, 0
    return frame


def picture(kind: str = "PNG", width: int = 96, height: int = 64, **options: Any) -> bytes:
    """A picture file."""
    file = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(file, kind, **options)
    return file.getvalue()


def archive(**files: bytes) -> bytes:
    """A zip; of each name the last underscore is the dot."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(".".join(name.rsplit("_", 1)), data)
    return file.getvalue()


def bomb(side: int) -> bytes:
    """A small PNG that unpacks to side x side black dots."""
    row = bytes(1 + side // 8)
    deflate = zlib.compressobj(9)
    data = b"".join(deflate.compress(row) for _ in range(side)) + deflate.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
