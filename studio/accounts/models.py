"""Who may use the studio: people (User) and the keys of their scripts (ApiKey).

Their sessions (`sessions.py`) and what they did (`audit.py`) are named here too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import roles, tokens
from .audit import AuditEntry
from .roles import Role
from .sessions import Session

__all__ = ["ApiKey", "AuditEntry", "Role", "Scope", "Session", "User"]


class UserManager(BaseUserManager["User"]):
    """Creates people by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        """A person who may sign in. `password` None means that no password works."""
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        """An administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class Theme(models.TextChoices):
    """What the pages look like."""

    SYSTEM = "system", _("As the system")
    DARK = "dark", _("Dark")
    LIGHT = "light", _("Light")


class Motion(models.TextChoices):
    """Whether anything moves on the pages."""

    SYSTEM = "system", _("As the system")
    REDUCED = "reduced", _("Nothing moves")


class User(AbstractBaseUser, PermissionsMixin):
    """A person, who signs in with an e-mail address; and how the pages are for this one.

    `defaults` are fields of the form for new videos, as they are sent.
    """

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField("active", default=True)
    is_staff = models.BooleanField("may open the administration", default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    motion = models.CharField(max_length=8, choices=Motion.choices, default=Motion.SYSTEM)
    notices = models.BooleanField("browser notices", default=False)
    sound = models.BooleanField("a sound with each notice", default=False)
    shortcuts = models.BooleanField("single-key shortcuts", default=True)
    defaults = models.JSONField(default=dict, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        permissions: ClassVar = [(roles.MAKE, "Can make and change videos, keys and webhooks")]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new person gets a role; a new password, or no access any more, ends every session."""
        is_new, has_new_password = self._state.adding, getattr(self, "_password", None) is not None
        with transaction.atomic():
            super().save(*args, **kwargs)
            if is_new:
                self.set_role(self._first_role())
            elif has_new_password or not self.is_active:
                self.sessions.all().delete()

    @property
    def role(self) -> Role | None:
        """What this person may do; None for somebody whose groups are none of ours."""
        names = {group.name for group in self.groups.all()}
        return next((role for role in Role if role in names), None)

    def set_role(self, role: Role) -> None:
        """The group makes the role; Django's flags follow, since its administration reads them."""
        is_administrator = role == Role.ADMINISTRATOR
        with transaction.atomic():
            self.groups.set([roles.group(role)])
            if (self.is_staff, self.is_superuser) != (is_administrator, is_administrator):
                self.is_staff = self.is_superuser = is_administrator
                self.save(update_fields=["is_staff", "is_superuser"])

    @property
    def may_make(self) -> bool:
        """Whether this person may make and change anything: a viewer may not."""
        return self.is_superuser or roles.MAY_MAKE in self.get_group_permissions()

    def _first_role(self) -> Role:
        return Role.ADMINISTRATOR if self.is_staff or self.is_superuser else Role.MEMBER


class Scope(models.TextChoices):
    """What a client may do with an API key. Administration needs an administrator as its owner."""

    READ = "read", _("Read: look, list, download")
    CREATE = "create", _("Create: videos, files, webhooks")
    CANCEL = "cancel", _("Cancel and delete")
    ADMIN = "admin", _("Administration")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Which keys, in words."""

    def live(self) -> Self:
        """Those that open the door now: not revoked, not expired, of somebody who is active."""
        still = Q(expires_at=None) | Q(expires_at__gt=Now())
        return self.filter(still, revoked_at=None, owner__is_active=True)


def default_scopes() -> list[str]:
    """Everything but administration."""
    return [Scope.READ, Scope.CREATE, Scope.CANCEL]


def _limit(name: str, what: str) -> Any:
    """A limit that may be there or not."""
    return models.PositiveIntegerField(
        name, null=True, blank=True, validators=[MinValueValidator(1)], help_text=what
    )


class ApiKey(models.Model):
    """A secret that a client of ours holds. We keep its hash, and show the key itself once.

    `minute` and `minute_count` tell how often it was used in the newest minute, counted since 1970;
    they are kept only where requests are limited. The audit tells what of `AUDITED` changes.
    """

    AUDITED: ClassVar = (
        *("name", "owner_id", "scopes", "models_allowed", "requests_per_minute", "videos_per_day"),
        *("parallel_videos", "expires_at", "revoked_at"),
    )

    name = models.CharField(max_length=80)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    last4 = models.CharField(max_length=4, editable=False)
    scopes = models.JSONField(default=default_scopes)
    models_allowed = models.JSONField(
        default=list,
        blank=True,
        help_text='Models or patterns such as ["gen4*"]; an empty list means all.',
    )
    requests_per_minute = _limit("requests a minute", "More are answered 429. Empty: no limit.")
    videos_per_day = _limit("videos a day", "In a day of UTC. Empty: no limit.")
    parallel_videos = _limit("videos at a time", "Unfinished ones. Empty: no limit.")
    expires_at = models.DateTimeField("expires", null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.SET_NULL
    )
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_from = models.GenericIPAddressField(null=True, blank=True, editable=False)
    minute = models.BigIntegerField(default=0, editable=False)
    minute_count = models.PositiveIntegerField(default=0, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} (rk_…{self.last4})"

    @property
    def is_admin(self) -> bool:
        """Whether it opens the administration's API."""
        return self.may(Scope.ADMIN)

    @property
    def is_over(self) -> bool:
        """Whether its end has come."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    def may(self, scope: str) -> bool:
        """Whether the key has this scope. Administration belongs to administrators' keys alone."""
        return scope in self.scopes and (scope != Scope.ADMIN or self.owner.is_staff)

    def may_use(self, model: str) -> bool:
        """Whether videos may be made with this model."""
        allowed = self.models_allowed
        return not allowed or any(fnmatchcase(model, pattern) for pattern in allowed)

    @classmethod
    def issue(
        cls, owner: User, name: str, scopes: Iterable[str] | None = None, **limits: Any
    ) -> tuple[ApiKey, str]:
        """Make a key. Answers the row and the key itself, which nobody can read again."""
        token = tokens.generate()
        limits["scopes"] = default_scopes() if scopes is None else list(scopes)
        key = cls.objects.create(
            owner=owner, name=name, digest=tokens.digest(token), last4=token[-4:], **limits
        )
        return key, token

    def rotate(self, overlap: timedelta) -> str:
        """Give this key a new token, which nobody can read again; the old one ends after `overlap`.

        The row stays the same, and with it limits, budgets, videos and repeats. A row of its own,
        `replaced_by` this one, lets the old token in until then, and no longer than this key.
        """
        token, now = tokens.generate(), timezone.now()
        end = min(filter(None, (self.expires_at, now + overlap)))
        old = {"digest": self.digest, "last4": self.last4, "expires_at": end}
        self.digest, self.last4 = tokens.digest(token), token[-4:]
        with transaction.atomic():
            self.save(update_fields=["digest", "last4"])
            ApiKey.objects.create(
                owner=self.owner, name=self.name, scopes=self.scopes, replaced_by=self, **old
            )
        return token

    def take_request(self, minute: int) -> int:
        """Count a request of this minute; how many are left now, -1 when none was."""
        limit = self.requests_per_minute or 0
        row = ApiKey.objects.filter(pk=self.pk)
        in_minute = row.filter(minute=minute, minute_count__lt=limit)
        if not in_minute.update(minute_count=F("minute_count") + 1) and not row.filter(
            minute__lt=minute
        ).update(minute=minute, minute_count=1):
            return -1
        self.refresh_from_db(fields=["minute_count"])
        return max(0, limit - self.minute_count)

    def note_use(self, address: str | None) -> None:
        """Remember when and from where it was used; written at most once a minute."""
        stale = Q(last_used_at=None) | Q(last_used_at__lt=Now() - timedelta(minutes=1))
        row = ApiKey.objects.filter(stale, pk=self.pk)
        row.update(last_used_at=Now(), last_used_from=address or None)
