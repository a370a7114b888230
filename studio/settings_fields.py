"""The fields of the settings that can be changed while it runs. Named by settings.py.

django-constance makes its form of them; `admin.py` adds the labels and looks at the whole.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from providers import catalog, house
from providers.pool import STRATEGIES

Choices = list[tuple[str, str]]


def models() -> Choices:
    """Every model that makes videos, by id and name."""
    return [(model.id, f"{model.name} ({model.id})") for model in catalog.models()]


class ModelsField(forms.MultipleChoiceField):
    """Models of the catalogue, none of them too."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=models, required=False, **options)


class ModelField(forms.ChoiceField):
    """One model of the catalogue, or the catalogue's first."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=lambda: [("", "The first one"), *models()], required=False, **options
        )


class OrderField(forms.CharField):
    """Models in their order, one in each line; none for the catalogue's order."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.widget.attrs["rows"] = 3

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        """The list. Raises: ValidationError for a model that is not there."""
        typed = super().clean(value).replace(",", " ").split()
        try:
            return list(house.an_order(typed))
        except ValueError as exc:
            raise ValidationError(f"This cannot be used: {exc}.") from exc


class StrategyField(forms.ChoiceField):
    """How a key is chosen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[(name, name.replace("_", " ")) for name in STRATEGIES], **options)


class PriceField(forms.DecimalField):
    """What a credit is worth."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            min_value=Decimal(0),
            max_value=house.MOST_PRICE,
            max_digits=10,
            decimal_places=6,
            **options,
        )


class CurrencyField(forms.CharField):
    """What stands behind an amount of money."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=12, **options)


class DaysField(forms.IntegerField):
    """A number of days."""

    default_validators = [MinValueValidator(1), MaxValueValidator(house.MOST_DAYS)]
