"""What the fields of one request demand of each other, as data: "if mode is extend, no ratio".

Read from catalog.json by `catalog.py`, asked by the validator and by the sandbox. Pure; bodies are
in Runway's words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

Values = Mapping[str, tuple[Any, ...]]
Say = Callable[[str], str]


@dataclass(frozen=True)
class Problem:
    """A demand that a body does not meet: the field at fault, and a sentence about it.

    `kind` is "missing", "forbidden", "value" or "too_many".
    """

    field: str
    kind: str
    message: str


@dataclass(frozen=True)
class Condition:
    """One demand. It holds when all of `when` match the body and none of `unless` does.

    A match is a field (dots lead into objects) and what it must be: true for given, a list of
    values, or, for a list of pictures, "frames" (with positions) or "references" (without).
    """

    when: Mapping[str, Any] = field(default_factory=dict)
    unless: Mapping[str, Any] = field(default_factory=dict)
    require: tuple[str, ...] = ()
    require_any: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    only: Values = field(default_factory=dict)
    never: Values = field(default_factory=dict)
    at_most: int | None = None
    counted: tuple[str, ...] = ()

    @classmethod
    def parse(cls, entry: Mapping[str, Any]) -> Self:
        """The condition that an entry of catalog.json describes."""
        at_most = entry.get("at_most", {})
        return cls(
            when=entry.get("if", {}),
            unless=entry.get("unless", {}),
            require=tuple(entry.get("require", ())),
            require_any=tuple(entry.get("require_any", ())),
            forbid=tuple(entry.get("forbid", ())),
            only={key: tuple(values) for key, values in entry.get("only", {}).items()},
            never={key: tuple(values) for key, values in entry.get("never", {}).items()},
            at_most=at_most.get("max"),
            counted=tuple(at_most.get("of", ())),
        )

    def holds(self, body: Mapping[str, Any]) -> bool:
        """Whether the demand is made of this body."""
        return all(_matches(body, *item) for item in self.when.items()) and not any(
            _matches(body, *item) for item in self.unless.items()
        )

    def problems(self, body: Mapping[str, Any], say: Say) -> Iterator[Problem]:
        """What the body does not meet, supposing that the demand holds."""
        reason = self.reason(say)
        for name in self.require:
            if name not in body:
                yield Problem(name, "missing", f"'{say(name)}' is required{reason}")
        if self.require_any and not any(name in body for name in self.require_any):
            listed = ", ".join(f"'{say(name)}'" for name in self.require_any)
            yield Problem(self.require_any[0], "missing", f"one of {listed} is required{reason}")
        for name in self.forbid:
            if name in body:
                yield Problem(name, "forbidden", f"'{say(name)}' is not accepted{reason}")
        yield from self._bad_values(body, say, reason)
        if self.at_most is not None and _count(body, self.counted) > self.at_most:
            listed = " and ".join(f"'{say(name)}'" for name in self.counted)
            message = f"{listed} have at most {self.at_most} entries together"
            yield Problem(self.counted[-1], "too_many", message)

    def reason(self, say: Say) -> str:
        """When the demand holds, to end a sentence with."""
        when = [_spoken(say(path.split(".")[0]), wanted) for path, wanted in self.when.items()]
        unless = [_spoken(say(path.split(".")[0]), wanted) for path, wanted in self.unless.items()]
        parts = [f"if {' and '.join(when)}"] if when else []
        parts += [f"unless {' or '.join(unless)}"] if unless else []
        return "".join(f" {part}" for part in parts)

    def _bad_values(self, body: Mapping[str, Any], say: Say, reason: str) -> Iterator[Problem]:
        for name, values in self.only.items():
            if name in body and body[name] not in values:
                message = f"'{say(name)}' must be {_words(values)}{reason}"
                yield Problem(name, "value", message)
        for name, values in self.never.items():
            if name in body and body[name] in values:
                message = f"'{say(name)}' must not be {_words(values)}{reason}"
                yield Problem(name, "value", message)


def problems(
    conditions: tuple[Condition, ...], body: Mapping[str, Any], say: Say = str
) -> Iterator[Problem]:
    """Everything that the fields of this body demand of each other, and do not get.

    `say` gives the word for a field that messages use.
    """
    for condition in conditions:
        if condition.holds(body):
            yield from condition.problems(body, say)


def forbidden(conditions: tuple[Condition, ...], body: Mapping[str, Any]) -> frozenset[str]:
    """The fields that may not stand beside those of this body."""
    return frozenset(name for c in conditions if c.holds(body) for name in c.forbid)


def allowed(
    conditions: tuple[Condition, ...], body: Mapping[str, Any], name: str, values: tuple[Any, ...]
) -> tuple[Any, ...]:
    """Those of a field's values that may stand beside the fields of this body."""
    for condition in conditions:
        if condition.holds(body):
            only, refused = condition.only.get(name, values), condition.never.get(name, ())
            values = tuple(value for value in values if value in only and value not in refused)
    return values


def _matches(body: Mapping[str, Any], path: str, wanted: Any) -> bool:
    value: Any = body
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if value is None:
        return False
    if wanted == "frames":
        return isinstance(value, str) or any("position" in item for item in _items(value))
    if wanted == "references":
        return isinstance(value, list) and not any("position" in item for item in _items(value))
    return wanted is True or value in wanted


def _items(value: Any) -> list[Mapping[str, Any]]:
    listed = value if isinstance(value, list) else []
    return [item for item in listed if isinstance(item, Mapping)]


def _count(body: Mapping[str, Any], names: tuple[str, ...]) -> int:
    given = [body[name] for name in names if name in body]
    return sum(len(value) if isinstance(value, list) else 1 for value in given)


def _spoken(path: str, wanted: Any) -> str:
    if wanted is True:
        return f"{path} is given"
    return f"{path} is {_words(wanted) if isinstance(wanted, list) else wanted}"


def _words(values: Any) -> str:
    return " or ".join(str(value) for value in values)
