"""What the form was sent with: its fields, what lies in its slots, and where it was begun from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from providers import catalog, house
from videos import composer, deriving, form_media, form_settings, uploaded
from videos.arrows import COMPLETED
from videos.deriving import Source
from videos.form_media import FROM, Filled
from videos.inputs import LISTS
from videos.models import Draft, Video
from videos.requests import InvalidRequest, Upload

from .doors import named, seen, user_of

PLAIN = (*composer.FIELDS, "seed_lock", "takes", "project")
KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Asked:
    """The form: `values` by field, `filled` what lies in each slot as the validator takes it.

    `gone` are the slots whose tokens name nothing any more.
    """

    values: dict[str, str]
    filled: dict[str, list[object]] = field(default_factory=dict)
    gone: tuple[str, ...] = ()

    @property
    def tokens(self) -> Mapping[str, list[str]]:
        """The tokens in each slot."""
        return {name: self.values.get(name + FROM, "").split() for name in form_media.LABELS}


def fields(data: QueryDict) -> dict[str, str]:
    """The fields that were sent, several tokens of one slot in one; nothing else that came."""
    sent = {name: data.get(name, "") for name in (*PLAIN, *form_settings.names()) if name in data}
    for name in form_media.LABELS:
        if name + FROM in data:
            sent[name + FROM] = " ".join(data.getlist(name + FROM))
    return {name: value.replace("\0", "") for name, value in sent.items()}


def from_query(request: HttpRequest) -> Asked:
    """The form as its page asks about it: files that nobody has sent yet have stand-ins.

    `?pick=<slot> <token>` puts something stored into a slot, `?preset=<id>` lays settings over the
    rest, `?roll=1` throws the dice for a seed.
    """
    values = fields(request.GET)
    preset = request.GET.get("preset", "")
    if preset.isdecimal() and len(preset) < 10:
        found = user_of(request).presets.filter(pk=int(preset)).first()
        values |= found.values if found else {}
    slot, _space, token = request.GET.get("pick", "").partition(" ")
    # htmx names chosen files in the query, without their bytes.
    files = {name: request.GET.getlist(name) for name in form_media.LABELS if name != slot}
    if slot in form_media.LABELS and token:
        before = values.get(slot + FROM, "") if slot in LISTS else ""
        values[slot + FROM] = f"{before} {token}".strip()
    marks = {name: [form_media.stand_in(name)] * len(found) for name, found in files.items()}
    return filled(request, values, marks)


def from_post(request: HttpRequest) -> Asked:
    """The form as it was sent, with its files."""
    files: dict[str, list[object]] = {
        name: [Upload(file.read(), file.name or "") for file in request.FILES.getlist(name)]
        for name in form_media.LABELS
    }
    return filled(request, fields(request.POST), files)


def filled(request: HttpRequest, values: dict[str, str], files: Filled) -> Asked:
    """The form with what lies in its slots. In a slot for one thing, a file replaces a token."""
    videos, found, gone = seen(request), {}, []
    for name in form_media.LABELS:
        items = list(files.get(name, ()))
        tokens = values.get(name + FROM, "").split()[:40]
        if items and name not in LISTS:
            tokens = []
        stored = {token: form_media.resolve(token, videos) for token in tokens}
        if None in stored.values():
            gone.append(name)
        kept = [token for token in tokens if stored[token] is not None]
        values[name + FROM] = " ".join(kept)
        if items or kept:
            found[name] = [*(stored[token] for token in kept), *items]
    return Asked(values, found, tuple(gone))


def keep_files(request: HttpRequest, asked: Asked) -> Asked:
    """The same with its files kept for a day: a page without script cannot hold them otherwise.

    What cannot be used is not kept.
    """
    values = dict(asked.values)
    for name, items in asked.filled.items():
        for upload in items:
            if isinstance(upload, Upload):
                try:
                    file = uploaded.keep(user_of(request), upload, "vision", KEPT_SECONDS)
                except InvalidRequest:
                    continue
                values[name + FROM] = f"{values.get(name + FROM, '')} {file.pk}".strip()
    return filled(request, values, {})


def begun(request: HttpRequest) -> Asked:
    """The form of a page that was just opened: a video's, or what was left in it, or nothing.

    `?from=`, `?edit=`, `?extend=`, `?continue=` and `?upscale=` begin from a video;
    `?prompt_from=` takes its prompt alone, `?first_frame=` and `?last_frame=` a picture by its
    token. Any field may be named besides.
    """
    videos, sent = seen(request), from_query(request).values
    values = _first_values(request)
    for name, begin in _BEGINNINGS.items():
        if video := named(request, name, videos):
            values = begin(video)
    if request.GET.get("seed") == "same":
        video = named(request, "from", videos)
        again = composer.values_of(video) if video else {}
        sent |= {"seed": again.get("seed", ""), "seed_lock": "1"}
    if video := named(request, "prompt_from", videos):
        sent["prompt"] = video.prompt
    for name, slot in _COPIED.items():
        token = request.GET.get(name, "")
        if token and not form_media.Pick(token).is_address:
            sent[slot + FROM] = token
    given = {name: value for name, value in sent.items() if value}
    return filled(request, {**values, **given}, {})


def told_gone(asked: Asked) -> InvalidRequest | None:
    """What to say when something that was chosen is not there any more."""
    if not asked.gone:
        return None
    return InvalidRequest(_("What was chosen here is gone. Choose again."), asked.gone[0])


def _first_values(request: HttpRequest) -> dict[str, str]:
    user = user_of(request)
    draft = Draft.objects.filter(owner=user).first()
    values = draft.values if draft else user.defaults
    return {name: value for name, value in values.items() if isinstance(value, str)}


def _again(video: Video) -> dict[str, str]:
    return composer.values_of(video, with_seed=False)


def _edit(video: Video) -> dict[str, str]:
    asked = video.model if deriving.can_edit(video.model) else settings.STUDIO_EDIT_MODEL
    return _derived(deriving.edit({"prompt": "-", "model": asked}, source(video), asked), video)


def _extend(video: Video) -> dict[str, str]:
    asked = video.model if deriving.can_extend(video.model) else settings.STUDIO_EXTEND_MODEL
    given = {"prompt": "-", "model": asked, "seconds": deriving.ADDED_SECONDS[0]}
    values = _derived(deriving.extension(given, source(video), asked), video)
    return {**values, "prompt": video.prompt}


def _continue(video: Video) -> dict[str, str]:
    values = _again(video)
    model = catalog.find(video.model)
    if model is None or "image_to_video" not in model.modes:
        values["model"] = house.current().start.id
    kept = {name: value for name, value in values.items() if not name.endswith(FROM)}
    return {**kept, "mode": "", form_media.FRAME + FROM: f"{video.pk}:last"}


def _upscale(video: Video) -> dict[str, str]:
    models = house.current().models
    model = next((each for each in models if "video_upscale" in each.modes), None)
    token = {form_media.SOURCE + FROM: f"{video.pk}:video"}
    return {"model": model.id if model else "", "prompt": video.prompt, **token}


def _derived(params: Mapping[str, object], video: Video) -> dict[str, str]:
    """The form's fields for what `deriving` made of a video."""
    plain = {name: value for name, value in params.items() if name not in ("prompt", "video_uri")}
    return {**form_settings.flat(plain), form_media.SOURCE + FROM: f"{video.pk}:video"}


def source(video: Video) -> Source:
    """What is known of a video that another one is made from."""
    return Source(
        uri={"video_id": video.pk},
        model=video.model,
        size=video.size,
        seconds=video.seconds,
        has_audio=bool(video.request.get("audio")),
    )


def source_video(request: HttpRequest, asked: Asked) -> Video | None:
    """The video that the form goes on from, None if it does from none."""
    found = form_media.source_of({name: asked.tokens[name] for name in asked.filled})
    return seen(request).filter(pk=found, status=COMPLETED).first() if found else None


_COPIED = {"first_frame": form_media.FRAME, "last_frame": form_media.LAST}
_BEGINNINGS = {
    "from": _again,
    "edit": _edit,
    "extend": _extend,
    "continue": _continue,
    "upscale": _upscale,
}
