"""The form of an API key."""

from __future__ import annotations

from typing import Any

import pytest

from studio.accounts.key_forms import ApiKeyForm

FIELDS = {"name": "script", "scopes": ["read"]}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", []),
        ("gen4*", ["gen4*"]),
        (" gen4.5,veo3.1  aleph2 ", ["gen4.5", "veo3.1", "aleph2"]),
    ],
)
def test_models_are_written_with_commas_or_spaces(typed: str, kept: list[str]) -> None:
    form = ApiKeyForm({**FIELDS, "models_allowed": typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["models_allowed"] == kept


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("models_allowed", "gen4.5; drop"),
        ("models_allowed", "x" * 81),
        ("scopes", []),
        ("scopes", ["everything"]),
        ("requests_per_minute", "0"),
        ("videos_per_day", "-1"),
        ("expires_at", "tomorrow"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_at_its_field(field: str, value: Any) -> None:
    form = ApiKeyForm({**FIELDS, field: value})
    assert list(form.errors) == [field]
