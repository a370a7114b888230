"""The frames of a given video, at another size and rate.

Called by `providers.sandbox.film`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from PIL import Image


def pictures(path: Path, size: tuple[int, int], rate: float, count: int) -> Iterator[Image.Image]:
    """`count` frames of exactly that size, cropped in the middle where the shape is another.

    A frame that is shown for longer than one of ours comes again, as the very same object. A video
    that is too short stays at its last frame.
    """
    made, shown, converter = 0, None, VideoReformatter()
    with av.open(str(path), "r") as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        start: float | None = None
        for frame in container.decode(stream):
            moment = frame.time or 0.0
            start = moment if start is None else start
            # The frame before this one is shown until now.
            while shown is not None and made < count and made / rate < moment - start - 0.001:
                made += 1
                yield shown
            if made >= count:
                return
            shown = _filling(converter, frame, size)
    while shown is not None and made < count:
        made += 1
        yield shown


def _filling(converter: VideoReformatter, frame: VideoFrame, size: tuple[int, int]) -> Image.Image:
    """Scaled by FFmpeg, which is quicker, and cropped by Pillow."""
    factor = max(size[0] / frame.width, size[1] / frame.height)
    width, height = round(frame.width * factor), round(frame.height * factor)
    scaled = converter.reformat(frame, width, height, "rgb24", interpolation=Interpolation.AREA)
    image: Image.Image = scaled.to_image()  # type: ignore[no-untyped-call]  # PyAV's own
    if (width, height) == size:
        return image
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    return image.crop((left, top, left + size[0], top + size[1]))
