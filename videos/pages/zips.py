"""Selected videos as one zip: every MP4 with a JSON side-car that says how it was made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from zipstream import ZipStream

from studio.accounts import audit
from videos.arrows import COMPLETED
from videos.models import File, Video

from .doors import done, personal, seen
from .selecting import chosen

LONGEST_NAME = 60


@require_POST
@personal
def download(request: HttpRequest) -> HttpResponseBase:
    """The zip of what is selected and ready; on record. Nothing is packed beforehand.

    A viewer may have it: nothing changes by it.
    """
    chosen_ids = chosen(request, seen(request)).filter(status=COMPLETED).values("pk")
    videos = list(Video.objects.filter(pk__in=chosen_ids).in_full().in_order("asc"))
    archive = _packed(videos)
    if archive.is_empty():
        return done(request, _("None of these videos has a file yet."))
    answer = StreamingHttpResponse(archive, content_type="application/zip")
    audit.record(audit.by(request), "library.exported", "library", after={"videos": len(videos)})
    name = f"rushes-{timezone.now():%Y-%m-%d-%H%M}.zip"
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["Content-Length"] = str(len(archive))
    answer["Cache-Control"] = "no-store"
    return answer


def _packed(videos: Iterable[Video]) -> ZipStream:
    """Stored as they are: MP4s do not get smaller."""
    archive, taken = ZipStream(sized=True), set[str]()
    for video in videos:
        for file, path in _stored(video):
            name = _free(f"{_name(video)}{f'-{file.position + 1}' * bool(file.position)}", taken)
            archive.add_path(path, f"{name}{path.suffix}")
            archive.add(json.dumps(_recipe(video, file), indent=2), f"{name}.json")
    return archive


def _stored(video: Video) -> Iterator[tuple[File, Path]]:
    """Its outputs that lie on our storage."""
    for file in video.outputs:
        path = Path(default_storage.path(file.path))
        if path.is_file():
            yield file, path


def _name(video: Video) -> str:
    """From date and prompt."""
    words = slugify(video.prompt)[:LONGEST_NAME].strip("-") or video.pk[6:14]
    return f"{video.created_at:%Y-%m-%d}-{words}"


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number if it is taken already."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    taken.add(free)
    return free


def _recipe(video: Video, file: File) -> dict[str, Any]:
    """How it was made, in the words of the API."""
    request = video.request
    return {
        "id": video.pk,
        "prompt": video.prompt,
        "model": video.model,
        "resolved_model": video.resolved_model,
        "seconds": video.seconds,
        "size": video.size,
        "seed": request.get("seed"),
        "audio": request.get("audio"),
        "options": request.get("options", {}),
        "created_at": video.created_at.isoformat(),
        "completed_at": video.completed_at.isoformat() if video.completed_at else None,
        "credits": float(video.cost),
        "sha256": file.sha256,
        "bytes": file.size,
    }
