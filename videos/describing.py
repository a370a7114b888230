"""The catalogue in our words, for people and scripts who choose a model. Pure.

Called by `/v1/models` and by the page that compares models.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from providers import sizes
from providers.catalog import ModeRules, Option, VideoModel
from providers.prices import Output
from providers.rules import POSITIONS, MediaRules, our_word

EXAMPLE_SECONDS = 5
HIDDEN = ("model", "promptText", "ratio", "duration", "seed", "audio", "resolution")


def describe(model: VideoModel) -> dict[str, Any]:
    """Everything that a request for this model may say, by mode, and what five seconds cost."""
    return {
        "id": model.id,
        "name": model.name,
        "retired": model.is_retired,
        "replacement": model.replacement,
        "tries": None,
        "modes": {name: _mode(rules) for name, rules in model.modes.items()},
        "credits_for_5_seconds": prices(model),
    }


def prices(model: VideoModel) -> dict[str, float]:
    """Estimated credits for five seconds, by resolution and sound; empty where none is known."""
    found: dict[str, float] = {}
    for rules in model.modes.values():
        for ratio, resolution in _outputs(rules):
            for audio in (False, True) if rules.takes("audio") else (False,):
                output = Output(EXAMPLE_SECONDS, ratio, resolution, audio)
                cost = model.prices.credits(output)
                if cost is not None:
                    found.setdefault(_label(model, ratio, resolution, audio), float(cost))
    return found


def _outputs(rules: ModeRules) -> list[tuple[str | None, str | None]]:
    if "resolution" in rules.options:
        return [(None, word) for word in rules.options["resolution"].enum]
    return [(ratio, None) for ratio in rules.ratios] or [(None, None)]


def _label(model: VideoModel, ratio: str | None, resolution: str | None, audio: bool) -> str:
    depends = any(rate.classes for rate in model.prices.per_second)
    words = sorted(sizes.classes(ratio, resolution)) if depends else []
    if any(rate.audio is not None for rate in model.prices.per_second):
        words.append("with sound" if audio else "silent")
    return ", ".join(words) or "any"


def _mode(rules: ModeRules) -> dict[str, Any]:
    return {
        "prompt": {"required": rules.needs("prompt"), "max_characters": rules.prompt_max}
        if rules.takes("prompt")
        else None,
        "seconds": _seconds(rules),
        "sizes": [sizes.shown(ratio) for ratio in rules.ratios],
        "resolutions": list(rules.options["resolution"].enum)
        if "resolution" in rules.options
        else [],
        "audio": rules.takes("audio"),
        "seed": rules.takes("seed"),
        "inputs": inputs(rules),
        "options": {
            our_word(word): _option(option) | {"required": word in rules.required}
            for word, option in rules.options.items()
            if word not in HIDDEN
        },
    }


def _seconds(rules: ModeRules) -> dict[str, Any] | None:
    if not rules.takes("seconds"):
        return None
    return {
        "accepted": list(rules.seconds),
        "auto": rules.takes_auto,
        "unverified": rules.is_unverified,
    }


def inputs(rules: ModeRules) -> dict[str, Any]:
    """The media that a mode takes, by our field: kind, whether it must be there, how many."""
    found: dict[str, Any] = {}
    for word, media in rules.media.items():
        is_required = word in rules.required
        for name, position in POSITIONS.items():
            if position in media.positions:
                found[name] = {"kind": media.kind, "required": is_required and position == "first"}
        if not media.positions or media.references:
            name = "reference_images" if media.references else our_word(word)
            found[name] = {
                "kind": media.kind,
                "required": is_required and not media.positions,
                "max": media.references or _most(media),
            }
    return found


def _most(media: MediaRules) -> int | None:
    return media.max if media.shape in ("list", "typed_list", "tagged", "keyframes") else 1


def _option(option: Option) -> dict[str, Any]:
    if option.enum:
        return {"type": "string", "enum": list(option.enum)}
    if option.text:
        return {"type": "string", "max_characters": option.text}
    bounds = option.integer or option.number
    if bounds:
        kind = "integer" if option.integer else "number"
        return {"type": kind, "minimum": bounds[0], "maximum": bounds[1]}
    return {"type": "boolean" if option.boolean else "object"}


def alias(name: str, tries: Sequence[str]) -> dict[str, Any]:
    """An alias: the models that it tries, in order."""
    return {
        "id": name,
        "name": name,
        "retired": False,
        "replacement": None,
        "tries": list(tries),
        "modes": {},
        "credits_for_5_seconds": {},
    }
