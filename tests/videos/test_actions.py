"""What people and scripts may do: accept, cancel, delete, and decide on what is uncertain."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from providers.runway import RunwayClient
from providers.tasks import TaskRequest
from videos import actions, files, leases, ledger
from videos.models import File, Superseded, Task, Video
from videos.requests import Upload, check
from videos.sending import inline
from videos.submit import build_request

from .factories import BASE_URL, SECRET, make_key, make_task, make_user, make_video

pytestmark = pytest.mark.django_db


def picture() -> Upload:
    """A small PNG, uploaded."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 36), "teal").save(buffer, "PNG")
    return Upload(buffer.getvalue(), "a.png")


def accept(**params: Any) -> Video:
    """An accepted gen4.5 video."""
    return actions.accept(check({"model": "gen4.5", "prompt": "a pier", **params}), make_user())


def arrows(video: Video) -> str:
    """The letters of the video's events, in order."""
    return "".join(video.events.order_by("id").values_list("arrow", flat=True))


def sent(video: Video) -> TaskRequest:
    """What would go to Runway now."""
    return inline(build_request(video), RunwayClient(SECRET, BASE_URL))


def test_accepting_reserves_the_price_and_makes_it_due() -> None:
    video = accept(seconds=5)
    assert (video.status, arrows(video)) == ("queued", "a")
    assert ledger.cost(video) == 60
    assert leases.claim("queued", 1) == [(video.pk, 1)]


def test_an_uploaded_picture_is_kept_and_sent_as_bytes(data_dir: Path) -> None:
    upload = picture()
    video = accept(input_reference=upload)
    kept = video.files.get(kind=File.INPUT)
    assert (data_dir / "media" / kept.path).read_bytes() == upload.data
    assert video.request["media"][0]["uri"] == f"file:{kept.path}"
    assert sent(video).media[0].uri.startswith("data:image/png;base64,")


def test_a_missing_picture_is_noticed_before_sending() -> None:
    video = accept(input_reference=picture())
    files.erase(video)
    with pytest.raises(FileNotFoundError):
        sent(video)


def test_a_model_that_only_takes_pictures_makes_its_first_frame_first() -> None:
    video = actions.accept(check({"model": "gen4_turbo", "prompt": "a pier"}), make_user())
    assert build_request(video).mode == "text_to_image"
    frame = files.keep_upload(video.pk, 0, replace(picture(), content_type="image/png"))
    frame.kind = File.FIRST_FRAME
    frame.save()
    request = sent(video)
    assert request.mode == "image_to_video"
    assert request.media[0].uri.startswith("data:image/png")


def test_cancelling_a_queued_video_ends_it_and_gives_its_credits_back() -> None:
    video = actions.cancel(accept())
    assert (video.status, arrows(video)) == ("cancelled", "aj")
    assert ledger.cost(video) == 0


def test_a_claim_on_a_cancelled_video_is_old() -> None:
    video = accept()
    leases.claim("queued", 1)
    assert actions.cancel(video).status == "cancelled"


def test_cancelling_a_video_under_way_leaves_it_to_the_worker() -> None:
    video = make_video("in_progress", fence=4)
    video = actions.cancel(video)
    assert (video.status, video.cancel_requested, video.fence) == ("in_progress", True, 5)
    assert [claim[0] for claim in leases.claim("in_progress", 1)] == [video.pk]


def test_cancelling_a_submission_keeps_its_fence_so_that_the_answer_is_noted() -> None:
    video = actions.cancel(make_video("submitting", fence=4))
    assert (video.status, video.cancel_requested, video.fence) == ("submitting", True, 4)


@pytest.mark.parametrize("status", ["storing", "completed", "failed", "cancelled"])
def test_a_cancel_that_comes_too_late_changes_nothing(status: str) -> None:
    video = actions.cancel(make_video(status, fence=4))
    assert (video.status, video.cancel_requested, video.fence) == (status, False, 4)


@pytest.mark.parametrize(
    "status",
    ["queued", "submitting", "in_progress", "storing", "completed", "failed", "cancelled"],
)
def test_a_deleted_video_is_hidden_at_once_wherever_it_is(status: str) -> None:
    video = make_video(status)
    actions.delete(video)
    assert not Video.objects.visible_to(video.owner).exists()
    video.refresh_from_db()
    assert (video.prompt, video.request) == ("", {})


def test_deleting_erases_files_and_keeps_the_books(data_dir: Path) -> None:
    video = accept(input_reference=picture())
    actions.delete(video)
    assert [path for path in data_dir.rglob("*") if path.is_file()] == []
    assert video.ledger.count() == 2
    assert arrows(video) == "aj"


def test_deleting_while_storing_makes_the_worker_discard_the_output() -> None:
    video = make_video("storing", fence=4)
    actions.delete(video)
    video.refresh_from_db()
    assert (video.status, video.fence) == ("storing", 5)
    assert [claim[0] for claim in leases.claim("storing", 1)] == [video.pk]


def uncertain(**params: Any) -> Video:
    """A video of which nobody knows whether Runway took it."""
    video = accept(**params)
    video.mark_submitting(make_key())
    video.mark_failed("submission_uncertain", "We do not know.")
    return video


def marks(video: Video) -> list[tuple[str, int, str]]:
    """The video's ledger lines: kind, credits, mark."""
    return [(line.kind, int(line.credits), line.mark) for line in video.ledger.order_by("id")]


def test_giving_up_releases_the_reservation_and_says_that_it_was_uncertain() -> None:
    video = uncertain(seconds=5)
    actions.give_up(video)
    assert marks(video) == [("reserve", 60, ""), ("release", -60, "uncertain")]
    video.refresh_from_db()
    assert (video.status, video.error_code) == ("failed", "submission_uncertain")


def test_deleting_an_uncertain_video_gives_it_up() -> None:
    video = uncertain()
    actions.delete(video)
    assert ledger.cost(video) == 0
    actions.delete(video)
    assert [line.mark for line in video.ledger.filter(kind=ledger.RELEASE)] == ["uncertain"]


def test_deleting_what_was_given_up_releases_nothing_more() -> None:
    video = uncertain()
    actions.give_up(video)
    actions.delete(video)
    assert video.ledger.filter(kind=ledger.RELEASE).count() == 1


def test_giving_up_keeps_the_price_of_a_first_frame_that_was_made() -> None:
    video = uncertain(model="gen4_turbo", seconds=5)
    make_task(video, Task.FIRST_FRAME, credits=5)
    actions.give_up(video)
    assert ledger.cost(video) == 5


def test_a_late_answer_still_finds_a_video_that_was_given_up() -> None:
    video = uncertain()
    actions.give_up(video)
    video.mark_found("it turned up")
    assert video.status == "in_progress"


def test_sending_again_makes_a_new_video_that_is_linked_to_the_first() -> None:
    video = uncertain(seconds=5, seed=7)
    again = actions.send_again(video, video.owner)
    assert (again.status, again.again_of, again.prompt) == ("queued", video, "a pier")
    assert again.request == video.request
    assert [int(ledger.cost(each)) for each in (video, again)] == [0, 60]


def test_sending_again_copies_the_picture_so_that_either_can_be_deleted() -> None:
    video = uncertain(input_reference=picture())
    again = actions.send_again(video, video.owner)
    actions.delete(video)
    assert sent(again).media[0].uri.startswith("data:image/png;base64,")


def test_sending_again_without_its_picture_changes_nothing() -> None:
    video = uncertain(input_reference=picture(), seconds=5)
    video.files.all().delete()
    with pytest.raises(FileNotFoundError):
        actions.send_again(video, video.owner)
    assert ledger.cost(video) == 60
    assert Video.objects.count() == 1


@pytest.mark.parametrize("first", ["give_up", "send_again"])
def test_a_doubt_is_ended_once(first: str) -> None:
    video = uncertain()
    if first == "give_up":
        actions.give_up(video)
    else:
        actions.send_again(video, video.owner)
    count = Video.objects.count()
    with pytest.raises(Superseded):
        actions.give_up(video)
    with pytest.raises(Superseded):
        actions.send_again(video, video.owner)
    assert (len(marks(video)), Video.objects.count()) == (2, count)


@pytest.mark.parametrize("status", ["queued", "submitting", "in_progress", "storing", "completed"])
def test_where_there_is_no_doubt_there_is_nothing_to_give_up(status: str) -> None:
    with pytest.raises(Superseded):
        actions.give_up(make_video(status))


def test_what_failed_for_certain_is_not_given_up() -> None:
    with pytest.raises(Superseded):
        actions.give_up(make_video("failed", error_code="timed_out"))


def test_the_cost_of_many_videos_is_read_with_them() -> None:
    open_video, given_up = accept(seconds=5), uncertain(seconds=2)
    actions.give_up(given_up)
    free = make_video()
    costs = {v.pk: (int(v.cost), v.last_mark) for v in Video.objects.with_cost()}
    assert costs == {open_video.pk: (60, ""), given_up.pk: (0, "uncertain"), free.pk: (0, "")}
