"""Providers and their keys as JSON, and the shapes for the documentation. Used by `api.py` alone.

Source: Bifrost's management API (`/api/providers`). `value_state`, `running` and `today` are ours.
"""

from __future__ import annotations

from typing import Any, Literal

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from ninja import Field, Schema

from studio.accounts.errors import ApiError

from . import health
from .entries import RUNWAY, TIMEOUT
from .models import LONGEST_TIMEOUT, SHORTEST_TIMEOUT, ProviderKey

MOST_KEYS = 20

_URL = "https://api.dev.runwayml.com"


class NetworkConfig(Schema):
    """Where a key is used, and how long it waits."""

    base_url: str = Field(examples=[_URL], description="Where the key is used.")
    default_request_timeout_in_seconds: int = Field(
        examples=[LONGEST_TIMEOUT], description="How long an answer may take."
    )


class Key(Schema):
    """A provider key. Its secret is never told."""

    id: str = Field(examples=["7"])
    name: str = Field(examples=["runway-key-1"], description="Its name, which is its own.")
    value: str = Field(
        examples=["env.RUNWAY_API_KEY"],
        description="The reference, or `key_…` with the secret's last four characters. "
        "Sent back as it is, it means: unchanged.",
    )
    value_state: Literal["found", "missing", "encrypted", "unreadable"] = Field(
        description="Whether the reference leads to a secret, or the secret can be decrypted."
    )
    models: list[str] = Field(
        examples=[["*"]], description='Models, globs, and exclusions ("!gen4_turbo"); [] is all.'
    )
    weight: float = Field(examples=[1.0], description="Its share of the work; 0 is none.")
    credit_floor: int = Field(examples=[0], description="Stop under this many credits; 0: never.")
    parallel: int | None = Field(
        examples=[None], description="At most so many videos at once; null: what Runway allows."
    )
    enabled: bool = Field(examples=[True])
    network_config: NetworkConfig
    status: Literal["works", "untested", "failed", "paused", "resting", "stopped", "off"]
    description: str = Field(examples=["works"], description="The same in words, with reasons.")
    credits: float | None = Field(examples=[4210.0], description="Of its last passed test.")
    tested_at: int | None = Field(examples=[1795600000], description="Unix seconds.")
    running: int = Field(examples=[0], description="Videos that it makes now.")
    today: int = Field(examples=[0], description="Videos submitted since midnight, UTC.")


class Provider(Schema):
    """A provider with its keys."""

    name: Literal["runway"]
    provider_status: Literal["active"]
    network_config: NetworkConfig = Field(description="Of keys that name none.")
    keys: list[Key]


class ProviderList(Schema):
    """All there are: one."""

    providers: list[Provider]
    total: int = Field(examples=[1])


class KeyList(Schema):
    """The keys of a provider."""

    keys: list[Key]
    total: int = Field(examples=[1])


class DeletedKey(Schema):
    """What is left of a deleted key."""

    id: str = Field(examples=["7"])
    name: str = Field(examples=["runway-key-1"])
    deleted: Literal[True]


_NETWORK: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "base_url": {"type": "string", "maxLength": 200, "examples": [_URL]},
        TIMEOUT: {"type": "integer", "minimum": SHORTEST_TIMEOUT, "maximum": LONGEST_TIMEOUT},
    },
}
_KEY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 80, "examples": ["runway-key-1"]},
        "value": {
            "type": "string",
            "description": "A Runway key, or where one is kept: env.NAME or file.PATH.",
            "examples": ["env.RUNWAY_API_KEY"],
        },
        "models": {"type": "array", "items": {"type": "string"}, "examples": [["*"]]},
        "weight": {"type": "number", "minimum": 0, "maximum": 1_000_000, "examples": [1.0]},
        "credit_floor": {"type": "integer", "minimum": 0, "examples": [200]},
        "parallel": {"type": ["integer", "null"], "minimum": 0, "examples": [5]},
        "enabled": {"type": "boolean"},
        "network_config": _NETWORK,
    },
}
_PROVIDER: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "provider": {"type": "string", "enum": [RUNWAY]},
        "keys": {
            "type": "array",
            "maxItems": MOST_KEYS,
            "items": {**_KEY, "required": ["name", "value"]},
        },
        "network_config": _NETWORK,
    },
}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


CREATE = _body({**_PROVIDER, "required": ["provider"]})
REPLACE = _body(_PROVIDER)
CREATE_KEY = _body({**_KEY, "required": ["name", "value"]})
CHANGE_KEY = _body(_KEY)


def read(request: HttpRequest) -> dict[str, Any]:
    """The body, an object in JSON whatever its type says. Raises: ApiError 400, 413."""
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError as exc:
        message = "The request body is not valid JSON."
        raise ApiError(400, message, code="invalid_body") from exc
    except UnreadablePostError as exc:
        raise ApiError(400, "The request body broke off.", code="invalid_body") from exc
    except RequestDataTooBig as exc:
        message = "The request body is too large."
        raise ApiError(413, message, code="request_too_large") from exc
    if not isinstance(body, dict):
        raise ApiError(400, "The request body must be a JSON object.", code="invalid_body")
    return body


def provider_object() -> dict[str, Any]:
    """The one provider; the sandbox's key is nobody's to set."""
    return {
        "name": RUNWAY,
        "provider_status": "active",
        "network_config": {"base_url": settings.RUNWAY_BASE_URL, TIMEOUT: LONGEST_TIMEOUT},
        "keys": key_objects(),
    }


def key_objects() -> list[dict[str, Any]]:
    """All keys but the sandbox's, by name."""
    keys = ProviderKey.objects.filter(is_sandbox=False).prefetch_related("rests")
    return [key_object(key) for key in keys]


def key_object(key: ProviderKey) -> dict[str, Any]:
    """A key, as it may be shown."""
    return {
        "id": str(key.pk),
        "name": key.name,
        "value": health.secret_shown(key),
        "value_state": health.secret_state(key),
        "models": key.model_ids,
        "weight": float(key.weight),
        "credit_floor": key.credit_floor,
        "parallel": key.parallel,
        "enabled": key.enabled,
        "network_config": {"base_url": key.base_url, TIMEOUT: key.timeout_seconds},
        "status": health.status(key),
        "description": health.words(key),
        "credits": None if key.credits is None else float(key.credits),
        "tested_at": key.tested_at and int(key.tested_at.timestamp()),
        "running": key.unfinished().count(),
        "today": key.made_today(),
    }
