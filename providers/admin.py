"""Provider keys in Django's own administration. The secret goes in and never comes out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from studio.accounts import audit

from . import catalog, secrets
from .models import PAUSED_BY_HAND, ModelRest, ProviderKey
from .secrets import SecretUnavailable

if TYPE_CHECKING:
    KeyForm = forms.ModelForm[ProviderKey]
    KeyAdmin = admin.ModelAdmin[ProviderKey]
else:
    KeyForm, KeyAdmin = forms.ModelForm, admin.ModelAdmin

AUDITED = (
    "name",
    "secret",
    "base_url",
    "model_ids",
    "weight",
    "enabled",
    "paused_reason",
    "cooldown_until",
)
HELP = (
    "A Runway key, or where one is kept: env.NAME or file.PATH. "
    "It is encrypted and never shown again; leave it empty to keep the one there is."
)


class ProviderKeyForm(KeyForm):
    """A key's fields, with its secret as a field that is only written."""

    new_secret = forms.CharField(
        label="Secret or reference",
        required=False,
        strip=True,
        help_text=HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
    )

    class Meta:
        model = ProviderKey
        fields: ClassVar = ["name", "new_secret", "base_url", "model_ids", "weight", "enabled"]

    def clean_model_ids(self) -> list[str]:
        """A list of model ids."""
        ids = self.cleaned_data["model_ids"] or []
        if not isinstance(ids, list) or not all(isinstance(item, str) for item in ids):
            raise forms.ValidationError('A list of model ids, such as ["gen4.5"]; [] means all.')
        unknown = [name for name in ids if catalog.find(name) is None]
        if unknown:
            raise forms.ValidationError(f"There is no model {', '.join(unknown)[:200]}.")
        return ids

    def clean_new_secret(self) -> str:
        """Needed for a new key; a reference must be one that is allowed."""
        secret: str = self.cleaned_data["new_secret"]
        if not secret and self.instance.pk is None:
            raise forms.ValidationError("A new key needs its secret, or a reference to it.")
        try:
            return secret and secrets.store(secret) and secret
        except SecretUnavailable as exc:
            raise forms.ValidationError(str(exc)) from exc

    def clean(self) -> dict[str, Any]:
        """A secret follows no new address by itself: it might be somebody else's."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        is_moved = self.instance.pk is not None and "base_url" in self.changed_data
        if is_moved and not data.get("new_secret"):
            self.add_error("new_secret", "Enter the secret again to use it at another base URL.")
        return data

    def save(self, commit: bool = True) -> ProviderKey:
        """The key, with its new secret where one was given; nothing is known of that one yet."""
        if secret := self.cleaned_data["new_secret"]:
            self.instance.set_secret(secret)
            self.instance.tested_at = self.instance.credits = None
            self.instance.test_error = ""
        if secret or "base_url" in self.changed_data:
            self.instance.passed_at = None
        key: ProviderKey = super().save(commit)
        return key


@admin.register(ProviderKey)
class ProviderKeyAdmin(KeyAdmin):
    """The pool: which keys there are, how they do, and what may be done about it."""

    form = ProviderKeyForm
    list_display = (
        "name",
        "secret_shown",
        "models_shown",
        "weight",
        "enabled",
        "health",
        "credits",
    )
    list_filter = ("enabled",)
    readonly_fields = ("secret_shown", "health", "credits", "tested_at")
    actions = ("test_keys", "pause", "resume")

    @admin.display(description="secret")
    def secret_shown(self, key: ProviderKey) -> str:
        """The last four characters, or the reference and whether it leads anywhere."""
        is_reference = secrets.is_reference(key.secret)
        shown = key.secret if is_reference else f"key_…{key.last4}" if key.last4 else "set"
        if key.problem():
            return f"{shown} ({'missing' if is_reference else 'cannot be decrypted'})"
        return f"{shown} (found)" if is_reference else shown

    @admin.display(description="models")
    def models_shown(self, key: ProviderKey) -> str:
        """Which models it serves."""
        return ", ".join(key.model_ids) or "all"

    @admin.display(description="health")
    def health(self, key: ProviderKey) -> str:
        """How the key does, in words."""
        if not key.enabled:
            return "switched off"
        if key.paused_reason:
            return f"paused: {key.paused_reason}"
        now = timezone.now()
        if key.cooldown_until and key.cooldown_until > now:
            return f"resting until {key.cooldown_until:%H:%M:%S} UTC"
        rests = "; ".join(f"rests for {rest}" for rest in key.rests.all() if rest.until > now)
        return "; ".join(filter(None, (_test_result(key), rests)))

    @admin.action(description="Test the selected keys (free)")
    def test_keys(self, request: HttpRequest, queryset: QuerySet[ProviderKey]) -> None:
        """Ask Runway for each account's standing."""
        for key in queryset:
            _test(request, key)

    @admin.action(description="Pause the selected keys")
    def pause(self, request: HttpRequest, queryset: QuerySet[ProviderKey]) -> None:
        """Give them no new work; what they run goes on."""
        for key in queryset.filter(paused_reason=""):
            with audit.change(audit.by(request), "provider_key", key, AUDITED):
                ProviderKey.objects.filter(pk=key.pk).update(paused_reason=PAUSED_BY_HAND)

    @admin.action(description="Resume the selected keys")
    def resume(self, request: HttpRequest, queryset: QuerySet[ProviderKey]) -> None:
        """Back into service at once."""
        back = {"paused_reason": "", "cooldown_until": None, "enabled": True}
        for key in queryset:
            with audit.change(audit.by(request), "provider_key", key, AUDITED):
                ProviderKey.objects.filter(pk=key.pk).update(**back)
                ModelRest.objects.filter(key=key).delete()

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderKey]:
        """With what each rests from."""
        return super().get_queryset(request).prefetch_related("rests")

    def save_model(self, request: HttpRequest, obj: ProviderKey, form: Any, change: bool) -> None:
        """A key that never passed a test is tested once it is saved, and gets no work before."""
        with audit.change(audit.by(request), "provider_key", obj, AUDITED):
            super().save_model(request, obj, form, change)
        if obj.passed_at is None and not obj.is_sandbox:
            transaction.on_commit(partial(_test, request, obj))

    def delete_model(self, request: HttpRequest, obj: ProviderKey) -> None:
        """On record."""
        with audit.change(audit.by(request), "provider_key", obj, AUDITED):
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ProviderKey]) -> None:
        """One by one."""
        for key in queryset:
            self.delete_model(request, key)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Refuses to delete a key whose tasks are not over: only it can read them.

        A queued video has no task that it needs; another key may take it.
        """
        shown, counts, missing, protected = super().get_deleted_objects(objs, request)
        unfinished = [
            f"{video} needs {key.name} until it is over"
            for key in objs
            for video in key.videos.exclude(next_at=None).exclude(status="queued")[:20]
        ]
        return shown, counts, missing, [*protected, *unfinished]


def _test(request: HttpRequest, key: ProviderKey) -> None:
    """Ask Runway, and tell the administrator what came of it."""
    error = key.test()
    audit.record(audit.by(request), "provider_key.tested", key, after={"result": error or "works"})
    if error:
        rest = "" if key.passed_at else " It gets no videos until it passes a test."
        messages.error(request, f"{key.name} does not work: {error}{rest}")
    else:
        messages.success(request, f"{key.name} works: {key.credits:g} credits.")


def _test_result(key: ProviderKey) -> str:
    if key.passed_at is None and not key.is_sandbox:
        said = f"test failed: {key.test_error}" if key.test_error else "not tested yet"
        return f"{said}; gets no videos until it passes"
    return f"last test failed: {key.test_error}" if key.test_error else "works"
