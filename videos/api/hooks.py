"""The endpoints under /v1/webhook_endpoints, and /v1/webhook_event_types.

Rules live in `hook_actions.py`, the sending in `notify.py`.

Source: openai-python 3.57, `resources/webhooks`.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from ninja import Query, Router

from studio.accounts.auth import ApiKeyAuth
from studio.accounts.errors import ApiError, ErrorEnvelope
from videos import hook_actions, notify, values
from videos.hooks import EVENT_TYPES, WebhookEndpoint
from videos.requests import InvalidRequest

from . import body, hookwire, mine
from .hookwire import (
    DeletedEndpoint,
    Endpoint,
    EndpointList,
    EndpointWithSecret,
    EventTypeList,
    HookPage,
    TestResult,
)

router = Router(auth=ApiKeyAuth(), tags=["Webhooks"])
event_types = Router(auth=ApiKeyAuth(), tags=["Webhooks"])

ENDPOINT_ID = re.compile(r"we_[0-9a-f]{32}\Z")
KEEP = "keep_old_secret_active_for_24_hours"
UNKNOWN: dict[Any, Any] = {401: ErrorEnvelope, 404: ErrorEnvelope}
ERRORS: dict[Any, Any] = {
    400: ErrorEnvelope,
    413: ErrorEnvelope,
    415: ErrorEnvelope,
    **UNKNOWN,
}


@router.post(
    "",
    response={200: EndpointWithSecret, **ERRORS},
    openapi_extra=hookwire.CREATE,
    summary="Add a webhook endpoint",
)
def create(request: HttpRequest) -> HttpResponseBase:
    """From now on, what happens to your videos is told to this address.

    The answer has the signing secret, which is never shown again.
    """
    endpoint, secret = hook_actions.create(mine.key(request).owner, body.read(request))
    return _secret(endpoint, secret)


@router.get("", response={200: EndpointList, 400: ErrorEnvelope, **UNKNOWN}, summary="List them")
def list_endpoints(request: HttpRequest, page: Query[HookPage]) -> HttpResponseBase:
    """Your webhook endpoints, the newest first."""
    endpoints = WebhookEndpoint.objects.filter(owner=mine.key(request).owner)
    if page.after:
        endpoints = endpoints.behind(_cursor(request, page.after), "desc")
    found = list(endpoints.in_order("desc")[: page.limit + 1])
    return JsonResponse(hookwire.list_object(found[: page.limit], has_more=len(found) > page.limit))


@router.get("/{webhook_endpoint_id}", response={200: Endpoint, **UNKNOWN}, summary="Look at one")
def retrieve(request: HttpRequest, webhook_endpoint_id: str) -> HttpResponseBase:
    """Its settings, and why it is paused, if it is."""
    return JsonResponse(hookwire.endpoint_object(_find(request, webhook_endpoint_id)))


@router.post(
    "/{webhook_endpoint_id}",
    response={200: Endpoint, **ERRORS},
    openapi_extra=hookwire.UPDATE,
    summary="Change one",
)
def update(request: HttpRequest, webhook_endpoint_id: str) -> HttpResponseBase:
    """Whatever is given is replaced; `enabled` pauses it, or lets it go on."""
    endpoint = _find(request, webhook_endpoint_id)
    hook_actions.update(endpoint, body.read(request))
    return JsonResponse(hookwire.endpoint_object(endpoint))


@router.delete(
    "/{webhook_endpoint_id}", response={200: DeletedEndpoint, **UNKNOWN}, summary="Delete one"
)
def delete(request: HttpRequest, webhook_endpoint_id: str) -> HttpResponseBase:
    """Nothing more is sent to it; its log goes too."""
    endpoint = _find(request, webhook_endpoint_id)
    hook_actions.delete(endpoint)
    return JsonResponse(hookwire.deleted_object(webhook_endpoint_id))


@router.post(
    "/{webhook_endpoint_id}/rotate_secret",
    response={200: EndpointWithSecret, **ERRORS},
    openapi_extra=hookwire.ROTATE,
    summary="Replace its secret",
)
def rotate_secret(request: HttpRequest, webhook_endpoint_id: str) -> HttpResponseBase:
    """A new signing secret, shown once. The old one ends now, unless it is kept for a day."""
    endpoint = _find(request, webhook_endpoint_id)
    params = _only(request, KEEP)
    keep_old = values.flag(params.get(KEEP, False), KEEP)
    return _secret(endpoint, hook_actions.rotate(endpoint, keep_old=keep_old))


@router.post(
    "/{webhook_endpoint_id}/test",
    response={200: TestResult, **ERRORS, 429: ErrorEnvelope},
    openapi_extra=hookwire.TEST,
    summary="Test it",
)
def test(request: HttpRequest, webhook_endpoint_id: str) -> HttpResponseBase:
    """Send a made-up event now, and wait for the answer, whatever it is."""
    endpoint = _find(request, webhook_endpoint_id)
    params = _only(request, "event_type")
    if "event_type" not in params:
        message = "Missing required parameter: 'event_type'."
        raise InvalidRequest(message, "event_type", "missing_required_parameter")
    kind = hook_actions.check_event_type(params["event_type"], "event_type")
    try:
        delivery = notify.send_test(endpoint, kind)
    except notify.AlreadyTesting as exc:
        message = "Another test of yours is under way. Try again when it is over."
        raise ApiError(429, message, code="test_under_way", headers={"Retry-After": "5"}) from exc
    if delivery.response_status is None:
        raise ApiError(400, delivery.error, code="webhook_unreachable")
    return JsonResponse(hookwire.test_object(delivery))


@event_types.get("", response={200: EventTypeList, 401: ErrorEnvelope}, summary="List events")
def list_event_types(request: HttpRequest) -> HttpResponseBase:
    """Every event that an endpoint may ask for."""
    return JsonResponse({"object": "list", "data": list(EVENT_TYPES)})


def _secret(endpoint: WebhookEndpoint, secret: str) -> JsonResponse:
    answer = JsonResponse(hookwire.endpoint_object(endpoint, secret))
    answer["Cache-Control"] = "no-store"
    return answer


def _only(request: HttpRequest, name: str) -> dict[str, object]:
    """The parameters, of which only this one is known. Raises: InvalidRequest."""
    params = body.read(request)
    for other in params:
        if other != name:
            shown = values.printable(other)
            raise InvalidRequest(f"Unknown parameter: '{shown}'.", shown, "unknown_parameter")
    return params


def _find(request: HttpRequest, endpoint_id: str) -> WebhookEndpoint:
    """The caller's endpoint. Raises ApiError 404, also for what belongs to somebody else."""
    owned = WebhookEndpoint.objects.filter(owner=mine.key(request).owner)
    found = owned.filter(pk=endpoint_id).first() if ENDPOINT_ID.match(endpoint_id) else None
    if found is None:
        message = "There is no webhook endpoint with this id."
        raise ApiError(404, message, code="not_found", param="webhook_endpoint_id")
    return found


def _cursor(request: HttpRequest, after: str) -> WebhookEndpoint:
    try:
        return _find(request, after)
    except ApiError as exc:
        message = "'after' must be the id of one of your webhook endpoints."
        raise ApiError(400, message, code="invalid_value", param="after") from exc
