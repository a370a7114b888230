"""People and API keys in Django's own administration. An API key is shown once, when it is made."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.forms import UserChangeForm as BaseUserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from . import tokens
from .key_forms import ApiKeyForm
from .models import ApiKey, User

if TYPE_CHECKING:
    CreationForm = BaseUserCreationForm[User]
    ChangeForm = BaseUserChangeForm[User]
    PersonAdmin = BaseUserAdmin[User]
    KeyAdmin = admin.ModelAdmin[ApiKey]
else:
    CreationForm, ChangeForm = BaseUserCreationForm, BaseUserChangeForm
    PersonAdmin, KeyAdmin = BaseUserAdmin, admin.ModelAdmin


ROTATION_OVERLAP = timedelta(days=1)


class UserCreationForm(CreationForm):
    """A new person: e-mail address and password."""

    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        """In the one spelling under which people are found when they sign in."""
        return _spelling(self.cleaned_data["email"])


class UserChangeForm(ChangeForm):
    """A person's name and rights."""

    def clean_email(self) -> str:
        """As above."""
        return _spelling(self.cleaned_data["email"])


@admin.register(User)
class UserAdmin(PersonAdmin):
    """People, who sign in with an e-mail address."""

    form = UserChangeForm
    add_form = UserCreationForm
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("last_login", "created_at")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Nobody locks himself out."""
        own = ("is_active", "is_staff", "is_superuser") if obj and obj == request.user else ()
        return (*self.readonly_fields, *own)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody is deleted: their videos and books stay. `active` keeps them out."""
        return False


@admin.register(ApiKey)
class ApiKeyAdmin(KeyAdmin):
    """The keys of scripts: made, shown once, revoked."""

    form = ApiKeyForm
    fields: ClassVar = [
        "name",
        "owner",
        "scopes",
        "models_allowed",
        "requests_per_minute",
        "videos_per_day",
        "parallel_videos",
        "expires_at",
        "shown",
        "created_at",
        "last_used_at",
        "last_used_from",
        "revoked_at",
    ]
    list_display = ("name", "shown", "owner", "may", "last_used_at", "expires_at", "revoked_at")
    search_fields = ("name", "owner__email")
    readonly_fields = ("shown", "created_at", "last_used_at", "last_used_from", "revoked_at")
    actions = ("rotate", "revoke")

    @admin.display(description="key")
    def shown(self, key: ApiKey) -> str:
        """All that we can show of it."""
        return f"rk_…{key.last4}" if key.last4 else "made when you save"

    @admin.display(description="may")
    def may(self, key: ApiKey) -> str:
        """Its scopes, and its models where they are limited."""
        models = f" · {', '.join(key.models_allowed)}" if key.models_allowed else ""
        return ", ".join(key.scopes) + models

    @admin.action(description="Rotate the selected keys; the old ones work for another day")
    def rotate(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """A new key for each, shown this once."""
        for key in ApiKey.objects.live().filter(pk__in=queryset).select_related("owner"):
            _, token = key.rotate(ROTATION_OVERLAP)
            messages.warning(request, f"The new key of {key.name}, shown this once: {token}")

    @admin.action(description="Revoke the selected keys, at once and for good")
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """They are refused from the next request on."""
        queryset.filter(revoked_at=None).update(revoked_at=timezone.now())

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """Keys are revoked, not deleted: videos remember them."""
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """A new key is made here, and shown this once."""
        if change:
            super().save_model(request, obj, form, change)
            return
        token = tokens.generate()
        obj.digest, obj.last4 = tokens.digest(token), token[-4:]
        super().save_model(request, obj, form, change)
        messages.warning(request, f"The key, shown this once: {token}")


def _spelling(email: str) -> str:
    """As `UserManager.create_user` writes it."""
    return User.objects.normalize_email(email).lower()
