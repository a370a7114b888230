"""The one validator: a request in our words, as API or page received it, becomes a CheckedRequest.

Whoever creates a video calls `check` first: the API, the pages and their price preview. Nothing
here writes or talks to anybody; media given by address are not fetched.

Source: the OpenAI Videos API reference ("Create video") for names and error codes; what a model
accepts stands in `providers/catalog.json`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from providers import catalog
from providers.catalog import VideoModel
from providers.house import House

from . import values
from .checked import CheckedRequest
from .fitting import PLAIN, fit, ids
from .inputs import Library, LibraryFile
from .shapes import Defaults
from .values import InvalidRequest, Upload

__all__ = ["CheckedRequest", "InvalidRequest", "LibraryFile", "Upload", "check"]

SORA = Defaults(seconds=4, size="720x1280", audio=True, is_lenient=True)
DEFAULT_MODEL = "sora-2"


def check(
    params: Mapping[str, object], library: Library | None = None, house: House | None = None
) -> CheckedRequest:
    """The request that `params` asks for.

    `params` is a JSON object or folded form fields: strings, numbers, booleans, lists, objects and
    Uploads; None counts as not given. `library` finds files of the caller's earlier videos;
    `house` says which models are switched off, and the order behind an alias: none, and the
    catalogue's, without one.
    Raises: InvalidRequest, and nothing else.
    """
    given = {name: value for name, value in params.items() if value is not None}
    warnings = tuple(_take_powerless(given))
    metadata = values.pairs(given.pop("metadata", {}), "metadata")
    _refuse_unknown(given)
    asked = values.text(given.get("model", DEFAULT_MODEL), "model") or DEFAULT_MODEL
    asked = asked.removeprefix("runway/")
    try:
        checked = _fitted(asked, given, library or (lambda video_id, what: None), house or House())
    except InvalidRequest as exc:
        raise _under_their_name(exc, params) from exc
    warnings += checked.warnings
    return replace(checked, model=asked, warnings=warnings, metadata=metadata)


def _fitted(
    asked: str, given: Mapping[str, object], library: Library, house: House
) -> CheckedRequest:
    order = house.aliases.get(asked)
    if order is None:
        return fit(_model(asked, house), given, library, Defaults())
    models = [_model(model_id, house) for model_id in order]
    try:
        return _first_that_accepts(models, given, library, replace(SORA, is_lenient=False))
    except InvalidRequest:
        if given.get("size") is None:
            raise
        return _first_that_accepts(models, given, library, SORA)


def _under_their_name(error: InvalidRequest, params: Mapping[str, object]) -> InvalidRequest:
    """The seed calls reference images `references`; whoever wrote so is answered so."""
    names = {name for name in ("references", "reference_images") if params.get(name)}
    if error.param != "reference_images" or names != {"references"}:
        return error
    return InvalidRequest(
        error.message.replace("'reference_images'", "'references'"), "references", error.code
    )


def _take_powerless(given: dict[str, object]) -> Iterator[str]:
    """Fields of other gateways that are accepted and change nothing; taken out, and mentioned."""
    fallbacks = given.pop("fallbacks", None)
    if fallbacks not in (None, [], ""):
        names = [fallbacks] if isinstance(fallbacks, str) else fallbacks
        if not isinstance(names, list):
            raise values.wrong_type(fallbacks, "fallbacks", "a list of models")
        shown = values.printable(", ".join(values.text(name, "fallbacks") for name in names))
        yield f"'fallbacks' ({shown}) has no effect: only the model asked for is used."
    references, more = given.pop("references", []), given.get("reference_images", [])
    if not isinstance(references, list):
        raise values.wrong_type(references, "references", "a list")
    if references and not isinstance(more, list):
        raise values.wrong_type(more, "reference_images", "a list")
    if references:
        given["reference_images"] = [*references, *more] if isinstance(more, list) else references
    for name, items in (("references", references), ("reference_images", more)):
        tagged = items if isinstance(items, list) else [items]
        if any(isinstance(item, dict) and item.get("tag") for item in tagged):
            yield f"'{name}[].tag' has no effect: Runway's video models know no tags."


def _refuse_unknown(given: Mapping[str, object]) -> None:
    for name, value in given.items():
        if name == "characters":
            if value == []:
                continue
            message = "Characters are not supported. Show them in 'reference_images'."
            raise InvalidRequest(message, name, "not_supported")
        if name in PLAIN or name in catalog.load().words:
            continue
        shown, ours = values.printable(name), catalog.our_word(name)
        hint = f" Here it is called '{ours}'." if ours in catalog.load().words else ""
        raise InvalidRequest(f"Unknown parameter: '{shown}'.{hint}", shown, "unknown_parameter")


def _model(asked: str, house: House) -> VideoModel:
    model = catalog.find(asked)
    is_off = house.shuts_out(asked)
    if model is not None and model.is_video and not is_off:
        return model
    if is_off:
        message = f"An administrator switched '{asked}' off."
    elif model is not None and model.is_retired:
        message = f"Runway retired '{model.id}' and names '{model.replacement}' as its successor."
    else:
        message = f"There is no video model {values.shown(asked)}."
    aliases = ", ".join(f"'{alias}'" for alias in house.aliases)
    names = f"{aliases}, {ids(house.models)}" if aliases else ids(house.models)
    message = f"{message} Supported models are {names}."
    raise InvalidRequest(message, "model", "model_not_found")


def _first_that_accepts(
    models: list[VideoModel], given: Mapping[str, object], library: Library, defaults: Defaults
) -> CheckedRequest:
    """The request on the first model of an alias that takes it; the first refusal if none does."""
    refusal: InvalidRequest | None = None
    for model in models:
        try:
            return fit(model, given, library, defaults)
        except InvalidRequest as exc:
            refusal = refusal or exc
    assert refusal is not None
    raise refusal
