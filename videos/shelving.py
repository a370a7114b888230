"""How people order their library: trash, favourites, tags, projects. Called by the pages.

Each takes the videos it is about, of one person, and touches no others. What is in the trash is out
of sight of the pages alone; the clock deletes it after some days.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from providers import house
from studio.accounts.models import User

from . import actions, takes
from .arrows import TERMINAL
from .models import Project, Tag, Video, VideoQuerySet

PURGE_BATCH = 200


def trash(videos: VideoQuerySet) -> list[str]:
    """Put those that are over into the trash; the ids of those that are there now because of it."""
    with transaction.atomic():
        moved = list(videos.filter(status__in=TERMINAL, trashed_at=None).select_for_update())
        heads, ids = takes.heads(moved), [video.pk for video in moved]
        Video.objects.filter(pk__in=ids).update(trashed_at=Now())
        takes.regroup(heads)
    return ids


def restore(videos: VideoQuerySet) -> int:
    """Bring videos back from the trash to their places; how many."""
    with transaction.atomic():
        back = list(videos.exclude(trashed_at=None).select_for_update())
        heads = takes.heads(back)
        Video.objects.filter(pk__in=[video.pk for video in back]).update(trashed_at=None)
        takes.regroup(heads)
    return len(back)


def empty(videos: VideoQuerySet) -> int:
    """Delete for good what of these is in the trash; how many."""
    found = list(videos.exclude(trashed_at=None))
    for video in found:
        actions.delete(video)
    return len(found)


def purge() -> None:
    """Delete for good what has been in the trash long enough, some at a time. The clock's chore."""
    kept = timedelta(days=house.current().trash_days)
    old = Video.objects.filter(deleted_at=None, trashed_at__lt=Now() - kept)
    for video in old[:PURGE_BATCH]:
        actions.delete(video)


def favour(videos: VideoQuerySet, *, is_favourite: bool) -> int:
    """Give or take the star; how many changed."""
    return videos.exclude(is_favourite=is_favourite).update(is_favourite=is_favourite)


def tag(videos: VideoQuerySet, user: User, name: str) -> int:
    """Put a word on the videos; how many there are."""
    word = Tag.objects.get_or_create(owner=user, name=name[:40])[0]
    with transaction.atomic():
        word.videos.add(*videos)
        return videos.touch()


def untag(videos: VideoQuerySet, user: User, name: str) -> int:
    """Take a word off; one that is on no video any more is gone."""
    word = Tag.objects.filter(owner=user, name=name).first()
    if word is None:
        return 0
    with transaction.atomic():
        word.videos.remove(*videos)
        if not word.videos.exists():
            word.delete()
        return videos.touch()


def move(videos: VideoQuerySet, project: Project | None) -> int:
    """Into a project, or out of all; how many moved."""
    return videos.update(project=project)


def share(project: Project) -> None:
    """Everybody here may look at what is in it, and put videos of their own into it."""
    Project.objects.filter(pk=project.pk).update(is_shared=True)


def unshare(project: Project) -> None:
    """Its owner's alone again. Others' videos leave it, so that they count in no budget of its."""
    with transaction.atomic():
        Project.objects.filter(pk=project.pk).update(is_shared=False)
        Video.objects.filter(project=project).exclude(owner=project.owner).update(project=None)


def dissolve(project: Project) -> None:
    """Delete a project; its videos stay."""
    with transaction.atomic():
        Video.objects.filter(project=project).update(project=None)
        project.delete()
