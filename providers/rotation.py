"""Writes every secret anew with the first of STUDIO_ENCRYPTION_KEYS, so that old keys can go.

Used by `manage.py rotate_encryption` and by the administration. What is encrypted is what models
list as `encrypted_fields`. It can be broken off and begun again: what is done is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.apps import apps
from django.db import models

from studio.accounts import audit
from studio.accounts.audit import Actor

from . import secrets


@dataclass(frozen=True)
class Rotated:
    """How many secrets were written anew, and how many are still under an older key.

    `lost` are those that no key of today opens: they must be entered again.
    """

    done: int
    left: int
    lost: int

    def words(self) -> str:
        """For people: what was done and what is left."""
        said = f"{self.done} secrets encrypted anew, {self.left} left."
        if not self.lost:
            return said
        return f"{said} {self.lost} cannot be decrypted; enter them again."


def rotate(actor: Actor) -> Rotated:
    """Write what an older key encrypted anew. A secret that is changed meanwhile is left alone.

    On record, with how many.

    Raises: SecretUnavailable if STUDIO_ENCRYPTION_KEYS holds no Fernet keys.
    """
    done = lost = 0
    for model, row_id, name, stored in _old_secrets():
        try:
            written = secrets.rewrite(stored)
        except secrets.Unreadable:
            lost += 1
            continue
        row = model._default_manager.filter(pk=row_id, **{name: stored})
        done += row.update(**{name: written})
    rotated = Rotated(done, sum(1 for _ in _old_secrets()) - lost, lost)
    audit.record(actor, "encryption.rotated", "every secret", after=asdict(rotated))
    return rotated


def _old_secrets() -> Iterator[tuple[type[models.Model], Any, str, str]]:
    """Model, id, field and text of every secret that the first key did not write."""
    for model in apps.get_models():
        for name in getattr(model, "encrypted_fields", ()):
            rows = model._default_manager.filter(**{f"{name}__startswith": secrets.ENCRYPTED})
            for row_id, stored in list(rows.values_list("pk", name)):
                if not secrets.is_newest(stored):
                    yield model, row_id, name, stored
