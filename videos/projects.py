"""What people order their videos by (projects, tags), and what is kept of the form.

`models.py` names these too.
"""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from studio.accounts.models import User


class ProjectQuerySet(models.QuerySet["Project"]):
    """Which projects match, in words."""

    def open_to(self, user: User) -> Self:
        """Those that this person may put videos into: their own and every shared one."""
        return self.filter(Q(owner=user) | Q(is_shared=True)).select_related("owner")

    def shared_with(self, user: User) -> Self:
        """Those that others share, which is with everybody here."""
        return self.filter(is_shared=True).exclude(owner=user).select_related("owner")


class Project(models.Model):
    """A film, or anything else that shots are made for. A video is in one project or in none.

    Everybody here sees the videos of a shared one. In any other there are its owner's alone.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="projects")
    name = models.CharField(max_length=80)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_project_each_name")
        ]

    def __str__(self) -> str:
        return self.name

    def label_for(self, user: User) -> str:
        """What this person calls it: its name, and whose it is where that is somebody else's."""
        return self.name if self.owner_id == user.pk else f"{self.name} · {self.owner}"


class Tag(models.Model):
    """A word that a person puts on videos."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_tag_each_name")
        ]

    def __str__(self) -> str:
        return self.name


class Preset(models.Model):
    """Settings of the form under a name. `values` are the form's fields as they are sent."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=80)
    values = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_preset_each_name")
        ]

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """What a person has typed into the form and not sent yet. `values` as in a preset."""

    owner = models.OneToOneField(User, on_delete=models.CASCADE, related_name="draft")
    values = models.JSONField(default=dict)
    saved_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"draft of {self.owner}"
