"""A request that a model accepts, every default filled in: what the validator gives out.

`requests.py` makes it, `actions.accept` keeps it on the video's record, the worker turns it into
tasks. Plain values; nothing here judges anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Self

from providers import catalog
from providers.tasks import MediaInput, TaskRequest

from .values import Upload

FRAME_FIELD = "input_reference"
# The videos whose length is that of the output where a model has no lengths.
SOURCES = ("video_uri", "performance")


@dataclass(frozen=True)
class CheckedRequest:
    """A request that a model accepts, and its price.

    `model` is what was asked for, `resolved_model` who makes it; `mode` is that of the task that
    makes the video. `seconds` is "auto" where the model decides, None where it has no such field.
    `size` is width x height as far as it is known before, else a word ("auto", "auto_720p");
    `ratio` is Runway's word for it, None where nothing is sent. `audio` is None where the model
    has no such switch. `first_frame` is the size of a picture to be made first, from the prompt,
    for a model that only animates pictures. `credits` is the estimate over all tasks, None where
    no price is known; `is_price_set` says that an administrator set it. `metadata` is the caller's
    own, for nobody else. `uploads` are the bytes that media with the uri "upload:N" stand for.
    """

    model: str
    resolved_model: str
    mode: str
    prompt: str
    seconds: int | str | None
    size: str
    ratio: str | None
    credits: Decimal | None
    media: tuple[MediaInput, ...] = ()
    seed: int | None = None
    audio: bool | None = None
    options: dict[str, Any] = field(default_factory=dict)
    first_frame: str | None = None
    is_price_set: bool = False
    warnings: tuple[str, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    uploads: tuple[Upload, ...] = field(default=(), repr=False, compare=False)

    @property
    def known_seconds(self) -> int | None:
        """The length that was asked for, None where the model or the source decides."""
        return self.seconds if isinstance(self.seconds, int) else None

    @property
    def is_extension(self) -> bool:
        """Whether the result is the source with `seconds` more behind it."""
        return self.options.get("mode") == "extend"

    @property
    def made_seconds(self) -> int | None:
        """The length of the result as far as it is known before, whole seconds.

        Where no length is sent it is that of the source.
        """
        lengths = [item.seconds for item in self.media if item.field in SOURCES]
        source = lengths[0] if lengths else None
        if self.is_extension:
            added = self.known_seconds
            return None if source is None or added is None else round(source + added)
        if source is not None and (self.seconds is None or self.options.get("mode") == "edit"):
            return max(1, round(source))
        return self.known_seconds

    def as_json(self) -> dict[str, Any]:
        """The same as JSON types, for the record; `from_json` reads it back.

        Without uploads and metadata, which the record has elsewhere.
        """
        data = asdict(self)
        del data["uploads"], data["metadata"]
        lists = {name: list(data[name]) for name in ("media", "warnings")}
        return {**data, **lists, "credits": None if self.credits is None else str(self.credits)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """A request that `as_json` wrote."""
        changed = {
            "credits": None if data["credits"] is None else Decimal(data["credits"]),
            "media": tuple(MediaInput(**item) for item in data["media"]),
            "warnings": tuple(data["warnings"]),
        }
        return cls(**{**data, **changed})

    def tasks(self) -> list[str]:
        """The modes of the tasks that make it, in their order."""
        return ["text_to_image", self.mode] if self.first_frame else [self.mode]

    def first_frame_task(self) -> TaskRequest | None:
        """The task that makes the first frame; None where the request needs none."""
        if self.first_frame is None:
            return None
        rules = catalog.first_frame_rules()
        return TaskRequest(
            mode=rules.mode,
            model=catalog.load().first_frame_model,
            prompt=self.prompt,
            ratio=self.first_frame.replace("x", ":"),
            seed=self.seed,
            options={name: value for name, value in self.options.items() if rules.takes(name)},
        )

    def video_task(self, first_frame_uri: str | None = None) -> TaskRequest:
        """The task that makes the video, from the first frame that was made where there is one."""
        made = (MediaInput(FRAME_FIELD, first_frame_uri),) if first_frame_uri else ()
        return TaskRequest(
            mode=self.mode,
            model=self.resolved_model,
            prompt=self.prompt,
            seconds=self.seconds,
            ratio=self.ratio,
            media=made + self.media,
            seed=self.seed,
            audio=self.audio,
            options=dict(self.options),
        )
