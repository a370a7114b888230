"""The pages of the library and their fragments, behind sign-in.

Each view finds what belongs to the person, calls one action or reads, and renders. With htmx it
answers fragments, without it redirects or whole pages; either works.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget

from providers import routing
from studio.accounts.models import User

from . import actions, cards, composer, requests, telling
from .cards import Card
from .delivery import deliver
from .files import library
from .models import File, Superseded, Video, VideoQuerySet
from .requests import InvalidRequest, Upload

PAGE = 24
FAST_SECONDS, SLOW_SECONDS = 2, 20
KINDS = (File.VIDEO, File.THUMBNAIL, File.SPRITESHEET)

View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """Sends strangers to the sign-in page; a fragment answers 401, so that a page can say so."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if _is_htmx(request):
            return HttpResponse("You were signed out.", status=401)
        return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")

    return wrapped


@require_safe
@signed_in
def studio(request: HttpRequest) -> HttpResponseBase:
    """The page: form and library.

    `?after=<id>` begins further down, `?from=<id>` fills the form from a video, and any field of
    the form may be named (`?prompt=`).
    """
    source = _named(request, "from", _own(request))
    form = composer.compose(composer.values_of(source) if source else request.GET.dict())
    return _page(request, form, had_picture=bool(source and source.request.get("media")))


@require_POST
@signed_in
def create(request: HttpRequest) -> HttpResponseBase:
    """Accept what the form asks for, or answer 422 with the form and what is wrong."""
    file = request.FILES.get(composer.PICTURE)
    picture = Upload(file.read(), file.name or "") if file else None
    try:
        checked = requests.check(
            composer.read(request.POST.dict(), picture), library(_user(request))
        )
    except InvalidRequest as exc:
        return _refused(request, exc, has_picture=picture is not None)
    video = actions.accept(checked, _user(request))
    if not _is_htmx(request):
        return redirect("studio")
    card = _card(request, video)
    return render(request, "videos/_created.html", {"card": card, **_poller(card.video.pk)})


@require_safe
@signed_in
def controls(request: HttpRequest) -> HttpResponseBase:
    """The part of the form that depends on the model and on whether there is a picture."""
    # htmx names a chosen file in the query, without its bytes.
    has_picture = bool(request.GET.get(composer.PICTURE))
    form = composer.compose(request.GET.dict(), has_picture=has_picture)
    return render(request, "videos/_controls.html", {**_form(form), "oob": True})


@require_safe
@signed_in
def more(request: HttpRequest) -> HttpResponseBase:
    """The cards behind `?after=<id>`."""
    return render(request, "videos/_cards.html", _library(request))


@require_safe
@signed_in
def updates(request: HttpRequest) -> HttpResponseBase:
    """What changed since the page was told: `cards` are those it watches, `newest` its first one.

    204 when nothing did and the page's pace stays right.
    """
    held = cards.held(request.GET.get("cards", ""))
    watched = _cards(_own(request).filter(pk__in=held)) if held else []
    changes = cards.changes(held, watched)
    created, newest = _created_since(request)
    poller = _poller(newest, is_fast=any(not c.video.is_terminal for c in (*watched, *created)))
    same_pace = request.GET.get("pace") == str(poller["pace"])
    if same_pace and not (changes.whole or changes.states or changes.gone or created):
        return HttpResponse(status=204)
    context = {"changes": changes, "created": created, **poller}
    return render(request, "videos/_updates.html", context)


@require_POST
@signed_in
def cancel(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Stop a video and keep its record."""
    return _changed(request, actions.cancel(_find(request, video_id)))


@require_POST
@signed_in
def delete(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Remove a video for good."""
    actions.delete(_find(request, video_id))
    return HttpResponse() if _is_htmx(request) else redirect("studio")


@require_POST
@signed_in
def give_up(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """Release the credits of an uncertain submission."""
    video = _find(request, video_id)
    try:
        actions.give_up(video)
    except Superseded:
        return _changed(request, video, "This was decided before.")
    return _changed(request, video)


@require_POST
@signed_in
def send_again(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """The same request as a new video, which may be paid twice."""
    video = _find(request, video_id)
    try:
        again = actions.send_again(video, _user(request))
    except Superseded:
        return _changed(request, video, "This was decided before.")
    except FileNotFoundError:
        return _changed(request, video, "The picture of this request is gone: ask for it anew.")
    if not _is_htmx(request):
        return redirect("studio")
    card, old = _card(request, again), _card(request, video)
    context = {"card": card, "old": old, **_poller(again.pk)}
    return render(request, "videos/_created.html", context)


@require_safe
@signed_in
def video(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """One video: player, recipe, cost, and its events in words."""
    card = _card(request, _find(request, video_id))
    events = list(card.video.events.order_by("id"))
    told = telling.sentences((event.arrow, event.detail) for event in events)
    context = {
        "card": card,
        "timeline": list(zip(events, told, strict=True)),
        "recipe": composer.values_of(card.video),
        "again_of": _own(request).filter(pk=card.video.again_of_id or "").first(),
    }
    return render(request, "videos/video.html", context)


@require_safe
@signed_in
def file(request: HttpRequest, video_id: str, kind: str) -> HttpResponseBase:
    """The bytes of a video, its thumbnail or spritesheet; `?download=1` to keep them."""
    stored = File.objects.filter(video=_find(request, video_id), kind=kind, position=0).first()
    if kind not in KINDS or stored is None:
        raise Http404
    return deliver(request, stored, download="download" in request.GET)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _own(request: HttpRequest) -> VideoQuerySet:
    return Video.objects.visible_to(_user(request))


def _find(request: HttpRequest, video_id: str) -> Video:
    """The person's video. 404 for everybody else's."""
    found = _own(request).filter(pk=video_id).first()
    if found is None:
        raise Http404
    return found


def _cards(videos: VideoQuerySet, order: str = "desc", limit: int | None = None) -> list[Card]:
    rows = videos.with_cost().prefetch_related("files").in_order(order)[:limit]
    return [cards.make(row) for row in rows]


def _card(request: HttpRequest, video: Video) -> Card:
    return _cards(_own(request).filter(pk=video.pk))[0]


def _library(request: HttpRequest) -> dict[str, Any]:
    """One page of cards, and where the next one begins."""
    videos = _own(request)
    if after := _cursor(request, "after"):
        videos = videos.behind(after, "desc")
    found = _cards(videos, limit=PAGE + 1)
    shown = found[:PAGE]
    return {"cards": shown, "next": shown[-1].video.pk if len(found) > PAGE else ""}


def _named(request: HttpRequest, name: str, among: VideoQuerySet) -> Video | None:
    """The video whose id the query gives under this name."""
    value = request.GET.get(name, "")
    return among.filter(pk=value).first() if cards.ID.fullmatch(value) else None


def _cursor(request: HttpRequest, name: str) -> Video | None:
    """The video behind which to go on; one deleted meanwhile still marks its place."""
    return _named(request, name, Video.objects.filter(owner=_user(request)))


def _created_since(request: HttpRequest) -> tuple[list[Card], str | None]:
    """Cards newer than the page's first one, newest first, and the id of its first one then.

    The oldest of them come first, the rest with the next polls. A page that begins further down
    does not say `newest`, and gets none.
    """
    if "newest" not in request.GET:
        return [], None
    videos, first = _own(request), _cursor(request, "newest")
    created = _cards(videos.behind(first, "asc") if first else videos, "asc", PAGE)
    if created:
        return created[::-1], created[-1].video.pk
    return [], first.pk if first else ""


def _poller(newest: str | None, *, is_fast: bool = True) -> dict[str, Any]:
    """How the page goes on asking: from which card on, and after how many seconds."""
    pace = FAST_SECONDS if is_fast else SLOW_SECONDS
    query = urlencode({"pace": pace} if newest is None else {"pace": pace, "newest": newest})
    return {"pace": pace, "poll_url": f"{reverse('updates')}?{query}"}


def _page(
    request: HttpRequest, form: composer.Composer, *, had_picture: bool = False, status: int = 200
) -> HttpResponse:
    library = _library(request)
    shown = library["cards"]
    newest = None if "after" in request.GET else shown[0].video.pk if shown else ""
    context = {
        **_form(form),
        "had_picture": had_picture,
        "examples": composer.EXAMPLES,
        "has_key": bool(routing.pool()),
        **library,
        **_poller(newest, is_fast=any(not card.video.is_terminal for card in shown)),
    }
    return render(request, "videos/studio.html", context, status=status)


def _form(form: composer.Composer) -> dict[str, Any]:
    """The form, and whether what it asks for is free."""
    return {"composer": form, "is_free": routing.is_sandboxed(form.model.id)}


def _refused(request: HttpRequest, error: InvalidRequest, *, has_picture: bool) -> HttpResponse:
    form = composer.compose(request.POST.dict(), has_picture=has_picture, error=error)
    if not _is_htmx(request):
        return _page(request, form, had_picture=has_picture, status=422)
    answer = render(request, "videos/_composer.html", _form(form), status=422)
    return retarget(reswap(answer, "outerHTML"), "#composer")


def _changed(request: HttpRequest, video: Video, note: str = "") -> HttpResponseBase:
    """The card as it is now, with a word on what did not happen."""
    if _is_htmx(request):
        context = {"card": _card(request, video), "note": note}
        return render(request, "videos/_card.html", context)
    if note:
        messages.info(request, note)
    return redirect("studio")
