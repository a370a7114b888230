"""The form that asks for a video: which choices a model leaves, and what they would cost. Pure.

Called by the pages. What is allowed is `requests.check`'s word alone: the form asks it with
stand-ins for what nobody has written yet. Slots are in `form_media.py`, further settings in
`form_settings.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from providers import catalog, sizes
from providers.catalog import ModeRules, VideoModel
from providers.house import House

from . import estimates, form_media, form_settings, ledger
from .budgets import OverBudget
from .fitting import mode_rules
from .form_choices import Choices, Size
from .form_media import FRAME, Filled, Slot
from .form_settings import Setting
from .inputs import Library
from .models import Video
from .requests import CheckedRequest, InvalidRequest, check
from .values import utf16_length

FIELDS = ("prompt", "model", "seconds", "size", "resolution", "audio", "seed")
PLACES = (
    "form",
    "prompt",
    "model",
    "seconds",
    "size",
    "resolution",
    "audio",
    "seed",
    "project",
    "go",
)
MOST_TAKES = 4
FRAME_MODES = frozenset({"text_to_video", "image_to_video"})
EXAMPLES = (
    gettext_lazy("A lighthouse beam sweeps over black water at night, locked-off wide shot"),
    gettext_lazy("Macro: a dew drop slides down a blade of grass, shallow focus, morning light"),
    gettext_lazy("Slow dolly through an old greenhouse, dust floating in the sun"),
)
# Words of the camera, as they go into prompts: models read English best.
MOVES = ("dolly in", "dolly out", "orbit", "crane up", "pan left", "tilt up", "handheld", "static")


@dataclass(frozen=True)
class Composer:
    """The form as it stands. `values` are as typed; the other fields are what they come to.

    `models` are all to choose from. `lengths` are whole seconds and perhaps "auto". `notes` say in
    words what a change of model or picture changed. `errors` are by field; "form" holds what
    belongs to no field, "go" what stands at the button.
    """

    values: Mapping[str, str]
    models: tuple[VideoModel, ...]
    model: VideoModel
    rules: ModeRules
    lengths: tuple[int | str, ...]
    ratios: tuple[str, ...]
    resolutions: tuple[str, ...]
    slots: list[Slot]
    settings: list[Setting]
    checked: CheckedRequest
    notes: list[str] = field(default_factory=list)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def groups(self) -> list[tuple[str, list[VideoModel]]]:
        """Every model to choose from, by what it works on."""
        found: dict[str, list[VideoModel]] = {}
        for model in self.models:
            found.setdefault(_group(model), []).append(model)
        return list(found.items())

    @property
    def sizes(self) -> list[Size]:
        """Every size to choose from."""
        chosen = self.checked.ratio
        return [Size(sizes.shown(ratio), ratio == chosen) for ratio in self.ratios]

    @property
    def takes_audio(self) -> bool:
        """Whether sound is a choice."""
        return self.checked.audio is not None

    @property
    def takes_prompt(self) -> bool:
        """Whether the model reads one."""
        return self.rules.takes("prompt")

    @property
    def prompt_length(self) -> int:
        """How long it is, as Runway counts."""
        return utf16_length(self.values.get("prompt", ""))

    @property
    def has_more_slots(self) -> bool:
        """Whether there are slots under the heading of references."""
        return any(not slot.is_main for slot in self.slots)

    @property
    def has_settings(self) -> bool:
        """Whether one of the further settings is chosen."""
        return any(setting.value and not setting.is_needed for setting in self.settings)

    @property
    def told(self) -> list[tuple[str, str]]:
        """Every place of the form where an error is said, and what is to be said there now."""
        names = [slot.name for slot in self.slots]
        names += [setting.key for setting in self.settings]
        return [(name, self.errors.get(name, "")) for name in (*PLACES, *names)]

    @property
    def takes_seed(self) -> bool:
        """Whether a seed may be given."""
        return self.rules.takes("seed")

    @property
    def takes(self) -> int:
        """How many videos one click makes."""
        return takes(self.values)

    @property
    def price(self) -> str:
        """What is chosen would cost this, all takes together."""
        credits = self.checked.credits
        return _("price not known") if credits is None else ledger.words(credits * self.takes)

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


def takes(values: Mapping[str, str]) -> int:
    """How many videos are asked for."""
    typed = values.get("takes", "")
    return int(typed) if typed in {str(n) for n in range(1, MOST_TAKES + 1)} else 1


def read(values: Mapping[str, str], filled: Filled) -> dict[str, object]:
    """What was typed and chosen, as `requests.check` takes it: empty fields were not given.

    Raises: InvalidRequest without a model; the form does not leave that choice to us.
    """
    given: dict[str, object] = {name: values[name] for name in FIELDS if values.get(name)}
    if "model" not in given:
        raise InvalidRequest("Choose a model.", "model", "missing_required_parameter")
    asked = {**given, **form_settings.read(values), **form_media.params(filled)}
    model = catalog.find(str(asked["model"]))
    if model and model.is_video and not mode_rules(model, asked).takes("prompt"):
        asked.pop("prompt", None)  # it stays in the form, for the next model
    return asked


def compose(
    values: Mapping[str, str],
    filled: Filled | None = None,
    *,
    library: Library | None = None,
    error: InvalidRequest | None = None,
    house: House | None = None,
) -> Composer:
    """The form for these values and what lies in its slots.

    What the model does not allow becomes the nearest that it does; so does a model that is off.
    """
    house = house or House()
    model = next((each for each in house.models if each.id == values.get("model")), house.start)
    kept = form_media.that_fit(model, filled or {})
    rules = mode_rules(model, kept)
    needed = form_media.needs(rules)
    media = {name: [form_media.stand_in(name)] for name in needed if name not in kept} | kept
    notes = _switched_off(values.get("model", ""), house)
    notes += [_left_out(model, name, kept) for name in filled or {} if name not in kept]
    form = Choices(model, rules, values, notes, tuple(media))
    given = {"model": model.id, **form.chosen()}
    tokens = {name: values.get(name + form_media.FROM, "").split() for name in kept}
    checked, problem = _judged(given, media, needed, library)
    slots = form_media.slots(model, kept, tokens)
    return Composer(
        values,
        house.models,
        model,
        rules,
        form.lengths,
        form.ratios,
        form.resolutions,
        slots,
        form.settings,
        checked,
        notes,
        _errors(error or problem, slots, form.settings),
    )


def _judged(
    given: Mapping[str, object], media: Filled, needed: list[str], library: Library | None
) -> tuple[CheckedRequest, InvalidRequest | None]:
    """The request as far as it can be made, and what is wrong with it so far.

    Where what lies in the slots is refused, stand-ins take its place, so that there is a price.
    """
    try:
        return check({**given, **form_media.params(media)}, library), None
    except InvalidRequest as exc:
        names = {*media, FRAME} if {*media} & {*form_media.FRAMES_OF} else {*media}
        problem = exc
    for some in (names, {*needed}):
        try:
            stand_ins = {name: [form_media.stand_in(name)] for name in some}
            return check({**given, **form_media.params(stand_ins)}), problem
        except InvalidRequest:
            continue
    bare = {name: given[name] for name in ("model", "prompt")}
    return check({**bare, **form_media.params(stand_ins)}), problem


def _errors(
    error: InvalidRequest | None, slots: list[Slot], settings: list[Setting]
) -> dict[str, str]:
    """What is wrong, by the place where it is said: a field, a slot, a setting, or the form."""
    if error is None:
        return {}
    if isinstance(error, OverBudget):
        return {"go": error.for_people}
    keys = {setting.name.partition(".")[0]: setting.key for setting in settings}
    name = keys.get(error.param or "", error.param or "")
    if name not in (*PLACES, *(slot.name for slot in slots), *keys.values()):
        return {"form": error.message}
    if error.code != "missing_required_parameter":
        return {name: error.message}
    if name in form_media.LABELS:
        label = str(form_media.LABELS[name]).lower()
        return {name: _("This model needs this: %(slot)s.") % {"slot": label}}
    missing = {"prompt": _("Describe the shot first."), "model": _("Choose a model.")}
    return {name: missing.get(name, error.message)}


def _switched_off(asked: str, house: House) -> list[str]:
    model = catalog.find(asked)
    if model is None or asked not in house.off:
        return []
    words = {"name": model.name, "other": house.start.name}
    return [_("%(name)s is switched off here, so this is %(other)s.") % words]


def _left_out(model: VideoModel, name: str, kept: Mapping[str, object]) -> str:
    label = str(form_media.LABELS[name]).lower()
    if form_media.fits(model, {name}) and kept:
        words = _("Left out: %(slot)s. %(name)s does not take it beside the others.")
    else:
        words = _("%(name)s takes no %(slot)s.")
    return words % {"name": model.name, "slot": label}


def _group(model: VideoModel) -> str:
    if FRAME_MODES & model.modes.keys():
        return _("From words or pictures")
    if "video_to_video" in model.modes:
        return _("Change a video")
    return _("Perform") if "character_performance" in model.modes else _("Enlarge or smooth")


def values_of(video: Video, *, with_seed: bool = True) -> dict[str, str]:
    """A video's request as one would type it again, its pictures by their tokens."""
    request = video.request
    seed = request.get("seed") if with_seed else None
    options = form_settings.flat(request.get("options", {}))
    seconds = request.get("seconds", video.seconds)
    return {
        **options,
        **form_media.tokens_of(video),
        "prompt": video.prompt,
        "model": video.model if catalog.find(video.model) else video.resolved_model,
        "seconds": str(seconds or ""),
        "size": sizes.shown(request.get("ratio") or video.size),
        "resolution": options.get("resolution", ""),
        "audio": "true" if request.get("audio") else "",
        "seed": "" if seed is None else str(seed),
    }
