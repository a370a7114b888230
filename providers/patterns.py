"""Which models a key serves: ids, globs such as `gen4*`, and exclusions such as `!gen4_turbo`.

A list without any but exclusions means all models, less those. Pure, but for the catalogue that
`fault` asks. Used by ProviderKey and by whatever takes its settings in.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from . import catalog

NOT = "!"
MOST, LONGEST = 100, 80


def allow(patterns: Iterable[str], model: str) -> bool:
    """Whether they let a model through. An exclusion wins, wherever it stands."""
    wanted = [pattern for pattern in patterns if not pattern.startswith(NOT)]
    unwanted = [pattern[1:] for pattern in patterns if pattern.startswith(NOT)]
    if any(fnmatchcase(model, pattern) for pattern in unwanted):
        return False
    return not wanted or any(fnmatchcase(model, pattern) for pattern in wanted)


def fault(patterns: object) -> str:
    """What is wrong with them, in words; "" when every one finds a model of the catalogue."""
    if not isinstance(patterns, list) or not all(isinstance(item, str) for item in patterns):
        return 'A list of models, such as ["gen4.5"] or ["gen4*", "!gen4_turbo"]; [] means all.'
    if len(patterns) > MOST:
        return f"At most {MOST} models and patterns."
    known = [model.id for model in catalog.models()]
    for pattern in patterns:
        wanted = pattern.removeprefix(NOT)
        if len(wanted) > LONGEST or not any(fnmatchcase(model, wanted) for model in known):
            return f"No model is called {ascii(wanted[:LONGEST])[1:-1]}."
    if not any(allow(patterns, model) for model in known):
        return "These leave no model at all."
    return ""


def words(patterns: list[str]) -> str:
    """For people: "all", or the list."""
    return ", ".join(patterns) if patterns and patterns != ["*"] else "all"
