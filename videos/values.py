"""What a single value of a request may look like, whichever model it is meant for.

Called by `requests.py` and `pictures.py` alone. Each function takes a value as JSON or a form gave
it and answers the clean one, or raises InvalidRequest; nothing here knows any model.

Source: OpenAI Videos API reference (error codes); Runway API reference (prompt length).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from providers.rules import Option

MAX_PAIRS, MAX_KEY_CHARS, MAX_VALUE_CHARS = 16, 64, 512

_SHOWN_CHARS = 100
_SHOWN_INTEGER = 10**20
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,9})?", re.ASCII)
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
    """An uploaded file. It is judged by its bytes; the name is the client's and means nothing.

    `content_type` is its true one, once it was judged.
    """

    data: bytes = field(repr=False)
    filename: str = ""
    content_type: str = ""


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


def number(value: object, param: str, least: float, most: float) -> float:
    """A number within bounds, as a number or as decimal text."""
    expected = f"a number from {least:g} to {most:g}"
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise wrong_type(value, param, expected)
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise wrong_value(value, param, expected)
    if isinstance(value, int) and abs(value) >= _SHOWN_INTEGER:
        raise wrong_value(value, param, expected)
    found = float(value)
    if not least <= found <= most:
        raise wrong_value(value, param, expected)
    return found


def pairs(value: object, param: str) -> dict[str, str]:
    """Words that a caller keeps on its video: up to 16, keys up to 64 and values up to 512 long."""
    if not isinstance(value, dict):
        raise wrong_type(value, param, "an object of strings")
    if len(value) > MAX_PAIRS:
        message = f"'{param}' has {len(value)} pairs; {MAX_PAIRS} at most are kept."
        raise InvalidRequest(message, param)
    for key, word in value.items():
        if not 1 <= len(text(key, param)) <= MAX_KEY_CHARS:
            raise wrong_value(key, param, f"keys of 1 to {MAX_KEY_CHARS} characters")
        if not isinstance(word, str):
            raise wrong_type(word, param, "strings as values")
        if len(text(word, param)) > MAX_VALUE_CHARS:
            raise wrong_value(word, param, f"values of at most {MAX_VALUE_CHARS} characters")
    return dict(value)


def option(value: object, param: str, rules: Option) -> object:
    """A value of a further field, as its rules say. Raises: InvalidRequest."""
    if rules.items is not None:
        return _option_list(value, param, rules, rules.items)
    if rules.fields:
        return _option_object(value, param, rules)
    if rules.boolean:
        return flag(value, param)
    if rules.number is not None:
        return number(value, param, *rules.number)
    if rules.integer is not None:
        return _bounded(value, param, *rules.integer)
    return _option_text(value, param, rules)


def _option_text(value: object, param: str, rules: Option) -> str:
    word = text(value, param)
    if rules.text is not None:
        check_length(word, param, 1, rules.text)
    elif word not in rules.enum and word not in rules.deprecated:
        raise wrong_value(value, param, listed(rules.enum))
    return word


def _bounded(value: object, param: str, least: int, most: int) -> int:
    expected = f"a whole number from {least} to {most}"
    found = whole(value, param, expected)
    if not least <= found <= most:
        raise wrong_value(value, param, expected)
    return found


def _option_object(value: object, param: str, rules: Option) -> dict[str, object]:
    """An object under the provider's own names; snake_case ones are understood too."""
    if not isinstance(value, dict):
        raise wrong_type(value, param, "an object")
    names = {name.lower(): name for name in rules.fields}
    checked: dict[str, object] = {}
    for key, inner in value.items():
        name = names.get(key.replace("_", "").lower())
        if name is None:
            known = listed(rules.fields)
            message = f"Unknown key {shown(key)} in '{param}': expected {known}."
            raise InvalidRequest(message, param, "unknown_parameter")
        if inner is not None:
            checked[name] = option(inner, param, rules.fields[name])
    for name in rules.required:
        if name not in checked:
            message = f"'{param}' lacks the key '{name}'."
            raise InvalidRequest(message, param, "missing_required_parameter")
    return checked


def _option_list(value: object, param: str, rules: Option, items: Option) -> list[object]:
    if not isinstance(value, list):
        raise wrong_type(value, param, "a list")
    if not value or (rules.max is not None and len(value) > rules.max):
        raise InvalidRequest(f"'{param}' must have 1 to {rules.max} entries.", param)
    checked = [option(item, param, items) for item in value]
    if rules.total is not None:
        name, least, most = rules.total
        total = sum(item[name] for item in checked if isinstance(item, dict))
        if not least <= total <= most:
            message = f"The '{name}' of all entries of '{param}' must sum to {least} to {most}."
            raise InvalidRequest(f"{message} They sum to {total}.", param)
    return checked
