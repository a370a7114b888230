"""What each model accepts, read once from catalog.json.

The validator, the composer, the price preview, `/v1/models` and the sandbox all ask here. The data
keeps Runway's words; `takes`, `needs` and `our_word` say the same in ours. What a request costs is
in `prices.py`, what its fields demand of each other in `conditions.py`.

Source: Runway's OpenAPI document 2024-11-06 overlaid with the SDK runwayml 5.24.0; what neither
tells is marked unverified.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.conf import settings

from .conditions import Condition
from .prices import Prices
from .rules import (
    POSITIONS,
    PROMPT_MAX,
    MediaLimits,
    MediaRules,
    ModeRules,
    Option,
    our_word,
    runway_words,
)

__all__ = ["ModeRules", "Option", "our_word", "runway_words"]

DEFAULT_PATH = Path(__file__).with_name("catalog.json")

VIDEO_MODES = (
    "text_to_video",
    "image_to_video",
    "video_to_video",
    "character_performance",
    "video_upscale",
)
SEED_MAX = 4_294_967_295


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
    """All models by id, limits by kind of media, aliases, and which model paints first frames."""

    models: Mapping[str, VideoModel]
    media: Mapping[str, MediaLimits]
    aliases: Mapping[str, tuple[str, ...]]
    first_frame_model: str

    @cached_property
    def words(self) -> Set[str]:
        """Every field that some model has, in our words."""
        modes = [mode for model in self.models.values() for mode in model.modes.values()]
        return POSITIONS.keys() | {our_word(word) for mode in modes for word in mode.fields}


def load() -> Catalog:
    """The catalogue of this installation: ours, or the file that STUDIO_CATALOG_FILE names."""
    return _read(path())


def path() -> Path:
    """Where the catalogue of this installation lies."""
    return Path(settings.STUDIO_CATALOG_FILE or DEFAULT_PATH)


@cache
def _read(source: Path) -> Catalog:
    return parse(json.loads(source.read_text(encoding="utf-8")))


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


def first_frame_rules() -> ModeRules:
    """What the model that paints first frames accepts."""
    catalog = load()
    return catalog.models[catalog.first_frame_model].modes["text_to_image"]


def parse(raw: Mapping[str, Any]) -> Catalog:
    """What catalog.json says."""
    sets = raw["ratio_sets"]
    return Catalog(
        models=MappingProxyType({k: _model(k, entry, sets) for k, entry in raw["models"].items()}),
        media=MappingProxyType({k: MediaLimits(**_tuples(v)) for k, v in raw["media"].items()}),
        aliases=MappingProxyType({k: tuple(v) for k, v in raw["aliases"].items()}),
        first_frame_model=raw["first_frame_model"],
    )


def _model(model_id: str, entry: Mapping[str, Any], sets: Mapping[str, list[str]]) -> VideoModel:
    modes = {name: _mode(name, mode, sets) for name, mode in entry.get("modes", {}).items()}
    return VideoModel(
        id=model_id,
        name=entry["name"],
        modes=MappingProxyType(modes),
        prices=Prices.parse(entry.get("prices", {})),
        replacement=entry.get("retired", {}).get("replacement"),
    )


def _mode(name: str, entry: Mapping[str, Any], sets: Mapping[str, list[str]]) -> ModeRules:
    ratios, prompt = entry.get("ratios", ()), entry.get("prompt", {})
    durations = entry.get("durations", {})
    return ModeRules(
        mode=name,
        required=frozenset(entry["required"]),
        optional=frozenset(entry["optional"]),
        prompt_min=prompt.get("min", 1),
        prompt_max=prompt.get("max", PROMPT_MAX),
        ratios=tuple(sets[ratios] if isinstance(ratios, str) else ratios),
        seconds=_seconds(durations),
        seconds_default=durations.get("default"),
        takes_auto=durations.get("auto", False),
        is_unverified=durations.get("unverified", False),
        audio_default=entry.get("audio_default"),
        media={key: MediaRules(**_tuples(value)) for key, value in entry.get("media", {}).items()},
        options={key: _option(value) for key, value in entry.get("options", {}).items()},
        conditions=tuple(Condition.parse(value) for value in entry.get("conditions", ())),
        strict=entry["strict"],
    )


def _seconds(durations: Mapping[str, Any]) -> tuple[int, ...]:
    if "min" in durations:
        return tuple(range(durations["min"], durations["max"] + 1))
    return tuple(durations.get("enum", ()))


def _option(entry: Mapping[str, Any]) -> Option:
    fields = {key: _option(inner) for key, inner in entry.get("fields", {}).items()}
    items = _option(entry["list"]) if "list" in entry else None
    plain = {key: value for key, value in entry.items() if key not in ("fields", "list")}
    return Option(**_tuples(plain), fields=fields, items=items)


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in entry.items()}
