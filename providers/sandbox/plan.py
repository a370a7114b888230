"""What a request becomes: the form of its file, and what it costs. Pure.

Called by `providers.sandbox.tasks`; a plan lies in the record of its task until it is rendered.

Source: catalog.json; docstrings of runwayml 5.24.0 (outputFormat, targetFramerate, duration).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from providers import catalog, prices
from providers.catalog import VideoModel
from providers.rules import ModeRules
from providers.sandbox import dimensions
from providers.sandbox.media import Medium

DEFAULT_SECONDS = 5
MOST_SOURCE_SECONDS = 60
RATE, BOOSTED_RATE = Fraction(24), Fraction(48)
# Above full HD there are fewer frames, to keep rendering cheap.
LARGE_PIXELS, LARGE_RATE = 2_300_000, Fraction(8)
# Credits a second, and for a picture, of models whose price is not known.
UNPRICED_SECOND, UNPRICED_PICTURE = Decimal(10), Decimal(5)
PRORES = ("422 Proxy", "422 LT", "422", "422 HQ", "4444", "4444 XQ")
SOURCES = ("source", "performance")


@dataclass(frozen=True)
class Plan:
    """The file that a task gets, with nothing left to decide.

    `rate` is frames a second as a fraction ("24", "24000/1001"). `codec` is h264, prores:PROFILE,
    png (one picture) or frames (a zip of pictures). Of the `frames`, so many as `source_frames`
    says are those of the given video. `estimate` and `cost` are credits.
    """

    width: int
    height: int
    frames: int
    rate: str
    codec: str
    suffix: str
    has_audio: bool = False
    source_frames: int = 0
    estimate: int = 0
    cost: int = 0


@dataclass(frozen=True)
class Order:
    """An accepted request with what the catalogue says about its model."""

    model: VideoModel
    rules: ModeRules
    body: Mapping[str, Any]
    media: Sequence[Medium]

    @property
    def source(self) -> Medium | None:
        """The video that is worked on, or the performance that sets the length."""
        return next((medium for medium in self.media if medium.named.role in SOURCES), None)

    @property
    def source_seconds(self) -> float:
        """Its length; that of one that was not fetched is taken for five seconds."""
        known = self.source.measures.seconds if self.source else None
        return min(known or DEFAULT_SECONDS, MOST_SOURCE_SECONDS)


def make(endpoint: str, body: Mapping[str, Any], media: Sequence[Medium]) -> Plan:
    """The plan of a request that was found to be in order."""
    model, rules = catalog.find(body["model"]), catalog.rules(endpoint, body["model"])
    if model is None or rules is None:
        raise ValueError(f"{body['model']} is not on {endpoint}")
    order = Order(model, rules, body, media)
    width, height = dimensions.pixels(rules, body, _shape(order))
    if rules.mode == "text_to_image":
        price = _picture_price(order, width, height)
        return Plan(width, height, 1, "1", "png", "png", estimate=price, cost=price)
    rate = _rate(order, width * height)
    real, most = _seconds(order)
    before = order.source_seconds if body.get("mode") == "extend" else 0.0
    codec, suffix = _form(body)
    frames = round((before + real) * rate)
    return Plan(
        width=width,
        height=height,
        frames=max(frames, 1),
        rate=str(rate),
        codec=codec,
        suffix=suffix,
        has_audio=_has_audio(order),
        source_frames=round(before * rate) or frames,
        estimate=_price(order, most, (width, height)),
        cost=_price(order, real, (width, height)),
    )


def _shape(order: Order) -> tuple[int, int] | None:
    """Width and height of the picture or video that the output follows; None if not known."""
    roles = ("source", "first", "character", "performance", "reference")
    ranked = sorted(order.media, key=lambda m: (*roles, m.named.role).index(m.named.role))
    for medium in ranked:
        if medium.measures.width and medium.measures.height:
            return medium.measures.width, medium.measures.height
    return None


def _rate(order: Order, area: int) -> Fraction:
    target = order.body.get("targetFramerate")
    if target:
        whole, _, part = target.partition("_")
        return Fraction((int(whole) + 1) * 1000, 1001) if part else Fraction(whole)
    if area > LARGE_PIXELS:
        return LARGE_RATE
    if order.rules.mode != "video_upscale":
        return RATE
    known = order.source.measures.rate if order.source else None
    kept = Fraction(min(known or 24, 60)).limit_denominator(1001)
    return BOOSTED_RATE if order.body.get("fpsBoost") else kept


def _seconds(order: Order) -> tuple[float, float]:
    """How long the new part is, and what that is at most as far as one could tell before."""
    rules, duration = order.rules, order.body.get("duration")
    if type(duration) is int:
        return duration, duration
    if not rules.seconds:
        return order.source_seconds, order.source_seconds
    usual = _shots(order.body) or rules.seconds_default or DEFAULT_SECONDS
    if duration == "auto" and order.source:
        usual = math.ceil(order.source_seconds)
    longer = [length for length in rules.seconds if length >= usual]
    real = min(longer, default=max(rules.seconds))
    return real, max(rules.seconds) if duration == "auto" else real


def _shots(body: Mapping[str, Any]) -> int:
    """The length of all prompts of a video that is told in several."""
    shots = body.get("providerSettings", {}).get("multiPrompt", ())
    return sum(shot["duration"] for shot in shots)


def _form(body: Mapping[str, Any]) -> tuple[str, str]:
    """Codec and suffix. What is 10 bits deep or HDR at Runway is an ordinary MP4 here."""
    wanted = body.get("outputFormat", "mp4")
    if wanted in ("prores", "hdr_prores"):
        usual = "4444" if wanted == "prores" else "422 HQ"
        return f"prores:{PRORES.index(body.get('proresProfile', usual))}", "mov"
    if "sequence" in wanted:
        return "frames", "zip"
    return "h264", "mov" if wanted == "mov" else "mp4"


def _has_audio(order: Order) -> bool:
    """As asked, else as the model does by itself, else as the given video has it."""
    if "audio" in order.rules.fields:
        return bool(order.body.get("audio", order.rules.audio_default))
    keeps = order.body.get("providerSettings", {}).get("keepOriginalSound", True)
    return keeps and order.source is not None and order.source.measures.has_audio


def _price(order: Order, seconds: float, size: tuple[int, int]) -> int:
    option, ratio = order.rules.options.get("resolution"), order.body.get("ratio", "")
    measures = order.source.measures if order.source else None
    output = prices.Output(
        seconds=seconds,
        ratio=ratio if ratio.startswith("auto_") else f"{size[0]}:{size[1]}",
        resolution=order.body.get("resolution", option.default if option else None),
        audio=_has_audio(order),
        output_format=order.body.get("outputFormat"),
        input_seconds=sum(_length(medium) for medium in order.media if _is_video(medium)),
        pictures=sum(medium.named.kind == "image" for medium in order.media),
        frames=round(seconds * ((measures and measures.rate) or RATE)),
    )
    cost = order.model.prices.credits(output)
    return math.ceil(UNPRICED_SECOND * Decimal(str(seconds)) if cost is None else cost)


def _length(medium: Medium) -> float:
    return medium.measures.seconds or DEFAULT_SECONDS


def _is_video(medium: Medium) -> bool:
    return medium.named.kind == "video"


def _picture_price(order: Order, width: int, height: int) -> int:
    table = order.model.prices.per_image
    return math.ceil(prices.image(f"{width}x{height}", table) if table else UNPRICED_PICTURE)
