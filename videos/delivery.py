"""A stored file as an HTTP answer: whole or one range of it. Used by the API and the pages.

Source: RFC 9110 §14 (ranges), §13 (conditions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from studio.accounts.errors import error_response

from .models import File

BLOCK = 256 * 1024

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})\Z")


class MediaResponse(StreamingHttpResponse):
    """Bytes of a file on our disk.

    The server takes `media_path` and `media_range` (start, end-exclusive) and sends it itself;
    any other server iterates and gets the same bytes.
    """

    def __init__(self, path: Path, start: int, end: int, **options: object) -> None:
        super().__init__(_blocks(path, start, end), **options)  # type: ignore[arg-type]
        self.media_path = path
        self.media_range = (start, end)
        self["Content-Length"] = str(end - start)


def deliver(request: HttpRequest, file: File, *, download: bool = False) -> HttpResponseBase:
    """The file, or what the request's Range and conditions make of it: 200, 206, 304 or 416."""
    path = Path(settings.MEDIA_ROOT) / file.path
    if not path.is_file():
        return error_response(404, "The file is not on our storage.", code="file_missing")
    etag = f'"{file.sha256}"'
    if etag in request.headers.get("If-None-Match", ""):
        return _headers(HttpResponse(status=304), file, etag, download)
    span = _span(request, etag, file.size)
    if span is None:
        answer = MediaResponse(path, 0, file.size, content_type=file.content_type)
    elif span[0] >= span[1]:
        refusal = error_response(416, f"The file has {file.size} bytes.", code="invalid_range")
        refusal["Content-Range"] = f"bytes */{file.size}"
        return refusal
    else:
        answer = MediaResponse(path, *span, content_type=file.content_type, status=206)
        answer["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{file.size}"
    return _headers(answer, file, etag, download)


def _span(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | None:
    """The one range that is asked for, end-exclusive; empty if it lies outside; None for all."""
    match = _RANGE.match(request.headers.get("Range", ""))
    if not match or request.method not in ("GET", "HEAD"):
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


def _headers(answer: HttpResponseBase, file: File, etag: str, download: bool) -> HttpResponseBase:
    suffix = Path(file.path).suffix
    name = file.video_id if file.kind == File.VIDEO else f"{file.video_id}-{file.kind}"
    kind = "attachment" if download else "inline"
    answer["ETag"] = etag
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = "private, no-cache"
    answer["Content-Disposition"] = f'{kind}; filename="{name}{suffix}"'
    return answer


def _blocks(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        left = end - start
        while left > 0 and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block
