"""What a person changes about one video on its page: favourite, project, tags."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from studio.accounts.models import User
from videos.models import Project, Tag, Video, VideoQuerySet

from .doors import find, is_htmx, signed_in, user_of

MOST_TAGS = 20


@require_POST
@signed_in
def favourite(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Mark a video, or take the mark off: `on` is 1 or 0."""
    video = find(request, video_id)
    video.is_favourite = request.POST.get("on") == "1"
    _row(video).update(is_favourite=video.is_favourite)
    if is_htmx(request):
        return render(request, "videos/_favourite.html", {"video": video})
    return redirect("video", video_id)


@require_POST
@signed_in
def project(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Put a video into the project that `project` names, which is made if need be; "" into none.

    Somebody else's shared project is named with its owner, as the page lists it: nothing is shown
    to everybody because two projects have one name.
    """
    video, user = find(request, video_id), user_of(request)
    name = " ".join(request.POST.get("project", "").replace("\0", "").split())
    known = {each.label_for(user): each for each in Project.objects.open_to(user)}
    chosen = known.get(name) or _own_project(user, name[:80])
    _row(video).update(project=chosen)
    return redirect("video", video_id)


@require_POST
@signed_in
def tags(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Give a video the tags of `tags`, a list with commas between them, and no others."""
    video, user = find(request, video_id), user_of(request)
    typed = request.POST.get("tags", "").replace("\0", "").split(",")
    names = list(dict.fromkeys(" ".join(word.split())[:40] for word in typed if word.strip()))
    with transaction.atomic():
        found = [Tag.objects.get_or_create(owner=user, name=name)[0] for name in names[:MOST_TAGS]]
        video.tags.set(found)
        _row(video).touch()
    return redirect("video", video_id)


def _own_project(user: User, name: str) -> Project | None:
    return Project.objects.get_or_create(owner=user, name=name)[0] if name else None


def _row(video: Video) -> VideoQuerySet:
    return Video.objects.filter(pk=video.pk)
