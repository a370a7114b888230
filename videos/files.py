"""The rows and bytes of a video's files on our storage. Called by actions and worker steps."""

from __future__ import annotations

import contextlib
import hashlib
import re

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from studio.accounts.models import User

from .arrows import COMPLETED
from .inputs import FRAMES, Library, LibraryFile
from .media import SUFFIXES, Stored
from .models import File, UserFile, Video, VideoQuerySet
from .values import Upload

ID = re.compile(r"video_[0-9a-f]{32}")
FILE_ID = re.compile(r"file-[0-9a-f]{32}")


def keep_upload(video_id: str, position: int, upload: Upload) -> File:
    """Write what was uploaded as an input of a video. The row is not saved."""
    suffix = SUFFIXES.get(upload.content_type, "bin")
    name = f"{folder(video_id)}/{File.INPUT}-{position}.{suffix}"
    return File(
        video_id=video_id,
        kind=File.INPUT,
        position=position,
        path=default_storage.save(name, ContentFile(upload.data)),
        content_type=upload.content_type,
        size=len(upload.data),
        sha256=hashlib.sha256(upload.data).hexdigest(),
    )


def keep_copy(video_id: str, position: int, path: str) -> File:
    """Copy a file of another video, or an uploaded one, as an input. The row is not saved.

    Raises: FileNotFoundError.
    """
    source = File.objects.filter(path=path).first() or UserFile.objects.filter(path=path).first()
    if source is None:
        raise FileNotFoundError(path)
    name = f"{folder(video_id)}/{File.INPUT}-{position}.{path.rpartition('.')[2]}"
    with default_storage.open(path) as file:
        kept = default_storage.save(name, file)
    return File(
        video_id=video_id,
        kind=File.INPUT,
        position=position,
        path=kept,
        content_type=source.content_type,
        size=source.size,
        sha256=source.sha256,
        width=source.width,
        height=source.height,
        seconds=source.seconds,
    )


def library(user: User, videos: VideoQuerySet | None = None) -> Library:
    """Finds files for the validator: those that this person uploaded, and those of these videos.

    Without `videos`, of the person's own.
    """
    among = Video.objects.owned_by(user) if videos is None else videos
    kinds = dict(zip(("video", *FRAMES), (File.VIDEO, *File.FRAMES), strict=True))

    def find(its_id: str, what: str) -> LibraryFile | None:
        file: File | UserFile | None = None
        if what == "file" and FILE_ID.fullmatch(its_id):
            file = UserFile.objects.visible_to(user).filter(pk=its_id).first()
        elif what != "file" and ID.fullmatch(its_id):
            found = among.filter(pk=its_id, status=COMPLETED)
            file = File.objects.filter(video__in=found, kind=kinds[what], position=0).first()
        if file is None:
            return None
        return LibraryFile(file.path, file.content_type, file.seconds, file.width, file.height)

    return find


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
            fps=stored.fps,
            codec=stored.codec,
        )


def erase(video: Video) -> None:
    """Remove every file of a video, rows first; also those that no row knows."""
    video.files.all().delete()
    erase_folder(video.pk)


def erase_folder(video_id: str) -> None:
    """Remove whatever lies in a video's folder."""
    name = folder(video_id)
    if not default_storage.exists(name):
        return
    for file in default_storage.listdir(name)[1]:
        default_storage.delete(f"{name}/{file}")
    with contextlib.suppress(OSError):  # a file came in between; its writer finds the row deleted
        default_storage.delete(name)


def folder(video_id: str) -> str:
    """Where a video's files lie, relative to the storage."""
    return f"videos/{video_id}"
