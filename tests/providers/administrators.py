"""An administrator's script, for tests of `/api/providers`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from studio.accounts.models import ApiKey, Scope
from tests.videos.factories import make_user

HERE = "/api/providers"
KEYS = f"{HERE}/runway/keys"


class Admin:
    """An administrator's script. Every method answers status and JSON."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, method: str, path: str = HERE, body: object = None) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
        answer = Client(raise_request_exception=False).generic(
            method,
            path,
            data,
            "application/json",
            headers={"Authorization": f"Bearer {self.token}"},
        )
        return answer.status_code, answer.json()


def token(
    email: str = "root@example.org", *, is_staff: bool = True, scopes: Any = Scope.values
) -> str:
    """An API key of somebody."""
    return ApiKey.issue(make_user(email, is_staff=is_staff), "script", scopes)[1]


@pytest.fixture
def admin(db: None) -> Admin:
    """With every scope."""
    return Admin(token())
