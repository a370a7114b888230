"""What goes to Runway, word by word, and what its ordinary answers become."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
import responses

from providers.runway import RunwayClient
from providers.tasks import CreatedTask, MediaInput, OrganizationInfo, TaskRequest, TaskState

from .conftest import BASE, CREATE, READ, SECRET, TASK, TEXT, call_everything

DATA_URI = "data:image/png;base64,iVBORw0KGgo="
LINK = "https://example.org/frame.png"


def picture_request(model: str, *images: MediaInput, **more: Any) -> TaskRequest:
    """A request that animates pictures."""
    return TaskRequest("image_to_video", model, ratio="1280:720", media=images, **more)


BODIES = {
    "gen4.5 from text": (
        TEXT,
        {
            "model": "gen4.5",
            "promptText": "a quiet sea",
            "ratio": "1280:720",
            "duration": 5,
        },
    ),
    "gen4.5 with everything": (
        TaskRequest(
            "text_to_video",
            "gen4.5",
            "a quiet sea",
            seconds=10,
            ratio="720:1280",
            seed=0,
            options={
                "content_moderation": {"publicFigureThreshold": "low"},
                "output_format": "prores",
            },
        ),
        {
            "model": "gen4.5",
            "promptText": "a quiet sea",
            "ratio": "720:1280",
            "duration": 10,
            "seed": 0,
            "contentModeration": {"publicFigureThreshold": "low"},
            "outputFormat": "prores",
        },
    ),
    "gen4.5 from a link": (
        picture_request(
            "gen4.5", MediaInput("input_reference", LINK), prompt="it moves", seconds=2
        ),
        {
            "model": "gen4.5",
            "promptText": "it moves",
            "promptImage": LINK,
            "ratio": "1280:720",
            "duration": 2,
        },
    ),
    "gen4_turbo from bytes, no prompt": (
        picture_request("gen4_turbo", MediaInput("input_reference", DATA_URI)),
        {"model": "gen4_turbo", "promptImage": DATA_URI, "ratio": "1280:720"},
    ),
    "veo3.1 from text, silent": (
        TaskRequest(
            "text_to_video",
            "veo3.1",
            "rain",
            seconds=8,
            ratio="1920:1080",
            audio=False,
            options={"negative_prompt": "people"},
        ),
        {
            "model": "veo3.1",
            "promptText": "rain",
            "ratio": "1920:1080",
            "duration": 8,
            "audio": False,
            "negativePrompt": "people",
        },
    ),
    "veo3.1 between two frames": (
        picture_request(
            "veo3.1",
            MediaInput("input_reference", LINK),
            MediaInput("last_frame", DATA_URI),
            seconds=4,
            audio=True,
        ),
        {
            "model": "veo3.1",
            "promptImage": [
                {"uri": LINK, "position": "first"},
                {"uri": DATA_URI, "position": "last"},
            ],
            "ratio": "1280:720",
            "duration": 4,
            "audio": True,
        },
    ),
}


@pytest.mark.parametrize(("request_", "body"), BODIES.values(), ids=BODIES)
def test_a_create_has_exactly_runways_words(
    runway: responses.RequestsMock,
    client: RunwayClient,
    request_: TaskRequest,
    body: dict[str, Any],
) -> None:
    url = f"{BASE}/v1/{request_.mode}"
    runway.post(url, json={"id": TASK})
    client.create(request_)
    [call] = runway.calls
    assert (call.request.method, call.request.url) == ("POST", url)
    sent = json.loads(call.request.body or "")
    assert sent == body
    assert {name: type(value) for name, value in sent.items()} == {
        name: type(value) for name, value in body.items()
    }


def test_every_call_carries_the_key_and_the_version(
    runway: responses.RequestsMock, client: RunwayClient
) -> None:
    call_everything(runway, client)
    assert len(runway.calls) == 4
    for call in runway.calls:
        assert call.request.headers["Authorization"] == f"Bearer {SECRET}"
        assert call.request.headers["X-Runway-Version"] == "2024-11-06"
        assert call.request.headers["Accept-Encoding"] == "identity"
        assert call.request.headers["User-Agent"].startswith("Rushes/")


def test_paths_and_methods_are_runways(
    runway: responses.RequestsMock, client: RunwayClient
) -> None:
    call_everything(runway, client)
    assert [(call.request.method, call.request.path_url) for call in runway.calls] == [
        ("POST", "/v1/text_to_video"),
        ("GET", f"/v1/tasks/{TASK}"),
        ("DELETE", f"/v1/tasks/{TASK}"),
        ("GET", "/v1/organization"),
    ]


def test_a_base_url_may_end_in_a_slash_and_have_a_path(runway: responses.RequestsMock) -> None:
    runway.get("http://127.0.0.1:4010/proxy/v1/organization", json={"creditBalance": 7})
    assert RunwayClient(SECRET, "http://127.0.0.1:4010/proxy/").organization().credits == 7


@pytest.mark.parametrize(
    ("body", "estimate"),
    [
        ({"id": TASK, "estimatedCost": {"credits": 60}}, Decimal(60)),
        ({"id": TASK, "estimatedCost": {"credits": 0}}, Decimal(0)),
        ({"id": TASK, "estimatedCost": {"credits": 12.5}}, Decimal("12.5")),
        ({"id": TASK}, None),
    ],
    ids=["whole", "nothing", "fraction", "untold"],
)
def test_a_created_task_has_its_id_and_the_most_it_may_cost(
    runway: responses.RequestsMock,
    client: RunwayClient,
    body: dict[str, Any],
    estimate: Decimal | None,
) -> None:
    runway.post(CREATE, json=body)
    assert client.create(TEXT) == CreatedTask(TASK, estimate)


STATES = {
    "pending": (
        {"status": "PENDING", "estimatedCost": {"credits": 60}},
        TaskState(TASK, "PENDING", estimated_credits=Decimal(60)),
    ),
    "running": (
        {"status": "RUNNING", "progress": 0.405, "estimatedCost": {"credits": 60}},
        TaskState(TASK, "RUNNING", progress=40, estimated_credits=Decimal(60)),
    ),
    "succeeded": (
        {"status": "SUCCEEDED", "output": ["https://a/1", "https://a/2"], "cost": {"credits": 60}},
        TaskState(TASK, "SUCCEEDED", outputs=("https://a/1", "https://a/2"), credits=Decimal(60)),
    ),
    "failed": (
        {
            "status": "FAILED",
            "failure": "Bad\nimage",
            "failureCode": "ASSET.INVALID",
            "cost": {"credits": 0},
        },
        TaskState(
            TASK,
            "FAILED",
            credits=Decimal(0),
            failure="Bad image",
            failure_code="ASSET.INVALID",
        ),
    ),
    "failed without a code": (
        {"status": "FAILED", "failure": "Oops", "failureCode": None, "cost": {"credits": 0}},
        TaskState(TASK, "FAILED", credits=Decimal(0), failure="Oops"),
    ),
    "cancelled": (
        {"status": "CANCELLED", "cost": {"credits": 60}},
        TaskState(TASK, "CANCELLED", credits=Decimal(60)),
    ),
    "unknown": ({"status": "Dreaming"}, TaskState(TASK, "DREAMING")),
}


@pytest.mark.parametrize(("body", "state"), STATES.values(), ids=STATES)
def test_a_task_is_told_in_our_words(
    runway: responses.RequestsMock, client: RunwayClient, body: dict[str, Any], state: TaskState
) -> None:
    runway.get(READ, json={"id": TASK, "createdAt": "2026-11-25T00:00:00Z", **body})
    assert client.get(TASK) == state


def test_an_unknown_status_is_neither_waiting_nor_over() -> None:
    state = TaskState(TASK, "DREAMING")
    assert (state.is_waiting, state.is_over) == (False, False)


@pytest.mark.parametrize(
    ("progress", "percent"),
    [(0, 0), (0.004, 0), (0.5, 50), (1, 100), (1.0, 100), (-1, 0), (7, 100), (None, None)],
)
def test_progress_from_0_to_1_becomes_0_to_100(
    runway: responses.RequestsMock, client: RunwayClient, progress: Any, percent: int | None
) -> None:
    runway.get(READ, json={"status": "RUNNING", "progress": progress})
    assert client.get(TASK).progress == percent


def test_cancelling_a_task_that_is_gone_is_fine(
    runway: responses.RequestsMock, client: RunwayClient
) -> None:
    runway.delete(READ, json={"error": "Could not find Task"}, status=404)
    client.cancel(TASK)
    assert len(runway.calls) == 1


def test_an_organization_has_its_credits_and_limits(
    runway: responses.RequestsMock, client: RunwayClient
) -> None:
    limits = {"maxConcurrentGenerations": 3, "maxDailyGenerations": 500}
    body = {
        "creditBalance": 25_000_000,
        "tier": {"maxMonthlyCreditSpend": 1, "models": {"gen4.5": limits}},
        "usage": {"models": {"gen4.5": {"dailyGenerations": 4}}},
    }
    runway.get(f"{BASE}/v1/organization", json=body)
    assert client.organization() == OrganizationInfo(
        Decimal(25_000_000), {"gen4.5": 3}, {"gen4.5": 500}, {"gen4.5": 4}, 1
    )
