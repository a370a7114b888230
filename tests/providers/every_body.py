"""Requests for every endpoint and model, made up from the catalogue alone.

`requests_of` answers good requests in our words, and `every_body` the bodies that Runway is sent
for them: each ratio, the shortest and longest length and prompt, every further field at its bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from providers import bodies, catalog
from providers.catalog import SEED_MAX, ModeRules, Option, VideoModel
from providers.rules import POSITIONS, MediaRules
from videos.requests import InvalidRequest, check

Params = dict[str, Any]

URL = "https://example.com/picture.png"
ADDRESSES = {
    "image": URL,
    "video": "https://example.com/clip.mp4",
    "audio": "https://example.com/sound.mp3",
}
ENDLESS = 3  # how many of a list without a bound
# What a field needs beside it.
COMPANIONS: Mapping[str, Params] = {
    "prores_profile": {"output_format": "prores"},
    "reference_audio": {"reference_images": [URL]},
}
# Ratios that only pictures without positions open, which are references from text here.
UNREACHABLE = {("wan3", "image_to_video"), ("wan3_prime", "image_to_video")}


def modes() -> list[tuple[VideoModel, ModeRules]]:
    """Every model on every endpoint that makes videos."""
    return [(model, rules) for model in catalog.models() for rules in model.modes.values()]


def every_body() -> Iterator[tuple[str, Params]]:
    """(endpoint, body) for every good request."""
    for model, rules in modes():
        for params in requests_of(model, rules):
            yield body_of(params)


def body_of(params: Params) -> tuple[str, Params]:
    """(endpoint, body) of the task that makes the video."""
    checked = check(params)
    return bodies.task_body(checked.video_task())


def requests_of(model: VideoModel, rules: ModeRules) -> Iterator[Params]:
    """Good requests that the validator must accept in this mode."""
    base = base_of(model, rules)
    yield base
    if not rules.needs("prompt") and not any("promptText" in c.require for c in rules.conditions):
        yield {name: value for name, value in base.items() if name != "prompt"} | _instead(rules)
    sizes = list(_sizes(model, rules, base))
    yield from (base | size | change for size in sizes for change in _alone(rules))
    changes: tuple[Params, ...] = (
        *({"seconds": length} for length in lengths(rules)),
        *({"prompt": text} for text in _prompts(rules)),
        *({"seed": seed} for seed in (0, SEED_MAX) if rules.takes("seed")),
        *({"audio": audio} for audio in (True, False) if rules.takes("audio")),
        *_options(rules),
        *_media(rules),
    )
    yield from (base | change for change in changes)


def _alone(rules: ModeRules) -> Iterator[Params]:
    """Every length, and one value of every further field, to go with every size."""
    yield {}
    yield from ({"seconds": length} for length in lengths(rules))
    yield from ({name: 1} for name in ("seed",) if rules.takes(name))
    yield from ({name: True} for name in ("audio",) if rules.takes(name))
    for word, option in rules.options.items():
        if word != "draftTaskId":
            name = catalog.our_word(word)
            yield COMPANIONS.get(name, {}) | {name: next(values_of(option))}


def base_of(model: VideoModel, rules: ModeRules) -> Params:
    """The usual request: what is required, and a prompt where there may be one."""
    params: Params = {"model": model.id}
    if rules.takes("prompt"):
        params["prompt"] = "a fox"
    for word, media in rules.media.items():
        if word in rules.required:
            params[field_of(word)] = source(media)
    for word, option in rules.options.items():
        if word in rules.required:
            params[catalog.our_word(word)] = next(values_of(option))
    return params


def field_of(word: str) -> str:
    """Our word for a field that holds media."""
    return catalog.our_word(word)


def source(media: MediaRules) -> Any:
    """One picture, video or sound, as the field wants it."""
    kind = media.kind.split(" or ")[0]
    if media.shape == "keyframes":
        return {"uri": URL, "at": 0.5}
    return {"type": kind, "uri": ADDRESSES[kind]} if " or " in media.kind else ADDRESSES[kind]


def lengths(rules: ModeRules) -> list[int | str]:
    """The shortest and the longest of a range, or all that are listed; "auto" where it may be."""
    seconds = rules.seconds
    is_range = seconds == tuple(range(seconds[0], seconds[-1] + 1)) if seconds else False
    ends: list[int | str] = [seconds[0], seconds[-1]] if is_range else list(seconds)
    return [*ends, *(["auto"] if rules.takes_auto else [])]


def text_of(units: int) -> str:
    """A text of so many UTF-16 code units, mostly of pairs."""
    return "🌊" * (units // 2) + "a" * (units % 2)


def values_of(option: Option) -> Iterator[Any]:
    """Every word, both bounds of a number, both sides of a switch; of an object each key alone."""
    yield from option.enum + option.deprecated
    if option.text:
        yield from ("x", text_of(option.text))
    yield from option.integer or ()
    yield from option.number or ()
    if option.boolean:
        yield from (True, False)
    if option.items is not None:
        yield from _lists(option, option.items)
    if option.required:
        yield {key: next(values_of(option.fields[key])) for key in option.required}
    else:
        for key, inner in option.fields.items():
            yield from ({key: value} for value in values_of(inner))


def _lists(option: Option, items: Option) -> Iterator[list[Any]]:
    entry = next(values_of(items))
    if option.total is None:
        yield from ([entry], [entry] * (option.max or ENDLESS))
        return
    name, least, most = option.total
    yield from ([{**entry, name: least}], [{**entry, name: 1}] * most, [{**entry, name: most}])


def _instead(rules: ModeRules) -> Params:
    """What a request without a prompt has instead, where something must be."""
    needed = [name for c in rules.conditions for name in c.require_any if name in rules.media]
    return {catalog.our_word(name): [source(rules.media[name])] for name in needed[:1]}


def _sizes(model: VideoModel, rules: ModeRules, base: Params) -> Iterator[Params]:
    for ratio in rules.ratios:
        found = _reached(base | {"size": ratio.replace(":", "x")}, ratio)
        if found is None:
            assert (model.id, rules.mode) in UNREACHABLE, f"{ratio} cannot be asked for"
        else:
            yield found


def _reached(params: Params, ratio: str) -> Params | None:
    """The request, perhaps with a reference, for which this ratio is sent."""
    for more in ({}, {"reference_images": [URL]}):
        try:
            _, body = body_of(params | more)
        except InvalidRequest:
            continue
        assert body["ratio"] == ratio
        return params | more
    return None


def _prompts(rules: ModeRules) -> list[str]:
    ends = (rules.prompt_min, rules.prompt_max)
    return [text_of(units) for units in ends] if rules.takes("prompt") else []


def _options(rules: ModeRules) -> Iterator[Params]:
    for word, option in rules.options.items():
        name = catalog.our_word(word)
        if word != "draftTaskId":  # stands alone
            yield from (COMPANIONS.get(name, {}) | {name: value} for value in values_of(option))


def _media(rules: ModeRules) -> Iterator[Params]:
    for word, media in rules.media.items():
        name = field_of(word)
        if media.shape == "frames":
            yield from _frames(media)
        elif media.shape in ("list", "typed_list", "keyframes"):
            beside = COMPANIONS.get(name, {}) if "references" in rules.media else {}
            for count in (1, most_of(rules, word)):
                yield beside | {name: [source(media)] * count}
        elif " or " in media.kind:
            for kind in media.kind.split(" or "):
                yield {name: {"type": kind, "uri": ADDRESSES[kind]}}


def most_of(rules: ModeRules, word: str) -> int:
    """How many entries a list may have, beside a first frame where there is one."""
    for condition in rules.conditions:
        if word in condition.counted and condition.at_most is not None:
            return condition.at_most - ("promptImage" in rules.media)
    return rules.media[word].max or ENDLESS


def _frames(media: MediaRules) -> Iterator[Params]:
    others = [name for name, place in POSITIONS.items() if place in media.positions[1:]]
    yield from ({name: URL} for name in others)
    yield dict.fromkeys(others, URL)
