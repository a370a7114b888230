"""What is kept about money beside the ledger: budgets, warnings, set prices, figures.

`models.py` names these too. `budgets.py` keeps videos within budgets, `pricing.py` uses the prices,
`reconcile.py` fetches the figures. All amounts are credits.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from providers import catalog
from providers.models import ProviderKey
from studio.accounts.models import ApiKey, User


class Covers(models.TextChoices):
    """Whose videos a budget is for."""

    PERSON = "person", _("A person")
    API_KEY = "api_key", _("An API key")
    PROJECT = "project", _("A project")
    INSTALLATION = "installation", _("The installation")


class Period(models.TextChoices):
    """How long a budget lasts, by the calendar of UTC; a week begins on Monday."""

    DAY = "day", _("A day")
    WEEK = "week", _("A week")
    MONTH = "month", _("A month")


def _only(scope: str) -> Q:
    """The budgets of a scope that have its target and no other."""
    targets = (Covers.PERSON, Covers.API_KEY, Covers.PROJECT)
    kept = [Q(**{f"{name}__isnull": name != scope}) for name in targets]
    return Q(*kept, scope=scope)


class Budget(models.Model):
    """How many credits may be spent in each period, and by whom.

    A hard one refuses what goes beyond it; a soft one only warns. The audit tells what of `AUDITED`
    changes.
    """

    AUDITED: ClassVar = (
        *("scope", "person_id", "api_key_id", "project_id"),
        *("period", "amount", "is_hard"),
    )

    scope = models.CharField("covers", max_length=12, choices=Covers.choices)
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE)
    api_key = models.ForeignKey(
        ApiKey, null=True, blank=True, on_delete=models.CASCADE, verbose_name="API key"
    )
    project = models.ForeignKey(
        "videos.Project", null=True, blank=True, on_delete=models.CASCADE, related_name="budgets"
    )
    period = models.CharField(max_length=5, choices=Period.choices, default=Period.MONTH)
    amount = models.DecimalField(
        "credits", max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    is_hard = models.BooleanField(
        "hard", default=True, help_text="Refuse what goes beyond it; else only warn."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=_only(Covers.PERSON)
                | _only(Covers.API_KEY)
                | _only(Covers.PROJECT)
                | _only(Covers.INSTALLATION),
                name="one_target_as_the_scope_says",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_period_display()} of {self.target or 'the installation'}"

    @property
    def target(self) -> User | ApiKey | models.Model | None:
        """Whom it is for; None for the installation."""
        return self.person or self.api_key or self.project

    def clean(self) -> None:
        """The target that the scope says, and no other."""
        for name in (Covers.PERSON, Covers.API_KEY, Covers.PROJECT):
            is_there = getattr(self, f"{name}_id") is not None
            if is_there and name != self.scope:
                raise ValidationError({str(name): "Empty this: the budget covers something else."})
            if not is_there and name == self.scope:
                raise ValidationError({str(name): "Choose whom the budget is for."})


class BudgetWarning(models.Model):
    """A budget reached a share of its amount in a period; recorded once."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="warnings")
    starts_at = models.DateTimeField(help_text="The beginning of the period.")
    percent = models.PositiveSmallIntegerField()
    used = models.DecimalField("credits used", max_digits=12, decimal_places=2)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["budget", "starts_at", "percent"], name="one_warning_each_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.percent} % of {self.budget}"


class ModelPrice(models.Model):
    """A price that an administrator set for a model; it stands in the place of the catalogue's."""

    class Unit(models.TextChoices):
        """What the credits are for."""

        SECOND = "second", _("a second")
        VIDEO = "video", _("a video")

    AUDITED: ClassVar = ("model", "credits", "unit", "note")

    model = models.CharField(max_length=80, unique=True, help_text="Its id, such as gen4.5.")
    credits = models.DecimalField(
        max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    unit = models.CharField("for", max_length=6, choices=Unit.choices, default=Unit.SECOND)
    note = models.CharField(max_length=200, blank=True, help_text="Where the price is from.")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["model"]

    def __str__(self) -> str:
        return f"{self.model}: {self.credits} cr {self.get_unit_display()}"

    @property
    def is_flat(self) -> bool:
        """Whether it is for a whole video, however long."""
        return self.unit == self.Unit.VIDEO

    def clean(self) -> None:
        """A model that there is."""
        if catalog.find(self.model) is None:
            raise ValidationError({"model": f"There is no model {self.model[:80]}."})


class UsageFigure(models.Model):
    """What a provider key used by Runway's own account: net credits of a day (UTC) and a model."""

    provider_key = models.ForeignKey(ProviderKey, on_delete=models.CASCADE, related_name="figures")
    day = models.DateField()
    model = models.CharField(max_length=80)
    credits = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider_key", "day", "model"], name="one_figure_each_key_day_and_model"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.model}: {self.credits}"


class UsageLook(models.Model):
    """When the figures of a key were last fetched, since which day, and what went wrong if so."""

    provider_key = models.OneToOneField(ProviderKey, on_delete=models.CASCADE)
    first_day = models.DateField(null=True)
    at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.provider_key} at {self.at:%Y-%m-%d %H:%M} UTC"
