"""Who did or changed what: an append-only record. Called by whoever changes what it is about.

`record` writes one entry; `change` is a frame around a change of a row, and writes what changed.
Both belong into the transaction of the change. Codes are `thing.happened`; docs/people.md lists
them. Secrets appear as "changed" and never as values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models.functions import Now
from django.http import HttpRequest

from .address import client_address

if TYPE_CHECKING:
    from .models import ApiKey, User

CHANGED = "changed"
_CODE = re.compile(r"[a-z_]+\.[a-z_]+\Z")
_SECRET = re.compile(r"secret|password|token|digest", re.IGNORECASE)
_NAME_CHARS, _ID_CHARS = 200, 64


class AppendOnly(TypeError):
    """Somebody tried to change the record."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Entries to read, and to add one by one."""

    def update(self, **changes: Any) -> NoReturn:
        """Never. Raises: AppendOnly."""
        raise AppendOnly("Audit entries are never changed.")

    def delete(self) -> NoReturn:
        """Never. Raises: AppendOnly."""
        raise AppendOnly("Audit entries are never deleted.")


class AuditEntry(models.Model):
    """One thing that was done. The database refuses to change or delete it, too.

    `who` is the name at that time; `before` and `after` hold what differs.
    """

    at = models.DateTimeField(db_default=Now(), editable=False, db_index=True)
    person = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT)
    api_key = models.ForeignKey("accounts.ApiKey", null=True, on_delete=models.PROTECT)
    who = models.CharField(max_length=_NAME_CHARS)
    address = models.GenericIPAddressField(null=True)
    action = models.CharField(max_length=60, db_index=True)
    subject = models.CharField("on what", max_length=_NAME_CHARS)
    subject_id = models.CharField(max_length=_ID_CHARS, blank=True)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "audit"

    def __str__(self) -> str:
        return f"{self.who}: {self.action} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Once. Raises: AppendOnly."""
        if not self._state.adding:
            raise AppendOnly("Audit entries are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Never. Raises: AppendOnly."""
        raise AppendOnly("Audit entries are never deleted.")


@dataclass(frozen=True)
class Actor:
    """Who acts, and from where. `name` where it is neither a person nor an API key."""

    person: User | None = None
    api_key: ApiKey | None = None
    address: str | None = None
    name: str = ""

    def __str__(self) -> str:
        person = self.person.email if self.person else self.name or "somebody"
        return f"{person} with rk_…{self.api_key.last4}" if self.api_key else person


# What `manage.py` does at the machine itself.
OPERATOR = Actor(name="operator of the server")


def by(request: HttpRequest) -> Actor:
    """Who sends this request: a person's browser, or an API key."""
    user: Any = request.user
    auth: Any = getattr(request, "auth", None)  # set by ninja: an API key, or a signed link
    is_key = isinstance(auth, models.Model)
    return Actor(
        person=user if user.is_authenticated else None,
        api_key=auth if is_key else None,
        address=client_address(request),
    )


def record(
    actor: Actor,
    action: str,
    subject: models.Model | str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry: plain values, of which only those that differ are kept.

    Raises: ValueError for an action that is no code.
    """
    if not _CODE.match(action):
        raise ValueError(f"{action!r} is no code of the audit")
    old, new = _differing(before or {}, after or {})
    AuditEntry.objects.create(
        person=actor.person,
        api_key=actor.api_key,
        who=str(actor)[:_NAME_CHARS],
        address=actor.address,
        action=action,
        subject=_plain(str(subject))[:_NAME_CHARS],
        subject_id=str(subject.pk)[:_ID_CHARS] if isinstance(subject, models.Model) else "",
        before=old,
        after=new,
    )


@contextmanager
def change(actor: Actor, kind: str, row: models.Model, names: tuple[str, ...]) -> Iterator[None]:
    """A frame, with a transaction, around what saves or deletes this row.

    Writes `kind.added`, `kind.changed` or `kind.deleted` with these attributes; nothing where they
    stay the same.
    """
    with transaction.atomic():
        before, pk = look(row, names), row.pk
        yield
        row.pk = row.pk or pk  # Django takes it from a row that was deleted
        after = look(row, names)
        verb = "added" if not before else "changed" if after else "deleted"
        if before != after:
            record(actor, f"{kind}.{verb}", row, before, after)


def look(row: models.Model, names: tuple[str, ...]) -> dict[str, Any]:
    """The attributes as the database has them; nothing for a row that is not there.

    The class is asked of the row, which may be a lazy `request.user`.
    """
    kept = row.__class__._base_manager.filter(pk=row.pk).first() if row.pk else None
    return {name: getattr(kept, name) for name in names} if kept else {}


def _differing(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    missing = object()
    names = [n for n in {**before, **after} if before.get(n, missing) != after.get(n, missing)]
    return _shown(before, names), _shown(after, names)


def _shown(values: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    return {
        name: CHANGED if _SECRET.search(name) and values[name] else _plain(values[name])
        for name in names
        if name in values
    }


def _plain(value: Any) -> Any:
    """No NUL in it: PostgreSQL keeps none."""
    return value.replace("\0", "") if isinstance(value, str) else value
