"""The prices that administrators set, applied to checked requests.

Called where a price is promised or shown: by `actions.accept`, the estimate and the form.
"""

from __future__ import annotations

from dataclasses import replace

from providers import catalog

from . import estimates
from .checked import CheckedRequest
from .money import ModelPrice

SET_HERE = "set here"


def tables(seconds: int) -> dict[str, dict[str, float]]:
    """For each model with a set price: what so many seconds cost, under the label that says so."""
    return {
        price.model: {
            SET_HERE: float(price.credits * (1 if price.is_flat else seconds)),
        }
        for price in ModelPrice.objects.all()
    }


def priced(checked: CheckedRequest) -> CheckedRequest:
    """The request at the price that was set for its model; unchanged where none was."""
    price = ModelPrice.objects.filter(model=checked.resolved_model).first()
    model = catalog.find(checked.resolved_model)
    if price is None or model is None:
        return checked
    credits = estimates.at_rate(price.credits, model, checked, is_flat=price.is_flat)
    return replace(checked, credits=credits, is_price_set=credits is not None)
