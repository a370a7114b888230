"""The endpoints under /v1/models: what can be asked for, in OpenAI's shape plus our keys.

Source: OpenAI API reference, "List models" and "Retrieve model".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from ninja import Router

from providers import catalog, house
from studio.accounts.auth import ApiKeyAuth
from studio.accounts.errors import ApiError, ErrorEnvelope
from videos import describing, pricing

from .schemas import Model, ModelList

router = Router(auth=ApiKeyAuth(), tags=["Models"])

# OpenAI's clients want a time of creation; ours is that of the API version that Runway serves.
CREATED = 1_730_851_200


@router.get("", response={200: ModelList, 401: ErrorEnvelope}, summary="List models")
def list_models(request: HttpRequest) -> HttpResponseBase:
    """Every model and alias that can be asked for."""
    tables = pricing.tables(describing.EXAMPLE_SECONDS)
    now = house.current()
    aliases = [_object(describing.alias(*alias)) for alias in now.aliases.items()]
    models = [_object(describing.describe(model), tables) for model in now.models]
    return JsonResponse({"object": "list", "data": aliases + models})


@router.get(
    "/{path:model_id}",
    response={200: Model, 401: ErrorEnvelope, 404: ErrorEnvelope},
    summary="Look at a model",
)
def retrieve(request: HttpRequest, model_id: str) -> HttpResponseBase:
    """One model or alias; a retired model tells its replacement."""
    asked, now = model_id.removeprefix("runway/"), house.current()
    if asked in now.aliases:
        return JsonResponse(_object(describing.alias(asked, now.aliases[asked])))
    model = catalog.find(asked)
    is_off = now.shuts_out(asked)
    if is_off or model is None or not (model.is_video or model.is_retired):
        why = f"An administrator switched '{asked}' off."
        why = why if is_off else f"There is no model '{asked[:100]}'."
        message = f"{why} GET /v1/models lists them."
        raise ApiError(404, message, code="model_not_found", param="model")
    tables = pricing.tables(describing.EXAMPLE_SECONDS)
    return JsonResponse(_object(describing.describe(model), tables))


def _object(
    described: dict[str, Any], tables: Mapping[str, Mapping[str, float]] | None = None
) -> dict[str, Any]:
    """In OpenAI's shape; `tables` are the prices that were set, by model."""
    if tables and described["id"] in tables:
        described = {**described, "credits_for_5_seconds": tables[described["id"]]}
    own = {"object": "model", "created": CREATED, "owned_by": "runway"}
    return {"id": described["id"], **own, **described}
