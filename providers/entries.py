"""A provider key as people write it in JSON, read, judged, and written to its row.

Used by `/api/providers`, by STUDIO_PROVIDERS_FILE and by `manage.py providers`. Nothing is dropped
in silence: whatever is wrong raises InvalidEntry, which names the field, as `keys[0].weight`.

Source: Bifrost's provider configuration (name, value, models, weight, enabled, network_config).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from . import health, patterns, secrets
from .models import LONGEST_TIMEOUT, MOST_WEIGHT, SHORTEST_TIMEOUT, ProviderKey, check_base_url
from .secrets import SecretUnavailable

RUNWAY = "runway"
NETWORK = "network_config"
TIMEOUT = "default_request_timeout_in_seconds"
# What our answers tell and a request may bring back; it changes nothing.
TOLD = frozenset(
    {"value_state", "status", "description", "credits", "tested_at", "running", "today"}
)
LONGEST_NAME, LONGEST_URL = 80, 200

_NAME = re.compile(r"(?!\d+\Z)[^\s/].*\Z", re.DOTALL)


class InvalidEntry(Exception):
    """What stands there cannot be done. `param` is the field at fault, `status` as of HTTP."""

    def __init__(
        self, message: str, param: str | None, code: str = "invalid_value", status: int = 400
    ) -> None:
        super().__init__(message)
        self.message, self.param, self.code, self.status = message, param, code, status


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
    _only(body, {"provider", "name", "provider_status", "keys", NETWORK}, "")
    network = _network(body.get(NETWORK), NETWORK)
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
    _only(body, {"id", NETWORK, "value", *_READERS, *TOLD}, place)
    empty = Entry(place)
    fields: dict[str, Any] = dict(network or {})
    for name, read in _READERS.items():
        if name in body:
            fields[_COLUMNS.get(name, name)] = read(body[name], empty.at(name))
    fields |= _network(body.get(NETWORK), empty.at(NETWORK))
    value = None if body.get("value") is None else _value(body["value"], empty.at("value"))
    return Entry(place, str(body.get("id") or ""), value, fields)


def add(entry: Entry) -> ProviderKey:
    """A new key. Not tested yet. Raises: InvalidEntry, 409 for a name that is taken."""
    if not entry.name:
        raise _missing(entry, "name")
    if entry.value is None:
        raise _missing(entry, "value")
    if health.ELLIPSIS in entry.value:
        raise _masked(entry)
    return _write(ProviderKey(base_url=settings.RUNWAY_BASE_URL), entry)


def change(key: ProviderKey, entry: Entry) -> ProviderKey:
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
    return _write(key, Entry(entry.place, entry.key_id, value, entry.fields), is_moved)


def is_secret(key: ProviderKey, value: str) -> bool:
    """Whether this is the key's secret, or its reference, already."""
    if secrets.is_reference(key.secret) or secrets.is_reference(value):
        return key.secret == value
    try:
        return secrets.resolve(key.secret) == value
    except SecretUnavailable:
        return False


def test_new(keys: list[ProviderKey]) -> None:
    """Test those that never passed, five seconds each at most; what came of it is on the row."""
    for key in keys:
        if key.passed_at is None and key.enabled and not key.is_sandbox:
            key.test()


def _write(key: ProviderKey, entry: Entry, is_moved: bool = False) -> ProviderKey:
    """Save the key. Only what was given is written: others may change the rest meanwhile."""
    changed = dict(entry.fields)
    for name, value in changed.items():
        setattr(key, name, value)
    if entry.value is not None:
        try:
            key.set_secret(entry.value)
        except SecretUnavailable as exc:
            raise InvalidEntry(str(exc), entry.at("value")) from exc
    if entry.value is not None or is_moved:
        key.forget_tests()
        changed |= dict.fromkeys(
            ("secret", "last4", "tested_at", "credits", "passed_at", "test_error")
        )
    try:
        with transaction.atomic():
            key.save(update_fields=list(changed) if key.pk else None)
    except IntegrityError as exc:
        message = f"There is a key called '{key.name}' already."
        raise InvalidEntry(message, entry.at("name"), "key_exists", 409) from exc
    return key


def _value(value: object, place: str) -> str:
    """A secret, a reference, or a masked secret; also in Bifrost's form, an object."""
    if isinstance(value, dict):
        _only(value, {"value", "env_var", "from_env"}, place)
        value = value.get("env_var") if value.get("from_env") else value.get("value")
    if not isinstance(value, str):
        raise InvalidEntry(f"'{place}' must be a string.", place, "invalid_type")
    text = value.strip()
    if health.ELLIPSIS in text:
        return text
    if set(text) == {"*"} or "*" * 8 in text:
        raise InvalidEntry("This is a masked secret of another program.", place)
    try:
        secrets.store(text)
    except SecretUnavailable as exc:
        raise InvalidEntry(str(exc), place) from exc
    return text


def _name(value: object, place: str) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not _NAME.match(name) or not name.isprintable() or len(name) > LONGEST_NAME:
        message = f"A name is 1 to {LONGEST_NAME} printable characters, not digits alone."
        raise InvalidEntry(message, place)
    return name


def _models(value: object, place: str) -> list[str]:
    """Models and patterns; Bifrost's `runway/gen4.5` is `gen4.5`."""
    if isinstance(value, list):
        value = [item.removeprefix("runway/") if isinstance(item, str) else item for item in value]
    if fault := patterns.fault(value):
        raise InvalidEntry(fault, place)
    assert isinstance(value, list)
    return value


def _weight(value: object, place: str) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not 0 <= value <= MOST_WEIGHT:  # type: ignore[arg-type, operator] # it is a number
        raise InvalidEntry(f"A weight is a number from 0 to {MOST_WEIGHT}.", place)
    return float(value)  # type: ignore[arg-type] # it is a number


def _enabled(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidEntry(f"'{place}' must be true or false.", place, "invalid_type")
    return value


def _network(value: object, place: str) -> dict[str, Any]:
    """`base_url` and `timeout_seconds`, as far as they are given."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidEntry(f"'{place}' must be an object.", place, "invalid_type")
    _only(value, {"base_url", TIMEOUT}, place)
    found: dict[str, Any] = {}
    if value.get("base_url"):
        found["base_url"] = _base_url(value["base_url"], f"{place}.base_url")
    if value.get(TIMEOUT) is not None:
        found["timeout_seconds"] = _timeout(value[TIMEOUT], f"{place}.{TIMEOUT}")
    return found


def _base_url(value: object, place: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_URL:
        raise InvalidEntry(f"A base URL has at most {LONGEST_URL} characters.", place)
    try:
        check_base_url(value)
    except ValidationError as exc:
        raise InvalidEntry(exc.messages[0], place) from exc
    return value


def _timeout(value: object, place: str) -> int:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not SHORTEST_TIMEOUT <= value <= LONGEST_TIMEOUT:  # type: ignore[operator] # an int
        message = f"Whole seconds from {SHORTEST_TIMEOUT} to {LONGEST_TIMEOUT}."
        raise InvalidEntry(message, place)
    return int(value)  # type: ignore[call-overload, no-any-return] # an int


_READERS = {"name": _name, "models": _models, "weight": _weight, "enabled": _enabled}
_COLUMNS = {"models": "model_ids"}


def _only(body: dict[str, Any], known: set[str], place: str) -> None:
    """Raises: InvalidEntry for a field that nobody knows."""
    for name in body:
        if name not in known:
            shown = ascii(name[:80])[1:-1]
            param = f"{place}.{shown}" if place else shown
            raise InvalidEntry(f"Unknown parameter: '{param}'.", param, "unknown_parameter")


def _missing(entry: Entry, name: str) -> InvalidEntry:
    param = entry.at(name)
    message = f"Missing required parameter: '{param}'."
    return InvalidEntry(message, param, "missing_required_parameter")


def _masked(entry: Entry) -> InvalidEntry:
    message = "This is a masked secret, and not that of this key. Send the secret or a reference."
    return InvalidEntry(message, entry.at("value"))
