"""What may be made from a video: links that fill the form, each only where it can work. Pure.

Called by the page of a video. The form itself judges what comes of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from providers import catalog
from providers.catalog import VideoModel
from providers.house import House
from videos import deriving, values
from videos.cards import Card
from videos.models import Video

FORM_MODES = ("text_to_video", "image_to_video")


@dataclass(frozen=True)
class Verb:
    """One link. `do` is what a key calls it, "" where none does."""

    label: str
    url: str
    do: str = ""


def of(card: Card, house: House) -> list[Verb]:
    """Every verb but "another model", in the order of the page."""
    video = card.video
    again = _again(video) if _is_of_the_form(video) else []
    if video.prompt:
        again.insert(1, Verb(_("Reuse prompt"), _studio(prompt_from=video.pk), "reuse_prompt"))
    return again + (_onwards(video, house) if card.is_playable else [])


def others(video: Video, house: House) -> list[Verb]:
    """The same recipe in another model, for each model that may take it."""
    if not _is_of_the_form(video):
        return []
    return [
        Verb(model.name, _studio(**{"from": video.pk, "model": model.id}))
        for model in house.models
        if model.id != video.resolved_model and _may_take(model, video)
    ]


def _again(video: Video) -> list[Verb]:
    found = [Verb(_("Reuse all"), _studio(**{"from": video.pk}), "reuse")]
    if video.request.get("seed") is not None:
        found.append(Verb(_("Same seed"), _studio(**{"from": video.pk, "seed": "same"})))
    return found


def _onwards(video: Video, house: House) -> list[Verb]:
    """What a finished clip is the beginning of."""
    models = house.models
    found = [Verb(_("Continue from last frame"), _studio(**{"continue": video.pk}))]
    if any(deriving.can_edit(model.id) for model in models):
        found.append(Verb(_("Edit"), _studio(edit=video.pk)))
    if any(deriving.can_extend(model.id) for model in models):
        found.append(Verb(_("Extend"), _studio(extend=video.pk)))
    if any("video_upscale" in model.modes for model in models):
        found.append(Verb(_("Upscale"), _studio(upscale=video.pk)))
    return found


def _is_of_the_form(video: Video) -> bool:
    """Whether the form can say what this video was asked for with."""
    ids = {model.id for model in catalog.models()}
    return video.mode in FORM_MODES and video.resolved_model in ids and bool(video.request)


def _may_take(model: VideoModel, video: Video) -> bool:
    """Whether the model takes such pictures, and so long a prompt."""
    fields = {item["field"] for item in video.request.get("media", [])}
    modes = ("image_to_video",) if fields else FORM_MODES
    length = values.utf16_length(video.prompt)
    return any(
        (rules := model.modes.get(mode)) is not None
        and length <= rules.prompt_max
        and all(rules.takes(name) for name in fields)
        for mode in modes
    )


def _studio(**query: str) -> str:
    return f"{reverse('studio')}?{urlencode(query)}"
