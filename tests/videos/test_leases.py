"""Claims: each due row goes to one caller, for as long as its lease lasts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from videos import leases
from videos.models import Video

from .factories import make_user, make_video

pytestmark = pytest.mark.django_db


def due_in(video: Video) -> float:
    """Seconds until the video is due, by the database's clock."""
    video.refresh_from_db()
    assert video.next_at is not None
    return (video.next_at - timezone.now()).total_seconds()


def test_a_due_video_is_claimed_once() -> None:
    video = make_video("queued")
    assert leases.claim("queued", 10) == [(video.pk, 1)]
    assert leases.claim("queued", 10) == []


def test_a_claim_lasts_as_long_as_the_lease() -> None:
    video = make_video("queued")
    leases.claim("queued", 10)
    assert 18 < due_in(video) <= 20.5


def test_only_the_asked_status_is_claimed() -> None:
    make_video("queued")
    assert leases.claim("in_progress", 10) == []


def test_what_is_not_due_is_left_alone() -> None:
    make_video("queued", next_at=timezone.now() + timedelta(seconds=60))
    assert leases.claim("queued", 10) == []


def test_the_longest_due_come_first_and_no_more_than_asked() -> None:
    now = timezone.now()
    late, later = (make_video("queued", next_at=now - timedelta(seconds=s)) for s in (60, 30))
    assert [claim[0] for claim in leases.claim("queued", 1)] == [late.pk]
    assert [claim[0] for claim in leases.claim("queued", 1)] == [later.pk]


def owners(claims: list[leases.Claim]) -> list[str]:
    """Whose videos were claimed, sorted."""
    ids = [claim[0] for claim in claims]
    return sorted(video.owner.email[0] for video in Video.objects.filter(pk__in=ids))


def test_a_hundred_videos_of_one_person_do_not_block_the_first_of_another() -> None:
    ana, ben, eve = (make_user(f"{name}@example.org") for name in ("ana", "ben", "eve"))
    for _ in range(20):
        make_video(owner=ana)
    make_video(owner=ben)
    make_video(owner=eve)
    assert owners(leases.claim("queued", 3)) == ["a", "b", "e"]
    assert owners(leases.claim("queued", 3)) == ["a", "a", "a"]


def test_who_has_videos_under_way_waits_for_those_who_have_none() -> None:
    ana, ben = (make_user(f"{name}@example.org") for name in ("ana", "ben"))
    for _ in range(2):
        make_video("in_progress", owner=ana)
    for _ in range(3):
        make_video(owner=ana)
    for _ in range(3):
        make_video(owner=ben)
    assert owners(leases.claim("queued", 1)) == ["b"]
    assert owners(leases.claim("queued", 3)) == ["a", "b", "b"]


def test_each_persons_videos_come_in_order_though_a_refusal_moved_their_due_time() -> None:
    first, second = make_video(), make_video()
    Video.objects.filter(pk=second.pk).update(next_at=timezone.now() - timedelta(hours=1))
    assert [claim[0] for claim in leases.claim("queued", 1)] == [first.pk]


def test_videos_of_a_closed_model_are_left_in_line_unless_they_are_late() -> None:
    make_video()
    late = make_video(deadline_at=timezone.now() - timedelta(seconds=1))
    other = make_video(resolved_model="veo3.1")
    claims = leases.claim("queued", 10, closed=["gen4.5", "gen4_turbo"])
    assert {claim[0] for claim in claims} == {late.pk, other.pk}


@pytest.mark.parametrize("limit", [0, -1])
def test_no_room_claims_nothing(limit: int) -> None:
    make_video("queued")
    assert leases.claim("queued", limit) == []


def test_an_expired_lease_is_claimed_again_with_a_new_fence() -> None:
    video = make_video("queued")
    leases.claim("queued", 1)
    Video.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    assert leases.claim("queued", 1) == [(video.pk, 2)]


def test_renewing_keeps_others_off() -> None:
    video = make_video("in_progress")
    claims = leases.claim("in_progress", 1)
    Video.objects.update(next_at=timezone.now() + timedelta(seconds=1))
    leases.renew(claims)
    assert due_in(video) > 18


def test_an_old_claim_renews_nothing() -> None:
    video = make_video("in_progress", next_at=timezone.now())
    leases.renew([(video.pk, 99)])
    assert due_in(video) < 1


def test_a_claim_handed_back_is_due_at_once() -> None:
    video = make_video("queued")
    leases.hand_back(leases.claim("queued", 1))
    assert due_in(video) < 1


def test_a_finished_video_gets_no_new_date() -> None:
    video = make_video("completed", next_at=None, fence=3)
    leases.renew([(video.pk, 3)])
    video.refresh_from_db()
    assert video.next_at is None


def look(video: Video, fence: int, **extra: object) -> leases.Look:
    """A look that saw 40 % and says nothing else."""
    values: dict[str, object] = {
        "provider_status": "RUNNING",
        "progress": 40,
        "failures": 0,
        "reason": "",
        "seconds": 5.0,
        "is_fresh": True,
        **extra,
    }
    return leases.Look((video.pk, fence), **values)  # type: ignore[arg-type]  # a mixed dict


def test_a_look_writes_what_it_saw_and_when_to_look_again() -> None:
    video = make_video("in_progress")
    [(_, fence)] = leases.claim("in_progress", 1)
    leases.write_looks([look(video, fence)])
    assert 4 < due_in(video) <= 5.5
    assert (video.provider_status, video.progress) == ("RUNNING", 40)
    assert video.seen_at is not None


def test_a_bad_look_is_no_word_from_runway() -> None:
    video = make_video("in_progress")
    [(_, fence)] = leases.claim("in_progress", 1)
    leases.write_looks([look(video, fence, is_fresh=False, failures=3, reason="No answer")])
    video.refresh_from_db()
    assert (video.seen_at, video.failures, video.reason) == (None, 3, "No answer")


def test_a_look_of_an_old_claim_is_dropped() -> None:
    video = make_video("in_progress")
    leases.write_looks([look(video, 99)])
    video.refresh_from_db()
    assert video.progress == 0
