"""When to look again: bounds that hold whatever the jitter."""

import pytest

from videos import schedule


@pytest.mark.parametrize("waited", [0, 3, 30, 3600, 86_400])
def test_a_running_task_is_looked_at_every_five_seconds_and_never_sooner(waited: float) -> None:
    delay = schedule.follow_delay(5.0, waiting_seconds=waited, is_waiting=False)
    assert 5.0 <= delay <= 6.0


@pytest.mark.parametrize(("waited", "least"), [(0, 5), (20, 5), (80, 20), (10_000, 60)])
def test_a_waiting_task_is_looked_at_ever_less_often(waited: float, least: float) -> None:
    delay = schedule.follow_delay(5.0, waiting_seconds=waited, is_waiting=True)
    assert least <= delay <= least * 1.2


@pytest.mark.parametrize(("failures", "least"), [(0, 5), (1, 10), (3, 40), (4, 60), (10_000, 60)])
def test_bad_looks_are_spaced_out_up_to_a_minute(failures: int, least: float) -> None:
    assert least <= schedule.retry_delay(5.0, failures) <= least * 1.5


def test_the_provider_s_own_wish_is_obeyed() -> None:
    assert schedule.retry_delay(5.0, 0, retry_after=120) >= 120


@pytest.mark.parametrize(
    ("failures", "age", "gone"), [(5, 61, True), (5, 59, False), (4, 600, False)]
)
def test_a_task_is_gone_after_a_minute_and_five_answers(
    failures: int, age: float, gone: bool
) -> None:
    assert schedule.is_gone(failures, age) is gone
