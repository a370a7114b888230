"""Uploaded files: keep one, remove one, remove what has expired. Called by the API and the clock.

A request that names one gets a copy of its own, so that removing it breaks no video.

Source: OpenAI API reference, "Files".
"""

from __future__ import annotations

import hashlib
import logging
import time

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Sum

from providers import catalog
from studio.accounts.models import User

from . import media, pictures, probing, values
from .media import SUFFIXES
from .models import UserFile, from_now
from .probing import Found
from .userfiles import new_id
from .values import InvalidRequest, Upload

KEPT_SECONDS = 30 * 24 * 3600
MOST_BYTES = 10 * 1024**3
CLEAN_BATCH = 500
FOLDER = "files"
FIELD = "file"

logger = logging.getLogger(__name__)


def keep(owner: User, upload: Upload, purpose: str, kept_seconds: int = KEPT_SECONDS) -> UserFile:
    """Judge what was uploaded by its bytes, and keep it. Raises: InvalidRequest, naming `file`.

    A person may keep 10 GiB, and nobody anything on a disk that is almost full.
    """
    kept = UserFile.objects.filter(owner=owner).aggregate(size=Sum("size"))["size"] or 0
    if media.why_no_room() or kept + len(upload.data) > MOST_BYTES:
        raise InvalidRequest("There is no room for this file. Delete some.", FIELD, "storage_full")
    found = _identify(upload.data)
    file_id = new_id()
    name = f"{FOLDER}/{file_id}.{SUFFIXES[found.content_type]}"
    path = default_storage.save(name, ContentFile(upload.data))
    try:
        file = UserFile.objects.create(
            id=file_id,
            owner=owner,
            filename=upload.filename or f"upload.{SUFFIXES[found.content_type]}",
            purpose=purpose,
            path=path,
            content_type=found.content_type,
            size=len(upload.data),
            sha256=hashlib.sha256(upload.data).hexdigest(),
            width=found.width,
            height=found.height,
            seconds=found.seconds,
            expires_at=from_now(kept_seconds),
        )
    except BaseException:
        default_storage.delete(path)
        raise
    file.refresh_from_db()
    return file


def erase(file: UserFile) -> None:
    """Remove a file, row first."""
    file.delete()
    default_storage.delete(file.path)


def clean() -> None:
    """Remove what has expired, and bytes that no row knows because somebody died in between."""
    for file in UserFile.objects.expired()[:CLEAN_BATCH]:
        erase(file)
    if not default_storage.exists(FOLDER):
        return
    names = [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]]
    known = set(UserFile.objects.values_list("path", flat=True))
    for path in names:
        if path not in known and _is_old(path):
            logger.warning("%s belongs to no file, and is removed", path)
            default_storage.delete(path)


def _is_old(path: str, seconds: float = 3600) -> bool:
    """Whether whoever wrote these bytes must be through with them."""
    try:
        return default_storage.get_modified_time(path).timestamp() < time.time() - seconds
    except FileNotFoundError:
        return False


def _identify(data: bytes) -> Found:
    """What the bytes are: an intact picture, video or sound. Raises: InvalidRequest."""
    limits = catalog.load().media
    found = Found("picture", "")
    if pictures.looks_like_one(data):
        content_type, width, height = pictures.measure(data, FIELD, limits["image"])
        found = Found("picture", content_type, width, height)
    if found.content_type != "image/png":  # which carries checksums of its own
        found = _probed(data)
    kind = "image" if found.kind == "picture" else found.kind
    if kind not in limits or found.content_type not in limits[kind].types:
        raise _refusal()
    return found


def _probed(data: bytes) -> Found:
    try:
        return probing.look_into_bytes(data)
    except probing.Unreadable as exc:
        raise _refusal() from exc


def _refusal() -> InvalidRequest:
    types = [
        content_type for limits in catalog.load().media.values() for content_type in limits.types
    ]
    message = f"The file cannot be read: expected an intact file of {values.listed(types)}."
    return InvalidRequest(message, FIELD)
