"""Runway at the wire, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from providers.runway import RunwayClient
from providers.tasks import TaskRequest

SECRET = "key_" + "5e" * 62 + "beef"
BASE = "https://api.dev.runwayml.com"
TASK = "17f20503-6c24-4c16-946b-35dbbce2af2f"
READ = f"{BASE}/v1/tasks/{TASK}"
CREATE = f"{BASE}/v1/text_to_video"
TEXT = TaskRequest("text_to_video", "gen4.5", "a quiet sea", seconds=5, ratio="1280:720")


@pytest.fixture
def runway() -> Iterator[responses.RequestsMock]:
    """Runway at the wire; whatever is not registered is refused."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def client() -> RunwayClient:
    """A client of Runway's own host."""
    return RunwayClient(SECRET, BASE)


def call_everything(runway: responses.RequestsMock, client: RunwayClient) -> None:
    """Each method once."""
    runway.post(CREATE, json={"id": TASK})
    runway.get(READ, json={"id": TASK, "status": "RUNNING"})
    runway.delete(READ, status=204)
    runway.get(f"{BASE}/v1/organization", json={"creditBalance": 7})
    client.create(TEXT)
    client.get(TASK)
    client.cancel(TASK)
    client.organization()
