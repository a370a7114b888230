"""How OpenAI says it: webhook endpoints as JSON, and the shapes for the documentation.

Called by `hooks.py` alone.

Source: openai-python 3.57, `types/webhooks`. `enabled` and `disabled_reason` are our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from videos.hook_actions import NAME_CHARS
from videos.hooks import EVENT_TYPES, WebhookDelivery, WebhookEndpoint

_ID = "we_0123456789abcdef0123456789abcdef"
_FIELDS: dict[str, dict[str, Any]] = {
    "event_types": {
        "type": "array",
        "items": {"type": "string", "enum": list(EVENT_TYPES)},
        "minItems": 1,
        "examples": [["video.completed", "video.failed"]],
        "description": "What it wants to hear of.",
    },
    "name": {
        "type": "string",
        "minLength": 1,
        "maxLength": NAME_CHARS,
        "examples": ["Cutting room"],
        "description": "For people.",
    },
    "url": {
        "type": "string",
        "maxLength": 2000,
        "examples": ["https://hooks.example.org/rushes"],
        "description": "https on a public address, port 443 or 8443, or a host that the "
        "operator listed in STUDIO_WEBHOOK_HOSTS.",
    },
}
_ENABLED = {
    "type": "boolean",
    "examples": [True],
    "description": "False pauses it; true goes on, and sends what waited.",
}
_KEEP = {
    "type": "boolean",
    "default": False,
    "examples": [True],
    "description": "Whether the old secret signs beside the new one for 24 hours.",
}
_EVENT_TYPE = {
    "type": "string",
    "enum": list(EVENT_TYPES),
    "examples": ["video.completed"],
    "description": "The event to make up.",
}


class HookPage(Schema):
    """Which part of a list of webhook endpoints."""

    limit: int = Field(20, ge=1, le=100, examples=[20], description="How many.")
    after: str = Field("", examples=[_ID], description="The last id of the page before.")


class Endpoint(Schema):
    """An address that hears of your videos."""

    id: str = Field(examples=[_ID])
    object: Literal["webhook_endpoint"]
    created_at: int = Field(description="Unix seconds.", examples=[1795600000])
    updated_at: int = Field(
        description="Unix seconds; the last change of settings or secret.", examples=[1795600000]
    )
    event_types: list[str] = Field(examples=[["video.completed"]], description="What it hears of.")
    name: str = Field(examples=["Cutting room"], description="For people.")
    url: str = Field(
        examples=["https://hooks.example.org/rushes"], description="Where deliveries go."
    )
    signing_secret_hint: str = Field(
        examples=["whsec_…x3Yz"], description="The end of its signing secret."
    )
    enabled: bool = Field(examples=[True], description="False while it is paused.")
    disabled_reason: str | None = Field(examples=[None], description="Why it is paused.")


class EndpointWithSecret(Endpoint):
    """The same with its signing secret, which is never shown again."""

    signing_secret: str = Field(examples=["whsec_…"], description="Keep it: it is shown once.")


class EndpointList(Schema):
    """One page of a list."""

    object: Literal["list"]
    data: list[Endpoint]
    first_id: str | None = Field(examples=[_ID], description="The first id of this page.")
    last_id: str | None = Field(examples=[_ID], description="The last id of this page.")
    has_more: bool = Field(examples=[False], description="Whether more follow.")


class DeletedEndpoint(Schema):
    """What is left of a deleted webhook endpoint."""

    id: str = Field(examples=[_ID])
    object: Literal["webhook_endpoint.deleted"]
    deleted: Literal[True]


class TestResult(Schema):
    """What a receiver said to a made-up event."""

    object: Literal["webhook_endpoint.test"]
    event_type: str = Field(examples=["video.completed"], description="What was sent.")
    status_code: int = Field(examples=[200], description="The receiver's status.")
    success: Literal[True] = Field(description="An answer came; `status_code` says which.")
    webhook_endpoint_id: str = Field(examples=[_ID], description="Who was asked.")


class EventTypeList(Schema):
    """Every event that can be sent."""

    object: Literal["list"]
    data: list[str] = Field(examples=[["video.completed"]], description="Event types.")


def _body(properties: dict[str, Any], required: Sequence[str] = ()) -> dict[str, Any]:
    """The request body of an operation, for its documentation."""
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": bool(required), "content": content}}


CREATE = _body(_FIELDS, ("event_types", "name", "url"))
UPDATE = _body({**_FIELDS, "enabled": _ENABLED})
ROTATE = _body({"keep_old_secret_active_for_24_hours": _KEEP})
TEST = _body({"event_type": _EVENT_TYPE}, ("event_type",))


def endpoint_object(endpoint: WebhookEndpoint, secret: str = "") -> dict[str, Any]:
    """A webhook endpoint; with its secret where it is new."""
    shown = {
        "id": endpoint.pk,
        "object": "webhook_endpoint",
        "created_at": _unix(endpoint.created_at),
        "updated_at": _unix(endpoint.updated_at),
        "event_types": endpoint.event_types,
        "name": endpoint.name,
        "url": endpoint.url,
        "signing_secret_hint": endpoint.hint,
        "enabled": not endpoint.is_paused,
        "disabled_reason": endpoint.paused_reason or None,
    }
    return {**shown, "signing_secret": secret} if secret else shown


def list_object(endpoints: Sequence[WebhookEndpoint], *, has_more: bool) -> dict[str, Any]:
    """A page of a list."""
    return {
        "object": "list",
        "data": [endpoint_object(endpoint) for endpoint in endpoints],
        "first_id": endpoints[0].pk if endpoints else None,
        "last_id": endpoints[-1].pk if endpoints else None,
        "has_more": has_more,
    }


def deleted_object(endpoint_id: str) -> dict[str, Any]:
    """The answer to a DELETE."""
    return {"id": endpoint_id, "object": "webhook_endpoint.deleted", "deleted": True}


def test_object(delivery: WebhookDelivery) -> dict[str, Any]:
    """The answer to a test that a receiver answered."""
    return {
        "object": "webhook_endpoint.test",
        "event_type": delivery.event.type,
        "status_code": delivery.response_status,
        "success": True,
        "webhook_endpoint_id": delivery.endpoint_id,
    }


def _unix(moment: datetime) -> int:
    return int(moment.timestamp())
