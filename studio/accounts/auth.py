"""Who is calling the API: looks the Bearer key up. Used by the API's routers.

Source: OpenAI API reference, "Authentication" (401 `invalid_api_key`); Azure's clients send the
same secret as `api-key`, Bifrost's in headers of their own.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest
from ninja.security.base import AuthBase

from . import tokens
from .address import client_address
from .errors import ApiError
from .models import ApiKey, Scope

# Where else than in `Authorization: Bearer` a key may stand.
HEADERS = ("Api-Key", "X-Api-Key", "X-Bf-Vk", "X-Goog-Api-Key")


# What a key needs for a method, where an operation does not say otherwise.
SCOPES = {"GET": Scope.READ, "HEAD": Scope.READ, "DELETE": Scope.CANCEL}


class ApiKeyAuth(AuthBase):
    """Answers the ApiKey of a request, or refuses: 401, 403 for its scope, 429 for its limit.

    Every 401 reads the same, so that nobody learns which keys exist. `scope` is what the operation
    needs; without one, its method decides.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_bearerFormat = "rk_…"
    openapi_description = "An API key of the studio; Azure's header `api-key` carries it as well."

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> ApiKey:
        found = find_key(_token(request))
        key = found.replaced_by or found
        request.user = key.owner
        _limit_requests(request, key)
        used = found.last_used_at
        if used is None or used < datetime.now(UTC) - timedelta(minutes=1):
            found.note_use(client_address(request))
        scope = self.scope or SCOPES.get(request.method or "", Scope.CREATE)
        if scope == Scope.ADMIN and not key.owner.is_staff:
            message = f"There is nothing at {request.method} {request.path_info[:200]}."
            raise ApiError(404, message, code="not_found")
        if not key.may(scope):
            raise _out_of_scope(scope)
        if scope != Scope.READ and not key.owner.may_make:
            message = "The owner of this API key is a viewer, who makes and changes nothing."
            raise ApiError(403, message, code="permission_denied")
        return key


class AdminAuth(ApiKeyAuth):
    """Lets administrators' keys with the scope `admin` in; for other people nothing is there."""

    def __init__(self) -> None:
        super().__init__(Scope.ADMIN)

    def __call__(self, request: HttpRequest) -> ApiKey:
        """As of ApiKeyAuth; 404 in place of 403 for whoever is no administrator."""
        key: ApiKey
        try:
            key = super().__call__(request)
        except ApiError as exc:
            if exc.status == 403 and not getattr(request.user, "is_staff", False):
                raise ApiError(404, "There is nothing at this address.", code="not_found") from exc
            raise
        return key


def find_key(token: str) -> ApiKey:
    """The live key with this token. A rotated one names the key it is now. Raises ApiError 401."""
    if not token:
        raise _refusal("You did not provide an API key. Send it as 'Authorization: Bearer rk_…'.")
    if tokens.is_well_formed(token):
        live = ApiKey.objects.live().select_related("owner", "replaced_by__owner")
        key = live.filter(digest=tokens.digest(token)).first()
        if key and (key.replaced_by is None or live.filter(pk=key.replaced_by.pk).exists()):
            return key
    raise _refusal("Incorrect API key provided. It may be mistyped, expired or revoked.")


def has_key(request: HttpRequest) -> bool:
    """Whether the request carries an API key, right or wrong: no browser does by itself."""
    return bool(_token(request))


def _token(request: HttpRequest) -> str:
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    return next((request.headers[name].strip() for name in HEADERS if name in request.headers), "")


def _refusal(message: str) -> ApiError:
    headers = {"WWW-Authenticate": 'Bearer realm="rushes"'}
    return ApiError(401, message, code="invalid_api_key", headers=headers)


def _out_of_scope(scope: Scope) -> ApiError:
    """Source: RFC 6750, section 3.1 (`insufficient_scope`)."""
    message = f"This API key may not do this: it lacks the scope '{scope}'."
    challenge = f'Bearer realm="rushes", error="insufficient_scope", scope="{scope}"'
    headers = {"WWW-Authenticate": challenge}
    return ApiError(403, message, code="insufficient_scope", headers=headers)


def _limit_requests(request: HttpRequest, key: ApiKey) -> None:
    """Count the request if the key's are limited. What is left is told by `rate_limit_headers`."""
    limit = key.requests_per_minute
    if limit is None:
        return
    now = time.time()
    left, seconds = key.take_request(int(now // 60)), 60 - int(now % 60)
    request.META["studio.rate_limit"] = (limit, max(0, left), seconds)
    if left < 0:
        message = f"This API key may send {limit} requests a minute. Try again in {seconds} s."
        headers = {"Retry-After": str(seconds)}
        raise ApiError(429, message, code="rate_limit_exceeded", headers=headers)


def rate_limit_headers(request: HttpRequest) -> dict[str, str]:
    """How many requests the key has left in this minute; nothing where they are not limited.

    Source: OpenAI API reference, "Debugging requests" (`x-ratelimit-*-requests`).
    """
    if "studio.rate_limit" not in request.META:
        return {}
    limit, left, seconds = request.META["studio.rate_limit"]
    return {
        "x-ratelimit-limit-requests": str(limit),
        "x-ratelimit-remaining-requests": str(left),
        "x-ratelimit-reset-requests": f"{seconds}s",
    }
