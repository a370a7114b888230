"""What a task's failure code means for people, and whether another try may help. Pure.

Source: docs.dev.runwayml.com/errors/task-failures. The codes are an open set of which only the
leading parts are stable.
"""

from __future__ import annotations

RETRYABLE = ("INTERNAL", "THIRD_PARTY.UNAVAILABLE", "INPUT_PREPROCESSING.INTERNAL")

_BLOCKED = "moderation_blocked"
_MEANINGS = (
    ("SAFETY.INPUT", _BLOCKED, "Runway's moderation refused the prompt or picture."),
    ("SAFETY.OUTPUT", _BLOCKED, "Runway's moderation withheld the finished video."),
    ("INPUT_PREPROCESSING.SAFETY", _BLOCKED, "Runway's moderation refused the prompt or picture."),
    ("SAFETY", _BLOCKED, "Runway's moderation refused this video."),
    ("ASSET.INVALID", "invalid_input", "Runway could not use the picture. Try another one."),
    ("INTERNAL.BAD_OUTPUT", "bad_output", "The model made nothing usable. Change the input."),
    ("THIRD_PARTY.UNAVAILABLE", "provider_unavailable", "The model is not available just now."),
)


def is_retryable(failure_code: str) -> bool:
    """Whether the same request may succeed later. A failure without a code is internal."""
    return not failure_code or failure_code in RETRYABLE


def explain(failure_code: str) -> tuple[str, str]:
    """Our `error.code` and a sentence for people."""
    for start, code, message in _MEANINGS:
        if failure_code == start or failure_code.startswith(start + "."):
            return code, message
    return "task_failed", f"Runway could not make this video ({failure_code or 'no reason given'})."
