"""The pictures, videos and sounds of a request: which are given, and whether they are acceptable.

Called by `fitting.py` alone. Addresses are looked at, never fetched (`addresses.py`); bytes are
judged by `pictures.py`, or by a process of its own where they must be decoded.

Source: Runway API reference, "Inputs"; OpenAI Videos API reference (`input_reference`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from providers import catalog
from providers.catalog import ModeRules
from providers.rules import POSITIONS, MediaLimits, MediaRules
from providers.tasks import MediaInput

from . import addresses, keyframes, pictures, probing, values
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
IDS = ("video_id", "file_id")
PLAIN = ("type", "position", "frame", *IDS)
UPLOAD, STORED = "upload:", "file:"


@dataclass(frozen=True)
class LibraryFile:
    """A file of the caller's; `path` is relative to the storage, `seconds` its length.

    `width` and `height` are pixels; all three are None where they are not known.
    """

    path: str
    content_type: str
    seconds: float | None = None
    width: int | None = None
    height: int | None = None

    @property
    def kind(self) -> str:
        """image, video or audio."""
        return self.content_type.partition("/")[0]


# One of the caller's files, None if missing: (video id, "video", "first" or "last") of a video, or
# (file id, "file") of what was uploaded.
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
            keyframes.check_ranges(items)
        for item in items:
            yield self._one(name, item, media)

    def _one(self, name: str, value: object, media: MediaRules) -> MediaInput:
        source, kind = value, media.kind
        extra: dict[str, Any] = {}
        if isinstance(value, dict):
            source, extra, kind = self._unpacked(name, value, media)
        if name == "keyframes" and not extra:
            message = "Each keyframe is an object with 'uri' and its 'seconds' or 'at'."
            raise InvalidRequest(message, name)
        if isinstance(source, LibraryFile):
            return self._stored(name, source, media, kind, extra)
        if isinstance(source, Upload):
            return self._upload(name, source, media, kind, extra)
        source = _text(source, name)
        if addresses.is_data(source):
            data = Upload(addresses.decoded(source, name))
            return self._upload(name, data, media, kind, extra)
        if " or " in kind:
            message = f'Say what \'{name}\' is: {{"type": "image" or "video", "uri": …}}.'
            raise InvalidRequest(message, name)
        url = addresses.address(values.text(source, name), name, _limits(kind))
        return MediaInput(name, url, kind, extra)

    def _stored(
        self, name: str, file: LibraryFile, media: MediaRules, kind: str, extra: dict[str, Any]
    ) -> MediaInput:
        if kind == "image":
            if file.width and file.height:
                pictures.check_shape(file.width, file.height, name, _limits(kind), media)
            return MediaInput(name, STORED + file.path, kind, extra)
        _check_seconds(file.seconds, name, media)
        return MediaInput(name, STORED + file.path, kind, extra, file.seconds)

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
        extras = EXTRAS.get(name, ())
        known = {*ADDRESSES, *extras, *PLAIN}
        unknown = next((key for key in value if key not in known), None)
        named = [key for key in (*ADDRESSES, *IDS) if value.get(key) is not None]
        if unknown is not None or len(named) != 1:
            allowed = values.listed(["uri", "image_url", *IDS, *extras])
            message = f"'{name}' must be a file, an address, or an object with one of {allowed}."
            raise InvalidRequest(message, name, "invalid_type")
        _check_position(value.get("position"), name)
        kind = _named_kind(value.get("type"), name, media)
        extra = {key: value[key] for key in extras if value.get(key) is not None}
        if name == "keyframes":
            extra = keyframes.timing(extra)
        if named[0] == "video_id":
            kind = _kept_kind(kind, value.get("frame"))
            return self._from_library(name, value, kind), extra, kind
        inner = value[named[0]]
        if named[0] == "file_id":
            file = self._from_files(name, value, kind)
            return file, extra, file.kind
        return (inner.get("url") if isinstance(inner, dict) else inner), extra, kind

    def _from_library(self, name: str, value: dict[str, Any], kind: str) -> LibraryFile:
        video_id = values.text(value["video_id"], name)
        frame = value.get("frame")
        if kind == "video" and frame is None:
            what = "video"
        elif kind == "image" and frame in (None, *FRAMES):
            what = frame or "last"
        else:
            raise values.wrong_value(frame, name, "'first' or 'last' as frame, of pictures only")
        found = self.library(video_id, what)
        if found is None:
            message = f"'{name}': there is no completed video {values.shown(video_id)} of yours."
            raise InvalidRequest(message, name)
        return found

    def _from_files(self, name: str, value: dict[str, Any], kind: str) -> LibraryFile:
        """An uploaded file, of the right kind. Raises: InvalidRequest."""
        file_id = values.text(value["file_id"], name)
        if value.get("frame") is not None:
            raise InvalidRequest(f"'{name}': a 'frame' is one of a 'video_id'.", name)
        found = self.library(file_id, "file")
        if found is None:
            raise InvalidRequest(
                f"'{name}': there is no file {values.shown(file_id)} of yours.", name
            )
        if found.kind not in kind.split(" or "):
            message = f"'{name}' takes {kind} files; {file_id} is {found.content_type}."
            raise InvalidRequest(message, name)
        return found

    def _check_total(self, word: str, media: MediaRules, found: Sequence[MediaInput]) -> None:
        """The lengths of several videos or sounds together, as far as they are known."""
        if media.total_seconds is None:
            return
        total = sum(item.seconds or 0 for item in found if self.rules.word(item.field) == word)
        if total > media.total_seconds + 0.05:
            name = catalog.our_word(word)
            message = (
                f"'{name}' lasts {total:.1f} s in all; {self.whose} takes "
                f"{media.total_seconds:g} s at most."
            )
            raise InvalidRequest(message, name)


def _text(source: object, name: str) -> str:
    """An address, or what should be one. Raises: InvalidRequest, also for bytes in a text field."""
    if not isinstance(source, str):
        raise values.wrong_type(source, name, "a file, an https URL or a data URI")
    if "\ufffd" in source[:64] or "\0" in source[:64]:
        message = f"'{name}' came as text. Send it as a file: its part needs a filename."
        raise InvalidRequest(message, name, "invalid_type")
    return source


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
    if word is None:
        return media.kind
    if word not in media.kind.split(" or "):
        raise values.wrong_value(word, name, f"'{media.kind}' as type")
    return str(word)


def _kept_kind(kind: str, frame: object) -> str:
    """What a library video stands for where both it and a frame of it would do."""
    return kind if " or " not in kind else "video" if frame is None else "image"


def _check_position(word: object, name: str) -> None:
    """The field itself says where a picture stands; a position may only repeat it."""
    if word is not None and word != POSITIONS.get(name):
        names = values.listed(f"'{field}'" for field in POSITIONS)
        raise values.wrong_value(word, name, f"no position there: give it as {names}")


def _judge(
    upload: Upload, name: str, media: MediaRules, kind: str
) -> tuple[str, str, float | None]:
    """(kind, content type, seconds) of bytes. Raises: InvalidRequest."""
    if "image" in kind and (kind == "image" or pictures.looks_like_one(upload.data)):
        content_type = pictures.judge(upload.data, name, _limits("image"), media)
        if content_type != "image/png":  # the others carry no checksums
            _probed(upload, name, "picture")
        return "image", content_type, None
    wanted = kind.rpartition(" ")[2]
    limits = _limits(wanted)
    if len(upload.data) > limits.upload_max_bytes:
        most = limits.upload_max_bytes // 1_000_000
        raise InvalidRequest(f"The {wanted} is larger than {most} MB.", name)
    found = _probed(upload, name, wanted)
    _check_seconds(found.seconds, name, media)
    return wanted, found.content_type, found.seconds


def _probed(upload: Upload, name: str, wanted: str) -> probing.Found:
    """What another process found the bytes to be. Raises: InvalidRequest."""
    limits = _limits("image" if wanted == "picture" else wanted)
    expected = values.listed(limits.types)
    refusal = f"The {wanted} cannot be read: expected an intact file of {expected}."
    try:
        found = probing.look_into_bytes(upload.data)
    except probing.Unreadable as exc:
        raise InvalidRequest(refusal, name) from exc
    if found.kind != wanted or found.content_type not in limits.types:
        raise InvalidRequest(refusal, name)
    return found


def _check_seconds(seconds: float | None, name: str, media: MediaRules) -> None:
    if media.seconds is None or seconds is None:
        return
    least, most = media.seconds
    if not least - 0.05 <= seconds <= most + 0.05:
        message = f"'{name}' lasts {seconds:.1f} s; {least:g} to {most:g} s are accepted."
        raise InvalidRequest(message, name)


def _limits(kind: str) -> MediaLimits:
    return catalog.load().media[kind.partition(" ")[0]]
