"""The rows and bytes of a video's files on our storage. Called by actions and worker steps."""

from __future__ import annotations

import contextlib
import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from .media import Stored
from .models import File, Video


def save_bytes(file: File, data: bytes) -> File:
    """Write small content (a picture) and fill the row's path, size and checksum.

    The row itself is not saved.
    """
    suffix = file.content_type.rpartition("/")[2]
    name = f"{folder(file.video_id)}/{file.kind}-{file.position}.{suffix}"
    file.path = default_storage.save(name, ContentFile(data))
    file.size = len(data)
    file.sha256 = hashlib.sha256(data).hexdigest()
    return file


def replace_files(video: Video, files: list[Stored]) -> None:
    """The rows of files that are on our storage, instead of any of the same kinds."""
    video.files.filter(kind__in={stored.kind for stored in files}).delete()
    for stored in files:
        File.objects.create(
            video=video,
            kind=stored.kind,
            position=stored.position,
            path=stored.path,
            content_type=stored.content_type,
            size=stored.size,
            sha256=stored.sha256,
            width=stored.width,
            height=stored.height,
            seconds=stored.seconds,
        )


def erase(video: Video) -> None:
    """Remove every file of a video, rows first; also those that no row knows."""
    video.files.all().delete()
    name = folder(video.pk)
    if not default_storage.exists(name):
        return
    for file in default_storage.listdir(name)[1]:
        default_storage.delete(f"{name}/{file}")
    with contextlib.suppress(OSError):  # a file came in between; its writer finds the row deleted
        default_storage.delete(name)


def folder(video_id: str) -> str:
    """Where a video's files lie, relative to the storage."""
    return f"videos/{video_id}"
