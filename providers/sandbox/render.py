"""Turns pictures into a file: H.264 or ProRes with or without sound, a PNG, or a zip of PNGs.

Called by `providers.sandbox.film`. A file appears whole or not at all.

Source: docstrings of runwayml 5.24.0 (outputFormat).
"""

from __future__ import annotations

import math
import zipfile
from array import array
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.reformatter import (
    ColorPrimaries,
    Colorspace,
    ColorTrc,
    Interpolation,
    VideoReformatter,
)
from av.video.stream import VideoStream
from PIL import Image

from providers.sandbox.plan import Plan

AUDIO_RATE = 48_000
AUDIO_CHUNK = 1024
NOTES = (220.0, 277.18)
# How many pictures a zip holds at most, spread over the clip.
ZIPPED_FRAMES = 8


def write(plan: Plan, pictures: Iterator[Image.Image], path: Path) -> None:
    """Write the file that the plan describes. `pictures` gives `plan.frames` frames."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.tmp")
    if plan.codec == "png":
        next(pictures).save(draft, format="PNG", compress_level=3)
    elif plan.codec == "frames":
        _zip(plan, pictures, draft)
    else:
        _clip(plan, pictures, draft)
    draft.replace(path)


def _zip(plan: Plan, pictures: Iterator[Image.Image], draft: Path) -> None:
    """PNG frames, which hardly shrink any further, named as they are counted."""
    step = max(math.ceil(plan.frames / ZIPPED_FRAMES), 1)
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
        for number, picture in enumerate(pictures):
            if number % step == 0:
                with archive.open(f"frame_{number // step + 1:05d}.png", "w") as file:
                    picture.save(file, format="PNG", compress_level=1)


def _clip(plan: Plan, pictures: Iterator[Image.Image], draft: Path) -> None:
    """A clip that plays while it loads."""
    kind = "mov" if plan.suffix == "mov" else "mp4"
    options = {"movflags": "+faststart"}
    with av.open(str(draft), "w", format=kind, options=options) as container:
        video = _h264(container, plan) if plan.codec == "h264" else _prores(container, plan)
        sound = _audio_stream(container) if plan.has_audio else None
        before, frame, converter = None, None, VideoReformatter()
        for number, picture in enumerate(pictures):
            if picture is not before or frame is None:
                before, frame = picture, _converted(converter, picture, video.pix_fmt or "yuv420p")
            frame.pts = number
            container.mux(video.encode(frame))
        container.mux(video.encode())
        if sound is not None:
            for chunk in _tone(int(plan.frames / Fraction(plan.rate) * AUDIO_RATE)):
                container.mux(sound.encode(chunk))
            container.mux(sound.encode())


def _converted(converter: VideoReformatter, picture: Image.Image, pix_fmt: str) -> av.VideoFrame:
    frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]  # PyAV's own
    return converter.reformat(
        frame,
        format=pix_fmt,
        dst_colorspace=Colorspace.ITU709,
        interpolation=Interpolation.POINT,
    )


def _h264(container: OutputContainer, plan: Plan) -> VideoStream:
    # The quickest preset, with the two tools that keep soft gradients free of visible blocks.
    tools = "deblock=0,0:aq-mode=1"
    rate = Fraction(plan.rate)
    key_frames = str(max(round(rate), 1))
    options = {"preset": "ultrafast", "crf": "23", "g": key_frames, "x264-params": tools}
    stream = container.add_stream("libx264", rate=rate, options=options)
    return _set_up(stream, plan, "yuv420p")


def _prores(container: OutputContainer, plan: Plan) -> VideoStream:
    profile = plan.codec.partition(":")[2]
    pix_fmt = "yuv444p10le" if int(profile) >= 4 else "yuv422p10le"
    # FFmpeg's older encoder: several times quicker than prores_ks.
    options = {"profile": profile}
    stream = container.add_stream("prores", rate=Fraction(plan.rate), options=options)
    return _set_up(stream, plan, pix_fmt)


def _set_up(stream: VideoStream, plan: Plan, pix_fmt: str) -> VideoStream:
    stream.width, stream.height, stream.pix_fmt = plan.width, plan.height, pix_fmt
    context = stream.codec_context
    context.thread_count = 2
    context.colorspace = Colorspace.ITU709
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    return stream


def _audio_stream(container: OutputContainer) -> AudioStream:
    stream = container.add_stream("aac", rate=AUDIO_RATE, layout="mono")
    stream.bit_rate = 64_000
    return stream


def _tone(samples: int) -> Iterator[av.AudioFrame]:
    """Two soft notes, a second each, over and over."""
    melody = array("f")
    for note in NOTES:
        turn = math.tau * note / AUDIO_RATE
        for index in range(AUDIO_RATE):
            swell = math.sin(math.pi * index / AUDIO_RATE)
            melody.append(0.12 * swell * math.sin(turn * index))
    for start in range(0, samples, AUDIO_CHUNK):
        size = min(AUDIO_CHUNK, samples - start)
        at = start % len(melody)
        piece = (melody[at : at + size] + melody[:size])[:size]
        frame = av.AudioFrame(format="fltp", layout="mono", samples=size)
        frame.planes[0].update(piece.tobytes())
        frame.sample_rate = AUDIO_RATE
        frame.pts = start
        yield frame
