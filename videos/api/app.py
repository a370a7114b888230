"""The API as one object: its routes, its documentation, and what exceptions become on the wire."""

from __future__ import annotations

import logging
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from providers import api as providers_api
from providers.entries import InvalidEntry
from studio.accounts.errors import ApiError, error_response
from videos.budgets import OverBudget
from videos.requests import InvalidRequest

from . import derive, files, hooks, models, routes

logger = logging.getLogger(__name__)

api = NinjaAPI(
    title="Rushes",
    version="1",
    description="OpenAI's Videos API over your own library. Authorization: Bearer and an API key.",
    openapi_url="/api/openapi.json",
    docs_url="/api/docs",
)
api.add_router("/v1/videos", derive.router)  # first: its words are no ids
api.add_router("/v1/videos", routes.router)
api.add_router("/v1/files", files.router)
api.add_router("/v1/models", models.router)
api.add_router("/v1/webhook_endpoints", hooks.router)
api.add_router("/v1/webhook_event_types", hooks.event_types)
api.add_router("/api/providers", providers_api.router)


@api.exception_handler(ApiError)
def _api_error(request: HttpRequest, exc: ApiError) -> HttpResponse:
    return exc.response()


@api.exception_handler(InvalidEntry)
def _invalid_entry(request: HttpRequest, exc: InvalidEntry) -> HttpResponse:
    return error_response(exc.status, exc.message, code=exc.code, param=exc.param)


@api.exception_handler(InvalidRequest)
def _invalid_request(request: HttpRequest, exc: InvalidRequest) -> HttpResponse:
    return error_response(400, exc.message, code=exc.code, param=exc.param)


@api.exception_handler(OverBudget)
def _over_budget(request: HttpRequest, exc: OverBudget) -> HttpResponse:
    """Refused before anything was submitted; no repeat helps until the period is over."""
    return error_response(429, exc.message, code="insufficient_quota")


@api.exception_handler(FileNotFoundError)
def _file_gone(request: HttpRequest, exc: FileNotFoundError) -> HttpResponse:
    """A file that the request names was removed while it was read."""
    message = "A file that this request names is no longer on our storage."
    return error_response(400, message, code="file_missing")


@api.exception_handler(ValidationError)
def _invalid_query(request: HttpRequest, exc: ValidationError) -> HttpResponse:
    """A query parameter of the wrong kind; pydantic says what would be right."""
    first: dict[str, Any] = exc.errors[0]
    param = str(first["loc"][-1])
    return error_response(
        400, f"Invalid value for '{param}': {first['msg']}.", code="invalid_value", param=param
    )


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def _database_away(request: HttpRequest, exc: Exception) -> HttpResponse:
    logger.error("the database does not answer: %s", exc)
    message = "The studio cannot reach its database just now. Try again in a moment."
    answer = error_response(503, message, code="unavailable")
    answer["Retry-After"] = "2"
    return answer
