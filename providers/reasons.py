"""Why no key takes a video now, in words for people. Pure.

Called by the worker, which keeps the sentence on the video while it waits.
"""

from __future__ import annotations

from .models import ProviderKey
from .pool import DAILY, FULL, RESTING, SHORT, Pool, Wish

_BUSY = {
    FULL: "Every provider key makes as many videos as it may; this one waits for a free place.",
    DAILY: "Every provider key has made as many videos of this model as Runway allows in 24 hours; "
    "this one waits until there is room.",
    SHORT: "No provider key has enough credits for this video. It goes on by itself once there are "
    "more.",
}


def why_none(pool: Pool, wish: Wish) -> str:
    """One sentence or two, at most 300 characters."""
    if not pool.keys:
        return "No provider key is set up. An administrator can add one."
    keys = [key for key in pool.keys if key.serves(wish.model)]
    if not keys:
        return f"No provider key serves {wish.model}."
    in_service = [key for key in keys if not key.paused_reason]
    if not in_service:
        return f"Every provider key is paused: {keys[0].name}: {keys[0].paused_reason}"[:300]
    serving = pool.serving(wish.model)
    if not serving:
        return _why_unproven(in_service[0])
    obstacles = {pool.obstacle(key, wish) for key in serving}
    for word in (FULL, RESTING, DAILY):
        if word in obstacles:
            return _BUSY.get(word) or _why_resting(pool, serving, wish.model)
    return _BUSY[SHORT] if SHORT in obstacles else _why_resting(pool, serving, wish.model)


def _why_resting(pool: Pool, keys: list[ProviderKey], model: str) -> str:
    """How long until the first of them is back, and what Runway said."""
    rests = [(key.rests_until(model) or pool.now, key) for key in keys]
    back, key = min(
        [rest for rest in rests if rest[0] > pool.now] or rests, key=lambda pair: pair[0]
    )
    seconds = max(1, round((back - pool.now).total_seconds()))
    said = [rest.reason for rest in key.rests.all() if (rest.model, rest.until) == (model, back)]
    told = f": {said[0]}" if said else "."
    return f"Every provider key is resting; the next one is back in {_spoken(seconds)}{told}"[:300]


def _why_unproven(key: ProviderKey) -> str:
    said = f" ({key.test_error[:110]})" if key.test_error else ""
    return (
        f"The provider key {key.name} has not passed its test yet{said}. "
        "An administrator can test it under /admin/, free of charge."
    )


def _spoken(seconds: int) -> str:
    if seconds == 1:
        return "1 second"
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"
