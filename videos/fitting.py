"""A request against one model: its mode, media, lengths, sizes, options and price.

Called by `requests.py`, which has settled which model is asked; the form asks for modes alone.
Nothing here writes or talks to anybody.

Source: `providers/catalog.json` for what a model accepts; the architecture for the defaults.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from providers import bodies, catalog, conditions, sizes
from providers.catalog import ModeRules, VideoModel
from providers.conditions import Problem
from providers.rules import POSITIONS
from providers.tasks import MediaInput

from . import estimates, inputs, shapes, values
from .checked import CheckedRequest
from .inputs import Library
from .shapes import Defaults, Shape
from .values import InvalidRequest, Upload

# Which inputs choose which mode; the first one that is given wins.
MODE_INPUTS = {
    "character": "character_performance",
    "performance": "character_performance",
    "video_uri": "video_to_video",
    "input_reference": "image_to_video",
    "middle_frame": "image_to_video",
    "last_frame": "image_to_video",
}
# Fields that are no options of a model.
PLAIN = frozenset({"model", "prompt", "seconds", "size", "seed", "audio", *inputs.KINDS})


@dataclass(frozen=True)
class _Fields:
    """What is settled before lengths and sizes: media, options, and Runway's words for them."""

    media: tuple[MediaInput, ...]
    options: dict[str, Any]
    words: dict[str, Any]
    uploads: tuple[Upload, ...]


def fit(
    model: VideoModel, given: Mapping[str, object], library: Library, defaults: Defaults
) -> CheckedRequest:
    """The request that the model accepts, with its price. Raises: InvalidRequest."""
    rules = mode_rules(model, given)
    _refuse_untakeable(model, rules, given)
    needs_frame = rules.mode == "image_to_video" and not given.keys() & MODE_INPUTS.keys()
    needs_frame = needs_frame and "reference_images" not in given
    fields = _fields(model, rules, given, library)
    seconds = _seconds(given, model, rules, fields, defaults)
    shape = _shape(given, model, rules, fields, defaults)
    audio = _audio(given, model, rules, fields, defaults)
    options = fields.options | ({"resolution": shape.resolution} if shape.resolution else {})
    first_frame = _first_frame(shape) if needs_frame else None
    checked = CheckedRequest(
        model=model.id,
        resolved_model=model.id,
        mode=rules.mode,
        prompt=_prompt(given.get("prompt"), rules, needs_frame),
        seconds=seconds,
        size=shape.size,
        ratio=shape.ratio,
        credits=None,
        media=fields.media,
        seed=_seed(given.get("seed")),
        audio=audio,
        options=options,
        first_frame=first_frame,
        uploads=fields.uploads,
    )
    _refuse_incomplete(model, rules, checked)
    return replace(checked, credits=estimates.credits(model, checked))


def mode_rules(model: VideoModel, given: Mapping[str, object]) -> ModeRules:
    """The mode that the inputs choose. Without any, a model may animate a frame made first.

    Only the names of what is given count. The form asks this, too. Raises: InvalidRequest.
    """
    if len(model.modes) == 1 and not {"text_to_video", "image_to_video"} & model.modes.keys():
        return next(iter(model.modes.values()))
    for name, mode in MODE_INPUTS.items():
        if name in given:
            if mode not in model.modes:
                raise _untakeable(name, model, mode)
            return model.modes[mode]
    modes = ("text_to_video", "image_to_video", "video_to_video")
    return next(model.modes[mode] for mode in modes if mode in model.modes)


def _refuse_untakeable(model: VideoModel, rules: ModeRules, given: Mapping[str, object]) -> None:
    for name, value in given.items():
        if name in ("model", "audio", "size") or value == [] or rules.takes(name):
            continue
        if name == "prompt" and value == "":
            continue
        raise _untakeable(name, model, rules.mode)


def _untakeable(name: str, model: VideoModel, mode: str) -> InvalidRequest:
    same = [m for m in catalog.models() if mode in m.modes and m.modes[mode].takes(name)]
    any_mode = [m for m in catalog.models() if any(r.takes(name) for r in m.modes.values())]
    takers = ids(same or any_mode)
    where = f" ({_spoken(mode)})" if model in any_mode else ""
    return InvalidRequest(
        f"{model.id}{where} does not take '{name}'. Models that do: {takers}.", name
    )


def _spoken(mode: str) -> str:
    return mode.replace("_", " ")


def ids(models: Iterable[VideoModel]) -> str:
    """Models for a message: "'gen4.5', 'veo3.1'"."""
    return ", ".join(f"'{model.id}'" for model in models)


def _fields(
    model: VideoModel, rules: ModeRules, given: Mapping[str, object], library: Library
) -> _Fields:
    reader = inputs.Reader(rules, model.id, library)
    media = reader.read({name: value for name, value in given.items() if value != []})
    _refuse_mixed(model, rules, media)
    options = {
        name: values.option(given[name], name, rules.options[word])
        for name in given
        if name not in PLAIN and (word := rules.word(name)) and word in rules.options
    }
    words = {catalog.runway_words(name)[0]: value for name, value in options.items()}
    words |= bodies.media_body(rules, media)
    words |= {"promptText": True} if given.get("prompt") else {}
    _refuse_forbidden(model, rules, given, words)
    return _Fields(media, options, words, tuple(reader.uploads))


def _refuse_forbidden(
    model: VideoModel, rules: ModeRules, given: Mapping[str, object], words: Mapping[str, Any]
) -> None:
    """Fields that may not stand beside others, said before defaults are filled in."""
    empty: tuple[object, ...] = ("", [])
    names = [name for name, value in given.items() if value not in empty]
    asked = {word: True for name in names if (word := rules.word(name))} | dict(words)
    for problem in conditions.problems(rules.conditions, asked, catalog.our_word):
        if problem.kind == "forbidden":
            raise _refusal(model, problem)


def _refuse_mixed(model: VideoModel, rules: ModeRules, media: tuple[MediaInput, ...]) -> None:
    """First and last frames exclude references in the same field; a last frame needs a first."""
    placed = {item.field for item in media} & POSITIONS.keys()
    loose = [item for item in media if rules.word(item.field) == "promptImage"]
    if placed and len(loose) > len(placed):
        message = f"{model.id} takes either frames (first, last) or 'reference_images', not both."
        raise InvalidRequest(message, "reference_images")
    if placed and "input_reference" not in placed:
        message = f"A {min(placed).replace('_', ' ')} needs a first one: 'input_reference'."
        raise InvalidRequest(message, "input_reference", "missing_required_parameter")


def _prompt(value: object, rules: ModeRules, needs_frame: bool) -> str:
    prompt = "" if value is None else values.text(value, "prompt")
    if not prompt.strip():
        if needs_frame or rules.needs("prompt"):
            message = "Missing required parameter: 'prompt'."
            raise InvalidRequest(message, "prompt", "missing_required_parameter")
        return ""
    values.check_length(prompt, "prompt", rules.prompt_min, rules.prompt_max)
    return prompt


def _seconds(
    given: Mapping[str, object],
    model: VideoModel,
    rules: ModeRules,
    fields: _Fields,
    defaults: Defaults,
) -> int | str | None:
    if "duration" in conditions.forbidden(rules.conditions, fields.words):
        return None
    lengths: tuple[int | str, ...] = rules.seconds
    lengths += (shapes.AUTO,) if rules.takes_auto else ()
    allowed = conditions.allowed(rules.conditions, fields.words, "duration", lengths)
    return shapes.seconds(given.get("seconds"), rules, allowed, model.id, defaults.seconds)


def _shape(
    given: Mapping[str, object],
    model: VideoModel,
    rules: ModeRules,
    fields: _Fields,
    defaults: Defaults,
) -> Shape:
    size, resolution = given.get("size"), fields.options.get("resolution")
    whose, option = f"{model.id}, {_spoken(rules.mode)}", rules.options.get("resolution")
    if not rules.ratios and size is not None and not defaults.is_lenient:
        raise shapes.refuse_size(whose, option is not None)
    if "ratio" in conditions.forbidden(rules.conditions, fields.words):
        return Shape(shapes.AUTO)
    words, all_resolutions = fields.words, option.enum if option else ()
    choices = shapes.Choices(
        conditions.allowed(rules.conditions, words, "ratio", rules.ratios),
        conditions.allowed(rules.conditions, words, "resolution", all_resolutions),
        whose,
    )
    return shapes.shape(size, resolution, choices, option, defaults)


def _audio(
    given: Mapping[str, object],
    model: VideoModel,
    rules: ModeRules,
    fields: _Fields,
    defaults: Defaults,
) -> bool | None:
    """Off unless asked for, and always said: Runway's own default is on, at twice the price."""
    value = given.get("audio")
    wanted = defaults.audio if value is None else values.flag(value, "audio")
    if rules.takes("audio"):
        is_forbidden = "audio" in conditions.forbidden(rules.conditions, fields.words)
        return None if is_forbidden else wanted
    if wanted and value is not None:
        raise _untakeable("audio", model, rules.mode)
    return None


def _seed(value: object) -> int | None:
    if value is None:
        return None
    expected = f"a whole number from 0 to {catalog.SEED_MAX}"
    seed = values.whole(value, "seed", expected)
    if seed > catalog.SEED_MAX:
        raise values.wrong_value(value, "seed", expected)
    return seed


def _first_frame(shape: Shape) -> str:
    """The size of the picture from which a video of this shape is best made."""
    ratios = catalog.first_frame_rules().ratios
    size = shape.size if sizes.is_pixels(shape.size) else "1280x720"
    return sizes.shown(sizes.nearest(size, ratios))


def _refuse_incomplete(model: VideoModel, rules: ModeRules, checked: CheckedRequest) -> None:
    """What is still missing, or does not go together, in the body that would be sent."""
    first_frame = "runway://first-frame" if checked.first_frame else None
    _, body = bodies.task_body(checked.video_task(first_frame))
    for word in sorted(rules.required - body.keys()):
        name = catalog.our_word(word)
        message = f"Missing required parameter: '{name}', which {model.id} needs."
        raise InvalidRequest(message, name, "missing_required_parameter")
    for problem in conditions.problems(rules.conditions, body, catalog.our_word):
        raise _refusal(model, problem)


def _refusal(model: VideoModel, problem: Problem) -> InvalidRequest:
    name = catalog.our_word(problem.field)
    codes = {"missing": "missing_required_parameter"}
    return InvalidRequest(
        f"{model.id}: {problem.message}.", name, codes.get(problem.kind, "invalid_value")
    )
