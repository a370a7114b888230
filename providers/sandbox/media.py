"""The media of a request with their bytes and measures, and the complaints about them.

Called by `providers.sandbox.tasks`. It fetches nothing: what stands at an https address is only
named, cannot be measured, and is drawn as a placeholder later.

Source: Runway OpenAPI document 2024-11-06, docs.dev.runwayml.com/assets/inputs.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from providers import catalog
from providers.rules import MediaLimits, MediaRules
from providers.sandbox import look, shapes
from providers.sandbox.answers import Issue
from providers.sandbox.look import UNKNOWN, BadAsset, Measures
from providers.sandbox.shapes import Named

LENIENCE_SECONDS = 0.05  # the last frame of a video of 10 s may end a little later
UPLOAD_URI_MAX = 5000

ReadUpload = Callable[[str], bytes | None]


@dataclass(frozen=True)
class Medium:
    """A picture, video or sound of a request. `data` is empty where only its `host` is known."""

    named: Named
    measures: Measures = UNKNOWN
    data: bytes = b""
    host: str = ""


def collect(
    endpoint: str, body: Mapping[str, Any], read_upload: ReadUpload
) -> tuple[list[Medium], list[Issue]]:
    """The media of a body and the complaints about them.

    `read_upload` gives the bytes behind a runway:// address, None if there are none.
    """
    media: list[Medium] = []
    issues: list[Issue] = []
    mode = catalog.rules(endpoint, str(body.get("model")))
    for field, rules in mode.media.items() if mode else ():
        if mode is not None and field in body:
            named = shapes.named(field, rules, body[field], strict=mode.strict)
            inside = list(_loaded(named, rules, read_upload))
            media += [found for found in inside if isinstance(found, Medium)]
            issues += [found for found in inside if isinstance(found, Issue)]
            issues += _together(field, rules, inside)
    return media, issues


def _loaded(
    named: Iterator[Named | Issue], rules: MediaRules, read_upload: ReadUpload
) -> Iterator[Medium | Issue]:
    for found in named:
        try:
            yield found if isinstance(found, Issue) else _load(found, rules, read_upload)
        except BadAsset as bad:
            yield Issue("custom", found.path, str(bad))


def _together(field: str, rules: MediaRules, inside: list[Medium | Issue]) -> Iterator[Issue]:
    """All videos, or all sounds, of one field may last only so long."""
    media = [medium for medium in inside if isinstance(medium, Medium)]
    total = sum(medium.measures.seconds or 0.0 for medium in media)
    if rules.total_seconds is not None and total > rules.total_seconds + LENIENCE_SECONDS:
        message = (
            f"Invalid total duration. Must be at most {rules.total_seconds:g} seconds. "
            f"Got {total:.2f}."
        )
        yield Issue("custom", (field,), message)


def _load(named: Named, rules: MediaRules, read_upload: ReadUpload) -> Medium:
    """The medium with its bytes, or with its host. Raises BadAsset."""
    limits = catalog.load().media[named.kind]
    uri = named.uri
    if uri.startswith("https://"):
        return Medium(named, host=_host(uri, limits))
    if uri.startswith("data:"):
        data = _from_data_uri(uri, limits)
    elif uri.startswith("runway://") and len(uri) <= UPLOAD_URI_MAX:
        data = read_upload(uri) or b""
        if not data:
            raise BadAsset("Failed to fetch asset. The upload does not exist or has expired.")
    else:
        raise BadAsset("Invalid URI. Expected https://, runway:// or a data URI.")
    measures = look.measure(data, named.kind, limits.max_side)
    _check_picture(measures, rules)
    _check_length(measures, rules)
    return Medium(named, measures, data)


def _host(uri: str, limits: MediaLimits) -> str:
    if not 13 <= len(uri) <= limits.uri_max_chars:
        raise BadAsset(f"Invalid URL. Expected 13 to {limits.uri_max_chars} characters.")
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


def _from_data_uri(uri: str, limits: MediaLimits) -> bytes:
    if len(uri) > limits.data_uri_max_chars:
        most = limits.data_uri_max_chars
        raise BadAsset(f"Invalid data URI. Expected at most {most} characters.")
    head, comma, tail = uri[len("data:") :].partition(",")
    if not comma or head.split(";")[0].lower() not in limits.types:
        raise BadAsset(f"Invalid data URI. Expected one of {', '.join(limits.types)}.")
    try:
        if head.lower().endswith(";base64"):
            return base64.b64decode(tail, validate=True)
        return unquote_to_bytes(tail)
    except (ValueError, binascii.Error) as exc:
        raise BadAsset("Invalid data URI. The content is not valid base64.") from exc


def _check_picture(measures: Measures, rules: MediaRules) -> None:
    """Shape and least side, where the model bounds them. Raises BadAsset."""
    if measures.width is None or measures.height is None:
        return
    shorter = min(measures.width, measures.height)
    if rules.min_side is not None and shorter < rules.min_side:
        least = rules.min_side
        raise BadAsset(f"Invalid asset dimensions. Expected at least {least} pixels a side.")
    if rules.aspect is not None:
        aspect, (low, high) = measures.width / measures.height, rules.aspect
        _check_range("asset aspect ratio. width / height ratio", aspect, low, high)


def _check_length(measures: Measures, rules: MediaRules) -> None:
    """How long a video or a sound may be. Raises BadAsset."""
    if measures.seconds is not None and rules.seconds is not None:
        low, high = rules.seconds
        _check_range("asset duration. Seconds", measures.seconds, low, high, LENIENCE_SECONDS)


def _check_range(what: str, value: float, low: float, high: float, lenience: float = 0.0) -> None:
    if low - lenience <= value <= high + lenience:
        return
    bound = f"at least {low:g}" if value < low else f"at most {high:g}"
    raise BadAsset(f"Invalid {what} must be {bound}. Got {value:.3f}.")
