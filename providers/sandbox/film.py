"""Makes the files of a task: finds its pictures and videos, and lets them be drawn and encoded.

Called by `providers.sandbox.backlog`, which imports it late: PyAV is slow to import.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from PIL import Image

from providers.sandbox import footage, render
from providers.sandbox.picture import Scene
from providers.sandbox.plan import Plan
from providers.sandbox.store import Store
from providers.sandbox.timeline import Record

FIRST_ROLES = ("first", "character", "source")


def make_files(store: Store, record: Record) -> None:
    """Render every output of a task that does not exist yet."""
    plan = Plan(**record.plan)
    for number in range(record.outputs):
        path = store.output(record.id, number, plan.suffix)
        if not path.exists():
            scene = _scene(store, record, plan, number)
            render.write(plan, _pictures(store, record, plan, scene), path)


def _pictures(store: Store, record: Record, plan: Plan, scene: Scene) -> Iterator[Image.Image]:
    """The frames: those of the given video if it is here, then what was made up."""
    video = _find(record, "source") or _find(record, "character")
    if video is None or video["kind"] != "video" or "file" not in video:
        yield from scene.pictures()
        return
    path, size = store.input(video["file"]), (plan.width, plan.height)
    worked_on, before = None, None
    shown = footage.pictures(path, size, scene.rate, plan.source_frames)
    for number, image in enumerate(shown):
        if image is not before or worked_on is None:
            before, worked_on = image, scene.worked_on(image, number)
        yield worked_on
    rest = plan.frames - plan.source_frames
    yield from replace(scene, first=before, frames=rest).pictures()


def _scene(store: Store, record: Record, plan: Plan, number: int) -> Scene:
    given = next(filter(None, (_find(record, role) for role in FIRST_ROLES)), None)
    is_picture = given is not None and given["kind"] == "image"
    return Scene(
        prompt=record.body.get("promptText", ""),
        seed=record.body.get("seed", 0) + number,
        label=f"Rushes sandbox · {record.model} · {plan.width}x{plan.height}",
        width=plan.width,
        height=plan.height,
        frames=plan.frames,
        rate=float(Fraction(plan.rate)),
        first=_image(store, given) if is_picture else None,
        last=_image(store, _find(record, "last")),
        placeholder=_placeholder(given),
        references=_references(store, record),
    )


def _find(record: Record, role: str) -> Mapping[str, str] | None:
    return next((item for item in record.media if item["role"] == role), None)


def _references(store: Store, record: Record) -> list[Image.Image]:
    found = (_image(store, item) for item in record.media if item["role"] == "reference")
    return [image for image in found if image is not None]


def _image(store: Store, item: Mapping[str, str] | None) -> Image.Image | None:
    """The picture, None where it is not here."""
    if item is None or "file" not in item:
        return None
    with Image.open(store.input(item["file"])) as image:
        image.load()
        return image


def _placeholder(item: Mapping[str, str] | None) -> str:
    """What a card says about a picture or video that was not fetched."""
    if item is None or "host" not in item:
        return ""
    return f"{item['kind'].capitalize()} from\n{item['host'][:60]}\n(not fetched)"
