"""The page that compares models: what each takes, how long, how large, what five seconds cost."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from providers import house, sizes
from providers.catalog import ModeRules, VideoModel
from studio.accounts.doors import signed_in

from . import describing, pricing

MODES = {
    "text_to_video": gettext_lazy("From words"),
    "image_to_video": gettext_lazy("From a picture"),
    "video_to_video": gettext_lazy("From a video"),
    "character_performance": gettext_lazy("From a performance"),
    "video_upscale": gettext_lazy("Enlarging"),
}
SORTS = {
    "": gettext_lazy("As listed"),
    "price": gettext_lazy("Cheapest first"),
    "length": gettext_lazy("Longest first"),
}


@dataclass(frozen=True)
class Row:
    """One model in words. `price` is the least for five seconds, None where none is known."""

    model: VideoModel
    ways: list[str]
    inputs: str
    lengths: str
    longest: int
    sizes: str
    has_sound: bool
    prices: dict[str, float]

    @property
    def price(self) -> float | None:
        """The least that five seconds may cost."""
        return min(self.prices.values(), default=None)


@require_safe
@signed_in
def compare(request: HttpRequest) -> HttpResponseBase:
    """Every model, or those of one `?mode=` or with `?sound=1`, in the order of `?sort=`."""
    mode, sort = request.GET.get("mode", ""), request.GET.get("sort", "")
    chosen, now = mode if mode in MODES else "", house.current()
    rows = [row(model, chosen) for model in now.models if not chosen or chosen in model.modes]
    tables = pricing.tables(describing.EXAMPLE_SECONDS)
    rows = [replace(each, prices=tables.get(each.model.id, each.prices)) for each in rows]
    if request.GET.get("sound"):
        rows = [each for each in rows if each.has_sound]
    if sort == "price":
        rows.sort(key=lambda each: (each.price is None, each.price))
    if sort == "length":
        rows.sort(key=lambda each: -each.longest)
    context = {
        "rows": rows,
        "modes": MODES,
        "mode": chosen,
        "sorts": SORTS,
        "sort": sort,
        "sound": bool(request.GET.get("sound")),
        "aliases": now.aliases,
    }
    return render(request, "videos/models.html", context)


def row(model: VideoModel, mode: str = "") -> Row:
    """A model in words, over all its modes or in one of them."""
    modes = [model.modes[mode]] if mode else list(model.modes.values())
    longest = max((max(rules.seconds, default=0) for rules in modes), default=0)
    return Row(
        model=model,
        ways=[str(MODES[rules.mode]) for rules in modes],
        inputs=", ".join(_inputs(modes)),
        lengths=", ".join(dict.fromkeys(_lengths(rules) for rules in modes)),
        longest=longest,
        sizes=", ".join(dict.fromkeys(_sizes(rules) for rules in modes)),
        has_sound=any(rules.takes("audio") for rules in modes),
        prices=describing.prices(model),
    )


def _inputs(modes: list[ModeRules]) -> list[str]:
    found: dict[str, bool] = {}
    for rules in modes:
        for name, facts in describing.inputs(rules).items():
            found[name] = found.get(name, True) and facts["required"]
    return [name.replace("_", " ") for name in found]


def _lengths(rules: ModeRules) -> str:
    if not rules.seconds:
        return _("as the source")
    if rules.is_unverified and rules.seconds_default:
        return _("not published")
    low, high = min(rules.seconds), max(rules.seconds)
    if len(rules.seconds) == high - low + 1:
        return f"{low}–{high} s"
    return f"{', '.join(str(length) for length in rules.seconds)} s"


def _sizes(rules: ModeRules) -> str:
    if "resolution" in rules.options:
        return ", ".join(rules.options["resolution"].enum)
    if not rules.ratios:
        return _("as the source")
    pixels = [ratio for ratio in rules.ratios if sizes.is_pixels(ratio)]
    if not pixels:
        return ", ".join(sizes.shown(ratio) for ratio in rules.ratios)
    largest = max(pixels, key=_area)
    words = {"count": len(rules.ratios), "size": sizes.shown(largest)}
    return _("%(count)d up to %(size)s") % words


def _area(ratio: str) -> int:
    width, height = sizes.pair(ratio) or (0, 0)
    return width * height
