"""The form that asks for a video: which choices a model leaves, and what they would cost. Pure.

Called by the pages. What is allowed is `requests.check`'s word alone: the form asks it with
stand-ins for what nobody has written yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers import catalog
from providers.catalog import ModeRules, VideoModel

from . import ledger
from .models import Video
from .requests import CheckedRequest, InvalidRequest, Upload, check

FIELDS = ("prompt", "model", "seconds", "size", "audio", "seed")
PICTURE = "input_reference"
WITH_MESSAGE = ("prompt", "model", "seconds", "size", "seed", PICTURE)
EXAMPLES = (
    "A lighthouse beam sweeps over black water at night, locked-off wide shot",
    "Macro: a dew drop slides down a blade of grass, shallow focus, morning light",
    "Slow dolly through an old greenhouse, dust floating in the sun",
)

_STAND_IN = {"prompt": "a shot", PICTURE: "https://picture.invalid/first-frame"}
_MISSING = {"prompt": "Describe the shot first.", "model": "Choose a model."}


@dataclass(frozen=True)
class Size:
    """A size to choose, width x height in pixels."""

    value: str

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.value.partition("x")[0])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.value.partition("x")[2])


@dataclass(frozen=True)
class Composer:
    """The form as it stands. `values` are as typed; the other fields are what they come to.

    `notes` say in words what a change of model or picture changed. `errors` are by field; "form"
    holds what belongs to no field.
    """

    values: Mapping[str, str]
    model: VideoModel
    rules: ModeRules
    checked: CheckedRequest
    notes: list[str] = field(default_factory=list)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def models(self) -> tuple[VideoModel, ...]:
        """Every model to choose from."""
        return catalog.models()

    @property
    def sizes(self) -> list[Size]:
        """Every size to choose from."""
        return [Size(size) for size in self.rules.sizes]

    @property
    def takes_audio(self) -> bool:
        """Whether sound is a choice."""
        return self.rules.takes("audio")

    @property
    def price(self) -> str:
        """What is chosen would cost this."""
        return ledger.words(self.checked.credits)

    @property
    def first_frame_price(self) -> str:
        """The part of it for a first frame that has to be made; "" where none has."""
        if self.checked.first_frame is None:
            return ""
        rest = catalog.credits(self.model, self.checked.seconds, audio=self.checked.audio)
        return ledger.words(self.checked.credits - (rest or ledger.NOTHING))

    @property
    def error(self) -> str:
        """The field that is refused, "" if none is."""
        return next(iter(self.errors), "")


def read(fields: Mapping[str, str], picture: Upload | None) -> dict[str, object]:
    """What was typed, as `requests.check` takes it: empty fields were not given."""
    given: dict[str, object] = {name: fields[name] for name in FIELDS if fields.get(name)}
    return {**given, PICTURE: picture} if picture else given


def compose(
    values: Mapping[str, str], *, has_picture: bool = False, error: InvalidRequest | None = None
) -> Composer:
    """The form for these values. What the model does not allow becomes the nearest it does."""
    models = catalog.models()
    model = next((each for each in models if each.id == values.get("model")), models[0])
    given = {"model": model.id, **_STAND_IN}
    if not has_picture or "image_to_video" not in model.modes:
        del given[PICTURE]
    defaults = check(given)
    rules = model.modes[defaults.mode]
    notes = [] if has_picture == (PICTURE in given) else [f"{model.name} takes no first frame."]
    seconds = _seconds(values, rules, defaults, model, notes)
    size = _size(values, rules, defaults, model, notes)
    audio = values.get("audio") == "true" and rules.takes("audio")
    checked = check({**given, "seconds": seconds, "size": size, "audio": audio})
    return Composer(values, model, rules, checked, notes, _errors(error))


def values_of(video: Video) -> dict[str, str]:
    """A video's request as one would type it again; its picture has to be chosen anew."""
    seed, audio = video.request.get("seed"), video.request.get("audio")
    return {
        "prompt": video.prompt,
        "model": video.model,
        "seconds": str(video.seconds),
        "size": video.size,
        "audio": "true" if audio else "",
        "seed": "" if seed is None else str(seed),
    }


def _seconds(
    values: Mapping[str, str],
    rules: ModeRules,
    defaults: CheckedRequest,
    model: VideoModel,
    notes: list[str],
) -> int:
    typed = values.get("seconds", "")
    if not typed.isdecimal() or len(typed) > 4:
        return defaults.seconds
    wanted = int(typed)
    seconds = min(rules.seconds, key=lambda allowed: abs(allowed - wanted))
    if seconds != wanted:
        notes.append(f"Length set to {seconds} s: {model.name} has no {wanted} s.")
    return seconds


def _size(
    values: Mapping[str, str],
    rules: ModeRules,
    defaults: CheckedRequest,
    model: VideoModel,
    notes: list[str],
) -> str:
    wanted = values.get("size", "")
    known = {
        size for each in catalog.models() for mode in each.modes.values() for size in mode.sizes
    }
    if wanted not in known:
        return defaults.size
    size = catalog.nearest_size(wanted, rules.sizes)
    if size != wanted:
        animated = model.modes.get("image_to_video", rules)
        needs = " without a first frame" if wanted in animated.sizes else ""
        notes.append(f"Size set to {size}: {model.name} has no {wanted}{needs}.")
    return size


def _errors(error: InvalidRequest | None) -> dict[str, str]:
    if error is None:
        return {}
    name = error.param if error.param in WITH_MESSAGE else "form"
    is_missing = error.code == "missing_required_parameter"
    return {
        name or "form": _MISSING.get(name or "", error.message) if is_missing else error.message
    }
