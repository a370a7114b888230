"""What a creating request may hold, for the documentation at /api/docs.

The model's further fields come from the catalogue, so a new model is documented with it. What is
really accepted is `requests.check`'s word alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from providers import catalog
from providers.rules import Option, our_word
from videos.inputs import KINDS, LISTS

Schema = dict[str, Any]

_PLAIN: dict[str, Schema] = {
    "model": {
        "type": "string",
        "default": "sora-2",
        "examples": ["gen4.5"],
        "description": "A model or alias of /v1/models, with or without `runway/` before it.",
    },
    "prompt": {"type": "string", "examples": ["A lighthouse at dawn"]},
    "seconds": {
        "type": ["string", "integer"],
        "examples": ["5"],
        "description": "Whole seconds, or `auto`. Default: 2, or the model's shortest.",
    },
    "size": {
        "type": "string",
        "examples": ["1280x720"],
        "description": "Default: 1280x720, or the model's nearest.",
    },
    "seed": {"type": "integer", "minimum": 0, "maximum": catalog.SEED_MAX},
    "audio": {"type": "boolean", "description": "Sound, where the model has it. Off by default."},
    "references": {
        "type": "array",
        "items": {"type": "object"},
        "description": "Another name for `reference_images`: `[{uri, tag}]`.",
    },
    "fallbacks": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Accepted for Bifrost's scripts; has no effect.",
    },
}
_NESTED = {
    "type": "object",
    "properties": {
        "uri": {"type": "string", "description": "https://, runway:// or data:"},
        "image_url": {"type": "string", "description": "The same, as OpenAI calls it."},
        "video_id": {"type": "string", "description": "One of your completed videos."},
        "frame": {"enum": ["first", "last"], "description": "Which picture of that video."},
    },
}


def body(only: Iterable[str] = ()) -> Schema:
    """`openapi_extra` of a creating operation: one schema, two encodings.

    `only` limits it to some fields.
    """
    fields = {**_PLAIN, **{name: _media(name) for name in KINDS}, **_options()}
    wanted = set(only) or set(fields)
    properties = {name: schema for name, schema in fields.items() if name in wanted}
    json = {"type": "object", "properties": properties}
    files = {name: {"type": "string", "format": "binary"} for name in KINDS if name in properties}
    form = {"type": "object", "properties": properties | files}
    content = {"application/json": {"schema": json}, "multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}


def options_of(mode: str) -> list[str]:
    """The further fields that models have in a mode."""
    rules = [model.modes[mode] for model in catalog.models() if mode in model.modes]
    return sorted({our_word(word) for each in rules for word in each.options})


def _media(name: str) -> Schema:
    one = {"anyOf": [{"type": "string"}, _NESTED]}
    what = f"{KINDS[name]}: a file part, an address, a data URI or an earlier video."
    if name in LISTS:
        return {"type": "array", "items": one, "description": what}
    return {**one, "description": what.capitalize()}


def _options() -> dict[str, Schema]:
    found: dict[str, list[tuple[str, Option]]] = {}
    for model in catalog.models():
        for rules in model.modes.values():
            for word, option in rules.options.items():
                found.setdefault(our_word(word), []).append((model.id, option))
    return {name: _option(uses) for name, uses in sorted(found.items())}


def _option(uses: list[tuple[str, Option]]) -> Schema:
    option = uses[0][1]
    takers = ", ".join(dict.fromkeys(model_id for model_id, _ in uses))
    schema: Schema = {"description": f"Taken by {takers}."}
    words = dict.fromkeys(word for _, each in uses for word in each.enum)
    bounds = option.integer or option.number
    if words:
        return {**schema, "type": "string", "enum": list(words)}
    if option.text:
        return {**schema, "type": "string", "maxLength": option.text}
    if bounds:
        kind = "integer" if option.integer else "number"
        return {**schema, "type": kind, "minimum": bounds[0], "maximum": bounds[1]}
    return {**schema, "type": "boolean" if option.boolean else "object"}
