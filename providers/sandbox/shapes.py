"""Which pictures, videos and sounds a body names, in each of the shapes that Runway knows. Pure.

Called by `providers.sandbox.media`, which looks at what is named.

Source: Runway OpenAPI document 2024-11-06 and the SDK runwayml 5.24.0 (promptImage, references,
referenceVideos, referenceAudio, referenceImages, character, reference, keyframes).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from providers.rules import MediaRules
from providers.sandbox import refusals
from providers.sandbox.answers import FieldPath, Issue
from providers.sandbox.refusals import kind_of, wrong_type

TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,15}", re.ASCII)
KEYFRAME_SECONDS = 30.0
RANGE_KEYS = ("start_seconds", "end_seconds")
# The part that the one medium of a field plays; those in lists are references.
ROLES: Mapping[str, str] = {
    "promptImage": "first",
    "promptVideo": "source",
    "videoUri": "source",
    "character": "character",
    "reference": "performance",
}


@dataclass(frozen=True)
class Named:
    """One medium by its address. `kind` is image, video or audio.

    `role` is what it is for: first, middle, last, source, character, performance, reference.
    """

    path: FieldPath
    uri: str
    kind: str
    role: str = "reference"


Found = Iterator[Named | Issue]
Keys = tuple[frozenset[str], frozenset[str]]


def named(field: str, rules: MediaRules, value: Any, *, strict: bool) -> Found:
    """The media of one field and the complaints about how they are given.

    `strict` is whether Runway itself says that it refuses unknown keys.
    """
    if rules.shape in ("uri", "frames") and isinstance(value, str):
        yield Named((field,), value, rules.kind, ROLES[field])
    elif rules.shape == "uri":
        yield wrong_type((field,), "string", kind_of(value))
    elif rules.shape == "typed":
        yield from _item((field,), value, rules, _KEYS["typed"], ROLES[field])
    elif isinstance(value, list):
        yield from _list(field, rules, value, strict)
    elif rules.shape == "frames":
        yield refusals.no_alternative((field,))
    else:
        yield wrong_type((field,), "array", kind_of(value))


def _list(field: str, rules: MediaRules, value: list[Any], strict: bool) -> Found:
    yield from refusals.length((field,), len(value), max(rules.min, 1), _most(rules, value))
    required, optional = _KEYS[rules.shape]
    if rules.shape == "list" and not strict:
        optional = optional | {"position"}
    for index, item in enumerate(value):
        yield from _item((field, index), item, rules, (required, optional), "reference")
    yield from _TOGETHER.get(rules.shape, _nothing)((field,), rules, value)


def _most(rules: MediaRules, value: list[Any]) -> int | None:
    """How many entries a list may have; of frames, as many as there are positions."""
    if rules.shape != "frames":
        return rules.max
    is_placed = any(isinstance(item, dict) and "position" in item for item in value)
    return len(rules.positions) if is_placed or not rules.references else rules.references


def _item(path: FieldPath, item: Any, rules: MediaRules, keys: Keys, role: str) -> Found:
    """One object with an address."""
    if not isinstance(item, dict):
        yield wrong_type(path, "object", kind_of(item))
        return
    required, optional = keys
    yield from refusals.unknown_keys(path, item, required | optional)
    kinds = rules.kind.split(" or ")
    if "type" in required and item.get("type") not in kinds:
        yield refusals.not_one_of((*path, "type"), kinds)
        return
    yield from _EXTRAS.get(rules.shape, _no_extras)(path, rules, item)
    if not isinstance(item.get("uri"), str):
        yield wrong_type((*path, "uri"), "string", _received(item, "uri"))
        return
    kind = item["type"] if "type" in required else kinds[0]
    yield Named((*path, "uri"), item["uri"], kind, _position(rules, item) or role)


def _position(rules: MediaRules, item: Mapping[str, Any]) -> str:
    position = item.get("position")
    return str(position) if position in rules.positions else ""


def _placed(path: FieldPath, rules: MediaRules, item: Mapping[str, Any]) -> Iterator[Issue]:
    if "position" not in item and rules.references:
        return
    if item.get("position") not in rules.positions:
        yield refusals.not_one_of((*path, "position"), rules.positions)


def _listed(path: FieldPath, rules: MediaRules, item: Mapping[str, Any]) -> Iterator[Issue]:
    if "position" in item and item["position"] not in ("first", "last"):
        yield refusals.not_one_of((*path, "position"), ("first", "last"))


def _tagged(path: FieldPath, rules: MediaRules, item: Mapping[str, Any]) -> Iterator[Issue]:
    tag = item.get("tag", "tag")
    if not isinstance(tag, str):
        yield wrong_type((*path, "tag"), "string", kind_of(tag))
    elif not TAG.fullmatch(tag):
        message = "Invalid tag: 3 to 16 letters, digits and underscores, beginning with a letter"
        yield Issue("custom", (*path, "tag"), message)


def _timed(path: FieldPath, rules: MediaRules, item: Mapping[str, Any]) -> Iterator[Issue]:
    """A keyframe stands at either a second or a fraction, perhaps within a range."""
    if ("seconds" in item) == ("at" in item):
        yield refusals.no_alternative(path)
        return
    name, most = ("seconds", KEYFRAME_SECONDS) if "seconds" in item else ("at", 1.0)
    issues = list(refusals.number((*path, name), item[name], 0, most))
    yield from issues
    if "range" in item:
        moment = None if issues else item.get("seconds")
        yield from _range((*path, "range"), item["range"], moment)


def _range(path: FieldPath, value: Any, moment: float | None) -> Iterator[Issue]:
    if not isinstance(value, dict):
        yield wrong_type(path, "object", kind_of(value))
        return
    yield from refusals.unknown_keys(path, value, RANGE_KEYS)
    issues = [
        issue
        for key in RANGE_KEYS
        for issue in refusals.whole((*path, key), value.get(key), 0, int(KEYFRAME_SECONDS))
    ]
    yield from issues
    if issues:
        return
    start, end = (value[key] for key in RANGE_KEYS)
    if start >= end:
        yield Issue("custom", path, "end_seconds must be greater than start_seconds")
    elif moment is not None and not start <= moment < end:
        yield Issue("custom", path, "The keyframe must lie within its range")


def _frames_together(path: FieldPath, rules: MediaRules, value: list[Any]) -> Iterator[Issue]:
    objects = [item for item in value if isinstance(item, dict)]
    positions = [str(item["position"]) for item in objects if "position" in item]
    if rules.references and 0 < len(positions) < len(objects):
        yield Issue("custom", path, "Either all images must have a position, or none may")
    if len(set(positions)) < len(positions):
        yield Issue("custom", path, "Each position may be used only once")
    if set(positions) & set(rules.positions) and "first" not in positions:
        yield Issue("custom", path, 'An image with position "first" is required')


def _tags_together(path: FieldPath, rules: MediaRules, value: list[Any]) -> Iterator[Issue]:
    tags = [str(item["tag"]) for item in value if isinstance(item, dict) and "tag" in item]
    if len(set(tags)) < len(tags):
        yield Issue("custom", path, "No two images may share the same tag")


def _ranges_together(path: FieldPath, rules: MediaRules, value: list[Any]) -> Iterator[Issue]:
    with_range = [isinstance(item, dict) and "range" in item for item in value]
    if any(with_range) and not all(with_range):
        yield Issue("custom", path, "All keyframes must either set a range or none may")


def _nothing(path: FieldPath, rules: MediaRules, value: list[Any]) -> Iterator[Issue]:
    return iter(())


def _no_extras(path: FieldPath, rules: MediaRules, item: Mapping[str, Any]) -> Iterator[Issue]:
    return iter(())


def _received(item: Mapping[str, Any], key: str) -> str:
    return kind_of(item[key]) if key in item else "undefined"


_KEYS: Mapping[str, Keys] = {
    "frames": (frozenset({"uri"}), frozenset({"position"})),
    "list": (frozenset({"uri"}), frozenset()),
    "typed": (frozenset({"uri", "type"}), frozenset()),
    "typed_list": (frozenset({"uri", "type"}), frozenset()),
    "tagged": (frozenset({"uri"}), frozenset({"tag"})),
    "keyframes": (frozenset({"uri"}), frozenset({"seconds", "at", "range"})),
}
_EXTRAS: Mapping[str, Callable[[FieldPath, MediaRules, Mapping[str, Any]], Iterator[Issue]]] = {
    "frames": _placed,
    "list": _listed,
    "tagged": _tagged,
    "keyframes": _timed,
}
_TOGETHER: Mapping[str, Callable[[FieldPath, MediaRules, list[Any]], Iterator[Issue]]] = {
    "frames": _frames_together,
    "tagged": _tags_together,
    "keyframes": _ranges_together,
}
