"""One look at each of many tasks, side by side, in threads that keep off the database.

Called by `follow`, which decides and writes in the main thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.utils import timezone

from providers.errors import ProviderError, ProviderNotFound
from providers.runway import RunwayClient
from providers.tasks import TaskState

from . import media, schedule
from .leases import Claim
from .models import Task, Video
from .working import work_all


@dataclass(frozen=True)
class Seen:
    """What one look brought: the task's state, and what was done about it at Runway.

    `state` is None when Runway does not know the task. `frame` is the stored first frame, and
    `trouble` why there is none.
    """

    state: TaskState | None
    is_cancelled: bool = False
    frame: media.Stored | None = None
    trouble: ProviderError | media.NotStored | None = None


def looks_at(claims: list[Claim], status: str) -> Iterator[tuple[Claim, Video, Callable[[], Seen]]]:
    """Each claimed video with what its look brought, or why there was none, as it comes in."""
    videos = _load(claims, status)
    jobs = []
    for claim in claims:
        video = videos.get(claim[0])
        if video is None or video.fence != claim[1]:
            continue
        try:
            jobs.append((claim, _look(video)))
        except ProviderError as exc:
            yield claim, video, partial(_raise, exc)
    for claim, future in work_all(jobs):
        yield claim, videos[claim[0]], future.result


def age(task: Task) -> float:
    """How long ago it was accepted, in seconds."""
    return (timezone.now() - task.created_at).total_seconds()


def newest_task(video: Video) -> Task:
    """The newest of the prefetched tasks."""
    return max(video.tasks.all(), key=lambda task: task.pk)


def _raise(exc: ProviderError) -> Seen:
    raise exc


def _load(claims: list[Claim], status: str) -> dict[str, Video]:
    ids = [claim[0] for claim in claims]
    rows = (
        Video.objects.filter(pk__in=ids, status=status)
        .with_lateness()
        .prefetch_related("tasks__provider_key", "files")
    )
    return {video.pk: video for video in rows}


def _look(video: Video) -> Callable[[], Seen]:
    """The work of one thread, without the database. Raises ProviderError if the key is unusable."""
    task = newest_task(video)
    if task.provider_key is None:
        raise ProviderError("The provider key that made this task was removed.")
    client = task.provider_key.client()
    is_unwanted = video.is_unwanted
    is_frame = task.kind == Task.FIRST_FRAME and not is_unwanted
    is_visible = schedule.is_visible(age(task))
    video_id = video.pk

    def look() -> Seen:
        state = _read(client, task.provider_id)
        if state is None:  # a new one may be hidden yet, and would go on if it were forgotten
            return Seen(None, is_cancelled=is_unwanted and is_visible)
        if is_unwanted and not state.is_over:
            client.cancel(task.provider_id)
            return Seen(state, is_cancelled=True)
        if is_frame and state.status == "SUCCEEDED":
            return _fetch_frame(client, video_id, state)
        return Seen(state)

    return look


def _read(client: RunwayClient, task_id: str) -> TaskState | None:
    try:
        return client.get(task_id)
    except ProviderNotFound:
        return None


def _fetch_frame(client: RunwayClient, video_id: str, state: TaskState) -> Seen:
    try:
        if not state.outputs:
            raise media.BadOutput("The first frame's task has no output.")
        return Seen(state, frame=media.fetch_image(client, state.outputs[0], video_id))
    except (ProviderError, media.NotStored) as exc:
        return Seen(state, trouble=exc)
