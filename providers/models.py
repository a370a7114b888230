"""ProviderKey: a provider's secret that we hold, and how well it works.

Used by routing (which key serves a model), by the worker (which key created a task) and by the
administration.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class ProviderKey(models.Model):
    """One key of the pool.

    The secret itself is encrypted, or it is a reference (`env.NAME`, `file.PATH`) that is resolved
    at each use. A paused key waits for an administrator; a cooling one comes back by itself.
    """

    name = models.CharField(max_length=80, unique=True)
    secret = models.TextField(
        help_text="Encrypted secret, or a reference: env.NAME or file.PATH.", editable=False
    )
    last4 = models.CharField(max_length=4, blank=True, editable=False)
    base_url = models.URLField(default="https://api.dev.runwayml.com")
    model_ids = models.JSONField(
        default=list, blank=True, help_text="Model ids that this key serves; empty means all."
    )
    weight = models.PositiveIntegerField(default=1)
    enabled = models.BooleanField(default=True)
    is_sandbox = models.BooleanField(default=False, editable=False)
    paused_reason = models.CharField(max_length=200, blank=True)
    cooldown_until = models.DateTimeField(null=True, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True, editable=False)
    test_error = models.CharField(max_length=300, blank=True, editable=False)
    credits = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.name} (…{self.last4})" if self.last4 else self.name
