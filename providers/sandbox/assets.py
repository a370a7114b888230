"""The pictures of a request: which are named, whether they are acceptable, and their bytes.

Only `providers.sandbox` calls this. It fetches nothing: a picture by https:// is only named, and
is drawn as a placeholder later.

Source: Runway OpenAPI document 2024-11-06 (promptImage), docs.dev.runwayml.com/assets/inputs.
"""

from __future__ import annotations

import base64
import binascii
import io
import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from PIL import Image

from providers import catalog
from providers.catalog import ImageRules, ModeRules
from providers.sandbox.answers import FieldPath, Issue

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_SIDE = 8000
REFERENCES = ImageRules(
    positions=(),
    min=0,
    max=3,
    types=("image/jpeg", "image/png", "image/webp"),
    data_uri_max_chars=5_242_880,
    uri_max=2048,
)

ReadUpload = Callable[[str], bytes | None]


@dataclass(frozen=True)
class Picture:
    """A picture of a request. `data` is empty where only the `host` of its address is known."""

    path: FieldPath
    uri: str
    position: str = "first"
    data: bytes = b""
    host: str = ""


class BadAsset(Exception):
    """A picture that Runway would refuse; the message is for the issue."""


def collect(
    endpoint: str, body: Mapping[str, Any], read_upload: ReadUpload
) -> tuple[list[Picture], list[Issue]]:
    """The pictures of a body with their bytes, and the complaints about them.

    `read_upload` gives the bytes behind a runway:// address, None if there are none.
    """
    pictures: list[Picture] = []
    issues: list[Issue] = []
    rules = catalog.rules(endpoint, str(body.get("model")))
    for field, bounds in _bounds(rules) if rules else ():
        if field not in body:
            continue
        named, complaints = _named(field, body[field], bounds)
        issues += complaints
        for picture in named:
            try:
                pictures.append(_load(picture, bounds, read_upload))
            except BadAsset as bad:
                issues.append(Issue("custom", picture.path, str(bad)))
    return pictures, issues


def _bounds(rules: ModeRules) -> Iterator[tuple[str, ImageRules]]:
    """The fields of an endpoint that hold pictures, with what they take."""
    if rules.images is not None:
        yield "promptImage", rules.images
    if "referenceImages" in rules.fields:
        yield "referenceImages", REFERENCES


def _named(field: str, value: Any, rules: ImageRules) -> tuple[list[Picture], list[Issue]]:
    """The pictures that a field names: one address, or objects with address and position."""
    if isinstance(value, str) and rules.positions:
        return [Picture((field,), value)], []
    if not isinstance(value, list):
        return [], [Issue("invalid_union", (field,), "Invalid input")]
    issues = list(_bad_list(field, value, rules))
    if issues:
        return [], issues
    return [
        Picture((field, index, "uri"), item["uri"], item.get("position", ""))
        for index, item in enumerate(value)
    ], []


def _bad_list(field: str, value: Sequence[Any], rules: ImageRules) -> Iterator[Issue]:
    if len(value) < rules.min:
        message = f"Too small: expected array to have >={rules.min} items"
        yield Issue("too_small", (field,), message, {"origin": "array", "minimum": rules.min})
    if len(value) > rules.max:
        message = f"Too big: expected array to have <={rules.max} items"
        yield Issue("too_big", (field,), message, {"origin": "array", "maximum": rules.max})
    for index, item in enumerate(value):
        yield from _bad_item((field, index), item, rules)
    positions = [str(item.get("position")) for item in value if isinstance(item, dict)]
    if rules.positions and len(set(positions)) < len(positions):
        yield Issue("custom", (field,), "Each position may be used only once")
    if positions == ["last"]:
        yield Issue("custom", (field,), 'An image with position "first" is required')


def _bad_item(path: FieldPath, item: Any, rules: ImageRules) -> Iterator[Issue]:
    if not isinstance(item, dict):
        yield Issue("invalid_type", path, "Invalid input: expected object", {"expected": "object"})
        return
    if not isinstance(item.get("uri"), str):
        message = "Invalid input: expected string"
        yield Issue("invalid_type", (*path, "uri"), message, {"expected": "string"})
    if rules.positions and item.get("position") not in rules.positions:
        listed = "|".join(f'"{position}"' for position in rules.positions)
        message = f"Invalid option: expected one of {listed}"
        values = {"values": list(rules.positions)}
        yield Issue("invalid_value", (*path, "position"), message, values)


def _load(picture: Picture, rules: ImageRules, read_upload: ReadUpload) -> Picture:
    """The picture with its bytes, or with its host. Raises BadAsset."""
    uri = picture.uri
    if uri.startswith("https://"):
        return replace(picture, host=_host(uri, rules))
    if uri.startswith("data:"):
        data = _from_data_uri(uri, rules)
    elif uri.startswith("runway://"):
        data = read_upload(uri) or b""
        if not data:
            raise BadAsset("Failed to fetch asset. The upload does not exist or has expired.")
    else:
        raise BadAsset("Invalid URI. Expected https://, runway:// or a data URI.")
    _inspect(data, rules)
    return replace(picture, data=data)


def _host(uri: str, rules: ImageRules) -> str:
    if not 13 <= len(uri) <= rules.uri_max:
        raise BadAsset(f"Invalid URL. Expected 13 to {rules.uri_max} characters.")
    try:
        host = urlsplit(uri).hostname or ""
    except ValueError as exc:
        raise BadAsset("Invalid URL.") from exc
    if "." not in host or not host.isascii() or _is_address(host):
        raise BadAsset("Invalid URL. Expected the name of a public host.")
    return host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _from_data_uri(uri: str, rules: ImageRules) -> bytes:
    if len(uri) > rules.data_uri_max_chars:
        raise BadAsset(f"Invalid data URI. Expected at most {rules.data_uri_max_chars} characters.")
    head, comma, tail = uri[len("data:") :].partition(",")
    if not comma or head.split(";")[0].lower() not in rules.types:
        raise BadAsset(f"Invalid data URI. Expected one of {', '.join(rules.types)}.")
    try:
        if head.lower().endswith(";base64"):
            return base64.b64decode(tail, validate=True)
        return unquote_to_bytes(tail)
    except (ValueError, binascii.Error) as exc:
        raise BadAsset("Invalid data URI. The content is not valid base64.") from exc


def _inspect(data: bytes, rules: ImageRules) -> None:
    """Decode the picture and measure it. Raises BadAsset."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if max(width, height) <= MAX_SIDE:
                image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as exc:
        raise BadAsset("Failed to decode asset. It is not a valid JPEG, PNG or WebP.") from exc
    if max(width, height) > MAX_SIDE:
        raise BadAsset(f"Invalid asset dimensions. Expected at most {MAX_SIDE} pixels a side.")
    if rules.aspect is None:
        return
    aspect, (low, high) = width / height, rules.aspect
    if aspect < low or aspect > high:
        bound = f"at least {low:g}" if aspect < low else f"at most {high:g}"
        raise BadAsset(
            f"Invalid asset aspect ratio. width / height ratio must be {bound}. Got {aspect:.3f}."
        )
