"""The keys as they are at one moment, and which of them takes a video. Decides, touches nothing.

`routing.survey` makes a Pool out of the database; `routing` and tests ask it.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from .measures import Measured, PerModel
from .models import ProviderKey

STRATEGIES = ("weighted", "least_busy", "fill_first")
FULL, RESTING, DAILY, SHORT = "full", "resting", "daily", "short"
SOON_SECONDS = 5.0

_UNKNOWN = Measured()


@dataclass(frozen=True)
class Load:
    """How many videos of ours each key makes now, by (key id, model)."""

    videos: PerModel = field(default_factory=dict)

    def of(self, key: ProviderKey, model: str = "") -> int:
        """Those of one model, or of all."""
        return sum(
            count
            for (key_id, other), count in self.videos.items()
            if key_id == key.pk and model in ("", other)
        )


@dataclass(frozen=True)
class Wish:
    """What a key is looked for: a model, and what it may cost (None: unknown)."""

    model: str
    credits: Decimal | None = None


@dataclass(frozen=True)
class Pool:
    """All enabled keys at one moment. `made` counts tasks since each key's standing was read."""

    keys: list[ProviderKey]
    now: datetime
    load: Load = field(default_factory=Load)
    measured: Mapping[int, Measured] = field(default_factory=dict)
    made: PerModel = field(default_factory=dict)

    def serving(self, model: str = "") -> list[ProviderKey]:
        """Those that may be chosen for the model (for any, if none is named), resting ones too.

        Sandbox and real keys never mix: as soon as one real key that passed its test serves the
        model, the sandbox does not.
        """
        able = [
            key
            for key in self.keys
            if not key.paused_reason
            and (key.is_sandbox or key.passed_at)
            and (key.serves(model) if model else key.weight > 0)
        ]
        return [key for key in able if not key.is_sandbox] or able

    def usable(self, wish: Wish) -> list[ProviderKey]:
        """Those that could take it now."""
        return [key for key in self.serving(wish.model) if not self.obstacle(key, wish)]

    def obstacle(self, key: ProviderKey, wish: Wish) -> str:
        """What keeps a serving key from taking it now: one of four words, "" for nothing."""
        if (key.rests_until(wish.model) or self.now) > self.now:
            return RESTING
        if _is_short(key, wish.credits):
            return SHORT
        daily = key.limit(wish.model, "daily")
        used = (key.limit(wish.model, "used") or 0) + self.made.get((key.pk, wish.model), 0)
        if daily is not None and used >= daily:
            return DAILY
        return FULL if self._is_full(key, wish.model) else ""

    def choose(
        self,
        wish: Wish,
        strategy: str = "weighted",
        tried: Collection[int] = (),
        chance: random.Random | None = None,
    ) -> ProviderKey | None:
        """A key that could take it now and was not `tried` (ids); None when there is none.

        `weighted` draws by weight and by how each did lately; `least_busy` takes the one that makes
        the fewest videos for its weight; `fill_first` the heaviest until it is full.
        """
        keys = [key for key in self.usable(wish) if key.pk not in tried]
        if not keys:
            return None
        if strategy == "fill_first":
            return min(keys, key=lambda key: (-key.weight, key.name))
        if strategy == "least_busy":
            return min(keys, key=lambda key: (self.load.of(key) / self._worth(key), key.name))
        worths = [self._worth(key) for key in keys]
        return (chance or random.Random()).choices(keys, worths)[0]  # noqa: S311 - no secret

    def seconds_until_back(self, model: str) -> float:
        """Until the next resting key may be asked again, five at most: others may come sooner."""
        ends = [key.rests_until(model) for key in self.serving(model)]
        waits = [(end - self.now).total_seconds() for end in ends if end and end > self.now]
        return max(0.2, min([*waits, SOON_SECONDS]))

    def _is_full(self, key: ProviderKey, model: str) -> bool:
        most = key.limit(model, "concurrent")
        if most is not None and self.load.of(key, model) >= most:
            return True
        return key.parallel is not None and self.load.of(key) >= key.parallel

    def _worth(self, key: ProviderKey) -> float:
        return key.weight * self.measured.get(key.pk, _UNKNOWN).share


def _is_short(key: ProviderKey, credits: Decimal | None) -> bool:
    """Under its floor, or with less than the video may cost; what the sandbox makes is free."""
    if key.credits is None or key.is_sandbox:
        return False
    return key.credits < max(Decimal(key.credit_floor), credits or Decimal(0))
