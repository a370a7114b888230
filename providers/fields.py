"""The fields of a provider key in JSON: each read and judged by itself. Used by `entries.py` alone.

Whatever is wrong raises InvalidEntry, which names the field, as `keys[0].weight`.

Source: Bifrost's provider configuration (name, value, models, weight, enabled, network_config).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError

from . import health, patterns, secrets
from .models import LONGEST_TIMEOUT, MOST_WEIGHT, SHORTEST_TIMEOUT, check_base_url
from .secrets import SecretUnavailable

NETWORK = "network_config"
TIMEOUT = "default_request_timeout_in_seconds"
LONGEST_NAME, LONGEST_URL = 80, 200
LARGEST = 2_147_483_647  # of a PositiveIntegerField, everywhere

_NAME = re.compile(r"(?!\d+\Z)[^\s/].*\Z", re.DOTALL)


class InvalidEntry(Exception):
    """What stands there cannot be done. `param` is the field at fault, `status` as of HTTP."""

    def __init__(
        self, message: str, param: str | None, code: str = "invalid_value", status: int = 400
    ) -> None:
        super().__init__(message)
        self.message, self.param, self.code, self.status = message, param, code, status


def secret(value: object, place: str) -> str:
    """A secret, a reference, or a masked secret; also in Bifrost's form, an object."""
    if isinstance(value, dict):
        only(value, {"value", "env_var", "from_env"}, place)
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


def network(value: object, place: str) -> dict[str, Any]:
    """`base_url` and `timeout_seconds`, as far as they are given."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidEntry(f"'{place}' must be an object.", place, "invalid_type")
    only(value, {"base_url", TIMEOUT}, place)
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
    return _whole(value, place, SHORTEST_TIMEOUT, LONGEST_TIMEOUT)


def _credit_floor(value: object, place: str) -> int:
    return _whole(value, place)


def _parallel(value: object, place: str) -> int | None:
    """None: as many as Runway allows."""
    return None if value is None else _whole(value, place)


def _whole(value: object, place: str, least: int = 0, most: int = LARGEST) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidEntry(f"'{place}' must be a whole number from {least} to {most}.", place)
    return value


READERS: dict[str, Callable[[object, str], Any]] = {
    "name": _name,
    "models": _models,
    "weight": _weight,
    "credit_floor": _credit_floor,
    "parallel": _parallel,
    "enabled": _enabled,
}
# What our answers call otherwise than our columns.
COLUMNS = {"models": "model_ids"}


def only(body: dict[str, Any], known: set[str], place: str) -> None:
    """Raises: InvalidEntry for a field that nobody knows."""
    for name in body:
        if name not in known:
            shown = ascii(name[:80])[1:-1]
            param = f"{place}.{shown}" if place else shown
            raise InvalidEntry(f"Unknown parameter: '{param}'.", param, "unknown_parameter")
