"""A caller of the API with a key of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client

from studio.accounts.models import ApiKey, User
from tests.videos.factories import make_key, make_user


@dataclass
class Caller:
    """A script with an API key. Every method answers the response."""

    owner: User
    token: str

    def get(self, path: str, **headers: str) -> Any:
        """GET below /v1/videos."""
        return self.send("GET", path, **headers)

    def post(self, path: str = "", body: object = None, **headers: str) -> Any:
        """POST of JSON; a string or bytes goes out as it is."""
        data = body if isinstance(body, (str, bytes)) else json.dumps(body or {})
        return self.send("POST", path, data, "application/json", **headers)

    def form(self, fields: dict[str, Any], **headers: str) -> Any:
        """POST of a multipart form."""
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        return Client().post("/v1/videos", fields, headers=headers)

    def delete(self, path: str) -> Any:
        """DELETE as the Python SDK sends it: with a JSON type and no body."""
        return self.send("DELETE", path, "", "application/json")

    def send(
        self, method: str, path: str, data: str | bytes = "", kind: str = "", **headers: str
    ) -> HttpResponseBase:
        """Any request below /v1/videos."""
        return Client(raise_request_exception=False).generic(
            method,
            f"/v1/videos{path}",
            data,
            kind,
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )


def make_caller(email: str = "ana@example.org") -> Caller:
    """A caller with a fresh key."""
    owner = make_user(email)
    return Caller(owner, ApiKey.issue(owner, "script")[1])


@pytest.fixture
def caller(db: None) -> Caller:
    """Ana, in an installation with a provider key."""
    make_key()
    return make_caller()


@pytest.fixture
def stranger(db: None) -> Caller:
    """Somebody else."""
    return make_caller("bo@example.org")
