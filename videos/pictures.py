"""Pictures in a request: an upload, a URL or a data URI, judged by their bytes.

Called by `requests.py` alone. Pictures given as URLs are looked at, never fetched.

Source: Runway API reference, "Inputs"; OpenAI Videos API reference (`input_reference`).
"""

from __future__ import annotations

import base64
import binascii
import io
import struct
import zlib
from urllib.parse import urlsplit

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from providers.catalog import ImageRules

from .values import InvalidRequest, Upload, listed, text, wrong_type

MAX_PIXELS = 40_000_000

_MIME = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
# Whatever Pillow's decoders are known to raise on bytes made to hurt them.
_BROKEN_PICTURE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
    Image.DecompressionBombError,
    struct.error,
    zlib.error,
)


def picture(value: object, param: str, rules: ImageRules) -> str:
    """The URI of a picture: an https URL as it is, anything with bytes as a canonical data URI.

    `value` is an Upload, an https URL, a data URI, or {"image_url": one of the two}. URLs are only
    looked at, never fetched.
    """
    if isinstance(value, dict):
        value = _image_url(value, param)
    if isinstance(value, Upload):
        return _data_uri(value.data, param, rules)
    if not isinstance(value, str):
        raise wrong_type(value, param, "a file, an https URL or a data URI")
    if value[:5].lower() == "data:":
        return _data_uri(_decoded(value, param, rules), param, rules)
    return _https_url(text(value, param), param, rules.uri_max)


def _image_url(value: dict[str, object], param: str) -> object:
    if value.get("file_id") is not None:
        message = "File ids are not supported; send the file, an https URL or a data URI."
        raise InvalidRequest(message, param)
    if "0" in value or value.get("type") == "Buffer":
        message = f"'{param}' is a list of bytes. Send it as a file, with a filename."
        raise InvalidRequest(message, param, "invalid_type")
    url = value.get("image_url")
    if not isinstance(url, str) or value.keys() - {"image_url", "file_id"}:
        message = f"'{param}' must be a file or an object with 'image_url' alone, a string."
        raise InvalidRequest(message, param, "invalid_type")
    return url


def _https_url(url: str, param: str, limit: int) -> str:
    if url[:8].lower() != "https://":
        hint = " (http:// is not accepted)" if url[:7].lower() == "http://" else ""
        message = f"'{param}' must be a file, an https URL or a data URI{hint}."
        raise InvalidRequest(message, param)
    if len(url) > limit:
        raise InvalidRequest(f"The URL is longer than {limit} characters.", param)
    if not _has_hostname(url):
        message = "The URL must name a public host (no IP address, no user name, no spaces)."
        raise InvalidRequest(message, param)
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


def _decoded(uri: str, param: str, rules: ImageRules) -> bytes:
    head, comma, payload = uri.partition(",")
    if not comma or not head.lower().endswith(";base64"):
        raise InvalidRequest("The data URI must be base64: data:image/png;base64,…", param)
    _refuse_long(len(uri), param, rules)
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise InvalidRequest("The data URI is not valid base64.", param) from exc


def _refuse_long(chars: int, param: str, rules: ImageRules) -> None:
    if chars > rules.data_uri_max_chars:
        limit = rules.data_uri_max_chars
        message = (
            f"The picture is too large: as a data URI it has {chars} characters, "
            f"and the limit is {limit} (a file of about {limit * 3 // 4 / 1e6:.1f} MB)."
        )
        raise InvalidRequest(message, param)


def _data_uri(data: bytes, param: str, rules: ImageRules) -> str:
    _refuse_long(len("data:image/jpeg;base64,") + (len(data) + 2) // 3 * 4, param, rules)
    mime, width, height = _judge(data, param, rules)
    if rules.aspect and not rules.aspect[0] <= width / height <= rules.aspect[1]:
        message = (
            f"The picture is {width}x{height} pixels; its width divided by its height "
            f"must lie between {rules.aspect[0]:g} and {rules.aspect[1]:g}."
        )
        raise InvalidRequest(message, param)
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def _judge(data: bytes, param: str, rules: ImageRules) -> tuple[str, int, int]:
    """The true type of a picture, its width and its height in pixels."""
    formats = [name for name, mime in _MIME.items() if mime in rules.types]
    try:
        with Image.open(io.BytesIO(data), formats=formats) as image:
            # What is none of the three is MPO: a JPEG with more pictures behind the first.
            mime, (width, height) = _MIME.get(image.format or "", "image/jpeg"), image.size
            fits = 0 < width * height <= MAX_PIXELS
            if fits:
                _read_through(image, data)
    except _BROKEN_PICTURE as exc:
        expected = listed(rules.types)
        message = f"The picture cannot be read: expected an intact file of {expected}."
        raise InvalidRequest(message, param) from exc
    if not fits:
        message = f"The picture must have 1 to {MAX_PIXELS} pixels, not {width}x{height}."
        raise InvalidRequest(message, param)
    return mime, width, height


def _read_through(image: Image.Image, data: bytes) -> None:
    """Raise if the file is cut or damaged. JPEG carries no checksum, so it is decoded, small."""
    image.verify()
    if isinstance(image, JpegImageFile):
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as again:
            again.draft("RGB", (again.width // 8, again.height // 8))
            again.load()
