"""A TaskRequest in Runway's words: the endpoint, and the JSON body. Pure.

Source: Runway's OpenAPI document 2024-11-06 and the `runwayml` SDK 5.24.0 (`*_create_params`).
Unset optional fields are left out, never null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import catalog
from .rules import POSITIONS, ModeRules, runway_words
from .tasks import MediaInput, TaskRequest


def task_body(request: TaskRequest) -> tuple[str, dict[str, Any]]:
    """("/v1/image_to_video", {...}). Raises ValueError for a mode that no model has."""
    model = catalog.find(request.model)
    if model is None or request.mode not in model.modes:
        raise ValueError(f"{request.model} has no mode {request.mode}")
    rules = model.modes[request.mode]
    plain = {
        "model": request.model,
        "promptText": request.prompt or None,
        "ratio": request.ratio,
        "duration": request.seconds,
        "seed": request.seed,
        "audio": request.audio,
        **{runway_words(name)[0]: value for name, value in request.options.items()},
    }
    given = {name: value for name, value in plain.items() if value is not None}
    return rules.endpoint, given | media_body(rules, request.media)


def media_body(rules: ModeRules, media: Sequence[MediaInput]) -> dict[str, Any]:
    """The fields of a body that hold pictures, videos and sounds."""
    by_word: dict[str, list[MediaInput]] = {}
    for item in media:
        word = rules.word(item.field)
        if word is not None:
            by_word.setdefault(word, []).append(item)
    return {word: _SHAPES[rules.media[word].shape](items) for word, items in by_word.items()}


def _frames(items: list[MediaInput]) -> Any:
    """A plain string for the usual case, one first frame; else a list."""
    if [item.field for item in items] == ["input_reference"]:
        return items[0].uri
    placed = {item.field: item.uri for item in items if item.field in POSITIONS}
    frames = [
        {"uri": placed[name], "position": position}
        for name, position in POSITIONS.items()
        if name in placed
    ]
    return frames + [{"uri": item.uri} for item in items if item.field not in POSITIONS]


def _typed(item: MediaInput) -> dict[str, str]:
    return {"type": item.kind, "uri": item.uri}


_SHAPES: Mapping[str, Callable[[list[MediaInput]], Any]] = {
    "uri": lambda items: items[0].uri,
    "frames": _frames,
    "list": lambda items: [{"uri": item.uri} for item in items],
    "typed": lambda items: _typed(items[0]),
    "typed_list": lambda items: [_typed(item) for item in items],
    "tagged": lambda items: [{"uri": item.uri, **item.extra} for item in items],
    "keyframes": lambda items: [{"uri": item.uri, **item.extra} for item in items],
}
