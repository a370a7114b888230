"""The envelope for everything that Django itself would answer in HTML under the API's paths.

Source: OpenAI API reference, "Error codes": its clients read only `{"error": {...}}`.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from studio.accounts.errors import error_response

logger = logging.getLogger(__name__)

API_PREFIXES = ("/v1/", "/videos", "/openai/", "/api/")
MESSAGES = {
    400: "The request could not be read.",
    403: "This request is not allowed.",
    404: "There is nothing at {method} {path}.",
    405: "{method} is not allowed at {path}.",
    413: "The request body is too large.",
    500: "Something went wrong on our side. The request id names the log entry.",
    503: "The studio cannot answer just now. Try again in a moment.",
}

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def is_api(path: str) -> bool:
    """True for paths whose every answer is JSON."""
    return path == "/v1" or path.startswith(API_PREFIXES)


def envelope_errors(get_response: GetResponse) -> GetResponse:
    """Middleware: gives every answer an `x-request-id`, and API errors the one envelope."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request_id = f"req_{uuid.uuid4().hex}"
        response = get_response(request)
        if is_api(request.path_info) and _needs_envelope(response):
            response = _envelope(request, response)
        response["x-request-id"] = request_id
        if response.status_code >= 500:
            if request.method == "POST":  # what it asked for may be committed already
                response["x-should-retry"] = "false"
            logger.error("%s %s answered %s", request_id, request.method, response.status_code)
        return response

    return middleware


def _needs_envelope(response: HttpResponseBase) -> bool:
    kind = response.get("Content-Type", "")
    return response.status_code >= 400 and not kind.startswith("application/json")


def _envelope(request: HttpRequest, original: HttpResponseBase) -> HttpResponseBase:
    status = original.status_code
    text = MESSAGES.get(status, MESSAGES[400 if status < 500 else 500])
    message = text.format(method=request.method, path=request.path_info[:200])
    response = error_response(status, message, code=_code(status))
    if "Allow" in original:
        response["Allow"] = original["Allow"]
    return response


def _code(status: int) -> str:
    return {404: "not_found", 405: "method_not_allowed", 413: "request_too_large"}.get(
        status, "internal_error" if status >= 500 else "invalid_request"
    )
