"""The API's paths, however a client writes them, and the envelope for what Django says under them.

One URL of ours has many spellings: without `/v1`, as Azure's clients and Bifrost's have it, with a
slash behind it. They are one before Django looks for a view.

Source: OpenAI API reference, "Error codes": its clients read only `{"error": {...}}`.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from studio.accounts.auth import has_key, rate_limit_headers
from studio.accounts.errors import error_response

logger = logging.getLogger(__name__)

# What stands directly below `/v1`, and is found without it too.
ROOTS = "videos|models|files|webhook_endpoints|webhook_event_types"
_API = re.compile(rf"/(?:v1|openai|api|{ROOTS})(?:/.*)?\Z", re.DOTALL)
_SPELLING = re.compile(rf"(?:/openai){{0,2}}(?:/v1)?(?P<path>/(?:{ROOTS})(?:/.+?)?)/?\Z", re.DOTALL)
MODELS_PAGE = "/models/"
LOOKS = ("GET", "HEAD")
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
    return path != MODELS_PAGE and _API.match(path) is not None


def plain_path(path: str) -> str:
    """The path as our URLs have it: `/openai/videos/` is `/v1/videos`. Others stay as they are."""
    match = _SPELLING.match(path)
    return f"/v1{match['path']}" if match else path


def one_spelling(get_response: GetResponse) -> GetResponse:
    """Middleware: whatever the spelling of an API path, the view is the same.

    One path is a page as well, for whoever comes without an API key.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info != MODELS_PAGE or has_key(request):
            request.path_info = plain_path(request.path_info)
            request.path = request.META.get("SCRIPT_NAME", "") + request.path_info
        return get_response(request)

    return middleware


def envelope_errors(get_response: GetResponse) -> GetResponse:
    """Middleware: gives every answer an `x-request-id`, and API errors the one envelope.

    Looking again costs nothing, so that a failed look does not keep clients from it.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request_id, path = f"req_{uuid.uuid4().hex}", request.path_info
        response = get_response(request)
        if (is_api(path) or is_api(request.path_info)) and _needs_envelope(response):
            response = _envelope(request, path, response)
        response["x-request-id"] = request_id
        for name, value in rate_limit_headers(request).items():
            response[name] = value
        if response.status_code >= 500 and request.method in LOOKS:
            del response["x-should-retry"]
        if response.status_code >= 500:
            logger.error("%s %s answered %s", request_id, request.method, response.status_code)
        return response

    return middleware


def _needs_envelope(response: HttpResponseBase) -> bool:
    kind = response.get("Content-Type", "")
    return response.status_code >= 400 and not kind.startswith("application/json")


def _envelope(request: HttpRequest, path: str, original: HttpResponseBase) -> HttpResponseBase:
    status = original.status_code
    text = MESSAGES.get(status, MESSAGES[400 if status < 500 else 500])
    message = text.format(method=request.method, path=path[:200])
    response = error_response(status, message, code=_code(status))
    if "Allow" in original:
        response["Allow"] = original["Allow"]
    return response


def _code(status: int) -> str:
    return {404: "not_found", 405: "method_not_allowed", 413: "request_too_large"}.get(
        status, "internal_error" if status >= 500 else "invalid_request"
    )
