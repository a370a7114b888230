"""Who may use the studio: people (User) and the keys of their scripts (ApiKey)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from . import tokens


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

    def __str__(self) -> str:
        return self.name or self.email


class ApiKey(models.Model):
    """A secret that a client of ours holds. We keep its hash, and show the key itself once."""

    name = models.CharField(max_length=80)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    last4 = models.CharField(max_length=4, editable=False)
    is_admin = models.BooleanField("admin scope", default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} (rk_…{self.last4})"

    @classmethod
    def issue(cls, owner: User, name: str, *, is_admin: bool = False) -> tuple[ApiKey, str]:
        """Make a key. Answers the row and the key itself, which nobody can read again."""
        token = tokens.generate()
        key = cls.objects.create(
            owner=owner,
            name=name,
            digest=tokens.digest(token),
            last4=token[-4:],
            is_admin=is_admin,
        )
        return key, token
