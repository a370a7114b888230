"""The one validator: a request in our words, as API or page received it, becomes a CheckedRequest.

Whoever creates a video calls `check` first: the API, the pages and their price preview. Pictures
given as URLs are not fetched. Nothing here writes or talks to anybody.

Source: the OpenAI Videos API reference ("Create video") for names and error codes; what a model
accepts stands in `providers/catalog.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Self

from django.conf import settings

from providers import catalog
from providers.catalog import ModeRules, VideoModel
from providers.tasks import ImageInput, TaskRequest

from . import values
from .pictures import picture
from .values import InvalidRequest, Upload

__all__ = ["CheckedRequest", "InvalidRequest", "Upload", "check"]

# Which input chooses which mode; the first one that is given wins.
MODE_INPUTS = {"video_uri": "video_to_video", "input_reference": "image_to_video"}
OPTION_FIELDS = ("negative_prompt", "content_moderation", "output_format")
LACKABLE_FIELDS = (*OPTION_FIELDS, "seed", "references", "reference_images")
FIELDS = frozenset(catalog.WORDS) | {"fallbacks"}

DEFAULT_SECONDS = 2
DEFAULT_SIZE = "1280x720"

_SIZE = re.compile(r"(\d{1,5})[x:×](\d{1,5})", re.ASCII)


@dataclass(frozen=True)
class CheckedRequest:
    """A request that a model accepts, every default filled in, and its price.

    `mode` is that of the task that makes the video. `audio` is None where the model has no such
    switch. `first_frame` is the size of a picture to be made first, from the prompt, for a model
    that only animates pictures; None where there is none. `credits` is the estimate over all tasks.
    """

    model: str
    resolved_model: str
    mode: str
    prompt: str
    seconds: int
    size: str
    credits: Decimal
    inputs: tuple[ImageInput, ...] = ()
    seed: int | None = None
    audio: bool | None = None
    options: dict[str, Any] = field(default_factory=dict)
    first_frame: str | None = None
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The same as JSON types, for the record; `from_json` reads it back."""
        data = asdict(self)
        lists = {name: list(data[name]) for name in ("inputs", "warnings")}
        return {**data, **lists, "credits": str(self.credits)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """A request that `as_json` wrote."""
        changed = {
            "credits": Decimal(data["credits"]),
            "inputs": tuple(ImageInput(**image) for image in data["inputs"]),
            "warnings": tuple(data["warnings"]),
        }
        return cls(**{**data, **changed})

    def tasks(self) -> list[str]:
        """The modes of the tasks that make it, in their order."""
        return ["text_to_image", self.mode] if self.first_frame else [self.mode]

    def first_frame_task(self) -> TaskRequest | None:
        """The task that makes the first frame; None where the request needs none."""
        if self.first_frame is None:
            return None
        rules = catalog.first_frame_rules()
        return TaskRequest(
            mode=rules.mode,
            model=catalog.load().first_frame_model,
            prompt=self.prompt,
            size=self.first_frame,
            seed=self.seed,
            options={name: value for name, value in self.options.items() if rules.takes(name)},
        )

    def video_task(self, first_frame_uri: str | None = None) -> TaskRequest:
        """The task that makes the video, from the first frame that was made where there is one."""
        images = (ImageInput(first_frame_uri),) if first_frame_uri else self.inputs
        return TaskRequest(
            mode=self.mode,
            model=self.resolved_model,
            prompt=self.prompt,
            seconds=self.seconds,
            size=self.size,
            images=images,
            seed=self.seed,
            audio=self.audio,
            options=dict(self.options),
        )


def check(params: Mapping[str, object]) -> CheckedRequest:
    """The request that `params` asks for.

    `params` is a JSON object or folded form fields: strings, numbers, booleans, lists, objects and
    Uploads; None counts as not given. Raises: InvalidRequest, and nothing else.
    """
    given = {name: value for name, value in params.items() if value is not None}
    _refuse_unknown(given)
    model = _model(given.get("model"))
    rules = _rules(model, given)
    _refuse_untakeable(model, rules, given)
    needs_frame = rules.mode == "image_to_video" and "input_reference" not in given
    seconds = _seconds(given.get("seconds"), model, rules)
    size = _size(given.get("size"), model, rules)
    audio = _audio(given.get("audio"), model, rules)
    options = _options(given, rules)
    first_frame = catalog.first_frame_size(size) if needs_frame else None
    return CheckedRequest(
        model=model.id,
        resolved_model=model.id,
        mode=rules.mode,
        prompt=_prompt(given.get("prompt"), rules, required=needs_frame or rules.needs("prompt")),
        seconds=seconds,
        size=size,
        credits=_estimate(model, seconds, audio, options, first_frame),
        inputs=_inputs(given.get("input_reference"), rules),
        seed=_seed(given.get("seed")),
        audio=audio,
        options=options,
        first_frame=first_frame,
        warnings=_warnings(given.get("fallbacks"), model),
    )


def _refuse_unknown(given: Mapping[str, object]) -> None:
    for name in given:
        if name in FIELDS:
            continue
        shown, ours = values.printable(name), catalog.our_word(name)
        hint = f" Here it is called '{ours}'." if ours else ""
        raise InvalidRequest(f"Unknown parameter: '{shown}'.{hint}", shown, "unknown_parameter")


def _model(value: object) -> VideoModel:
    accepted = f"Supported models are {_ids(catalog.models())}."
    if value is None or value == "":
        message = f"Missing required parameter: 'model'. {accepted}"
        raise InvalidRequest(message, "model", "missing_required_parameter")
    model = catalog.find(values.text(value, "model").removeprefix("runway/"))
    if model is not None and model.is_video:
        return model
    if model is not None and model.is_retired:
        message = f"Runway retired '{model.id}' and names '{model.replacement}' as its successor."
    else:
        message = f"There is no video model {values.shown(value)}."
    raise InvalidRequest(f"{message} {accepted}", "model", "model_not_found")


def _rules(model: VideoModel, given: Mapping[str, object]) -> ModeRules:
    """The mode that the inputs choose. Without any, a model may animate a frame made first."""
    for name, mode in MODE_INPUTS.items():
        if name in given:
            if mode not in model.modes:
                raise _untakeable(name, model, mode)
            return model.modes[mode]
    return model.modes.get("text_to_video") or model.modes["image_to_video"]


def _refuse_untakeable(model: VideoModel, rules: ModeRules, given: Mapping[str, object]) -> None:
    for name in LACKABLE_FIELDS:
        if name in given and given[name] != [] and not rules.takes(name):
            raise _untakeable(name, model, rules.mode)


def _untakeable(name: str, model: VideoModel, mode: str) -> InvalidRequest:
    others = (other for other in catalog.models() if mode in other.modes)
    takers = _ids(other for other in others if other.modes[mode].takes(name))
    message = f"No model in this installation takes '{name}' yet."
    if takers:
        message = f"{model.id} does not take '{name}'. Models that do: {takers}."
    return InvalidRequest(message, name)


def _ids(models: Iterable[VideoModel]) -> str:
    return ", ".join(f"'{model.id}'" for model in models)


def _prompt(value: object, rules: ModeRules, *, required: bool) -> str:
    prompt = "" if value is None else values.text(value, "prompt")
    if not prompt.strip():
        if required:
            message = "Missing required parameter: 'prompt'."
            raise InvalidRequest(message, "prompt", "missing_required_parameter")
        return ""
    values.check_length(prompt, "prompt", rules.prompt_min, rules.prompt_max)
    return prompt


def _seconds(value: object, model: VideoModel, rules: ModeRules) -> int:
    accepted = rules.seconds
    if value is None:
        return DEFAULT_SECONDS if DEFAULT_SECONDS in accepted else min(accepted)
    expected = f"{values.listed(accepted)} for {model.id}"
    seconds = values.whole(value, "seconds", expected)
    if seconds not in accepted:
        raise values.wrong_value(value, "seconds", expected)
    return seconds


def _size(value: object, model: VideoModel, rules: ModeRules) -> str:
    accepted = rules.sizes
    if value is None:
        return catalog.nearest_size(DEFAULT_SIZE, accepted)
    match = _SIZE.fullmatch(values.text(value, "size").lower())
    size = f"{int(match[1])}x{int(match[2])}" if match else ""
    if size not in accepted:
        mode = rules.mode.replace("_", " ")
        expected = f"{values.listed(accepted)} for {model.id}, {mode}"
        raise values.wrong_value(value, "size", expected)
    return size


def _audio(value: object, model: VideoModel, rules: ModeRules) -> bool | None:
    """Off unless asked for, and always said: Runway's own default is on, at twice the price."""
    wanted = False if value is None else values.flag(value, "audio")
    if rules.takes("audio"):
        return wanted
    if wanted:
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


def _inputs(value: object, rules: ModeRules) -> tuple[ImageInput, ...]:
    if value is None or rules.images is None:
        return ()
    return (ImageInput(picture(value, "input_reference", rules.images), "first"),)


def _options(given: Mapping[str, object], rules: ModeRules) -> dict[str, Any]:
    return {
        name: values.option(given[name], name, rules.option(name))
        for name in OPTION_FIELDS
        if name in given
    }


def _warnings(value: object, model: VideoModel) -> tuple[str, ...]:
    """What is accepted for compatibility and changes nothing: Bifrost's `fallbacks`."""
    if value is None or value == []:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list):
        raise values.wrong_type(value, "fallbacks", "a list of models")
    shown = values.printable(", ".join(values.text(name, "fallbacks") for name in names))
    return (f"'fallbacks' ({shown}) has no effect: only {model.id} is asked.",)


def _estimate(
    model: VideoModel,
    seconds: int,
    audio: bool | None,
    options: Mapping[str, Any],
    first_frame: str | None,
) -> Decimal:
    output_format = options.get("output_format")
    cost = catalog.credits(model, seconds, audio=audio, output_format=output_format) or Decimal(0)
    if first_frame:
        cost += catalog.first_frame_credits(first_frame, settings.STUDIO_FIRST_FRAME_CREDITS)
    return cost
