"""Turns a scene into a file: an H.264 MP4 with or without sound, or a PNG.

Called by `providers.sandbox.backlog`. Costs about a third of a second per second of 1280x720
on two cores. A file appears whole or not at all.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.reformatter import ColorPrimaries, Colorspace, ColorTrc
from av.video.stream import VideoStream

from providers.sandbox.picture import FPS, Scene

AUDIO_RATE = 48_000
AUDIO_CHUNK = 1024
NOTES = (220.0, 277.18)


def picture(scene: Scene, path: Path) -> None:
    """Write the scene's only frame as PNG."""
    draft = _draft(path)
    scene.frame(0).save(draft, format="PNG", compress_level=3)
    draft.replace(path)


def clip(scene: Scene, path: Path, *, audio: bool) -> None:
    """Write the scene as MP4, 24 frames a second, playable while it loads."""
    draft = _draft(path)
    options = {"movflags": "+faststart"}
    with av.open(str(draft), "w", format="mp4", options=options) as container:
        video = _video_stream(container, scene)
        sound = _audio_stream(container) if audio else None
        for number in range(scene.frames):
            image = scene.frame(number)
            frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]  # PyAV's own
            frame = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
            frame.pts = number
            container.mux(video.encode(frame))
        container.mux(video.encode())
        if sound is not None:
            for chunk in _tone(scene.frames * AUDIO_RATE // FPS):
                container.mux(sound.encode(chunk))
            container.mux(sound.encode())
    draft.replace(path)


def _draft(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f"{path.name}.tmp")


def _video_stream(container: OutputContainer, scene: Scene) -> VideoStream:
    # The quickest preset, with the two tools that keep soft gradients free of visible blocks.
    tools = "deblock=0,0:aq-mode=1"
    options = {"preset": "ultrafast", "crf": "23", "g": str(FPS), "x264-params": tools}
    stream = container.add_stream("libx264", rate=FPS, options=options)
    stream.width, stream.height, stream.pix_fmt = scene.width, scene.height, "yuv420p"
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
