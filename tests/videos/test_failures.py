"""What Runway's failure codes mean here."""

import pytest

from videos import failures


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("SAFETY.INPUT.TEXT", "moderation_blocked"),
        ("SAFETY.OUTPUT.VIDEO", "moderation_blocked"),
        ("INPUT_PREPROCESSING.SAFETY.THIRD_PARTY", "moderation_blocked"),
        ("ASSET.INVALID", "invalid_input"),
        ("INTERNAL.BAD_OUTPUT.CODE01", "bad_output"),
        ("THIRD_PARTY.UNAVAILABLE", "provider_unavailable"),
        ("SAFETYNET", "task_failed"),
        ("SOMETHING.NEW", "task_failed"),
        ("", "task_failed"),
    ],
)
def test_a_code_is_known_by_its_leading_parts(code: str, ours: str) -> None:
    assert failures.explain(code)[0] == ours


@pytest.mark.parametrize(
    ("code", "retryable"),
    [
        ("", True),
        ("INTERNAL", True),
        ("THIRD_PARTY.UNAVAILABLE", True),
        ("INPUT_PREPROCESSING.INTERNAL", True),
        ("INTERNAL.BAD_OUTPUT.CODE01", False),
        ("SAFETY.INPUT.TEXT", False),
        ("ASSET.INVALID", False),
    ],
)
def test_only_failures_that_may_pass_are_tried_again(code: str, retryable: bool) -> None:
    assert failures.is_retryable(code) is retryable
