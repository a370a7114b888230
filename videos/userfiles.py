"""What somebody uploaded by itself, before any video was asked for: OpenAI's `file` object.

`models.py` names it too; `uploaded.py` makes and removes it.
"""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Now

from studio.accounts.models import User

from .timeline import Timeline


def new_id() -> str:
    """A fresh file id: `file-` and 32 hex characters."""
    return f"file-{uuid.uuid4().hex}"


class UserFileQuerySet(Timeline["UserFile"]):
    """Which files match, in words."""

    def visible_to(self, user: User) -> Self:
        """The files that this person uploaded, as long as they last."""
        return self.filter(owner=user, expires_at__gt=Now())

    def expired(self) -> Self:
        """Those whose time is over, by the database's clock."""
        return self.filter(expires_at__lte=Now())


class UserFile(models.Model):
    """A picture, video or sound that requests may name by its id until it expires.

    `path` is relative to the media storage; `filename` is the client's word, and no path.
    `seconds` is None for pictures, `width` and `height` in pixels for sounds.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_id, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="files")
    filename = models.CharField(max_length=255)
    purpose = models.CharField(max_length=64)
    path = models.CharField(max_length=200, unique=True)
    content_type = models.CharField(max_length=80)
    size = models.BigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    seconds = models.FloatField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()

    objects = UserFileQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["owner", "-created_at", "-id"], name="files_of_owner"),
            models.Index(fields=["expires_at"], name="files_by_end"),
        ]

    def __str__(self) -> str:
        return self.id
