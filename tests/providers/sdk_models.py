"""The SDK's TypedDicts as strict models: what Runway's own types say of a body."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, reduce
from operator import or_
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, create_model

from providers import sdk_check

STRICT = ConfigDict(strict=True, extra="forbid")


@cache
def model_of(mode: str, model_id: str) -> type[BaseModel]:
    """A model that refuses whatever the SDK's types of this request do not allow."""
    return _strict(sdk_check.sdk_models(mode)[model_id])


@cache
def _strict(params: Any) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for number, (name, field) in enumerate(sdk_check.sdk_fields(params).items()):
        default = ... if field.is_required else None
        fields[f"field_{number}"] = (_converted(field.type), Field(default, alias=name))
    return create_model(params.__name__, __config__=STRICT, **fields)


def _converted(hint: Any) -> Any:
    """The same type, with lists for iterables and strict models for TypedDicts."""
    if hint is object:
        return dict[str, Any]
    if get_origin(hint) is Literal or not (get_args(hint) or sdk_check.typed_dicts(hint)):
        return hint
    if get_origin(hint) is Union:
        return reduce(or_, (_converted(part) for part in get_args(hint)))
    if get_origin(hint) is Iterable:
        return list[_converted(get_args(hint)[0])]  # type: ignore[misc]  # made at run time
    return _strict(hint)
