"""The form that asks for a video: which choices a model leaves, and what they would cost. Pure.

Called by the pages. What is allowed is `requests.check`'s word alone: the form asks it with
stand-ins for what nobody has written yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers import catalog, conditions, sizes
from providers.catalog import ModeRules, VideoModel

from . import estimates, ledger
from .budgets import OverBudget
from .models import Video
from .requests import CheckedRequest, InvalidRequest, Upload, check

FIELDS = ("prompt", "model", "seconds", "size", "resolution", "audio", "seed")
PICTURE = "input_reference"
WITH_MESSAGE = ("prompt", "model", "seconds", "size", "resolution", "seed", PICTURE)
EXAMPLES = (
    "A lighthouse beam sweeps over black water at night, locked-off wide shot",
    "Macro: a dew drop slides down a blade of grass, shallow focus, morning light",
    "Slow dolly through an old greenhouse, dust floating in the sun",
)

_STAND_IN = {"prompt": "a shot", PICTURE: "https://picture.invalid/first-frame"}
_MISSING = {"prompt": "Describe the shot first.", "model": "Choose a model."}


@dataclass(frozen=True)
class Size:
    """A size to choose: "1280x720", an aspect such as "16:9", or a word such as "auto_720p"."""

    value: str
    is_chosen: bool = False

    @property
    def label(self) -> str:
        """For people."""
        if self.pair and sizes.is_pixels(self.value):
            return f"{self.pair[0]} × {self.pair[1]}"
        return self.value.replace("auto_", "as the picture, ").replace("_", " ")

    @property
    def pair(self) -> tuple[int, int] | None:
        """Its width and height, None where the input decides."""
        return sizes.pair(self.value)


@dataclass(frozen=True)
class Composer:
    """The form as it stands. `values` are as typed; the other fields are what they come to.

    `notes` say in words what a change of model or picture changed. `errors` are by field; "form"
    holds what belongs to no field, "go" what stands at the button.
    """

    values: Mapping[str, str]
    model: VideoModel
    rules: ModeRules
    ratios: tuple[str, ...]
    checked: CheckedRequest
    notes: list[str] = field(default_factory=list)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def models(self) -> tuple[VideoModel, ...]:
        """Every model to choose from: those that need no video."""
        return models()

    @property
    def lengths(self) -> tuple[int, ...]:
        """Every length to choose from, in seconds; none where Runway names no bounds."""
        return self.rules.seconds

    @property
    def sizes(self) -> list[Size]:
        """Every size to choose from."""
        chosen = self.checked.ratio
        return [Size(sizes.shown(ratio), ratio == chosen) for ratio in self.ratios]

    @property
    def resolutions(self) -> tuple[str, ...]:
        """Every resolution to choose from; none where the size says it all."""
        option = self.rules.options.get("resolution")
        return option.enum if option else ()

    @property
    def takes_audio(self) -> bool:
        """Whether sound is a choice."""
        return self.rules.takes("audio")

    @property
    def price(self) -> str:
        """What is chosen would cost this."""
        credits = self.checked.credits
        return "price not known" if credits is None else ledger.words(credits)

    @property
    def first_frame_price(self) -> str:
        """The part of it for a first frame that has to be made; "" where none has."""
        if self.checked.first_frame is None:
            return ""
        return ledger.words(estimates.first_frame(self.checked.first_frame))

    @property
    def error(self) -> str:
        """The field that is refused, "" if none is."""
        return next(iter(self.errors), "")


def read(fields: Mapping[str, str], picture: Upload | None) -> dict[str, object]:
    """What was typed, as `requests.check` takes it: empty fields were not given.

    Raises: InvalidRequest without a model; the form does not leave that choice to us.
    """
    given: dict[str, object] = {name: fields[name] for name in FIELDS if fields.get(name)}
    if "model" not in given:
        raise InvalidRequest("Choose a model.", "model", "missing_required_parameter")
    return {**given, PICTURE: picture} if picture else given


def models() -> tuple[VideoModel, ...]:
    """The models that the form can ask: those that need neither a video nor a performance."""
    modes = {"text_to_video", "image_to_video"}
    return tuple(model for model in catalog.models() if modes & model.modes.keys())


def compose(
    values: Mapping[str, str], *, has_picture: bool = False, error: InvalidRequest | None = None
) -> Composer:
    """The form for these values. What the model does not allow becomes the nearest it does."""
    model = next((each for each in models() if each.id == values.get("model")), models()[0])
    given: dict[str, object] = {"model": model.id, **_STAND_IN}
    if not has_picture or "image_to_video" not in model.modes:
        del given[PICTURE]
    defaults = check(given)
    rules = model.modes[defaults.mode]
    pictures = {"promptImage": "a picture"} if rules.mode == "image_to_video" else {}
    ratios = conditions.allowed(rules.conditions, pictures, "ratio", rules.ratios)
    notes = [] if has_picture == (PICTURE in given) else [f"{model.name} takes no first frame."]
    chosen = {
        "seconds": _seconds(values, rules, model, notes),
        "size": _size(values, ratios, model, notes),
        "audio": (values.get("audio") == "true" and rules.takes("audio")) or None,
    }
    if (
        "resolution" in rules.options
        and values.get("resolution") in rules.options["resolution"].enum
    ):
        chosen["resolution"] = values["resolution"]
    checked = check({**given, **chosen})
    return Composer(values, model, rules, ratios, checked, notes, _errors(error))


def values_of(video: Video) -> dict[str, str]:
    """A video's request as one would type it again; its picture has to be chosen anew."""
    seed, audio = video.request.get("seed"), video.request.get("audio")
    return {
        "prompt": video.prompt,
        "model": video.model,
        "seconds": str(video.seconds or ""),
        "size": sizes.shown(video.request.get("ratio") or video.size),
        "resolution": video.request.get("options", {}).get("resolution", ""),
        "audio": "true" if audio else "",
        "seed": "" if seed is None else str(seed),
    }


def _seconds(
    values: Mapping[str, str], rules: ModeRules, model: VideoModel, notes: list[str]
) -> int | None:
    typed = values.get("seconds", "")
    if not typed.isdecimal() or len(typed) > 4 or not rules.seconds:
        return None
    wanted = int(typed)
    seconds = min(rules.seconds, key=lambda allowed: abs(allowed - wanted))
    if seconds != wanted:
        notes.append(f"Length set to {seconds} s: {model.name} has no {wanted} s.")
    return seconds


def _size(
    values: Mapping[str, str], ratios: tuple[str, ...], model: VideoModel, notes: list[str]
) -> str | None:
    wanted = values.get("size", "")
    pairs = [ratio for ratio in ratios if sizes.pair(ratio)]
    if sizes.ratio_of(wanted) in ratios:
        return wanted
    if not sizes.pair(wanted) or not pairs:
        return None
    size = sizes.shown(sizes.nearest(wanted, pairs))
    animated = model.modes.get("image_to_video")
    has_it = animated is not None and sizes.ratio_of(wanted) in animated.ratios
    needs = " without a first frame" if has_it else ""
    notes.append(f"Size set to {size}: {model.name} has no {wanted}{needs}.")
    return size


def _errors(error: InvalidRequest | None) -> dict[str, str]:
    if error is None:
        return {}
    if isinstance(error, OverBudget):
        return {"go": error.for_people}
    name = error.param if error.param in WITH_MESSAGE else "form"
    is_missing = error.code == "missing_required_parameter"
    return {
        name or "form": _MISSING.get(name or "", error.message) if is_missing else error.message
    }
