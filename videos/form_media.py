"""The form's slots for pictures, videos and sounds: which a model has, and what lies in them.

What is stored already is named by a token: "video_<hex>:last" (or ":first", ":video", ":input-0"
for what that video was asked for with), "file-<hex>" for an uploaded file, or an address. A slot
sends tokens under its name and `_from`. Called by the pages and `composer.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers import catalog
from providers.catalog import ModeRules, VideoModel
from providers.rules import MediaLimits

from .fitting import mode_rules
from .inputs import FRAMES, LISTS, STORED, LibraryFile
from .models import File, Video
from .values import InvalidRequest

FROM = "_from"
FRAME, LAST, SOURCE = "input_reference", "last_frame", "video_uri"
LABELS: Mapping[str, str | Promise] = {
    SOURCE: _("Source video"),
    "character": _("Character"),
    "performance": _("Performance"),
    FRAME: _("First frame"),
    "middle_frame": _("Middle frame"),
    LAST: _("Last frame"),
    "reference_images": _("Reference pictures"),
    "reference_videos": _("Reference videos"),
    "reference_audio": _("Reference sounds"),
}
KINDS = {
    SOURCE: "video",
    "performance": "video",
    "character": "image or video",
    "reference_videos": "video",
    "reference_audio": "audio",
}
FRAMES_OF = (FRAME, "middle_frame", LAST)
MOST_BYTES = 20_000_000  # of all files of one request; the server takes a little more
_VIDEO = re.compile(r"(video_[0-9a-f]{32}):(first|last|video|input-(\d{1,2}))")
_FILE = re.compile(r"file-[0-9a-f]{32}")

Filled = Mapping[str, list[object]]


@dataclass(frozen=True)
class Pick:
    """One thing in a slot that is stored already."""

    token: str

    @property
    def is_address(self) -> bool:
        """Whether it is somebody else's address, which no page shows."""
        return not (_VIDEO.fullmatch(self.token) or _FILE.fullmatch(self.token))

    @property
    def name(self) -> str:
        """For people, where it is no picture."""
        return self.token.partition("://")[2][:60] or self.token


@dataclass(frozen=True)
class Slot:
    """One slot of the form. `most` is how many things fit in, None for any number."""

    name: str
    kind: str
    picks: tuple[Pick, ...] = ()
    most: int | None = 1
    is_needed: bool = False
    is_filled: bool = False

    @property
    def label(self) -> str:
        """For people."""
        return str(LABELS[self.name])

    @property
    def is_main(self) -> bool:
        """Whether it stands in the open; the others are under one heading."""
        return self.name in FRAMES_OF or self.is_needed or self.is_filled

    @property
    def is_list(self) -> bool:
        """Whether several things fit in."""
        return self.name in LISTS

    @property
    def types(self) -> str:
        """The content types that it takes, as a file field wants them."""
        return ",".join(name for limits in self._limits for name in limits.types)

    @property
    def most_bytes(self) -> int:
        """The largest file that it takes."""
        return min(MOST_BYTES, *(limits.upload_max_bytes for limits in self._limits))

    @property
    def most_megabytes(self) -> int:
        """The same for people."""
        return self.most_bytes // 1_000_000

    @property
    def what(self) -> str:
        """What fits in, in words."""
        words = [str(_WORDS[kind]) for kind in self.kind.split(" or ")]
        return " · ".join(words)

    @property
    def _limits(self) -> list[MediaLimits]:
        return [catalog.load().media[kind] for kind in self.kind.split(" or ")]


_WORDS = {
    "image": _("JPEG, PNG or WebP pictures"),
    "video": _("MP4, MOV, WebM or MKV videos"),
    "audio": _("MP3, WAV, M4A, AAC, FLAC or Ogg sounds"),
}


def slots(model: VideoModel, filled: Filled, tokens: Mapping[str, list[str]]) -> list[Slot]:
    """The slots to show: those that are filled, and those that fit beside them."""
    names = set(filled)
    rules = mode_rules(model, dict.fromkeys(names))
    needed = needs(rules)
    return [
        Slot(
            name,
            KINDS.get(name, "image"),
            tuple(Pick(token) for token in tokens.get(name, ())),
            _most(model, names | {name}, name),
            is_needed=name in needed,
            is_filled=name in names,
        )
        for name in LABELS
        if name in names or fits(model, names | {name})
    ]


def needs(rules: ModeRules) -> list[str]:
    """The slots that may not stay empty; a first frame can be made."""
    words = [catalog.our_word(word) for word in sorted(rules.required) if word in rules.media]
    return [word for word in words if word in LABELS and word != FRAME]


def fits(model: VideoModel, names: set[str]) -> bool:
    """Whether a request for the model may have all of these."""
    try:
        rules = mode_rules(model, dict.fromkeys(names))
    except InvalidRequest:
        return False
    shared = rules.word("reference_images") == "promptImage"
    is_mixed = shared and "reference_images" in names and names & {*FRAMES_OF}
    return not is_mixed and all(rules.takes(name) for name in names)


def that_fit(model: VideoModel, filled: Filled) -> dict[str, list[object]]:
    """What the model takes of what is given; the slots further up come first."""
    kept: dict[str, list[object]] = {}
    for name in LABELS:
        if filled.get(name) and fits(model, {*kept, name}):
            kept[name] = filled[name]
    return kept


def params(filled: Filled) -> dict[str, object]:
    """The same as the validator takes it."""
    return {name: list(items) if name in LISTS else items[0] for name, items in filled.items()}


def stand_in(name: str) -> object:
    """Something for a slot whose file nobody has sent yet."""
    address = f"https://chosen.invalid/{name}"
    return {"type": "image", "uri": address} if name == "character" else address


def resolve(token: str, videos: Any) -> object | None:
    """What a token names, as the validator takes it. `videos` are the person's.

    None when it is no token, or what it named is gone.
    """
    if _FILE.fullmatch(token):
        return {"file_id": token}
    found = _VIDEO.fullmatch(token)
    if found is None:
        return token if token.startswith(("https://", "runway://")) else None
    video_id, what = found[1], found[2]
    if what == "video":
        return {"video_id": video_id}
    if what in FRAMES:
        return {"type": "image", "video_id": video_id, "frame": what}
    file = stored(token, videos)
    if file is None:
        return None
    source = LibraryFile(file.path, file.content_type, file.seconds, file.width, file.height)
    return {"type": source.kind, "uri": source}


def stored(token: str, videos: Any) -> File | None:
    """The row of the still or the input that a token names, of one of these videos."""
    found = _VIDEO.fullmatch(token)
    if found is None:
        return None
    video_id, what, position = found.groups()
    kinds = {"first": File.FRAMES[0], "last": File.FRAMES[1], "video": File.THUMBNAIL}
    rows = File.objects.filter(video__in=videos.filter(pk=video_id))
    return rows.filter(kind=kinds.get(what, File.INPUT), position=int(position or 0)).first()


def tokens_of(video: Video) -> dict[str, str]:
    """What a video was asked for with, as the form names it: tokens by field."""
    found: dict[str, str] = {}
    for position, item in enumerate(video.request.get("media", [])):
        name, uri = item.get("field", FRAME) + FROM, item["uri"]
        token = f"{video.pk}:input-{position}" if uri.startswith(STORED) else uri
        found[name] = f"{found[name]} {token}" if name in found else token
    return found


def source_of(tokens: Mapping[str, list[str]]) -> str:
    """The id of the video that a request goes on from, "" if it does from none."""
    for name in (SOURCE, *FRAMES_OF, "performance", "character"):
        for token in tokens.get(name, ()):
            found = _VIDEO.fullmatch(token)
            if found and not found[3]:
                return found[1]
    return ""


def _most(model: VideoModel, names: set[str], name: str) -> int | None:
    if name not in LISTS:
        return 1
    rules = mode_rules(model, dict.fromkeys(names))
    media = rules.media[rules.word(name) or ""]
    return media.references or media.max if name == "reference_images" else media.max
