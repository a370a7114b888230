"""The prices that administrators set, applied to checked requests.

Called where a price is promised or shown: by `actions.accept`, the estimate and the form.
"""

from __future__ import annotations

from dataclasses import replace

from providers import catalog

from . import estimates
from .checked import CheckedRequest
from .money import ModelPrice


def priced(checked: CheckedRequest) -> CheckedRequest:
    """The request at the price that was set for its model; unchanged where none was."""
    price = ModelPrice.objects.filter(model=checked.resolved_model).first()
    model = catalog.find(checked.resolved_model)
    if price is None or model is None:
        return checked
    is_flat = price.unit == ModelPrice.Unit.VIDEO
    credits = estimates.at_rate(price.credits, model, checked, is_flat=is_flat)
    return replace(checked, credits=credits, is_price_set=credits is not None)
