"""The settings page: webhooks and their deliveries, behind sign-in, in forms that need no script.

Each view finds what belongs to the person and calls one action. A secret is shown in the answer
that made it, and never again.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from studio.accounts.doors import signed_in, user_of

from . import hook_actions, notify
from .hooks import EVENT_TYPES, WebhookDelivery, WebhookEndpoint
from .values import InvalidRequest

SHOWN_DELIVERIES = 50
TYPES = {
    "video.completed": gettext_lazy("a video is finished"),
    "video.failed": gettext_lazy("a video failed"),
    "video.cancelled": gettext_lazy("a video was cancelled"),
}


@require_safe
@signed_in
def webhooks(request: HttpRequest) -> HttpResponseBase:
    """Every endpoint, and a form for one more."""
    return _list(request)


@require_POST
@signed_in
def add(request: HttpRequest) -> HttpResponseBase:
    """A new endpoint with its secret, or 422 with the form and what is wrong."""
    try:
        endpoint, secret = hook_actions.create(user_of(request), _form(request))
    except InvalidRequest as exc:
        return _list(request, status=422, error=exc)
    return _detail(request, endpoint, secret=secret)


@require_safe
@signed_in
def webhook(request: HttpRequest, endpoint_id: str) -> HttpResponseBase:
    """One endpoint: its settings, what can be done, and its log."""
    return _detail(request, _find(request, endpoint_id))


@require_POST
@signed_in
def change(request: HttpRequest, endpoint_id: str) -> HttpResponseBase:
    """New settings, or 422 with what is wrong."""
    endpoint = _find(request, endpoint_id)
    try:
        hook_actions.update(endpoint, _form(request))
    except InvalidRequest as exc:
        return _detail(request, endpoint, status=422, error=exc)
    messages.info(request, _("Saved."))
    return redirect("webhook", endpoint_id)


@require_POST
@signed_in
def rotate(request: HttpRequest, endpoint_id: str) -> HttpResponseBase:
    """A new secret, shown once; the old one is kept for a day if the box is ticked."""
    endpoint = _find(request, endpoint_id)
    secret = hook_actions.rotate(endpoint, keep_old="keep" in request.POST)
    return _detail(request, endpoint, secret=secret)


@require_POST
@signed_in
def test(request: HttpRequest, endpoint_id: str) -> HttpResponseBase:
    """Send a made-up event, and say what came of it."""
    endpoint = _find(request, endpoint_id)
    try:
        kind = hook_actions.check_event_type(request.POST.get("event_type"), "event_type")
        delivery = notify.send_test(endpoint, kind)
    except InvalidRequest as exc:
        messages.info(request, exc.message)
    except notify.AlreadyTesting:
        messages.info(request, _("Another test of yours is under way."))
    else:
        messages.info(request, delivery.error or _answered(delivery))
    return redirect("webhook", endpoint_id)


@require_POST
@signed_in
def pause(request: HttpRequest, endpoint_id: str) -> HttpResponseBase:
    """Let everything wait."""
    hook_actions.pause(_find(request, endpoint_id), hook_actions.PAUSED_BY_HAND)
    return redirect("webhook", endpoint_id)


@require_POST
@signed_in
def resume(request: HttpRequest, endpoint_id: str) -> HttpResponseBase:
    """Go on, with what waited."""
    hook_actions.resume(_find(request, endpoint_id))
    return redirect("webhook", endpoint_id)


@require_POST
@signed_in
def delete(request: HttpRequest, endpoint_id: str) -> HttpResponseBase:
    """Remove it with its log."""
    hook_actions.delete(_find(request, endpoint_id))
    messages.info(request, _("Deleted. Nothing more is sent there."))
    return redirect("webhooks")


@require_POST
@signed_in
def redeliver(request: HttpRequest, delivery_id: str) -> HttpResponseBase:
    """Send one event once more."""
    theirs = WebhookDelivery.objects.filter(endpoint__owner=user_of(request))
    delivery = theirs.filter(pk=delivery_id).first()
    if delivery is None:
        raise Http404
    hook_actions.redeliver(delivery)
    messages.info(request, _("It is sent once more."))
    return redirect("webhook", delivery.endpoint_id)


def _find(request: HttpRequest, endpoint_id: str) -> WebhookEndpoint:
    """The person's endpoint. 404 for everybody else's."""
    found = WebhookEndpoint.objects.filter(owner=user_of(request), pk=endpoint_id).first()
    if found is None:
        raise Http404
    return found


def _form(request: HttpRequest) -> dict[str, Any]:
    return {
        "name": request.POST.get("name", ""),
        "url": request.POST.get("url", ""),
        "event_types": request.POST.getlist("event_types"),
    }


def _answered(delivery: WebhookDelivery) -> str:
    if not delivery.response_status:
        return _("The receiver answered nothing.")
    return _("The receiver answered %(code)d.") % {"code": delivery.response_status}


def _fields(request: HttpRequest, error: InvalidRequest | None, **now: Any) -> dict[str, Any]:
    """What the form shows: what was just sent, or the settings of now."""
    shown = _form(request) if error else now
    return {
        "values": shown,
        "types": [(kind, TYPES[kind], kind in shown["event_types"]) for kind in EVENT_TYPES],
        "errors": {(error.param or "form"): error.message} if error else {},
    }


def _list(
    request: HttpRequest, *, status: int = 200, error: InvalidRequest | None = None
) -> HttpResponse:
    context = {
        "endpoints": WebhookEndpoint.objects.filter(owner=user_of(request)).in_order("desc"),
        **_fields(request, error, name="", url="", event_types=EVENT_TYPES),
    }
    return render(request, "videos/webhooks.html", context, status=status)


def _detail(
    request: HttpRequest,
    endpoint: WebhookEndpoint,
    *,
    secret: str = "",
    status: int = 200,
    error: InvalidRequest | None = None,
) -> HttpResponse:
    log = endpoint.deliveries.select_related("event").order_by("-created_at", "-id")
    now = {"name": endpoint.name, "url": endpoint.url, "event_types": endpoint.event_types}
    context = {
        "endpoint": endpoint,
        "deliveries": log[:SHOWN_DELIVERIES],
        "secret": secret,
        **_fields(request, error, **now),
    }
    answer = render(request, "videos/webhook.html", context, status=status)
    add_never_cache_headers(answer)
    return answer
