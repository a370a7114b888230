"""A stored file as an HTTP answer: whole or one range of it. Used by the API and the pages.

Source: RFC 9110 §14 (ranges), §13 (conditions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.core.files.storage import default_storage
from django.http import (
    HttpRequest,
    HttpResponseBase,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header, parse_etags

from studio.accounts.errors import error_response

from .models import File, UserFile

BLOCK = 256 * 1024
CACHE = "private, no-cache"

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})\Z", re.ASCII | re.IGNORECASE)


class MediaResponse(StreamingHttpResponse):
    """Bytes of a file on our disk.

    The server takes `media_path` and `media_range` (start, end-exclusive) and sends it itself;
    any other server iterates and gets the same bytes.
    """

    def __init__(self, path: Path, start: int, end: int, content_type: str) -> None:
        super().__init__(_blocks(path, start, end), content_type=content_type)
        self.media_path = path
        self.media_range = (start, end)
        self["Content-Length"] = str(end - start)


def deliver(
    request: HttpRequest, file: File | UserFile, *, download: bool = False
) -> HttpResponseBase:
    """The file, or what the request's Range and conditions make of it: 200, 206, 304 or 416."""
    path = Path(default_storage.path(file.path))
    if not path.is_file():
        return error_response(404, "The file is not on our storage.", code="file_missing")
    etag = f'"{file.sha256}"'
    if _is_known(request, etag):
        return _unchanged(file, etag)
    span = _span(request, etag, file.size)
    if span is None:
        answer = MediaResponse(path, 0, file.size, file.content_type)
    elif span[0] >= span[1]:
        refusal = error_response(416, f"The file has {file.size} bytes.", code="invalid_range")
        refusal["Content-Range"] = f"bytes */{file.size}"
        return refusal
    else:
        answer = MediaResponse(path, *span, file.content_type)
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{file.size}"
    return _headers(answer, file, etag, download)


def _is_known(request: HttpRequest, etag: str) -> bool:
    """Whether the client has this very file: the weak comparison of If-None-Match."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or etag in (tag.removeprefix("W/") for tag in known)


def _unchanged(file: File | UserFile, etag: str) -> HttpResponseBase:
    answer = HttpResponseNotModified()
    answer["ETag"] = etag
    answer["Cache-Control"] = CACHE
    answer["Content-Length"] = str(file.size)  # or Django states 0, which is not what 200 would say
    return answer


def _span(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | None:
    """The one range that is asked for, end-exclusive; empty if it lies outside; None for all.

    Several ranges, and what is not understood, may be ignored, and are.
    """
    match = _RANGE.match(request.headers.get("Range", ""))
    if not match or request.method != "GET":
        return None
    if request.headers.get("If-Range", etag) != etag:
        return None
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size if int(last) else 0) if last else None
    end = min(size, int(last) + 1) if last else size
    if last and int(last) < int(first):
        return None
    return int(first), end


def _headers(
    answer: HttpResponseBase, file: File | UserFile, etag: str, download: bool
) -> HttpResponseBase:
    answer["ETag"] = etag
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = CACHE
    answer["Content-Disposition"] = content_disposition_header(download, _name(file)) or "inline"
    return answer


def _name(file: File | UserFile) -> str:
    """What the client may call it."""
    if isinstance(file, UserFile):
        return file.filename
    name = file.video_id if file.kind == File.VIDEO else f"{file.video_id}-{file.kind}"
    name += f"-{file.position + 1}" if file.position else ""
    return name + Path(file.path).suffix


def _blocks(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        left = end - start
        while left > 0 and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block
