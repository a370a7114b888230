"""STUDIO_PROVIDERS_FILE: the provider keys of an installation that is deployed from a file.

The file is what `POST /api/providers` takes. Applied by `manage.py run` at every start and by
`manage.py providers apply`; a key that it names is made or brought to what it says, others stay.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from django.db import transaction

from studio.accounts.audit import OPERATOR

from . import entries
from .entries import Entry, InvalidEntry
from .models import ProviderKey


def apply(path: Path) -> list[ProviderKey]:
    """The file's keys, written. All or nothing; a second time changes nothing.

    Any number of processes may do it at once. Raises: InvalidEntry.
    """
    found, _ = entries.read_provider(_read(path))
    with transaction.atomic():
        return [_put(entry) for entry in found or []]


def _put(entry: Entry) -> ProviderKey:
    """Make the key, or change it; also when another process makes it at the same moment."""
    rows = ProviderKey.objects.select_for_update().filter(name=entry.name)
    if key := rows.first():
        return entries.change(key, entry, OPERATOR)
    try:
        return entries.add(entry, OPERATOR)
    except InvalidEntry as exc:
        key = rows.first() if exc.code == "key_exists" else None
        if key is None:
            raise
        return entries.change(key, entry, OPERATOR)


def _read(path: Path) -> dict[str, Any]:
    try:
        body = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as exc:
        raise InvalidEntry(f"This cannot be read as JSON: {exc}", None) from exc
    if not isinstance(body, dict) or body.get("provider", entries.RUNWAY) != entries.RUNWAY:
        raise InvalidEntry('This must be an object with "provider": "runway".', "provider")
    return body
