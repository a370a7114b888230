"""A provider key as people write it in JSON, read, and written to its row, on record.

Used by `/api/providers`, by STUDIO_PROVIDERS_FILE and by `manage.py providers`. Nothing is dropped
in silence: whatever is wrong raises InvalidEntry, which names the field, as `keys[0].weight`.

Source: Bifrost's provider configuration (name, value, models, weight, enabled, network_config).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db import IntegrityError

from studio.accounts import audit
from studio.accounts.audit import Actor

from . import fields, health, secrets
from .fields import NETWORK, TIMEOUT, InvalidEntry
from .models import ProviderKey
from .secrets import SecretUnavailable

__all__ = ["NETWORK", "RUNWAY", "TIMEOUT", "Entry", "InvalidEntry"]

RUNWAY = "runway"
MOST_LISTED = 20
# What our answers tell and a request may bring back; it changes nothing.
TOLD = frozenset(
    {"value_state", "status", "description", "credits", "tested_at", "running", "today"}
)


@dataclass(frozen=True)
class Entry:
    """A checked key: what was given, by our field names, and where it stood, for errors.

    `value` None means that no secret was given, or a masked one, which means the one there is.
    """

    place: str = ""
    key_id: str = ""
    value: str | None = field(default=None, repr=False)
    fields: dict[str, Any] = field(default_factory=dict)

    def at(self, name: str) -> str:
        """The full name of one of its fields."""
        return f"{self.place}.{name}" if self.place else name

    @property
    def name(self) -> str:
        """The key's name; "" when none was given."""
        return str(self.fields.get("name", ""))


def read_provider(body: dict[str, Any]) -> tuple[list[Entry] | None, dict[str, Any]]:
    """The keys of a provider's configuration (None without `keys`), and its `network_config`.

    The latter holds for each of the keys that has none of its own. Raises: InvalidEntry.
    """
    fields.only(body, {"provider", "name", "provider_status", "keys", NETWORK}, "")
    network = fields.network(body.get(NETWORK), NETWORK)
    keys = body.get("keys")
    if keys is None:
        return None, network
    if not isinstance(keys, list):
        raise InvalidEntry("'keys' must be a list of keys.", "keys", "invalid_type")
    return [read_key(key, f"keys[{number}]", network) for number, key in enumerate(keys)], network


def read_key(body: object, place: str = "", network: dict[str, Any] | None = None) -> Entry:
    """One key. Raises: InvalidEntry."""
    if not isinstance(body, dict):
        raise InvalidEntry(f"'{place}' must be an object.", place, "invalid_type")
    fields.only(body, {"id", NETWORK, "value", *fields.READERS, *TOLD}, place)
    empty = Entry(place)
    found: dict[str, Any] = dict(network or {})
    for name, read in fields.READERS.items():
        if name in body:
            found[fields.COLUMNS.get(name, name)] = read(body[name], empty.at(name))
    found |= fields.network(body.get(NETWORK), empty.at(NETWORK))
    value = None if body.get("value") is None else fields.secret(body["value"], empty.at("value"))
    return Entry(place, str(body.get("id") or ""), value, found)


def add(entry: Entry, actor: Actor) -> ProviderKey:
    """A new key. Not tested yet. Raises: InvalidEntry, 409 for a name that is taken."""
    if not entry.name:
        raise _missing(entry, "name")
    if entry.value is None:
        raise _missing(entry, "value")
    if health.ELLIPSIS in entry.value:
        raise _masked(entry)
    return _write(ProviderKey(base_url=settings.RUNWAY_BASE_URL), entry, actor)


def change(key: ProviderKey, entry: Entry, actor: Actor) -> ProviderKey:
    """Write what was given; the rest stays. A masked secret means the one there is.

    Raises: InvalidEntry.
    """
    value = entry.value
    if value is not None and health.ELLIPSIS in value:
        if value != health.secret_shown(key):
            raise _masked(entry)
        value = None
    is_moved = entry.fields.get("base_url", key.base_url) != key.base_url
    if is_moved and value is None:
        message = "Send the secret again to use it at another base URL."
        raise InvalidEntry(message, entry.at("value"), "secret_required")
    if value is not None and not is_moved and is_secret(key, value):
        value = None
    return _write(key, replace(entry, value=value), actor, is_moved=is_moved)


def remove(key: ProviderKey, actor: Actor) -> None:
    """Delete it. Raises: InvalidEntry 409 with their list while videos need it."""
    if videos := [str(video.pk) for video in key.unfinished()[:MOST_LISTED]]:
        message = f"The key '{key.name}' is needed until these are over: {', '.join(videos)}."
        raise InvalidEntry(message, "key_id", "key_in_use", 409)
    with audit.change(actor, "provider_key", key, ProviderKey.AUDITED):
        key.delete()


def is_secret(key: ProviderKey, value: str) -> bool:
    """Whether this is the key's secret, or its reference, already."""
    if secrets.is_reference(key.secret) or secrets.is_reference(value):
        return key.secret == value
    try:
        return secrets.resolve(key.secret) == value
    except SecretUnavailable:
        return False


def test_new(keys: list[ProviderKey], actor: Actor) -> None:
    """Test those that never passed, five seconds each at most; what came of it is on the row."""
    for key in keys:
        if key.passed_at is None and key.enabled and not key.is_sandbox:
            test(key, actor)


def test(key: ProviderKey, actor: Actor) -> str:
    """Ask Runway, which is free; the error, "" when it works. On record."""
    error = key.test()
    audit.record(actor, "provider_key.tested", key, after={"result": error or "works"})
    return error


def _write(key: ProviderKey, entry: Entry, actor: Actor, is_moved: bool = False) -> ProviderKey:
    """Save the key. Only what was given is written: others may change the rest meanwhile."""
    changed = list(entry.fields)
    for name, value in entry.fields.items():
        setattr(key, name, value)
    if entry.value is not None:
        try:
            key.set_secret(entry.value)
        except SecretUnavailable as exc:
            raise InvalidEntry(str(exc), entry.at("value")) from exc
    if entry.value is not None or is_moved:
        changed += ["secret", "last4", *key.forget_tests()]
    try:
        with audit.change(actor, "provider_key", key, ProviderKey.AUDITED):
            key.save(update_fields=changed if key.pk else None)
    except IntegrityError as exc:
        message = f"There is a key called '{key.name}' already."
        raise InvalidEntry(message, entry.at("name"), "key_exists", 409) from exc
    return key


def _missing(entry: Entry, name: str) -> InvalidEntry:
    param = entry.at(name)
    message = f"Missing required parameter: '{param}'."
    return InvalidEntry(message, param, "missing_required_parameter")


def _masked(entry: Entry) -> InvalidEntry:
    message = "This is a masked secret, and not that of this key. Send the secret or a reference."
    return InvalidEntry(message, entry.at("value"))
