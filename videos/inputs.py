"""The pictures, videos and sounds of a request: which are given, and whether they are acceptable.

Called by `requests.py` alone. Addresses are looked at, never fetched; bytes are judged by
`pictures.py`, or by a process of its own where they must be decoded.

Source: Runway API reference, "Inputs"; OpenAI Videos API reference (`input_reference`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from providers import catalog
from providers.catalog import ModeRules
from providers.rules import MediaLimits, MediaRules
from providers.tasks import MediaInput

from . import pictures, probing, values
from .values import InvalidRequest, Upload

KINDS: Mapping[str, str] = {
    "input_reference": "image",
    "middle_frame": "image",
    "last_frame": "image",
    "reference_images": "image",
    "keyframes": "image",
    "video_uri": "video",
    "reference_videos": "video",
    "performance": "video",
    "character": "image or video",
    "reference_audio": "audio",
}
LISTS = ("reference_images", "reference_videos", "reference_audio", "keyframes")
FRAMES = ("first", "last")
ADDRESSES = ("uri", "url", "image_url", "video_url", "audio_url")
EXTRAS = {"keyframes": ("seconds", "at", "range"), "reference_images": ("tag",)}
IGNORED = ("type", "tag", "position")
UPLOAD, STORED = "upload:", "file:"


@dataclass(frozen=True)
class LibraryFile:
    """A file of an earlier video; `path` is relative to the storage, `seconds` its length."""

    path: str
    content_type: str
    seconds: float | None = None


# The file of one of the caller's videos: (video id, "video", "first" or "last"), None if missing.
Library = Callable[[str, str], LibraryFile | None]


@dataclass
class Reader:
    """Reads the media of one request; `uploads` collects the bytes that are to be kept."""

    rules: ModeRules
    whose: str
    library: Library
    uploads: list[Upload] = field(default_factory=list)

    def read(self, given: Mapping[str, object]) -> tuple[MediaInput, ...]:
        """Every picture, video and sound, in the order of KINDS. Raises: InvalidRequest."""
        found = [item for name in KINDS if name in given for item in self._field(name, given[name])]
        for word, media in self.rules.media.items():
            self._check_total(word, media, found)
        return tuple(found)

    def _field(self, name: str, value: object) -> Iterator[MediaInput]:
        word = self.rules.word(name)
        assert word is not None  # refused before
        media = self.rules.media[word]
        items = _listed(value, name)
        most = media.references or media.max if name == "reference_images" else media.max
        _check_count(items, name, media.min, most, self.whose)
        if name == "keyframes":
            _check_ranges(items)
        for item in items:
            yield self._one(name, item, media)

    def _one(self, name: str, value: object, media: MediaRules) -> MediaInput:
        source, extra, kind = value, {}, media.kind
        if isinstance(value, dict):
            source, extra, kind = self._unpacked(name, value, media)
        if name == "keyframes" and not extra:
            message = "Each keyframe is an object with 'uri' and its 'seconds' or 'at'."
            raise InvalidRequest(message, name)
        if isinstance(source, LibraryFile):
            return MediaInput(name, STORED + source.path, kind, extra, source.seconds)
        if isinstance(source, Upload):
            return self._upload(name, source, media, kind, extra)
        if not isinstance(source, str):
            raise values.wrong_type(source, name, "a file, an https URL or a data URI")
        limits = _limits(kind)
        if source[:5].lower() == "data:":
            data = Upload(_decoded(source, name, limits))
            return self._upload(name, data, media, kind, extra)
        if " or " in kind:
            message = f'Say what \'{name}\' is: {{"type": "image" or "video", "uri": …}}.'
            raise InvalidRequest(message, name)
        return MediaInput(name, _address(values.text(source, name), name, limits), kind, extra)

    def _upload(
        self, name: str, upload: Upload, media: MediaRules, kind: str, extra: dict[str, Any]
    ) -> MediaInput:
        """The bytes judged and collected. Raises: InvalidRequest."""
        kind, content_type, seconds = _judge(upload, name, media, kind)
        self.uploads.append(replace(upload, content_type=content_type))
        return MediaInput(name, f"{UPLOAD}{len(self.uploads) - 1}", kind, extra, seconds)

    def _unpacked(
        self, name: str, value: dict[str, Any], media: MediaRules
    ) -> tuple[object, dict[str, Any], str]:
        """What an object names: the source, what goes beside it, and its kind."""
        if "0" in value or value.get("type") == "Buffer":
            message = f"'{name}' is a list of bytes. Send it as a file, with a filename."
            raise InvalidRequest(message, name, "invalid_type")
        if value.get("file_id") is not None:
            message = "File ids are not supported; send the file, an https URL or a data URI."
            raise InvalidRequest(message, name)
        extras = EXTRAS.get(name, ())
        known = {*ADDRESSES, *extras, *IGNORED, "video_id", "frame", "file_id"}
        unknown = next((key for key in value if key not in known), None)
        sources = [value[key] for key in ADDRESSES if value.get(key) is not None]
        if unknown is not None or len(sources) + (value.get("video_id") is not None) != 1:
            allowed = values.listed(["uri", "image_url", "video_id", *extras])
            message = f"'{name}' must be a file, an address, or an object with one of {allowed}."
            raise InvalidRequest(message, name, "invalid_type")
        kind = _named_kind(value.get("type"), name, media)
        extra = {key: value[key] for key in extras if value.get(key) is not None}
        if name == "keyframes":
            extra = _timing(extra)
        if sources:
            inner = sources[0]
            return (inner.get("url") if isinstance(inner, dict) else inner), extra, kind
        return self._from_library(name, value, kind), extra, kind.partition(" ")[0]

    def _from_library(self, name: str, value: dict[str, Any], kind: str) -> LibraryFile:
        video_id = values.text(value["video_id"], name)
        frame = value.get("frame")
        if kind == "video" and frame is None:
            what = "video"
        elif kind == "image" and frame in (None, *FRAMES):
            what = frame or "last"
        else:
            raise values.wrong_value(frame, name, "'first' or 'last' as frame")
        found = self.library(video_id, what)
        if found is None:
            message = f"'{name}': there is no completed video {values.shown(video_id)} of yours."
            raise InvalidRequest(message, name)
        return found

    def _check_total(self, word: str, media: MediaRules, found: Sequence[MediaInput]) -> None:
        """The lengths of several videos or sounds together, as far as they are known."""
        if media.total_seconds is None:
            return
        same = [item for item in found if item.kind == media.kind and item.seconds is not None]
        total = sum(item.seconds or 0 for item in same)
        if total > media.total_seconds + 0.05:
            name = catalog.our_word(word)
            message = (
                f"'{name}' lasts {total:.1f} s in all; {self.whose} takes "
                f"{media.total_seconds:g} s at most."
            )
            raise InvalidRequest(message, name)


def _listed(value: object, name: str) -> list[object]:
    if name not in LISTS:
        return [value]
    if isinstance(value, (str, Upload, dict)):
        return [value]
    if not isinstance(value, list):
        raise values.wrong_type(value, name, "a list")
    return value


def _check_count(items: list[object], name: str, least: int, most: int | None, whose: str) -> None:
    if len(items) < least or (most is not None and len(items) > most):
        bounds = f"{least} to {most}" if least else f"at most {most}"
        message = f"'{name}' has {len(items)} entries; {whose} takes {bounds}."
        raise InvalidRequest(message, name)


def _named_kind(word: object, name: str, media: MediaRules) -> str:
    if word is None or name not in KINDS:
        return media.kind
    if word not in media.kind.split(" or "):
        raise values.wrong_value(word, name, f"'{media.kind}' as type")
    return str(word)


def _timing(extra: dict[str, Any]) -> dict[str, Any]:
    """Where a keyframe stands: seconds 0 to 30, or a fraction 0 to 1; perhaps a range around it."""
    if ("seconds" in extra) == ("at" in extra):
        raise InvalidRequest("Each keyframe has either 'seconds' or 'at'.", "keyframes")
    name, most = ("seconds", 30.0) if "seconds" in extra else ("at", 1.0)
    checked: dict[str, Any] = {name: values.number(extra[name], "keyframes", 0.0, most)}
    if "range" in extra:
        window = extra["range"]
        names = ("start_seconds", "end_seconds")
        if not isinstance(window, dict) or set(window) != set(names):
            raise values.wrong_value(window, "keyframes", "start_seconds and end_seconds as range")
        start, end = (values.whole(window[n], "keyframes", "whole seconds") for n in names)
        if not start < end <= 30:
            raise values.wrong_value(end, "keyframes", "a range that ends after it starts, by 30")
        checked["range"] = {"start_seconds": start, "end_seconds": end}
    return checked


def _check_ranges(items: list[object]) -> None:
    with_range = [isinstance(item, dict) and item.get("range") is not None for item in items]
    if any(with_range) and not all(with_range):
        raise InvalidRequest("Either every keyframe has a 'range', or none has.", "keyframes")


def _judge(
    upload: Upload, name: str, media: MediaRules, kind: str
) -> tuple[str, str, float | None]:
    """(kind, content type, seconds) of bytes. Raises: InvalidRequest."""
    if "image" in kind and (kind == "image" or pictures.looks_like_one(upload.data)):
        limits = _limits("image")
        content_type = pictures.judge(upload.data, name, limits, media)
        return "image", content_type, None
    wanted = kind.rpartition(" ")[2]
    limits = _limits(wanted)
    if len(upload.data) > limits.upload_max_bytes:
        most = limits.upload_max_bytes // 1_000_000
        raise InvalidRequest(f"The {wanted} is larger than {most} MB.", name)
    found = probing.look_into_bytes(upload.data)
    if found.kind != wanted or found.content_type not in limits.types:
        expected = values.listed(limits.types)
        message = f"'{name}' cannot be read as {wanted}: expected an intact file of {expected}."
        raise InvalidRequest(message, name)
    _check_seconds(found.seconds, name, media)
    return wanted, found.content_type, found.seconds


def _check_seconds(seconds: float | None, name: str, media: MediaRules) -> None:
    if media.seconds is None or seconds is None:
        return
    least, most = media.seconds
    if not least - 0.05 <= seconds <= most + 0.05:
        message = f"'{name}' lasts {seconds:.1f} s; {least:g} to {most:g} s are accepted."
        raise InvalidRequest(message, name)


def _limits(kind: str) -> MediaLimits:
    return catalog.load().media[kind.partition(" ")[0]]


def _decoded(uri: str, name: str, limits: MediaLimits) -> bytes:
    head, comma, payload = uri.partition(",")
    if not comma or not head.lower().endswith(";base64"):
        raise InvalidRequest("The data URI must be base64: data:image/png;base64,…", name)
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise InvalidRequest("The data URI is not valid base64.", name) from exc


def _address(url: str, name: str, limits: MediaLimits) -> str:
    if url.startswith("runway://"):
        if not 13 <= len(url) <= 5000 or not url.isprintable() or " " in url:
            raise InvalidRequest("A runway:// address has 13 to 5000 characters.", name)
        return url
    if url[:8].lower() != "https://":
        hint = " (http:// is not accepted)" if url[:7].lower() == "http://" else ""
        message = f"'{name}' must be a file, an https URL or a data URI{hint}."
        raise InvalidRequest(message, name)
    if len(url) > limits.uri_max_chars:
        raise InvalidRequest(f"The URL is longer than {limits.uri_max_chars} characters.", name)
    if not _has_hostname(url):
        message = "The URL must name a public host (no IP address, no user name, no spaces)."
        raise InvalidRequest(message, name)
    return url


def _has_hostname(url: str) -> bool:
    """Whether the URL is printable and its host is a name with a dot, without user or password."""
    if "\\" in url or any(char.isspace() or not char.isprintable() for char in url):
        return False
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        return False
    labels = host.split(".")
    is_name = len(labels) > 1 and all(labels) and not labels[-1].isdigit() and ":" not in host
    return is_name and "@" not in parts.netloc
