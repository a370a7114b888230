"""What a checked request is expected to cost. Called by `fitting`, `pricing`, the form. Pure."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings

from providers import prices
from providers.catalog import VideoModel
from providers.tasks import MediaInput

from .checked import SOURCES, CheckedRequest


def credits(model: VideoModel, checked: CheckedRequest) -> Decimal | None:
    """The expected price over all tasks; None where it cannot be told before."""
    cost = model.prices.credits(_output(model, checked))
    if cost is not None and checked.first_frame:
        cost += first_frame(checked.first_frame)
    return cost


def at_rate(
    rate: Decimal, model: VideoModel, checked: CheckedRequest, *, is_flat: bool
) -> Decimal | None:
    """The same at a price that somebody set: credits a video if it is flat, else a second."""
    seconds = _output(model, checked).seconds
    if seconds is None and not is_flat:
        return None
    cost = rate if is_flat else rate * Decimal(str(seconds))
    return cost + first_frame(checked.first_frame) if checked.first_frame else cost


def first_frame(size: str) -> Decimal:
    """The expected price of a first frame of this size."""
    return prices.image(size, settings.STUDIO_FIRST_FRAME_CREDITS)


def _output(model: VideoModel, checked: CheckedRequest) -> prices.Output:
    """What the price depends on. Where no length is sent, that of the source is the output's."""
    longest = max(model.modes[checked.mode].seconds, default=None)
    source = _length([item for item in checked.media if item.field in SOURCES])
    seconds: float | None = checked.known_seconds
    if seconds is None:
        seconds = longest if checked.seconds == "auto" else source
    return prices.Output(
        seconds=seconds,
        ratio=checked.ratio,
        resolution=checked.options.get("resolution"),
        audio=bool(checked.audio),
        output_format=checked.options.get("output_format"),
        input_seconds=_length([item for item in checked.media if item.kind == "video"]),
        pictures=sum(item.kind == "image" for item in checked.media),
    )


def _length(videos: list[MediaInput]) -> float | None:
    """Of all of them together in seconds; None where one is not known."""
    lengths = [item.seconds for item in videos if item.seconds is not None]
    return sum(lengths) if len(lengths) == len(videos) else None
