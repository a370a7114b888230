"""Provider keys in Django's own administration. The secret goes in and never comes out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from studio.accounts import audit
from studio.accounts.recorded import RecordedAdmin

from . import entries, health, patterns, rotation, secrets
from .models import PAUSED_BY_HAND, ModelRest, ProviderKey
from .secrets import SecretUnavailable

if TYPE_CHECKING:
    KeyForm = forms.ModelForm[ProviderKey]
else:
    KeyForm = forms.ModelForm

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
        fields: ClassVar = [
            "name",
            "new_secret",
            "base_url",
            "model_ids",
            "weight",
            "credit_floor",
            "parallel",
            "timeout_seconds",
            "enabled",
        ]

    def clean_model_ids(self) -> list[str]:
        """Models and patterns that the catalogue knows."""
        ids: list[str] = self.cleaned_data["model_ids"] or []
        if fault := patterns.fault(ids):
            raise forms.ValidationError(fault)
        return ids

    def clean_credit_floor(self) -> int:
        """None given means that all credits may be used."""
        return self.cleaned_data["credit_floor"] or 0

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
        if secret or "base_url" in self.changed_data:
            self.instance.forget_tests()
        key: ProviderKey = super().save(commit)
        return key


@admin.register(ProviderKey)
class ProviderKeyAdmin(RecordedAdmin[ProviderKey]):
    """The pool: which keys there are, how they do, and what may be done about it."""

    recorded_as = "provider_key"
    form = ProviderKeyForm
    list_display = (
        "name",
        "secret_shown",
        "models_shown",
        "weight",
        "enabled",
        "base_url",
        "health_shown",
        "credits",
        "running_now",
        "today",
    )
    list_filter = ("enabled",)
    readonly_fields = (
        "secret_shown",
        "health_shown",
        "credits",
        "limits_shown",
        "running_now",
        "today",
        "last_success_at",
        "last_error_shown",
        "tested_at",
    )
    actions = ("test_keys", "pause", "resume", "replace_secret", "encrypt_anew")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new key is used where RUNWAYML_BASE_URL says, unless it is told otherwise."""
        return {"base_url": settings.RUNWAY_BASE_URL}

    @admin.display(description="secret")
    def secret_shown(self, key: ProviderKey) -> str:
        """The last four characters, or the reference and whether it leads anywhere."""
        shown, state = health.secret_shown(key), health.secret_state(key)
        said = {"encrypted": "", "unreadable": " (cannot be decrypted)"}.get(state, f" ({state})")
        return shown + said

    @admin.display(description="models")
    def models_shown(self, key: ProviderKey) -> str:
        """Which models it serves."""
        return patterns.words(key.model_ids)

    @admin.display(description="health")
    def health_shown(self, key: ProviderKey) -> str:
        """How the key does, in words."""
        return health.words(key)

    @admin.display(description="last error")
    def last_error_shown(self, key: ProviderKey) -> str:
        """With its time and code."""
        return health.last_error(key)

    @admin.display(description="Runway's limits")
    def limits_shown(self, key: ProviderKey) -> str:
        """As the last test read them."""
        return health.limits(key)

    @admin.display(description="running now")
    def running_now(self, key: ProviderKey) -> int:
        """How many videos it makes now."""
        return key.unfinished().count() if key.pk else 0

    @admin.display(description="today")
    def today(self, key: ProviderKey) -> int:
        """How many videos it submitted since midnight, UTC."""
        return key.made_today() if key.pk else 0

    @admin.action(description="Test the selected keys (free)")
    def test_keys(self, request: HttpRequest, queryset: QuerySet[ProviderKey]) -> None:
        """Ask Runway for each account's standing."""
        for key in queryset:
            _test(request, key)

    @admin.action(description="Pause the selected keys")
    def pause(self, request: HttpRequest, queryset: QuerySet[ProviderKey]) -> None:
        """Give them no new work; what they run goes on."""
        for key in queryset:
            with audit.change(audit.by(request), "provider_key", key, ProviderKey.AUDITED):
                ProviderKey.objects.filter(pk=key.pk).update(paused_reason=PAUSED_BY_HAND)

    @admin.action(description="Resume the selected keys")
    def resume(self, request: HttpRequest, queryset: QuerySet[ProviderKey]) -> None:
        """Back into service at once."""
        back = {"paused_reason": "", "needs_credits": None, "cooldown_until": None}
        for key in queryset:
            with audit.change(audit.by(request), "provider_key", key, ProviderKey.AUDITED):
                ProviderKey.objects.filter(pk=key.pk).update(**back, misses=0, enabled=True)
                ModelRest.objects.filter(key=key).delete()

    @admin.action(description="Replace the secret of the selected key")
    def replace_secret(
        self, request: HttpRequest, queryset: QuerySet[ProviderKey]
    ) -> HttpResponse | None:
        """To the field that takes it."""
        keys = list(queryset[:2])
        if len(keys) != 1:
            messages.error(request, "Select one key, whose secret is to be replaced.")
            return None
        page = reverse("admin:providers_providerkey_change", args=[keys[0].pk])
        return HttpResponseRedirect(f"{page}#id_new_secret")

    @admin.action(description="Encrypt every secret anew, of all keys and webhooks")
    def encrypt_anew(self, request: HttpRequest, queryset: QuerySet[ProviderKey]) -> None:
        """With the first of STUDIO_ENCRYPTION_KEYS, whichever keys are selected."""
        messages.info(request, rotation.rotate(audit.by(request)).words())

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderKey]:
        """With what each rests from."""
        return super().get_queryset(request).prefetch_related("rests")

    def save_model(self, request: HttpRequest, obj: ProviderKey, form: Any, change: bool) -> None:
        """A key that never passed a test is tested once it is saved, and gets no work before."""
        super().save_model(request, obj, form, change)
        if obj.passed_at is None and not obj.is_sandbox:
            transaction.on_commit(partial(_test, request, obj))

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
            for video in key.unfinished()[:20]
        ]
        return shown, counts, missing, [*protected, *unfinished]


def _test(request: HttpRequest, key: ProviderKey) -> None:
    """Ask Runway, and tell the administrator what came of it."""
    if error := entries.test(key, audit.by(request)):
        rest = "" if key.passed_at else " It gets no videos until it passes a test."
        messages.error(request, f"{key.name} does not work: {error}{rest}")
    else:
        allowed = health.limits(key)
        tier = f" Its tier allows {allowed}." if allowed else ""
        messages.success(request, f"{key.name} works: {key.credits:g} credits.{tier}")
