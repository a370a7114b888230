"""`manage.py catalog`: what each model accepts and costs, and whether the SDK says the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from providers import catalog, prices, sdk_check, sizes
from providers.catalog import ModeRules, VideoModel
from providers.rules import MediaRules, our_word

SHOWN_SIZES = 3
PRICED_SECONDS = 5
HEADINGS = ("model", "mode", "seconds", "sizes", "inputs", f"credits for {PRICED_SECONDS} s")


class Command(BaseCommand):
    """Prints the catalogue, or compares it with the installed SDK `runwayml`."""

    help = "Print what each model accepts and costs; --check compares it with Runway's SDK."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to do."""
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--json", action="store_true", help="print the catalogue as JSON")
        what.add_argument(
            "--check", action="store_true", help="name every difference to the installed SDK"
        )

    def handle(self, *args: Any, **chosen: Any) -> None:
        """Print or compare. Raises: CommandError (exit 1) if there are differences."""
        if chosen["json"]:
            self.stdout.write(json.dumps(json.loads(catalog.path().read_text()), indent=2))
        elif chosen["check"]:
            self._check()
        else:
            self.stdout.write("\n".join(_table([HEADINGS, *_rows()])))

    def _check(self) -> None:
        try:
            version, found = sdk_check.version(), sdk_check.differences(catalog.load())
        except ImportError as exc:
            message = "The SDK is not installed: pip install runwayml, then compare again."
            raise CommandError(message) from exc
        for line in found:
            self.stdout.write(line)
        if found:
            raise CommandError(f"{len(found)} differences to runwayml {version}.")
        self.stdout.write(f"The catalogue agrees with runwayml {version}.")


def _rows() -> Iterator[tuple[str, ...]]:
    for model in catalog.models():
        for number, rules in enumerate(model.modes.values()):
            name = "" if number else model.id
            mode = rules.mode.replace("_", " ")
            yield name, mode, _lengths(rules), _sizes(rules), _inputs(rules), _price(model, rules)


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _lengths(rules: ModeRules) -> str:
    shortest, *others = rules.seconds or (0,)
    is_range = len(others) > 2 and rules.seconds == tuple(range(shortest, others[-1] + 1))
    listed = [f"{shortest}-{others[-1]}"] if is_range else [str(n) for n in rules.seconds]
    text = " ".join([*listed, *(["auto"] if rules.takes_auto else [])])
    return f"{text} (unverified)" if rules.is_unverified else text or "as the input"


def _sizes(rules: ModeRules) -> str:
    option = rules.options.get("resolution")
    resolutions = f" at {' '.join(option.enum)}" if option else ""
    shown = " ".join(sizes.shown(ratio) for ratio in rules.ratios[:SHOWN_SIZES])
    more = len(rules.ratios) - SHOWN_SIZES
    return (shown or "as the input") + (f" and {more} more" if more > 0 else "") + resolutions


def _inputs(rules: ModeRules) -> str:
    return ", ".join(_input(word, media) for word, media in rules.media.items()) or "none"


def _input(word: str, media: MediaRules) -> str:
    if media.shape == "frames":
        return f"{'/'.join(media.positions)} frame"
    most = "" if media.max is None else f" ≤{media.max}"
    return our_word(word) + most


def _price(model: VideoModel, rules: ModeRules) -> str:
    """Silent, at the usual size."""
    pairs = [ratio for ratio in rules.ratios if sizes.pair(ratio)]
    option = rules.options.get("resolution")
    output = prices.Output(
        seconds=PRICED_SECONDS,
        ratio=sizes.nearest("1280x720", pairs) if pairs else next(iter(rules.ratios), None),
        resolution=option.default if option else None,
        input_seconds=PRICED_SECONDS if rules.mode == "video_to_video" else 0,
    )
    cost = model.prices.credits(output)
    return "unknown" if cost is None else f"{cost.normalize():f}"
