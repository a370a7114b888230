"""The form's further settings: every option of a model that people can choose or type. Pure.

Called by `composer.py`. An option of objects becomes one field for each of its keys, named
"option.key"; lists of objects, and ids of tasks, are for scripts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers import catalog, conditions
from providers.catalog import ModeRules, Option

from . import values as value_rules
from .values import InvalidRequest

ELSEWHERE = frozenset({"resolution", "draft_task_id"})
LABELS: Mapping[str, str | Promise] = {
    "negative_prompt": _("What to keep out"),
    "mode": _("What to do with the video"),
    "output_format": _("File format"),
    "prores_profile": _("ProRes profile"),
    "content_moderation.publicFigureThreshold": _("Public figures"),
    "cfg_scale": _("How closely to follow the prompt"),
    "draft": _("Draft quality"),
    "prompt_expansion_mode": _("Let the model add to the prompt"),
    "target_aspect_ratio": _("New aspect ratio"),
    "target_framerate": _("Frames per second"),
    "body_control": _("Move the body as well"),
    "expression_intensity": _("Strength of expression"),
    "provider_settings.shotType": _("How shots are cut"),
    "provider_settings.keepOriginalSound": _("Keep the original sound"),
    "creativity": _("Creativity"),
    "flavor": _("Flavour"),
    "fps_boost": _("More frames per second"),
    "sharpen": _("Sharpen"),
    "smart_grain": _("Grain"),
}


@dataclass(frozen=True)
class Setting:
    """One field. `choices` make a list, `bounds` a number, `is_flag` a tick, else it is text."""

    name: str
    value: str
    choices: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None
    step: str = "1"
    is_flag: bool = False
    longest: int = 0
    is_needed: bool = False

    @property
    def label(self) -> str:
        """For people."""
        plain = self.name.rpartition(".")[2].replace("_", " ").capitalize()
        return str(LABELS.get(self.name, plain))

    @property
    def key(self) -> str:
        """For ids in the page."""
        return self.name.replace(".", "-")


def settings(
    rules: ModeRules, words: Mapping[str, Any], values: Mapping[str, str]
) -> list[Setting]:
    """The fields that this mode has beside `words`, those fields of the request given already."""
    chosen, found = dict(words), []
    for word, option in rules.options.items():
        name = catalog.our_word(word)
        if name in ELSEWHERE or word in conditions.forbidden(rules.conditions, chosen):
            continue
        for each in _fields(name, option, values, is_needed=word in rules.required):
            left = conditions.allowed(rules.conditions, chosen, word, each.choices)
            field = _among(each, left) if each.name == name and each.choices else each
            found.append(field)
            if given(field, option):
                chosen[word] = _worth(field)
    return found


def asked(rules: ModeRules, fields: list[Setting]) -> dict[str, object]:
    """What is chosen, as the validator takes it; what it would refuse is left out."""
    options = {catalog.our_word(word): option for word, option in rules.options.items()}
    found: dict[str, object] = {}
    for field in fields:
        name, _dot, key = field.name.partition(".")
        if given(field, options[name]):
            found[name] = {**_object(found.get(name)), key: field.value} if key else field.value
    return found


def given(field: Setting, option: Option) -> bool:
    """Whether a field has a value that counts."""
    if not field.value:
        return False
    name, _dot, key = field.name.partition(".")
    try:
        value_rules.option(field.value, name, option.fields[key] if key else option)
    except InvalidRequest:
        return False
    return True


def read(values: Mapping[str, str]) -> dict[str, object]:
    """Every further setting that was sent, as the validator takes it."""
    found: dict[str, object] = {}
    for name in names():
        if value := values.get(name):
            outer, _dot, key = name.partition(".")
            found[outer] = {**_object(found.get(outer)), key: value} if key else value
    return found


def flat(options: Mapping[str, Any]) -> dict[str, str]:
    """The options of a request as the form's fields."""
    found: dict[str, str] = {}
    for name, value in options.items():
        items = value.items() if isinstance(value, dict) else [("", value)]
        for key, inner in items:
            if not isinstance(inner, (list, dict)):
                text = str(inner).lower() if isinstance(inner, bool) else str(inner)
                found[f"{name}.{key}" if key else name] = text
    return found


def names() -> list[str]:
    """Every further setting of any model."""
    found: dict[str, None] = {}
    for model in catalog.models():
        for rules in model.modes.values():
            for word, option in rules.options.items():
                name = catalog.our_word(word)
                if name not in ELSEWHERE:
                    found |= dict.fromkeys(each.name for each in _fields(name, option, {}))
    return list(found)


def _fields(
    name: str, option: Option, values: Mapping[str, str], *, is_needed: bool = False
) -> Iterator[Setting]:
    for key, inner in option.fields.items():
        if not (inner.items or inner.fields):
            yield from _fields(f"{name}.{key}", inner, values)
    if option.fields or option.items:
        return
    yield Setting(
        name,
        values.get(name, ""),
        option.enum,
        option.integer or option.number,
        "1" if option.integer else "0.05",
        is_flag=option.boolean,
        longest=option.text or 0,
        is_needed=is_needed,
    )


def _among(field: Setting, choices: tuple[str, ...]) -> Setting:
    value = field.value if field.value in choices else choices[0] if field.is_needed else ""
    return Setting(field.name, value, choices, is_needed=field.is_needed)


def _worth(field: Setting) -> Any:
    """A value as conditions compare it: ticks are true, keys lie in objects."""
    key = field.name.partition(".")[2]
    value = True if field.is_flag else field.value
    return {key: value} if key else value


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
