"""The one error envelope, for every door that answers JSON.

Source: OpenAI API reference, "Error codes"; its clients read message, type, param and code from
inside `error`, and need all four.
"""

from __future__ import annotations

from typing import Literal

from django.http import JsonResponse
from ninja import Field, Schema

QUOTA = "insufficient_quota"  # OpenAI's word, as code and as type
TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class ApiError(Exception):
    """An answer other than success: `status` with the envelope, `param` naming the bad field."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.headers = headers or {}

    def response(self) -> JsonResponse:
        """This error as an HTTP answer."""
        answer = error_response(self.status, self.message, code=self.code, param=self.param)
        for name, value in self.headers.items():
            answer[name] = value
        return answer


def error_response(
    status: int, message: str, *, code: str | None = None, param: str | None = None
) -> JsonResponse:
    """The envelope. What a client must not repeat by itself says so in `x-should-retry`."""
    kind = "server_error" if status >= 500 else TYPES.get(status, "invalid_request_error")
    kind = QUOTA if code == QUOTA else kind
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    answer = JsonResponse(body, status=status)
    if status == 409 or status >= 500 or code == QUOTA:
        answer["x-should-retry"] = "false"
    return answer


class ErrorDetail(Schema):
    """What is wrong, and where."""

    message: str = Field(
        examples=["Invalid value '11' for 'seconds': expected 2 to 10 for gen4.5."],
        description="For people; it says what would be accepted.",
    )
    type: Literal[
        "invalid_request_error",
        "authentication_error",
        "permission_error",
        "rate_limit_error",
        "server_error",
    ] = Field(examples=["invalid_request_error"], description="The kind, by the HTTP status.")
    param: str | None = Field(examples=["seconds"], description="The field at fault.")
    code: str | None = Field(examples=["invalid_value"], description="A stable word; see “Errors”.")


class ErrorEnvelope(Schema):
    """Every answer of 400 and above."""

    error: ErrorDetail = Field(description="What is wrong, and where.")
