"""What a request is expected to cost, in credits, before Runway says so.

Asked by the validator and by the sandbox. Every figure is an estimate: what a task really costs is
what it reports itself. Pure.

Source: catalog.json (`sources`), unverified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from . import sizes


@dataclass(frozen=True)
class Rate:
    """One line of a table: its credits, and for which sound and which classes of size it stands."""

    credits: Decimal
    audio: bool | None = None
    classes: frozenset[str] = frozenset()

    def fits(self, audio: bool, classes: frozenset[str]) -> bool:
        """Whether the line is the one for such an output."""
        if self.audio is not None and self.audio is not audio:
            return False
        return not self.classes or bool(self.classes & classes)


@dataclass(frozen=True)
class Output:
    """What matters for a price: lengths in seconds (None for unknown), size, sound, pictures.

    `input_seconds` is the length of all videos given. `frames` counts those of the source.
    """

    seconds: float | None = None
    ratio: str | None = None
    resolution: str | None = None
    audio: bool = False
    output_format: str | None = None
    input_seconds: float | None = 0.0
    pictures: int = 0
    frames: int | None = None


@dataclass(frozen=True)
class Prices:
    """A model's tables. `per_image` maps "720p" and "1080p" to the price of one picture."""

    per_second: tuple[Rate, ...] = ()
    per_input_second: tuple[Rate, ...] = ()
    per_frame: tuple[Rate, ...] = ()
    per_picture: Decimal = Decimal(0)
    least: Decimal = Decimal(0)
    surcharges: Mapping[str, Decimal] = field(default_factory=dict)
    per_image: Mapping[str, Decimal] = field(default_factory=dict)

    @classmethod
    def parse(cls, entry: Mapping[str, Any]) -> Self:
        """The tables of an entry of catalog.json."""
        return cls(
            per_second=_rates(entry.get("per_second", ())),
            per_input_second=_rates(entry.get("per_input_second", ())),
            per_frame=_rates(entry.get("per_frame", ())),
            per_picture=_decimal(entry.get("per_picture", 0)),
            least=_decimal(entry.get("min", 0)),
            surcharges=_table(entry.get("surcharges", {})),
            per_image=_table(entry.get("per_image", {})),
        )

    def credits(self, output: Output) -> Decimal | None:
        """What a video is expected to cost; None where that cannot be told."""
        if self.per_frame:
            return _times(self._rate(self.per_frame, output), output.frames)
        cost = _times(self._rate(self.per_second, output), output.seconds)
        if cost is None or output.seconds is None:
            return None
        if self.per_input_second:
            extra = _times(self._rate(self.per_input_second, output), output.input_seconds)
            if extra is None:
                return None
            cost += extra
        cost += self.surcharges.get(output.output_format or "", Decimal(0)) * _decimal(
            output.seconds
        )
        return max(self.least, cost + self.per_picture * output.pictures)

    def _rate(self, rates: tuple[Rate, ...], output: Output) -> Decimal | None:
        classes = sizes.classes(output.ratio, output.resolution)
        fitting = (rate.credits for rate in rates if rate.fits(output.audio, classes))
        return next(fitting, None)


def image(size: str, table: Mapping[str, int | Decimal]) -> Decimal:
    """What a picture of a size is expected to cost, by its short side."""
    short = min(sizes.pair(size) or (0, 0))
    return Decimal(table["720p" if short <= 720 else "1080p"])


def _times(rate: Decimal | None, amount: float | None) -> Decimal | None:
    return None if rate is None or amount is None else rate * _decimal(amount)


def _rates(entries: Any) -> tuple[Rate, ...]:
    return tuple(
        Rate(_decimal(e["credits"]), e.get("audio"), frozenset(e.get("classes", ())))
        for e in entries
    )


def _table(entries: Mapping[str, float]) -> Mapping[str, Decimal]:
    return {key: _decimal(value) for key, value in entries.items()}


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))
