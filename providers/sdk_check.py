"""Where the catalogue and the installed SDK `runwayml` differ: models, fields, and their values.

Called by `manage.py catalog --check` and by the tests. The SDK is a development dependency, so it
is imported only when asked for.

Source: the SDK's `types/*_create_params.py`; a TypedDict per model, a union of them per endpoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import UnionType
from typing import Annotated, Any, Literal, Required, Union, get_args, get_origin, get_type_hints

from .catalog import VIDEO_MODES, Catalog
from .rules import MediaRules, ModeRules, Option

# Fields that have rules of their own; every other one must be an option or hold media.
PLAIN = frozenset({"model", "promptText", "ratio", "duration", "seed", "audio"})


@dataclass(frozen=True)
class SdkField:
    """A field of a request as the SDK types it: whether it is required, and its bare type."""

    is_required: bool
    type: Any


Fields = Mapping[str, SdkField]


def version() -> str:
    """The installed SDK's. Raises: ImportError where there is none."""
    return str(import_module("runwayml").__version__)


def differences(catalog: Catalog) -> list[str]:
    """A sentence for everything in which the catalogue and the SDK differ.

    Picture models are compared where the catalogue has them; it need not have all.
    Raises: ImportError where the SDK is not installed.
    """
    modes = (*VIDEO_MODES, "text_to_image")
    return [line for mode in modes for line in _mode_differences(catalog, mode)]


def sdk_models(mode: str) -> dict[str, Any]:
    """The TypedDicts of an endpoint such as "text_to_video", by model."""
    module = import_module(f"runwayml.types.{mode}_create_params")
    union = getattr(module, "".join(part.title() for part in mode.split("_")) + "CreateParams")
    members = get_args(union) if _is_union(union) else (union,)
    return {
        model: member for member in members for model in literals(sdk_fields(member)["model"].type)
    }


def sdk_fields(params: Any) -> dict[str, SdkField]:
    """The fields of a TypedDict by their name on the wire."""
    hints = get_type_hints(params, include_extras=True)
    return dict(_field(name, hint) for name, hint in hints.items())


def literals(hint: Any) -> tuple[Any, ...]:
    """The values of a Literal, also of one within a union."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    return tuple(v for part in get_args(hint) for v in literals(part)) if _is_union(hint) else ()


def typed_dicts(hint: Any) -> list[Any]:
    """Every TypedDict within unions and iterables."""
    if _is_typed_dict(hint):
        return [hint]
    return [member for part in get_args(hint) for member in typed_dicts(part)]


def model_differences(rules: ModeRules, fields: Fields) -> Iterator[str]:
    """Sentences about one model on one endpoint."""
    required = {name for name, field in fields.items() if field.is_required}
    yield from _sets("required fields", rules.required, required)
    yield from _sets("optional fields", rules.optional, fields.keys() - required)
    yield from _ratio(rules, fields.get("ratio"))
    yield from _duration(rules, fields.get("duration"))
    yield from _types(fields)
    for name, media in rules.media.items():
        if name in fields:
            yield from _media(name, media, fields[name].type)
    for name, option in rules.options.items():
        if name in fields:
            yield from _option(name, option, fields[name].type)
    known = PLAIN | rules.media.keys() | rules.options.keys()
    yield from _sets("described fields", known & fields.keys(), fields.keys())


def _mode_differences(catalog: Catalog, mode: str) -> Iterator[str]:
    ours = {m.id: m.modes[mode] for m in catalog.models.values() if mode in m.modes}
    theirs = sdk_models(mode)
    for model in sorted(ours.keys() - theirs.keys()):
        yield f"{mode} {model}: the SDK does not have it"
    if mode in VIDEO_MODES:
        for model in sorted(theirs.keys() - ours.keys()):
            yield f"{mode} {model}: the catalogue does not have it"
    for model in sorted(ours.keys() & theirs.keys()):
        for line in model_differences(ours[model], sdk_fields(theirs[model])):
            yield f"{mode} {model}: {line}"


def _sets(what: str, ours: Iterable[Any], theirs: Iterable[Any]) -> Iterator[str]:
    ours, theirs = set(ours), set(theirs)
    if ours - theirs:
        yield f"{what}: only in the catalogue {_listed(ours - theirs)}"
    if theirs - ours:
        yield f"{what}: only in the SDK {_listed(theirs - ours)}"


def _same(what: str, ours: object, theirs: object) -> Iterator[str]:
    if ours != theirs:
        yield f"{what}: {ours} in the catalogue, {theirs} in the SDK"


def _ratio(rules: ModeRules, field: SdkField | None) -> Iterator[str]:
    """A free string has no list in the catalogue either: it is never sent."""
    if field is not None and field.type is not str and not literals(field.type):
        yield f"ratio: an unknown type, {field.type}"
    yield from _sets("ratios", rules.ratios, literals(field.type) if field else ())


def _duration(rules: ModeRules, field: SdkField | None) -> Iterator[str]:
    words = literals(field.type) if field else ()
    yield from _same('duration takes "auto"', rules.takes_auto, "auto" in words)
    listed = [word for word in words if isinstance(word, int)]
    if field is None or listed:
        yield from _sets("durations", rules.seconds, listed)
    elif int not in (field.type, *get_args(field.type)):
        yield f"duration: an unknown type, {field.type}"
    elif rules.seconds != tuple(range(min(rules.seconds), max(rules.seconds) + 1)):
        yield f"durations: gaps in {rules.seconds}, any integer in the SDK"


def _types(fields: Fields) -> Iterator[str]:
    for name, expected in (("promptText", str), ("seed", int), ("audio", bool)):
        if name in fields:
            yield from _same(f"type of {name}", expected, fields[name].type)


def _media(name: str, media: MediaRules, hint: Any) -> Iterator[str]:
    """The objects of a media field. Where the SDK says nothing (`object`), nothing is compared."""
    if media.shape == "uri":
        yield from _same(f"type of {name}", str, hint)
        return
    members = [sdk_fields(member) for member in typed_dicts(hint)]
    keys = {key for member in members for key in member}
    if media.shape == "frames":
        yield from _frames(name, media, hint, members)
    elif members:  # a place among references is left to the provider
        yield from _sets(f"keys of {name}", _KEYS[media.shape], keys - {"position"})
    typed = [member["type"].type for member in members if "type" in member]
    if typed:
        kinds = {kind for hint in typed for kind in literals(hint)}
        yield from _sets(f"kinds of {name}", media.kind.split(" or "), kinds)


def _frames(name: str, media: MediaRules, hint: Any, members: Sequence[Fields]) -> Iterator[str]:
    if str not in get_args(hint):
        yield f"{name}: no single address in the SDK"
    for member in members:
        yield from _sets(f"keys of {name}", ("uri", "position"), member)
        yield from _sets(f"positions of {name}", media.positions, literals(member["position"].type))
        needed = not media.references
        yield from _same(f"{name} needs positions", needed, member["position"].is_required)


_KEYS: Mapping[str, frozenset[str]] = {
    "list": frozenset({"uri"}),
    "typed": frozenset({"uri", "type"}),
    "typed_list": frozenset({"uri", "type"}),
    "tagged": frozenset({"uri", "tag"}),
    "keyframes": frozenset({"uri", "seconds", "at", "range"}),
}


def _option(name: str, option: Option, hint: Any) -> Iterator[str]:
    if option.items is not None:
        for member in typed_dicts(hint):
            yield from _option(name, option.items, member)
        if not typed_dicts(hint):
            yield f"{name}: no list in the SDK"
    elif option.fields:
        yield from _object(name, option, hint)
    elif option.enum:
        yield from _sets(f"words of {name}", option.enum + option.deprecated, literals(hint))
    else:
        yield from _same(f"type of {name}", _plain_type(option), hint)


def _object(name: str, option: Option, hint: Any) -> Iterator[str]:
    if not _is_typed_dict(hint):
        yield f"{name}: no object in the SDK"
        return
    fields = sdk_fields(hint)
    yield from _sets(f"keys of {name}", option.fields, fields)
    needed = {key for key, field in fields.items() if field.is_required}
    yield from _sets(f"required keys of {name}", option.required, needed)
    for key in option.fields.keys() & fields.keys():
        yield from _option(f"{name}.{key}", option.fields[key], fields[key].type)


def _plain_type(option: Option) -> type:
    if option.boolean:
        return bool
    if option.number is not None:
        return float
    return int if option.integer is not None else str


def _field(name: str, hint: Any) -> tuple[str, SdkField]:
    is_required = get_origin(hint) is Required
    inner = get_args(hint)[0] if is_required else hint
    if get_origin(inner) is not Annotated:
        return name, SdkField(is_required, inner)
    bare, *marks = get_args(inner)
    alias = next((mark.alias for mark in marks if getattr(mark, "alias", None)), name)
    return alias, SdkField(is_required, bare)


def _is_typed_dict(hint: Any) -> bool:
    """Of either `typing` or `typing_extensions`, which `typing.is_typeddict` does not know."""
    return isinstance(hint, type) and hasattr(hint, "__required_keys__")


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in (Union, UnionType)


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(sorted(str(value) for value in values))
