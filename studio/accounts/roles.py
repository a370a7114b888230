"""What people may do: a role is a Django group, and what it allows are the group's permissions.

Called by `User`. A viewer looks; a member makes and changes what is theirs, too; an administrator
may do everything, and opens the administration.
"""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import models
from django.utils.translation import gettext_lazy as _

MAKE = "make_videos"
MAY_MAKE = f"accounts.{MAKE}"


class Role(models.TextChoices):
    """The three roles. Everybody has one."""

    ADMINISTRATOR = "administrator", _("Administrator: everything, with the administration")
    MEMBER = "member", _("Member: makes videos")
    VIEWER = "viewer", _("Viewer: looks, and changes nothing")


def group(role: Role) -> Group:
    """The group of a role. The migration makes all three; one that is gone is made again."""
    found, is_new = Group.objects.get_or_create(name=role.value)
    if is_new and role != Role.VIEWER:
        may_make = Permission.objects.get(content_type__app_label="accounts", codename=MAKE)
        found.permissions.add(may_make)
    return found
