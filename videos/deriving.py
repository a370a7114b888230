"""A video made from a video: which fields of a request change one, and which extend one.

Called by the API's remix, edits and extensions. Pure: `requests.check` judges what comes out.

Source: OpenAI Videos API reference ("Remix", "Edit", "Extend"); Runway API reference,
"POST /v1/video_to_video" (`mode`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from providers import catalog, conditions, sizes
from providers.catalog import ModeRules

from . import values
from .checked import CheckedRequest
from .values import InvalidRequest

ENDPOINT = "/v1/video_to_video"
ADDED_SECONDS = (4, 20)

Params = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """The video to work on: `uri` as the validator takes it, and what is known of it.

    `model` is what was asked for when it was made, `size` its pixels, `seconds` its length.
    """

    uri: object
    model: str = ""
    size: str = ""
    seconds: int | None = None
    has_audio: bool = False


def edit(given: Mapping[str, object], source: Source, default_model: str) -> Params:
    """The request for the same video, changed as the prompt says. Raises: InvalidRequest."""
    params, rules = _common(given, source, default_model)
    if rules is None:
        _refuse(params["model"], "change", _takers())
        return params
    words = {"mode": "edit"} if "edit" in _purposes(rules) else {}
    return {**words, **_same_shape(rules, words, source), **params}


def extension(given: Mapping[str, object], source: Source, default_model: str) -> Params:
    """The request for the same video with `seconds` more behind it. Raises: InvalidRequest."""
    params, rules = _common(given, source, default_model)
    if rules is None or "extend" not in _purposes(rules):
        _refuse(params["model"], "extend", _takers("extend"))
        return params
    if params.get("mode") not in (None, "extend"):
        raise values.wrong_value(params["mode"], "mode", "'extend', or nothing")
    least, most = ADDED_SECONDS
    if params.get("seconds") is None:
        raise _missing("seconds")
    expected = f"{least} to {most} whole seconds to add"
    added = values.whole(params["seconds"], "seconds", expected)
    if not least <= added <= most:
        raise values.wrong_value(params["seconds"], "seconds", expected)
    return {**_sound(rules, source), **params, "mode": "extend", "seconds": added}


def recorded(
    checked: CheckedRequest, given: Mapping[str, object], source: Source
) -> CheckedRequest:
    """The same under the words that its record shows: the model asked for, the source's size."""
    asked = _asked(given) or source.model or checked.model
    size = checked.size if sizes.is_pixels(checked.size) else source.size
    return replace(checked, model=asked, size=size or checked.size)


def can_extend(model_id: str) -> bool:
    """Whether a model extends videos."""
    rules = catalog.rules(ENDPOINT, model_id)
    return rules is not None and "extend" in _purposes(rules)


def can_edit(model_id: str) -> bool:
    """Whether a model changes videos."""
    return catalog.rules(ENDPOINT, model_id) is not None


def _common(
    given: Mapping[str, object], source: Source, default_model: str
) -> tuple[Params, ModeRules | None]:
    """What both send, and what the model accepts; None if it takes no videos."""
    if "video_uri" in given:
        message = "Unknown parameter: 'video_uri'. Here it is called 'video'."
        raise InvalidRequest(message, "video_uri", "unknown_parameter")
    prompt = given.get("prompt")
    if prompt is None or (isinstance(prompt, str) and not prompt.strip()):
        raise _missing("prompt")
    asked = _asked(given)
    is_named = asked != "" and asked not in catalog.load().aliases
    model = asked if is_named else default_model
    params = {name: value for name, value in given.items() if value is not None}
    params |= {"model": model, "video_uri": source.uri}
    return params, catalog.rules(ENDPOINT, model)


def _asked(given: Mapping[str, object]) -> str:
    return values.text(given.get("model") or "", "model").removeprefix("runway/")


def _purposes(rules: ModeRules) -> tuple[str, ...]:
    option = rules.options.get("mode")
    return option.enum if option else ()


def _same_shape(rules: ModeRules, words: Mapping[str, Any], source: Source) -> Params:
    """Length, size and sound of the source, as far as the model lets them be said."""
    shape = _sound(rules, source)
    pairs = [ratio for ratio in rules.ratios if sizes.pair(ratio)]
    forbidden = conditions.forbidden(rules.conditions, words)
    if pairs and sizes.is_pixels(source.size) and "ratio" not in forbidden:
        shape["size"] = sizes.shown(sizes.nearest(source.size, pairs))
    if rules.takes_auto:
        shape["seconds"] = "auto"
    elif source.seconds in rules.seconds:
        shape["seconds"] = source.seconds
    return shape


def _sound(rules: ModeRules, source: Source) -> Params:
    return {"audio": True} if source.has_audio and rules.takes("audio") else {}


def _takers(purpose: str = "") -> list[str]:
    return [
        model.id
        for model in catalog.models()
        if (rules := catalog.rules(ENDPOINT, model.id)) is not None
        and (not purpose or purpose in _purposes(rules))
    ]


def _refuse(model_id: str, verb: str, takers: list[str]) -> None:
    """Raises: InvalidRequest for a model of another kind. The validator knows of those it lacks."""
    model = catalog.find(model_id)
    if model is not None and model.is_video:
        names = ", ".join(f"'{taker}'" for taker in takers)
        message = f"{model_id} does not {verb} videos. Models that do: {names}."
        raise InvalidRequest(message, "model")


def _missing(name: str) -> InvalidRequest:
    message = f"Missing required parameter: '{name}'."
    return InvalidRequest(message, name, "missing_required_parameter")
