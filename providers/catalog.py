"""What each model accepts and what it costs, read once from catalog.json.

The validator, the composer, the price preview, `/v1/models` and the sandbox all ask here. The data
keeps Runway's words; `takes`, `needs`, `sizes` and `seconds` say the same in ours.

Source: Runway's OpenAPI document 2024-11-06 and the type definitions of the SDK runwayml 5.24.0;
prices as noted in catalog.json, unverified.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

PATH = Path(__file__).with_name("catalog.json")

VIDEO_MODES = ("text_to_video", "image_to_video", "video_to_video")
SEED_MAX = 4_294_967_295

# Our word for a field of a request, and Runway's word or words for it.
WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "model": ("model",),
        "prompt": ("promptText",),
        "seconds": ("duration",),
        "size": ("ratio",),
        "input_reference": ("promptImage",),
        "video_uri": ("videoUri", "promptVideo"),
        "seed": ("seed",),
        "audio": ("audio",),
        "negative_prompt": ("negativePrompt",),
        "content_moderation": ("contentModeration",),
        "output_format": ("outputFormat",),
        "references": ("references",),
        "reference_images": ("referenceImages",),
    }
)


@dataclass(frozen=True)
class ImageRules:
    """Which pictures a mode takes.

    `aspect` bounds width divided by height, None where nothing is known; lengths are characters.
    """

    positions: tuple[str, ...]
    min: int
    max: int
    types: tuple[str, ...]
    data_uri_max_chars: int
    uri_max: int
    aspect: tuple[float, float] | None = None


@dataclass(frozen=True)
class Option:
    """A further field: one of `enum`, text up to `max` UTF-16 units, or an object of `fields`."""

    enum: tuple[str, ...] = ()
    max: int | None = None
    fields: Mapping[str, Option] = field(default_factory=dict)


@dataclass(frozen=True)
class ModeRules:
    """What one model accepts on one endpoint, in Runway's words.

    `ratios` is empty and `seconds` is empty where the field does not exist. Prompt lengths count
    UTF-16 code units. `strict` says that Runway refuses keys outside `required` and `optional`.
    """

    mode: str
    endpoint: str
    required: frozenset[str]
    optional: frozenset[str]
    prompt_min: int
    prompt_max: int
    ratios: tuple[str, ...] = ()
    seconds: tuple[int, ...] = ()
    audio_default: bool | None = None
    images: ImageRules | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    strict: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """Every field of the request body, in Runway's words."""
        return self.required | self.optional

    @property
    def sizes(self) -> tuple[str, ...]:
        """The ratios as we write them: "1280x720"."""
        return tuple(ratio.replace(":", "x") for ratio in self.ratios)

    def takes(self, name: str) -> bool:
        """Whether the model has a field for this word of ours."""
        return not self.fields.isdisjoint(WORDS[name])

    def needs(self, name: str) -> bool:
        """Whether the model refuses a request without this field."""
        return not self.required.isdisjoint(WORDS[name])

    def option(self, name: str) -> Option:
        """The accepted values of a further field, by our word. Raises KeyError if it has none."""
        return next(self.options[word] for word in WORDS[name] if word in self.options)

    def takes_duration(self, duration: object) -> bool:
        """Runway wants a JSON integer: neither "5" nor 5.0 nor true."""
        return type(duration) is int and duration in self.seconds


@dataclass(frozen=True)
class Prices:
    """Credits: per output second with and without sound, extra per second by output format.

    `per_image` maps "720p" and "1080p" to the price of one picture. Estimates, to be replaced by
    what the task reports.
    """

    per_second: Mapping[str, Decimal] = field(default_factory=dict)
    surcharges: Mapping[str, Decimal] = field(default_factory=dict)
    per_image: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class VideoModel:
    """A generator, by Runway's id. `replacement` names the successor of a retired one."""

    id: str
    name: str
    modes: Mapping[str, ModeRules]
    prices: Prices
    replacement: str | None = None

    @property
    def is_retired(self) -> bool:
        """Runway serves it no more."""
        return self.replacement is not None

    @property
    def is_video(self) -> bool:
        """It can be asked for a video now."""
        return any(mode in self.modes for mode in VIDEO_MODES)


@dataclass(frozen=True)
class Catalog:
    """All models by id, and which of them paints first frames."""

    models: Mapping[str, VideoModel]
    first_frame_model: str


@cache
def load() -> Catalog:
    """The catalogue of this installation."""
    raw = json.loads(PATH.read_text(encoding="utf-8"))
    models = {model_id: _model(model_id, entry) for model_id, entry in raw["models"].items()}
    return Catalog(MappingProxyType(models), raw["first_frame_model"])


def models() -> tuple[VideoModel, ...]:
    """The models that make videos now, in the catalogue's order."""
    return tuple(model for model in load().models.values() if model.is_video)


def find(model_id: str) -> VideoModel | None:
    """Any model by its id, picture models and retired ones included; None if there is none."""
    return load().models.get(model_id)


def rules(endpoint: str, model_id: str) -> ModeRules | None:
    """What a model accepts on an endpoint such as "/v1/text_to_video"; None if it is not there."""
    model = find(model_id)
    modes = model.modes.values() if model else ()
    return next((mode for mode in modes if mode.endpoint == endpoint), None)


def our_word(runway_word: str) -> str | None:
    """Our word for a field that Runway calls otherwise; None for an unknown or equal word."""
    for ours, theirs in WORDS.items():
        if runway_word in theirs and runway_word != ours:
            return ours
    return None


def credits(
    model: VideoModel, seconds: int, *, audio: bool | None = None, output_format: str | None = None
) -> Decimal | None:
    """What a video is expected to cost; None where no price is known."""
    per_second = model.prices.per_second.get("audio" if audio else "silent")
    if per_second is None:
        return None
    surcharge = model.prices.surcharges.get(output_format or "", Decimal(0))
    return (per_second + surcharge) * seconds


def nearest_size(size: str, sizes: Iterable[str]) -> str:
    """The size of the most similar shape, and among equal shapes of the most similar area.

    Sizes are "width x height" in pixels as "1280x720".
    """
    width, height = _pixels(size)

    def distance(other: str) -> tuple[float, int]:
        other_width, other_height = _pixels(other)
        shape = abs(math.log(other_width * height / (other_height * width)))
        return round(shape, 6), abs(other_width * other_height - width * height)

    return min(sizes, key=distance)


def first_frame_rules() -> ModeRules:
    """What the model that paints first frames accepts."""
    catalog = load()
    return catalog.models[catalog.first_frame_model].modes["text_to_image"]


def first_frame_size(size: str) -> str:
    """The size of the picture from which a video of `size` is best made; the video is cropped."""
    return nearest_size(size, first_frame_rules().sizes)


def first_frame_credits(size: str, prices: Mapping[str, int | Decimal] | None = None) -> Decimal:
    """What a picture of `size` is expected to cost.

    `prices` has the keys "720p" and "1080p"; without it the catalogue's unverified ones count.
    """
    catalog = load()
    table = prices or catalog.models[catalog.first_frame_model].prices.per_image
    return Decimal(table["720p" if min(_pixels(size)) <= 720 else "1080p"])


def _pixels(size: str) -> tuple[int, int]:
    width, _, height = size.partition("x")
    return int(width), int(height)


def _model(model_id: str, entry: Mapping[str, Any]) -> VideoModel:
    modes = {name: _mode(name, mode) for name, mode in entry.get("modes", {}).items()}
    return VideoModel(
        id=model_id,
        name=entry["name"],
        modes=MappingProxyType(modes),
        prices=Prices(**{kind: _decimals(t) for kind, t in entry.get("prices", {}).items()}),
        replacement=entry.get("retired", {}).get("replacement"),
    )


def _decimals(table: Mapping[str, float]) -> Mapping[str, Decimal]:
    return MappingProxyType({key: Decimal(str(value)) for key, value in table.items()})


def _mode(name: str, entry: Mapping[str, Any]) -> ModeRules:
    return ModeRules(
        mode=name,
        endpoint=entry["endpoint"],
        required=frozenset(entry["required"]),
        optional=frozenset(entry["optional"]),
        prompt_min=entry["prompt_min"],
        prompt_max=entry["prompt_max"],
        ratios=tuple(entry.get("ratios", ())),
        seconds=_seconds(entry.get("durations")),
        audio_default=entry.get("audio_default"),
        images=_images(entry.get("images")),
        options={key: _option(option) for key, option in entry.get("options", {}).items()},
        strict=entry["strict"],
    )


def _seconds(durations: Mapping[str, Any] | None) -> tuple[int, ...]:
    if durations is None:
        return ()
    if "enum" in durations:
        return tuple(durations["enum"])
    return tuple(range(durations["min"], durations["max"] + 1))


def _images(entry: Mapping[str, Any] | None) -> ImageRules | None:
    if entry is None:
        return None
    lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
    return ImageRules(**{**entry, **lists})


def _option(entry: Mapping[str, Any]) -> Option:
    fields = {key: _option(inner) for key, inner in entry.get("fields", {}).items()}
    return Option(enum=tuple(entry.get("enum", ())), max=entry.get("max"), fields=fields)
