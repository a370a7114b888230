"""One frame of a clip as a PNG, as a process: `python -m videos.still PATH OUT SECONDS`.

Called by `videos.probing` alone. The clip is somebody else's bytes, so this process has the limits
of `videos.probe`. Prints one JSON object: the frame's size, or `error` in words.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import av

from videos import playing, probe
from videos.playing import Unusable

# A moment on the border of two frames is that of the later one, however it was rounded.
ROUNDING_SECONDS = 0.001


def main() -> None:
    """Save the frame and print what it is."""
    path, out, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    probe.limit_myself()
    found: dict[str, Any]
    try:
        picture = frame_at(path, seconds).to_image()
        picture.save(out, "PNG", compress_level=1)
        found = {"width": picture.width, "height": picture.height}
    except Unusable as exc:
        found = {"error": str(exc)}
    except probe.DAMAGED as exc:
        found = {"error": f"it does not decode ({type(exc).__name__})"}
    print(json.dumps(found))  # noqa: T201 - this is the answer


def frame_at(path: Path, seconds: float) -> Any:
    """The frame that is shown so many seconds after the first one. Raises: Unusable."""
    with path.open("rb") as file:
        demuxer = "matroska" if file.read(4) == b"\x1aE\xdf\xa3" else "mov"
    with av.open(str(path), format=demuxer, options={"protocol_whitelist": "file"}) as clip:
        stream = playing.video_stream(clip)
        if stream is None:
            raise Unusable("it has no picture")
        start = float((stream.start_time or 0) * stream.time_base)
        moment = start + seconds + ROUNDING_SECONDS
        clip.seek(int(moment / stream.time_base), stream=stream)
        shown = None
        for frame in clip.decode(stream):
            if shown is not None and (frame.time or 0.0) > moment:
                break
            shown = frame
    if shown is None:
        raise Unusable("no frame of it decodes")
    return shown


if __name__ == "__main__":
    main()
