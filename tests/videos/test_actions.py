"""What people and scripts may do: accept, cancel and delete, anywhere in a video's life."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from videos import actions, leases, ledger
from videos.models import File, Video
from videos.requests import Upload, check
from videos.submit import build_request

from .factories import make_user, make_video

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


def test_accepting_reserves_the_price_and_makes_it_due() -> None:
    video = accept(seconds=5)
    assert (video.status, arrows(video), ledger.cost(video)) == ("queued", "a", 60)
    assert leases.claim("queued", 1) == [(video.pk, 1)]


def test_an_uploaded_picture_is_kept_and_sent_as_bytes(data_dir: Path) -> None:
    upload = picture()
    video = accept(input_reference=upload)
    kept = video.files.get(kind=File.INPUT)
    assert (data_dir / "media" / kept.path).read_bytes() == upload.data
    assert video.request["inputs"][0]["uri"] == f"file:{kept.path}"
    assert build_request(video).images[0].uri.startswith("data:image/png;base64,")


def test_a_missing_picture_is_noticed_before_sending() -> None:
    video = accept(input_reference=picture())
    video.files.all().delete()
    with pytest.raises(FileNotFoundError):
        build_request(video)


def test_a_model_that_only_takes_pictures_makes_its_first_frame_first() -> None:
    video = actions.accept(check({"model": "gen4_turbo", "prompt": "a pier"}), make_user())
    assert build_request(video).mode == "text_to_image"
    frame = File(video=video, kind=File.FIRST_FRAME, content_type="image/png")
    from videos.files import save_bytes

    save_bytes(frame, picture().data).save()
    request = build_request(video)
    assert request.mode == "image_to_video"
    assert request.images[0].uri.startswith("data:image/png")


def test_cancelling_a_queued_video_ends_it_and_gives_its_credits_back() -> None:
    video = actions.cancel(accept())
    assert (video.status, arrows(video), ledger.cost(video)) == ("cancelled", "aj", 0)


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
