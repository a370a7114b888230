"""Videos as HTTP answers: the wire's objects, and the header that says when to look again.

Called by every operation that answers a video. Rows must be loaded `in_full`.

Source: OpenAI's SDKs, `openai-poll-after-ms`: a plain integer, of which only the first counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.http import JsonResponse

from videos import outlook
from videos.models import Video
from videos.outlook import Outlook

from . import wire

POLL_AFTER = "openai-poll-after-ms"
SOONEST_MS, LATEST_MS, QUEUED_MS = 2_000, 15_000, 5_000
LOOKS = 8


def reload(video: Video) -> JsonResponse:
    """The video as it stands now, whatever the caller still holds of it."""
    return show(Video.objects.in_full().get(pk=video.pk))


def show(video: Video) -> JsonResponse:
    """One video, and when to look again unless it is over."""
    expected = outlook.of([video]).get(video.pk, Outlook())
    answer = JsonResponse(wire.video_object(video, expected))
    if not video.is_terminal:
        answer[POLL_AFTER] = str(poll_after_ms(video, expected))
    return answer


def page(videos: Sequence[Video], *, has_more: bool) -> JsonResponse:
    """A page of a list."""
    return JsonResponse(wire.list_object(videos, outlook.of(videos), has_more=has_more))


def poll_after_ms(video: Video, expected: Outlook) -> int:
    """Milliseconds until another look is worth it: an eighth of what is left, where that is known.

    Else later the further back in the queue, and sooner the further it has come.
    """
    if expected.seconds_left is not None:
        pause = expected.seconds_left * 1000 / LOOKS
    elif expected.queue_position is not None:
        pause = QUEUED_MS + 500 * (expected.queue_position - 1)
    elif wire.status(video) == "queued":
        pause = QUEUED_MS
    else:
        pause = SOONEST_MS + 30 * (100 - video.progress)
    return int(min(LATEST_MS, max(SOONEST_MS, pause)))
