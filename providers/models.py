"""ProviderKey: a provider's secret that we hold, and how well it works.

Used by routing (which key serves a model), by the worker (which key created a task) and by the
administration.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from . import egress, patterns, secrets
from .connections import LIMITS, Limits
from .errors import ProviderAuthError, ProviderError
from .measures import KeyMinute
from .runway import RunwayClient

__all__ = ["PAUSED_BY_HAND", "KeyMinute", "ModelRest", "ProviderKey", "check_base_url"]

PAUSED_BY_HAND = "Paused by an administrator."
# What tests and work told of a secret at its address.
LEARNT = (
    *("tested_at", "passed_at", "test_error", "next_test_at", "credits", "limits", "standing_at"),
    *("needs_credits", "misses", "last_success_at"),
    *("last_error", "last_error_code", "last_error_at"),
)
SHORTEST_TIMEOUT, LONGEST_TIMEOUT = 5, 30
MOST_WEIGHT = 1_000_000
# A test is over within five seconds, whatever it meets.
TEST_LIMITS = Limits(connect=2.0, silence=2.5, answer=3.0)


class ProviderKeyQuerySet(models.QuerySet["ProviderKey"]):
    """Which keys, in words."""

    def in_service(self) -> Self:
        """Enabled and not paused; they may be cooling."""
        return self.filter(enabled=True, paused_reason="")

    def proven(self) -> Self:
        """Real keys that passed a test, and the sandbox's, which needs none."""
        return self.filter(Q(is_sandbox=True) | Q(passed_at__isnull=False))

    def unproven(self) -> Self:
        """Real keys that never passed a test."""
        return self.filter(is_sandbox=False, passed_at=None)

    def due_for_test(self) -> Self:
        """Real keys whose standing should be read anew; not those that a person took out."""
        is_due = Q(next_test_at__lte=Now()) | Q(next_test_at=None, passed_at=None)
        wanted = self.filter(is_due, enabled=True, is_sandbox=False)
        return wanted.exclude(paused_reason=PAUSED_BY_HAND)


def check_base_url(url: str) -> None:
    """A key's secret goes only where the operator lets it go. Raises: ValidationError."""
    if not egress.is_plain(url) or "?" in url or "#" in url or not _is_listed(egress.origin(url)):
        raise ValidationError(
            "Must be https on %(hosts)s, or an origin that STUDIO_PROVIDER_ORIGINS lists.",
            params={"hosts": ", ".join(settings.STUDIO_PROVIDER_HOSTS)},
        )


def _is_listed(origin: tuple[str, str, int]) -> bool:
    scheme, host, port = origin
    if (scheme, port) == ("https", 443) and host in settings.STUDIO_PROVIDER_HOSTS:
        return True
    return origin in {egress.origin(text) for text in settings.STUDIO_PROVIDER_ORIGINS}


class ProviderKey(models.Model):
    """One key of the pool.

    The secret itself is encrypted, or it is a reference (`env.NAME`, `file.PATH`) that is resolved
    at each use. A paused key waits until a test passes, or for the administrator who paused it; a
    cooling one comes back by itself. A real key gets no work before it has passed a test
    (`passed_at`). `limits` is what `OrganizationInfo.limits` said at the last passed test;
    `credits` is the balance of then, less what was accepted since. The audit tells what changes of
    `AUDITED`.
    """

    AUDITED: ClassVar = (
        *("name", "secret", "base_url", "timeout_seconds", "model_ids", "weight", "credit_floor"),
        *("parallel", "enabled", "paused_reason", "cooldown_until"),
    )

    name = models.CharField(max_length=80, unique=True)
    secret = models.TextField(editable=False)
    last4 = models.CharField("ends in", max_length=4, blank=True, editable=False)
    base_url = models.CharField(
        "base URL",
        max_length=200,
        default="https://api.dev.runwayml.com",
        validators=[check_base_url],
    )
    model_ids = models.JSONField(
        "models",
        default=list,
        blank=True,
        help_text='Models, globs and exclusions: ["gen4*", "!gen4_turbo"]. '
        "An empty list means all.",
    )
    weight = models.FloatField(
        default=1,
        validators=[MinValueValidator(0), MaxValueValidator(MOST_WEIGHT)],
        help_text="Share of the work among keys that serve a model; 0 means none.",
    )
    timeout_seconds = models.PositiveSmallIntegerField(
        "seconds to wait for an answer",
        default=LONGEST_TIMEOUT,
        validators=[MinValueValidator(SHORTEST_TIMEOUT), MaxValueValidator(LONGEST_TIMEOUT)],
        help_text="A submission without an answer by then is uncertain: it may be paid for.",
    )
    credit_floor = models.PositiveIntegerField(
        default=0,
        blank=True,
        help_text="Stop under this many credits; 0 means that all may be used.",
    )
    parallel = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="At most this many videos at once, whatever their model. "
        "Empty: only Runway's own limits count.",
    )
    enabled = models.BooleanField(default=True)
    is_sandbox = models.BooleanField("sandbox", default=False, editable=False)
    paused_reason = models.CharField(
        max_length=200, blank=True, help_text="Why nobody may use it now; empty it to resume."
    )
    cooldown_until = models.DateTimeField("cooling until", null=True, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True, editable=False)
    passed_at = models.DateTimeField("first passed", null=True, blank=True, editable=False)
    test_error = models.CharField(max_length=300, blank=True, editable=False)
    credits = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, blank=True, editable=False
    )
    limits = models.JSONField(default=dict, editable=False)
    standing_at = models.DateTimeField(
        null=True, editable=False, help_text="When credits and limits were read."
    )
    needs_credits = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, editable=False, help_text="To go on with."
    )
    misses = models.PositiveSmallIntegerField(default=0, editable=False)
    last_success_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)
    last_error_code = models.CharField(max_length=40, blank=True, editable=False)
    last_error_at = models.DateTimeField(null=True, editable=False)
    next_test_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    encrypted_fields: ClassVar = ("secret",)
    objects = ProviderKeyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return f"{self.name} (…{self.last4})" if self.last4 else self.name

    def set_secret(self, text: str) -> None:
        """Take a secret (encrypted here) or a reference. The row is not saved.

        Raises: SecretUnavailable for a reference that is not allowed.
        """
        self.secret = secrets.store(text)
        self.last4 = "" if secrets.is_reference(self.secret) else secrets.last4(text.strip())

    def problem(self) -> str:
        """Why its secret cannot be had now; "" when it can."""
        try:
            secrets.resolve(self.secret)
        except secrets.SecretUnavailable as exc:
            return str(exc)
        return ""

    def forget_tests(self) -> tuple[str, ...]:
        """Nothing is known of a new secret, or of a new address. The fields that this changed.

        The row is not saved.
        """
        for name in LEARNT:
            field: models.Field[Any, Any] = self._meta.get_field(name)  # type: ignore[assignment] # columns
            setattr(self, name, field.get_default())
        return LEARNT

    def unfinished(self) -> models.QuerySet[Any]:
        """The videos that need this key until they are over: only it can read their tasks."""
        return self.videos.exclude(next_at=None).exclude(status="queued")

    def made_today(self) -> int:
        """How many videos it submitted since midnight, UTC."""
        midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        tasks = self.task_set.filter(created_at__gte=midnight)
        return tasks.values("video_id").distinct().count()

    def client(self, limits: Limits | None = None) -> RunwayClient:
        """A client that uses this key. Raises: SecretUnavailable."""
        own = replace(LIMITS, silence=self.timeout_seconds, answer=self.timeout_seconds)
        return RunwayClient(secrets.resolve(self.secret), self.base_url, limits or own)

    def serves(self, model: str) -> bool:
        """Whether this key may be used for a model."""
        return self.weight > 0 and patterns.allow(self.model_ids, model)

    def rests_until(self, model: str) -> datetime | None:
        """When this key is back, or was, from its own rest and from that for the model."""
        ends = [self.cooldown_until, *(r.until for r in self.rests.all() if r.model == model)]
        return max((end for end in ends if end), default=None)

    def limit(self, model: str, name: str) -> int | None:
        """Runway's `concurrent`, `daily` or `used` of a model; None where there is none."""
        of_model = self.limits.get("models", {}).get(model, {})
        number: int | None = of_model.get(name)
        return number

    def pause(self, reason: str, needs_credits: Decimal | None = None) -> None:
        """No work until a test passes and shows `needs_credits`; a first reason stays."""
        ProviderKey.objects.filter(pk=self.pk, paused_reason="").update(
            paused_reason=reason[:200], needs_credits=needs_credits
        )

    def note_error(self, exc: ProviderError) -> None:
        """Keep the last error, with its time and code."""
        self._note(
            last_error=str(exc)[:300], last_error_code=exc.code[:40], last_error_at=timezone.now()
        )

    def test(self) -> str:
        """Ask Runway for the account's standing, which costs nothing; the error, "" when it works.

        A key that works goes back into service, unless an administrator took it out, or it still
        has too few credits. When a real key passes for the first time, the sandbox goes out of
        service for good: only an administrator brings it back.
        """
        pause = timedelta(seconds=settings.STUDIO_KEY_TEST_SECONDS)
        self._note(tested_at=timezone.now(), next_test_at=timezone.now() + pause)
        try:
            info = self.client(TEST_LIMITS).organization()
        except ProviderError as exc:
            self._note(test_error=str(exc)[:300])
            self.note_error(exc)
            if self.passed_at and isinstance(exc, ProviderAuthError | secrets.SecretUnavailable):
                self.pause(f"Its test failed: {exc}")
            return self.test_error
        is_first = self.passed_at is None and not self.is_sandbox
        with transaction.atomic():
            self._note(test_error="", credits=info.credits, limits=info.limits())
            self._note(standing_at=self.tested_at, last_success_at=timezone.now(), misses=0)
            self._resume(info.credits)
            if self.passed_at is None:
                self._note(passed_at=timezone.now())
            if is_first:
                ProviderKey.objects.filter(is_sandbox=True).update(enabled=False)
        return ""

    def _resume(self, credits: Decimal) -> None:
        """End the pause that a passed test ends."""
        enough = Q(needs_credits=None) | Q(needs_credits__lte=credits)
        mine = ProviderKey.objects.filter(enough, pk=self.pk).exclude(paused_reason=PAUSED_BY_HAND)
        if mine.update(paused_reason="", needs_credits=None):
            self.paused_reason, self.needs_credits = "", None
            self.rests.filter(until_tested=True).delete()

    def _note(self, **changes: Any) -> None:
        ProviderKey.objects.filter(pk=self.pk).update(**changes)
        for name, value in changes.items():
            setattr(self, name, value)


class ModelRest(models.Model):
    """A key serves one model not before `until`, because Runway said so; others it serves."""

    key = models.ForeignKey(ProviderKey, on_delete=models.CASCADE, related_name="rests")
    model = models.CharField(max_length=80)
    until = models.DateTimeField()
    reason = models.CharField(max_length=300)
    until_tested = models.BooleanField(default=False, help_text="A passed test ends it, too.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "model"], name="one_rest_per_key_and_model")
        ]

    def __str__(self) -> str:
        return f"{self.model} until {self.until:%H:%M:%S} UTC ({self.reason})"
