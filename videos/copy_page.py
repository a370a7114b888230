"""A video to take along: its JSON as the API tells it, and its recipe as curl and as Python."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from . import outlook, scripting
from .api import wire
from .checked import CheckedRequest
from .models import Video
from .outlook import Outlook
from .pages.doors import look, signed_in, user_of


@require_safe
@signed_in
def copy(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """The page; a video's own page takes `#copy-body` out of it into a dialog."""
    video = Video.objects.in_full().get(pk=look(request, video_id).pk)
    told = wire.video_object(video, outlook.of([video]).get(video.pk, Outlook()))
    if video.owner_id != user_of(request).pk:
        for output in told["videos"]:
            del output["url"]  # opens to whoever has it, also when nothing is shared any more
    context: dict[str, object] = {
        "video": video,
        "json": json.dumps(told, ensure_ascii=False, indent=2),
    }
    if video.request:
        checked, origin = CheckedRequest.from_json(video.request), settings.STUDIO_BASE_URL
        inputs = {file.path: file.position for file in video.files.filter(kind="input")}
        context |= {
            "curl": scripting.curl(checked, origin.rstrip("/")),
            "python": scripting.python(checked, origin.rstrip("/")),
            "files": [(each.name, inputs.get(each.path)) for each in scripting.sent(checked)],
        }
    return render(request, "videos/copy.html", context)
