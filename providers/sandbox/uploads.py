"""Files that a client uploads first and names by runway:// later.

Called by `providers.sandbox.server` and `.tasks`.

Source: Runway OpenAPI document 2024-11-06, POST /v1/uploads; docs.dev.runwayml.com/assets/uploads.
"""

from __future__ import annotations

import hmac
import re
import uuid
from collections.abc import Iterator
from typing import Any

from providers.sandbox import answers, refusals
from providers.sandbox.answers import Answer, Issue
from providers.sandbox.store import Store

SCHEME = "runway://"
MIN_BYTES, MAX_BYTES = 512, 200_000_000
SUFFIXES = (
    *("jpg", "jpeg", "png", "webp", "mp4", "mov", "webm", "mkv", "mp3", "wav", "flac", "m4a"),
    *("aac", "ogg"),
)
VALID_SECONDS = 24 * 3600


def start(store: Store, body: Any, origin: str) -> Answer:
    """Say where to send a file and how it will be called afterwards."""
    body = body if isinstance(body, dict) else {}
    issues = [*_bad_name(body.get("filename")), *_bad_type(body.get("type"))]
    issues += refusals.unknown_keys((), body, ("filename", "type"))
    if issues:
        return answers.invalid(issues)
    upload_id = str(uuid.uuid4())
    return answers.as_json(
        {
            "uploadUrl": f"{origin}/uploads/{upload_id}",
            "fields": {"key": upload_id, "signature": store.sign(f"upload {upload_id}")},
            "runwayUri": SCHEME + upload_id,
        }
    )


def receive(store: Store, upload_id: str, content_type: str, body: bytes) -> Answer:
    """Keep the file of a form that carries the fields that `start` gave out."""
    form = _form(content_type, body)
    signature = store.sign(f"upload {upload_id}").encode()
    if not hmac.compare_digest(form.get("signature", b""), signature):
        return answers.error(403, "Access denied")
    data = form.get("file", b"")
    if len(data) < MIN_BYTES:
        return answers.error(400, f"Your upload is smaller than {MIN_BYTES} bytes")
    if len(data) > MAX_BYTES:
        return answers.error(400, f"Your upload is larger than {MAX_BYTES} bytes")
    store.upload(upload_id).write_bytes(data)
    return Answer(204)


def read(store: Store, uri: str, now: float) -> bytes | None:
    """The bytes behind a runway:// address; None where there are none, or no longer."""
    upload_id = uri.removeprefix(SCHEME)
    if not re.fullmatch(r"[0-9a-f-]{36}", upload_id):
        return None
    path = store.upload(upload_id)
    if not path.exists() or path.stat().st_mtime + VALID_SECONDS < now:
        return None
    return path.read_bytes()


def _bad_name(name: Any) -> Iterator[Issue]:
    suffix = name.rpartition(".")[2].lower() if isinstance(name, str) else ""
    if suffix not in SUFFIXES or not 3 <= len(name) <= 255 or "\0" in name:
        message = "Invalid filename: expected 3 to 255 characters with a media extension"
        yield Issue("custom", ("filename",), message)


def _bad_type(kind: Any) -> Iterator[Issue]:
    if kind != "ephemeral":
        yield refusals.not_one_of(("type",), ("ephemeral",))


def _form(content_type: str, body: bytes) -> dict[str, bytes]:
    """The fields of a multipart form by name; files too, without their file names."""
    boundary = re.search(r'boundary="?([^";,]{1,200})', content_type)
    if boundary is None:
        return {}
    form = {}
    for part in body.split(b"--" + boundary[1].encode("latin-1", "replace"))[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'[; ]name="([^"]{1,100})"', head)
        if name is not None:
            form[name[1].decode("latin-1")] = content.removesuffix(b"\r\n")
    return form
