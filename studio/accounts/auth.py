"""Who is calling the API: looks the Bearer key up. Used by the API's routers.

Source: OpenAI API reference, "Authentication" (401 `invalid_api_key`); Azure's clients send the
same secret as `api-key`, Bifrost's in headers of their own.
"""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security.base import AuthBase

from . import tokens
from .errors import ApiError
from .models import ApiKey

# Where else than in `Authorization: Bearer` a key may stand.
HEADERS = ("Api-Key", "X-Api-Key", "X-Bf-Vk", "X-Goog-Api-Key")


class ApiKeyAuth(AuthBase):
    """Answers the ApiKey of a request, or refuses with 401.

    Every failure reads the same, so that nobody learns which keys exist.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_bearerFormat = "rk_…"
    openapi_description = "An API key of the studio; Azure's header `api-key` carries it as well."

    def __call__(self, request: HttpRequest) -> ApiKey:
        key = find_key(_token(request))
        request.user = key.owner
        return key


def find_key(token: str) -> ApiKey:
    """The live key with this token. Raises ApiError 401."""
    if not token:
        raise _refusal("You did not provide an API key. Send it as 'Authorization: Bearer rk_…'.")
    if tokens.is_well_formed(token):
        key = (
            ApiKey.objects.select_related("owner")
            .filter(digest=tokens.digest(token), revoked_at=None, owner__is_active=True)
            .first()
        )
        if key:
            return key
    raise _refusal("Incorrect API key provided. It may be mistyped or revoked.")


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
