"""The endpoints under /api/providers: Bifrost's provider configuration, for administrators' keys.

Mounted by `videos.api.app`. What a key may say is judged in `entries.py`.

Source: Bifrost's management API. There `POST` with inline keys never worked with `models: ["*"]`;
here it does. `runway` is the only provider and always exists.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from ninja import Router

from studio.accounts import audit
from studio.accounts.audit import Actor
from studio.accounts.auth import AdminAuth
from studio.accounts.errors import ApiError, ErrorEnvelope

from . import entries, wire
from .entries import RUNWAY, Entry
from .models import ProviderKey
from .wire import DeletedKey, Key, KeyList, Provider, ProviderList

router = Router(auth=AdminAuth(), tags=["Providers"])

REFUSALS: dict[Any, Any] = dict.fromkeys((401, 403, 404), ErrorEnvelope)
ERRORS: dict[Any, Any] = {**dict.fromkeys((400, 409, 413), ErrorEnvelope), **REFUSALS}


@router.get("", response={200: ProviderList, **REFUSALS}, summary="List providers")
def list_providers(request: HttpRequest) -> HttpResponseBase:
    """Runway, with its keys."""
    return JsonResponse({"providers": [wire.provider_object()], "total": 1})


@router.post(
    "",
    response={200: Provider, **ERRORS},
    openapi_extra=wire.CREATE,
    summary="Add keys to a provider",
)
def create(request: HttpRequest) -> HttpResponseBase:
    """Adds the keys, all or none, and tests each, which is free. A failed test is told, no error.

    A reference that leads nowhere is taken, and shown as missing.
    """
    body = wire.read(request)
    if "provider" not in body:
        message = "Missing required parameter: 'provider'."
        raise ApiError(400, message, code="missing_required_parameter", param="provider")
    found, network = _provider(body)
    if network and not found:
        message = "There are no keys in this request that 'network_config' could be of."
        raise ApiError(400, message, code="invalid_value", param="network_config")
    actor = audit.by(request)
    with transaction.atomic():
        keys = [entries.add(entry, actor) for entry in found or []]
    entries.test_new(keys, actor)
    return JsonResponse(wire.provider_object())


@router.get("/{provider}", response={200: Provider, **REFUSALS}, summary="Look at a provider")
def retrieve(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Its keys and how they do."""
    _known(provider)
    return JsonResponse(wire.provider_object())


@router.put(
    "/{provider}",
    response={200: Provider, **ERRORS},
    openapi_extra=wire.REPLACE,
    summary="Replace a provider's keys",
)
def replace(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Its keys become those of `keys`: found by id or name and changed, added, or deleted.

    What an entry does not say stays as it is; a masked `value` keeps the secret. Without `keys`,
    `network_config` is written to every key there is.
    """
    _known(provider)
    found, network = _provider(wire.read(request))
    actor, same = audit.by(request), Entry(fields=network)
    with transaction.atomic():
        there = list(ProviderKey.objects.select_for_update().filter(is_sandbox=False))
        if found is None:
            keys = [entries.change(key, same, actor) for key in there if network]
        else:
            keys = _replace(there, found, actor)
    entries.test_new(keys, actor)
    return JsonResponse(wire.provider_object())


@router.delete(
    "/{provider}",
    response={200: Provider, 409: ErrorEnvelope, **REFUSALS},
    summary="Delete a provider's keys",
)
def delete(request: HttpRequest, provider: str) -> HttpResponseBase:
    """All its keys go, unless one has videos under way. The provider itself stays."""
    _known(provider)
    with transaction.atomic():
        there = list(ProviderKey.objects.select_for_update().filter(is_sandbox=False))
        _replace(there, [], audit.by(request))
    return JsonResponse(wire.provider_object())


@router.get("/{provider}/keys", response={200: KeyList, **REFUSALS}, summary="List its keys")
def list_keys(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Every key of the pool, by name."""
    _known(provider)
    keys = wire.key_objects()
    return JsonResponse({"keys": keys, "total": len(keys)})


@router.post(
    "/{provider}/keys",
    response={200: Key, **ERRORS},
    openapi_extra=wire.CREATE_KEY,
    summary="Add a key",
)
def create_key(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Adds it and tests it, which is free. A failed test is told, no error."""
    _known(provider)
    actor = audit.by(request)
    with transaction.atomic():
        key = entries.add(entries.read_key(wire.read(request)), actor)
    entries.test_new([key], actor)
    return JsonResponse(wire.key_object(key))


@router.get("/{provider}/keys/{key_id}", response={200: Key, **REFUSALS}, summary="Look at a key")
def retrieve_key(request: HttpRequest, provider: str, key_id: str) -> HttpResponseBase:
    """By its id or its name."""
    return JsonResponse(wire.key_object(_find(provider, key_id)))


@router.put(
    "/{provider}/keys/{key_id}",
    response={200: Key, **ERRORS},
    openapi_extra=wire.CHANGE_KEY,
    summary="Change a key",
)
def change_key(request: HttpRequest, provider: str, key_id: str) -> HttpResponseBase:
    """What is given is written, the rest stays. A new secret is tested before it gets work."""
    _find(provider, key_id)
    entry, actor = entries.read_key(wire.read(request)), audit.by(request)
    with transaction.atomic():
        key = entries.change(_find(provider, key_id, is_locked=True), entry, actor)
    entries.test_new([key], actor)
    return JsonResponse(wire.key_object(key))


@router.delete(
    "/{provider}/keys/{key_id}",
    response={200: DeletedKey, 409: ErrorEnvelope, **REFUSALS},
    summary="Delete a key",
)
def delete_key(request: HttpRequest, provider: str, key_id: str) -> HttpResponseBase:
    """409 with their list while it has videos under way: only this key can read their tasks."""
    with transaction.atomic():
        key = _find(provider, key_id, is_locked=True)
        gone = {"id": str(key.pk), "name": key.name, "deleted": True}
        entries.remove(key, audit.by(request))
    return JsonResponse(gone)


def _provider(body: dict[str, Any]) -> tuple[list[Entry] | None, dict[str, Any]]:
    """What a body says of Runway. Raises: ApiError 400 for another provider; InvalidEntry."""
    if body.get("provider", RUNWAY) != RUNWAY:
        message = "'runway' is the only provider here."
        raise ApiError(400, message, code="invalid_value", param="provider")
    keys = body.get("keys")
    if isinstance(keys, list) and len(keys) > wire.MOST_KEYS:
        message = f"At most {wire.MOST_KEYS} keys in one request, since each is tested."
        raise ApiError(400, message, code="invalid_value", param="keys")
    return entries.read_provider(body)


def _replace(there: list[ProviderKey], found: list[Entry], actor: Actor) -> list[ProviderKey]:
    """Make the pool what was found; the keys that stay or are new."""
    ids = {str(key.pk): key for key in there}
    names = {key.name: key for key in there}
    meant = [ids.get(entry.key_id) or names.get(entry.name) for entry in found]
    kept = {key.pk for key in meant if key}
    for key in there:
        if key.pk not in kept:
            entries.remove(key, actor)
    pairs = zip(meant, found, strict=True)
    return [
        entries.change(key, entry, actor) if key else entries.add(entry, actor)
        for key, entry in pairs
    ]


def _known(provider: str) -> None:
    if provider != RUNWAY:
        message = "There is no such provider: 'runway' is the only one."
        raise ApiError(404, message, code="not_found", param="provider")


def _find(provider: str, key_id: str, *, is_locked: bool = False) -> ProviderKey:
    """A key by id or name. Raises: ApiError 404."""
    _known(provider)
    keys = ProviderKey.objects.filter(is_sandbox=False)
    keys = keys.select_for_update() if is_locked else keys
    is_id = key_id.isascii() and key_id.isdigit() and len(key_id) < 18
    by_id = {"pk": int(key_id)} if is_id else {"name": key_id}
    found = None if "\x00" in key_id else keys.filter(**by_id).first()
    if found is None:
        raise ApiError(404, "There is no key with this id.", code="not_found", param="key_id")
    return found
