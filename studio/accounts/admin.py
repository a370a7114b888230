"""People and API keys in Django's own administration. An API key is shown once, when it is made."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.forms import UserChangeForm as BaseUserChangeForm
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from . import audit, sessions, tokens
from .audit_admin import AuditEntryAdmin
from .key_forms import ApiKeyForm
from .models import ApiKey, Role, User

if TYPE_CHECKING:
    CreationForm = BaseUserCreationForm[User]
    ChangeForm = BaseUserChangeForm[User]
    PersonAdmin = BaseUserAdmin[User]
    KeyAdmin = admin.ModelAdmin[ApiKey]
else:
    CreationForm, ChangeForm = BaseUserCreationForm, BaseUserChangeForm
    PersonAdmin, KeyAdmin = BaseUserAdmin, admin.ModelAdmin


__all__ = ["ApiKeyAdmin", "AuditEntryAdmin", "UserAdmin"]

ROTATION_OVERLAP = timedelta(days=1)
PERSON_AUDITED = ("email", "name", "is_active", "role")


def _role_field() -> forms.ChoiceField:
    return forms.ChoiceField(choices=Role.choices, initial=Role.MEMBER, required=False)


class UserCreationForm(CreationForm):
    """A new person: e-mail address, role and password."""

    role = _role_field()

    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        """In the one spelling under which people are found when they sign in."""
        return _spelling(self.cleaned_data["email"])


class UserChangeForm(ChangeForm):
    """A person's name and role."""

    role = _role_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            self.initial["role"] = self.instance.role

    def clean_email(self) -> str:
        """As above."""
        return _spelling(self.cleaned_data["email"])


@admin.register(User)
class UserAdmin(PersonAdmin):
    """People, who sign in with an e-mail address."""

    form = UserChangeForm
    add_form = UserCreationForm
    list_display = ("email", "name", "role", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("last_login", "created_at", "signed_in_at")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("Rights", {"fields": ("is_active", "role")}),
        ("Dates", {"fields": ("last_login", "created_at", "signed_in_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "role", "password1", "password2")}),)
    actions = ("sign_out",)

    @admin.display(description="signed in")
    def signed_in_at(self, user: User) -> str | SafeString:
        """Every session: device, address, last use."""
        seen = [
            (session.device_name, session.address or "", f"{session.seen_at:%d %b %Y %H:%M}")
            for session in sessions.of(user)
            if session.seen_at
        ]
        return format_html_join("", "<p>{} · {} · last seen {} UTC</p>", seen) or "nowhere"

    @admin.action(description="Sign the selected people out everywhere")
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """At once. Their API keys go on; the administrator's own session does, too."""
        for user in queryset:
            with transaction.atomic():
                ended = {"sessions": sessions.end(user, but=request.session.session_key)}
                audit.record(audit.by(request), "session.ended", user, after=ended)
        messages.info(request, "Signed out.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """With their roles."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Nobody locks himself out."""
        own = ("is_active", "role") if obj and obj == request.user else ()
        return (*self.readonly_fields, *own)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """With the role, and on record."""
        with audit.change(audit.by(request), "person", obj, PERSON_AUDITED):
            super().save_model(request, obj, form, change)
            if role := form.cleaned_data.get("role"):
                obj.set_role(Role(role))

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Django's page for another's password, on record; it signs that person out."""
        user = self.get_object(request, unquote(id))
        if user is None:
            return super().user_change_password(request, id, form_url)
        with audit.change(audit.by(request), "person", user, ("password",)):
            return super().user_change_password(request, id, form_url)

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
        told = {"overlap_hours": ROTATION_OVERLAP // timedelta(hours=1)}
        keys = ApiKey.objects.live().filter(pk__in=queryset, replaced_by=None)
        for key in keys.select_related("owner"):
            with transaction.atomic():
                audit.record(audit.by(request), "api_key.rotated", key, after=told)
                token = key.rotate(ROTATION_OVERLAP)
            messages.warning(request, f"The new key of {key.name}, shown this once: {token}")

    @admin.action(description="Revoke the selected keys, at once and for good")
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """They are refused from the next request on."""
        for key in queryset.filter(revoked_at=None):
            with audit.change(audit.by(request), "api_key", key, ApiKey.AUDITED):
                key.revoked_at = timezone.now()
                key.save(update_fields=["revoked_at"])

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """Keys are revoked, not deleted: videos remember them."""
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """A new key is made here, and shown this once."""
        token = "" if change else tokens.generate()
        if token:
            obj.digest, obj.last4 = tokens.digest(token), token[-4:]
        with audit.change(audit.by(request), "api_key", obj, ApiKey.AUDITED):
            super().save_model(request, obj, form, change)
        if token:
            messages.warning(request, f"The key, shown this once: {token}")


def _spelling(email: str) -> str:
    """As `UserManager.create_user` writes it."""
    return User.objects.normalize_email(email).lower()
