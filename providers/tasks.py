"""What crosses between `videos` and a provider: plain values, in this product's words.

`videos` builds a TaskRequest from a checked request; `providers.runway` says it in Runway's words,
and answers with CreatedTask and TaskState. Nothing here does I/O.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class MediaInput:
    """A picture, video or sound of a request.

    `field` is our word for where it goes: input_reference, middle_frame, last_frame,
    reference_images, reference_videos, reference_audio, video_uri, keyframes, character,
    performance. `kind` is image, video or audio. `uri` is https://, runway:// or data:, and until
    it is sent perhaps a place of ours. `extra` is what goes beside the uri of a keyframe (seconds
    or at, range) or of a tagged picture. `seconds` is the length where it is known.
    """

    field: str
    uri: str
    kind: str = "image"
    extra: dict[str, Any] = dataclasses.field(default_factory=dict)
    seconds: float | None = None


@dataclass(frozen=True)
class TaskRequest:
    """One unit of work for the provider.

    `ratio` is the provider's word for the shape ("1280:720", "16:9", "auto_720p"); `seconds` whole
    seconds, or "auto". None means that the field is left out of the request. `options` are the
    model's other fields under our names (negative_prompt, output_format, resolution, ...).
    """

    mode: str
    model: str
    prompt: str = ""
    seconds: int | str | None = None
    ratio: str | None = None
    media: tuple[MediaInput, ...] = ()
    seed: int | None = None
    audio: bool | None = None
    options: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class CreatedTask:
    """The provider took the request. `estimated_credits` is the most it may charge, if told."""

    id: str
    estimated_credits: Decimal | None = None


@dataclass(frozen=True)
class TaskState:
    """What the provider says about a task now.

    `status` is the provider's upper-case word (PENDING, THROTTLED, RUNNING, SUCCEEDED, FAILED,
    CANCELLED; anything else counts as running). `progress` is 0 to 100, None when unstated.
    `credits` is the final cost, `estimated_credits` the most it may cost.
    """

    id: str
    status: str
    progress: int | None = None
    outputs: tuple[str, ...] = ()
    credits: Decimal | None = None
    estimated_credits: Decimal | None = None
    failure: str = ""
    failure_code: str = ""

    @property
    def is_waiting(self) -> bool:
        """Accepted, but not being worked on."""
        return self.status in ("PENDING", "THROTTLED")

    @property
    def is_over(self) -> bool:
        """Reading it again brings nothing new."""
        return self.status in ("SUCCEEDED", "FAILED", "CANCELLED")


MOST_MODELS = 500
_MODEL_ID = re.compile(r"[A-Za-z0-9._-]{1,80}\Z")


@dataclass(frozen=True)
class OrganizationInfo:
    """An account's standing: credits left, and limits per model.

    `concurrent` and `per_day` map model id to the limit (None means no limit), `used_today` to the
    generations of the rolling 24 hours. `monthly_spend` is the tier's own sign: the most credits
    that it may buy in a month.
    """

    credits: Decimal
    concurrent: dict[str, int | None] = dataclasses.field(default_factory=dict)
    per_day: dict[str, int | None] = dataclasses.field(default_factory=dict)
    used_today: dict[str, int] = dataclasses.field(default_factory=dict)
    monthly_spend: int | None = None

    def limits(self) -> dict[str, Any]:
        """Tier, limits and use as JSON: `{"monthly_spend", "models": {id: {...}}}`.

        Of names that could be a model's id; the account is not ours to trust.
        """
        told = sorted({*self.concurrent, *self.per_day, *self.used_today})
        names = [name for name in told if _MODEL_ID.match(name)][:MOST_MODELS]
        models = {
            name: {
                "concurrent": self.concurrent.get(name),
                "daily": self.per_day.get(name),
                "used": self.used_today.get(name, 0),
            }
            for name in names
        }
        return {"monthly_spend": self.monthly_spend, "models": models}


@dataclass(frozen=True)
class UsedCredits:
    """What an account used by its own figures: net credits of a day (UTC) and a model."""

    day: date
    model: str
    credits: Decimal


@dataclass(frozen=True)
class Downloaded:
    """A finished download: how many bytes, their SHA-256 as lower-case hex, the declared type."""

    size: int
    sha256: str
    content_type: str
