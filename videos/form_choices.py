"""Lengths, sizes, resolutions and sound that a model leaves to choose, and what is chosen. Pure.

Called by `composer.py`. What the model does not have becomes the nearest that it has, and a note
says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from providers import catalog, conditions, sizes
from providers.catalog import ModeRules, VideoModel

from . import form_settings


@dataclass(frozen=True)
class Size:
    """A size to choose: "1280x720", an aspect such as "16:9", or a word such as "auto_720p"."""

    value: str
    is_chosen: bool = False

    @property
    def label(self) -> str:
        """For people."""
        if self.pair and sizes.is_pixels(self.value):
            return f"{self.pair[0]} × {self.pair[1]}"
        return self.value.replace("auto_", _("as the picture, ")).replace("_", " ")

    @property
    def pair(self) -> tuple[int, int] | None:
        """Its width and height, None where the input decides."""
        return sizes.pair(self.value)


class Choices:
    """What a mode of a model leaves to choose, and what is chosen of it. Used once."""

    def __init__(
        self,
        model: VideoModel,
        rules: ModeRules,
        values: Mapping[str, str],
        notes: list[str],
        media: tuple[str, ...],
    ) -> None:
        self.model, self.rules, self.values, self.notes = model, rules, values, notes
        words: dict[str, Any] = {rules.word(name) or name: "a picture" for name in media}
        self.settings = form_settings.settings(rules, words, values)
        self.options = form_settings.asked(rules, self.settings)
        for name, value in self.options.items():
            words[catalog.runway_words(name)[0]] = value
        automatic: tuple[str, ...] = ("auto",) if rules.takes_auto else ()
        self.words = words
        self.lengths = self._left("duration", (*automatic, *rules.seconds))
        self.ratios = self._left("ratio", rules.ratios)
        option = rules.options.get("resolution")
        self.resolutions = self._left("resolution", option.enum if option else ())

    def chosen(self) -> dict[str, object]:
        """The fields for the validator, as near to what was typed as the model allows."""
        rules, values = self.rules, self.values
        forbidden = conditions.forbidden(rules.conditions, self.words)
        has_audio = rules.takes("audio") and "audio" not in forbidden
        resolution = values.get("resolution")
        found = {
            **self.options,
            "prompt": "a shot" if rules.takes("prompt") else None,
            "seconds": self._seconds(),
            "size": self._size(),
            "resolution": resolution if resolution in self.resolutions else None,
            "audio": (values.get("audio") == "true" and has_audio) or None,
        }
        if resolution and self.resolutions and not found["resolution"]:
            self._note(_("%(name)s has no %(wanted)s here."), wanted=resolution)
        return found

    def _left(self, word: str, all_of_them: tuple[Any, ...]) -> tuple[Any, ...]:
        if word in conditions.forbidden(self.rules.conditions, self.words):
            return ()
        return conditions.allowed(self.rules.conditions, self.words, word, all_of_them)

    def _note(self, words: str, **more: object) -> None:
        self.notes.append(words % {"name": self.model.name, **more})

    def _seconds(self) -> int | str | None:
        typed = self.values.get("seconds", "")
        lengths = [length for length in self.lengths if isinstance(length, int)]
        if typed in self.lengths:
            return typed
        if not typed.isdecimal() or len(typed) > 4 or not lengths:
            return None
        wanted = int(typed)
        seconds = min(lengths, key=lambda allowed: abs(allowed - wanted))
        if seconds != wanted:
            words = _("Length set to %(seconds)s s: %(name)s has no %(wanted)s s.")
            self._note(words, seconds=seconds, wanted=wanted)
        return seconds

    def _size(self) -> str | None:
        wanted = self.values.get("size", "")
        pairs = [ratio for ratio in self.ratios if sizes.pair(ratio)]
        if sizes.ratio_of(wanted) in self.ratios:
            return wanted
        aspects = [ratio for ratio in pairs if sizes.is_aspect(ratio)]
        if sizes.is_pixels(wanted) and (same := sizes.same_aspect(wanted, aspects)):
            return same
        if not sizes.pair(wanted) or not pairs:
            return None
        size = sizes.shown(sizes.nearest(wanted, pairs))
        animated = self.model.modes.get("image_to_video")
        has_it = animated is not None and sizes.ratio_of(wanted) in animated.ratios
        if has_it:
            words = _("Size set to %(size)s: %(name)s has no %(wanted)s without a first frame.")
        else:
            words = _("Size set to %(size)s: %(name)s has no %(wanted)s.")
        self._note(words, size=size, wanted=wanted)
        return size
