"""What one model accepts on one endpoint, as values; `catalog.py` reads them from catalog.json.

The words here are Runway's; `ModeRules.takes` and `needs`, `runway_words` and `our_word` say the
same in ours. Pure.

Source: Runway's OpenAPI document 2024-11-06 and the SDK runwayml 5.24.0 (names of fields).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .conditions import Condition

PROMPT_MAX = 32_000

# Our word for a field of a request, and Runway's word or words for it. Every other field is
# called by Runway's word in snake_case.
WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "prompt": ("promptText",),
        "seconds": ("duration",),
        "size": ("ratio",),
        "input_reference": ("promptImage",),
        "video_uri": ("videoUri", "promptVideo"),
        "reference_images": ("references", "referenceImages"),
        "performance": ("reference",),
    }
)


# Where a picture stands in the video, by the field of ours that gives it.
POSITIONS: Mapping[str, str] = MappingProxyType(
    {"input_reference": "first", "middle_frame": "middle", "last_frame": "last"}
)


@dataclass(frozen=True)
class MediaLimits:
    """What holds for every picture, video or sound. Sides are pixels.

    `uri_max_chars` bounds https addresses; above `data_uri_max_chars` bytes are uploaded first.
    """

    types: tuple[str, ...]
    data_uri_max_chars: int
    uri_max_chars: int
    upload_max_bytes: int
    max_side: int | None = None


@dataclass(frozen=True)
class MediaRules:
    """Which pictures, videos or sounds one field takes.

    `shape` is how Runway writes it: "uri", "frames" (positions), "list", "typed", "typed_list",
    "tagged", "keyframes". `references` is how many pictures without a position may stand in
    frames instead, 0 for none. `aspect` bounds width divided by height, `min_side` pixels,
    `seconds` the length of one, `total_seconds` that of all; None where nothing is known.
    """

    kind: str
    shape: str
    min: int = 0
    max: int | None = None
    positions: tuple[str, ...] = ()
    references: int = 0
    aspect: tuple[float, float] | None = None
    min_side: int | None = None
    seconds: tuple[float, float] | None = None
    total_seconds: float | None = None


@dataclass(frozen=True)
class Option:
    """A further field, of the one kind that is set.

    `enum` lists words (`deprecated` ones are still taken, and sent as they are); `text` is the most
    UTF-16 units; `integer` and `number` are ranges; `fields` make an object, `required` those that
    it needs; `items` makes a list of at most `max`, of whose entries the named field sums to a
    range in `total`. `default` is what we send when nothing is asked for.
    """

    enum: tuple[str, ...] = ()
    deprecated: tuple[str, ...] = ()
    default: str | None = None
    text: int | None = None
    integer: tuple[int, int] | None = None
    number: tuple[float, float] | None = None
    boolean: bool = False
    fields: Mapping[str, Option] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    items: Option | None = None
    max: int | None = None
    total: tuple[str, int, int] | None = None


@dataclass(frozen=True)
class ModeRules:
    """What one model accepts on one endpoint, in Runway's words.

    `ratios` and `seconds` are empty where the field does not exist; `takes_auto` allows the word
    "auto" for the length, `is_unverified` says that the lengths are not Runway's own. Prompt
    lengths count UTF-16 code units. `strict` says that Runway refuses keys outside of `fields`.
    """

    mode: str
    required: frozenset[str]
    optional: frozenset[str]
    prompt_min: int = 1
    prompt_max: int = PROMPT_MAX
    ratios: tuple[str, ...] = ()
    seconds: tuple[int, ...] = ()
    seconds_default: int | None = None
    takes_auto: bool = False
    is_unverified: bool = False
    audio_default: bool | None = None
    media: Mapping[str, MediaRules] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    strict: bool = False

    @property
    def endpoint(self) -> str:
        """The path of Runway's API."""
        return f"/v1/{self.mode}"

    @property
    def fields(self) -> frozenset[str]:
        """Every field of the request body, in Runway's words."""
        return self.required | self.optional

    def word(self, name: str) -> str | None:
        """Runway's word for a field of ours, None where the model has no such field."""
        frames = self.media.get("promptImage")
        if name in POSITIONS:
            return "promptImage" if frames and POSITIONS[name] in frames.positions else None
        if name == "reference_images" and frames and frames.references:
            return "promptImage"
        return next((word for word in runway_words(name) if word in self.fields), None)

    def takes(self, name: str) -> bool:
        """Whether the model has a field for this word of ours."""
        return self.word(name) is not None

    def needs(self, name: str) -> bool:
        """Whether the model refuses a request without this field."""
        return self.word(name) in self.required

    def takes_duration(self, duration: object) -> bool:
        """Runway wants a JSON integer (neither "5" nor 5.0 nor true), or the word "auto"."""
        if duration == "auto":
            return self.takes_auto
        return type(duration) is int and duration in self.seconds


def runway_words(name: str) -> tuple[str, ...]:
    """What Runway may call a field of ours."""
    return WORDS.get(name) or (re.sub(r"_(\w)", lambda match: match[1].upper(), name),)


def our_word(runway_word: str) -> str:
    """What we call a field of Runway's."""
    for ours, theirs in WORDS.items():
        if runway_word in theirs:
            return ours
    return re.sub(r"(?<!^)([A-Z])", lambda match: "_" + match[1].lower(), runway_word)
