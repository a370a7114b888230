"""What a single value of a request may look like, whichever model it is meant for.

Called by `requests.py` and `pictures.py` alone. Each function takes a value as JSON or a form gave
it and answers the clean one, or raises InvalidRequest; nothing here knows any model.

Source: OpenAI Videos API reference (error codes); Runway API reference (prompt length).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from providers.catalog import Option

_SHOWN_CHARS = 100
_SHOWN_INTEGER = 10**20
_WHOLE = re.compile(r"\d{1,12}(?:\.0{1,6})?", re.ASCII)
_KINDS = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


class InvalidRequest(Exception):
    """The request cannot be made. `message` is for people, `param` names the field at fault.

    `code` is one of OpenAI's words: invalid_value, invalid_type, unknown_parameter,
    missing_required_parameter, model_not_found.
    """

    def __init__(self, message: str, param: str | None = None, code: str = "invalid_value") -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code


@dataclass(frozen=True)
class Upload:
    """An uploaded file. It is judged by its bytes; the name is the client's and means nothing."""

    data: bytes = field(repr=False)
    filename: str = ""


def shown(value: object) -> str:
    """A value as a message may show it: one short printable line, never a picture's bytes."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) >= _SHOWN_INTEGER:
        return "a very large integer"
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str):
        return kind(value)
    if value[:20].lstrip().lower().startswith("data:"):
        return "a data URI"
    return f"'{printable(value)}'"


def printable(value: str) -> str:
    """Clipped to about a hundred characters, control characters and lone surrogates escaped."""
    clean = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in value[:_SHOWN_CHARS]
    )
    return clean if len(value) <= _SHOWN_CHARS else clean + "…"


def kind(value: object) -> str:
    """What sort of value this is, in words: "a list"."""
    return _KINDS.get(type(value), "a file" if isinstance(value, Upload) else "another type")


def listed(values: Iterable[object]) -> str:
    """Values for a message: "2, 3 or 4"."""
    words = [str(value) for value in values]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def wrong_value(value: object, param: str, expected: str) -> InvalidRequest:
    """The error for a value of the right type that is not accepted; `expected` says what is."""
    return InvalidRequest(
        f"Invalid value {shown(value)} for '{param}': expected {expected}.", param
    )


def wrong_type(value: object, param: str, expected: str) -> InvalidRequest:
    """The error for a value of a type that the field never has."""
    message = f"Invalid type for '{param}': expected {expected}, but got {kind(value)}."
    return InvalidRequest(message, param, "invalid_type")


def text(value: object, param: str) -> str:
    """Text that every database and every JSON parser can hold: no NUL, no lone surrogate."""
    if not isinstance(value, str):
        raise wrong_type(value, param, "a string")
    if "\0" in value:
        raise InvalidRequest(f"'{param}' must not contain NUL characters.", param)
    try:
        value.encode()
    except UnicodeEncodeError as exc:
        raise InvalidRequest(f"'{param}' is not valid Unicode text.", param) from exc
    return value


def utf16_length(value: str) -> int:
    """Length as Runway counts it: in UTF-16 code units, so an emoji counts 2."""
    return len(value.encode("utf-16-le")) // 2


def whole(value: object, param: str, expected: str) -> int:
    """A whole number of at least 0, as a number or as decimal digits ("5", "5.0")."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise wrong_type(value, param, expected)
    if isinstance(value, str):
        if _WHOLE.fullmatch(value):
            return int(value.partition(".")[0])
    elif value >= 0 and (isinstance(value, int) or value.is_integer()):
        return int(value)
    raise wrong_value(value, param, expected)


def flag(value: object, param: str) -> bool:
    """A boolean, or the words true and false as forms send them."""
    if not isinstance(value, (bool, str)):
        raise wrong_type(value, param, "a boolean")
    word = str(value).lower()
    if word not in ("true", "false"):
        raise wrong_value(value, param, "true or false")
    return word == "true"


def check_length(value: str, param: str, least: int, most: int) -> None:
    """Refuse text shorter or longer than this, counted as Runway counts."""
    units = utf16_length(value)
    if not least <= units <= most:
        message = (
            f"'{param}' has {units} characters (UTF-16 code units, so an emoji counts 2); "
            f"{least} to {most} are accepted."
        )
        raise InvalidRequest(message, param)


def option(value: object, param: str, rules: Option) -> object:
    """A value of a further field: one of a few words, a bounded text, or an object of such."""
    if rules.fields:
        return _option_object(value, param, rules)
    word = text(value, param)
    if rules.max is not None:
        check_length(word, param, 1, rules.max)
    elif word not in rules.enum:
        raise wrong_value(value, param, listed(rules.enum))
    return word


def _option_object(value: object, param: str, rules: Option) -> dict[str, object]:
    """An object under the provider's own names; snake_case ones are understood too."""
    if not isinstance(value, dict):
        raise wrong_type(value, param, "an object")
    names = {name.lower(): name for name in rules.fields}
    checked: dict[str, object] = {}
    for key, inner in value.items():
        name = names.get(key.replace("_", "").lower())
        if name is None:
            message = f"Unknown key {shown(key)} in '{param}'."
            raise InvalidRequest(message, param, "unknown_parameter")
        if inner is not None:
            checked[name] = option(inner, param, rules.fields[name])
    return checked
