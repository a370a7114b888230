"""What the sandbox answers: one value for a response, and Runway's error bodies.

Only `providers.sandbox` calls this.

Source: Runway OpenAPI document 2024-11-06 (components.responses), docs.dev.runwayml.com/errors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

DOC_URL = "https://docs.dev.runwayml.com/errors/errors"
NOT_ENOUGH_CREDITS = "You do not have enough credits to run this task."
TASK_NOT_FOUND = "Could not find Task"

_MESSAGES = {
    400: "Invalid request",
    401: "Invalid API key",
    429: "Too many requests. Please try again later.",
    500: "Internal server error",
    502: "Bad gateway",
    503: "The service is temporarily unavailable. Please try again later.",
    504: "Gateway timeout",
}


# Where in a body something is: names of fields and positions in lists.
FieldPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Answer:
    """One response.

    `file` is sent instead of `body`; `cut` announces the whole length but sends only half.
    `delay_seconds` waits first; `drop` closes the connection without a byte. A `file` is sent in
    small pieces over `drip_seconds`.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None
    cut: bool = False
    delay_seconds: float = 0.0
    drop: bool = False
    drip_seconds: float = 0.0


@dataclass(frozen=True)
class Issue:
    """One complaint about a body. `extra` holds the keys that only some codes have."""

    code: str
    path: FieldPath
    message: str
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The complaint as Runway writes it."""
        return {"code": self.code, **self.extra, "path": list(self.path), "message": self.message}


def as_json(payload: Mapping[str, Any], status: int = 200) -> Answer:
    """A JSON response."""
    return Answer(status, json.dumps(payload).encode())


def daily_limit(model: str, most: int) -> Answer:
    """The 429 that no wait of seconds helps against, so it does not say how long to wait."""
    text = f"You have reached the daily task limit of {most} for {model}."
    return as_json({"error": text}, status=429)


def error(status: int, message: str = "") -> Answer:
    """An error with Runway's usual words for the status; a 429 also says when to come back."""
    headers = {"Retry-After": "2"} if status == HTTPStatus.TOO_MANY_REQUESTS else {}
    text = message or _MESSAGES.get(status) or "The request could not be processed"
    return Answer(status, json.dumps({"error": text}).encode(), headers=headers)


def invalid(issues: Sequence[Issue]) -> Answer:
    """The 400 that lists everything that is wrong with a body at once."""
    payload = {
        "error": "Validation of body failed",
        "issues": [issue.as_json() for issue in issues],
        "docUrl": DOC_URL,
    }
    return as_json(payload, status=400)


def not_enough_credits() -> Answer:
    """Runway says this with a 400, not a 402."""
    return as_json({"error": NOT_ENOUGH_CREDITS, "docUrl": DOC_URL}, status=400)
