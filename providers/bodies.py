"""A TaskRequest in Runway's words: the endpoint, and the JSON body. Pure.

Source: Runway's OpenAPI document 2024-11-06 and the `runwayml` SDK 5.24.0 (`*_create_params`).
Unset optional fields are left out, never null.
"""

from __future__ import annotations

from typing import Any

from . import catalog
from .tasks import ImageInput, TaskRequest

OPTION_WORDS = {
    "negative_prompt": "negativePrompt",
    "content_moderation": "contentModeration",
    "output_format": "outputFormat",
}


def task_body(request: TaskRequest) -> tuple[str, dict[str, Any]]:
    """("/v1/image_to_video", {...}). Raises ValueError for a mode that no model has."""
    rules = catalog.find(request.model)
    if rules is None or request.mode not in rules.modes:
        raise ValueError(f"{request.model} has no mode {request.mode}")
    body = {
        "model": request.model,
        "promptText": request.prompt or None,
        "promptImage": _prompt_image(request.images),
        "ratio": request.size.replace("x", ":") if request.size else None,
        "duration": request.seconds,
        "seed": request.seed,
        "audio": request.audio,
        **{OPTION_WORDS[name]: value for name, value in request.options.items()},
    }
    given = {name: value for name, value in body.items() if value is not None}
    return rules.modes[request.mode].endpoint, given


def _prompt_image(images: tuple[ImageInput, ...]) -> str | list[dict[str, str]] | None:
    """A plain string for the usual case, one first frame; else a list with positions."""
    if not images:
        return None
    if len(images) == 1 and images[0].position == "first":
        return images[0].uri
    return [{"uri": image.uri, "position": image.position} for image in images]
