"""What a creating request may hold, for the documentation at /api/docs.

The model's further fields come from the catalogue, so a new model is documented with it. What is
really accepted is `requests.check`'s word alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from providers import catalog
from providers.rules import Option, our_word
from videos import values
from videos.inputs import KINDS, LISTS

Schema = dict[str, Any]

_PLAIN: dict[str, Schema] = {
    "model": {
        "type": "string",
        "default": "sora-2",
        "examples": ["gen4.5"],
        "description": "A model or alias of /v1/models, with or without `runway/` before it.",
    },
    "prompt": {
        "type": "string",
        "examples": ["A lighthouse at dawn"],
        "description": "What is to be seen. Required where the model needs one.",
    },
    "seconds": {
        "type": ["string", "integer"],
        "examples": ["5"],
        "description": "Whole seconds, or `auto`. Default: 2, or the model's shortest.",
    },
    "size": {
        "type": "string",
        "examples": ["1280x720"],
        "description": "Width x height. Default: 1280x720, or the model's nearest.",
    },
    "seed": {
        "type": "integer",
        "minimum": 0,
        "maximum": catalog.SEED_MAX,
        "examples": [7],
        "description": "The same seed and request give similar videos.",
    },
    "audio": {
        "type": "boolean",
        "examples": [False],
        "description": "Sound, where the model has it. Off by default.",
    },
    "metadata": {
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": values.MAX_VALUE_CHARS},
        "maxProperties": values.MAX_PAIRS,
        "propertyNames": {"minLength": 1, "maxLength": values.MAX_KEY_CHARS},
        "examples": [{"project": "apollo"}],
        "description": "Words of your own, to find the video by. Runway never sees them.",
    },
    "references": {
        "type": "array",
        "items": {"type": "object"},
        "examples": [[{"uri": "https://example.org/a.png", "tag": "anna"}]],
        "description": "Another name for `reference_images`: `[{uri, tag}]`.",
    },
    "fallbacks": {
        "type": "array",
        "items": {"type": "string"},
        "examples": [["runway/veo3.1"]],
        "description": "Accepted for Bifrost's scripts; has no effect.",
    },
}
_NESTED = {
    "type": "object",
    "properties": {
        "uri": {"type": "string", "description": "https://, runway:// or data:"},
        "image_url": {"type": "string", "description": "The same, as OpenAI calls it."},
        "video_id": {"type": "string", "description": "One of your completed videos."},
        "file_id": {"type": "string", "description": "One of your uploaded files."},
        "frame": {"enum": ["first", "last"], "description": "Which picture of that video."},
    },
}


# Parts of operations that are no bodies.
METADATA_FILTER: Schema = {
    "name": "metadata",
    "in": "query",
    "style": "deepObject",
    "explode": True,
    "required": False,
    "description": "Pairs that the video's metadata must have: `metadata[project]=apollo`.",
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
    "example": {"project": "apollo"},
}
IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A repeat with the same key and body within 24 hours makes no second video.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x20-\\x7e]+$"},
    "example": "order-17",
}
POLL_HEADER: Schema = {
    "openai-poll-after-ms": {
        "description": "Milliseconds until another look is worth it; missing once it is over.",
        "schema": {"type": "integer", "minimum": 2000, "maximum": 15000},
        "example": 5000,
    }
}
REPLAYED_HEADER: Schema = {
    "idempotent-replayed": {
        "description": "`true` when this call was a repeat, and the video is the first one's.",
        "schema": {"type": "string", "enum": ["true"]},
        "example": "true",
    }
}


def making(only: Iterable[str] = ()) -> Schema:
    """`openapi_extra` of an operation that makes a video: its body and what keeps it single."""
    headers = {"headers": POLL_HEADER | REPLAYED_HEADER}
    return {**body(only), "parameters": [IDEMPOTENCY_KEY], "responses": {200: headers}}


def body(only: Iterable[str] = ()) -> Schema:
    """`openapi_extra` of an operation that takes a request: one schema, two encodings.

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
    example = {"uri": "https://example.org/a"}
    if name in LISTS:
        return {"type": "array", "items": one, "description": what, "examples": [[example]]}
    return {**one, "description": what.capitalize(), "examples": [example]}


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
    words = list(dict.fromkeys(word for _, each in uses for word in each.enum))
    bounds = option.integer or option.number
    if words:
        return {**schema, "type": "string", "enum": words, "examples": words[:1]}
    if option.text:
        text = {"type": "string", "maxLength": option.text}
        return {**schema, **text, "examples": ["blurred, distorted"]}
    if bounds:
        kind = "integer" if option.integer else "number"
        limits = {"minimum": bounds[0], "maximum": bounds[1]}
        return {**schema, "type": kind, **limits, "examples": [bounds[1]]}
    if option.boolean:
        return {**schema, "type": "boolean", "examples": [True]}
    return {**schema, "type": "object", "examples": [{}]}
