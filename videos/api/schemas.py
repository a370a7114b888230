"""The shapes of the API for its documentation at /api/docs; requests are judged by `requests.py`.

Source: OpenAI Videos API reference.
"""

from __future__ import annotations

from typing import Any, Literal

from ninja import Field, Schema

from studio.accounts.errors import ErrorEnvelope

MOMENT_MAX = 253_402_300_799  # the last second of the year 9999

_ID = "video_0123456789abcdef0123456789abcdef"
_LINK = f"https://studio.example.org/v1/videos/{_ID}/content?output=0&expires=1795686400&signature="


def media(*content_types: str) -> dict[str, Any]:
    """A success that is a file of one of these types, whole or a range of it."""
    kind = {"schema": {"type": "string", "format": "binary"}}
    content = {"content": dict.fromkeys(content_types, kind)}
    return {"responses": {200: content, 206: content}}


class Page(Schema):
    """Which part of a list, and which videos are in it at all."""

    limit: int = Field(
        20, ge=0, le=100, examples=[20], description="How many; 0 only tells whether there are any."
    )
    after: str = Field("", examples=[_ID], description="The last id of the page before.")
    order: Literal["asc", "desc"] = Field(
        "desc", examples=["desc"], description="By time of creation."
    )
    status: Literal["queued", "in_progress", "completed", "failed"] | None = Field(
        None, examples=["completed"], description="What `status` says."
    )
    model: str = Field(
        "",
        max_length=100,
        examples=["gen4.5"],
        description="The model that was asked for, or that makes it.",
    )
    mode: str = Field(
        "", max_length=100, examples=["image_to_video"], description="What `mode` says."
    )
    created_after: int | None = Field(
        None,
        ge=0,
        le=MOMENT_MAX,
        examples=[1795600000],
        description="In this second or later; Unix seconds.",
    )
    created_before: int | None = Field(
        None,
        ge=0,
        le=MOMENT_MAX,
        examples=[1795686400],
        description="Before this second; Unix seconds.",
    )
    prompt: str = Field(
        "",
        max_length=500,
        examples=["lighthouse"],
        description="Text that the prompt holds, in any case.",
    )


class Content(Schema):
    """Which file of a video."""

    variant: Literal["video", "thumbnail", "spritesheet"] = Field(
        "video",
        examples=["thumbnail"],
        description="MP4, a WebP picture, or a JPEG sheet of 25 frames.",
    )
    output: int = Field(
        0,
        ge=0,
        le=1000,
        examples=[0],
        description="Which of several outputs: its place in `videos`, from 0.",
    )


class VideoError(Schema):
    """Why a video failed."""

    code: str = Field(examples=["moderation_blocked"], description="See “Why a video failed”.")
    message: str = Field(
        examples=["Runway's moderation refused the prompt."], description="For people."
    )


class Output(Schema):
    """One file that was made."""

    type: Literal["url"] = Field(examples=["url"], description="Always `url`.")
    url: str = Field(
        examples=[_LINK + "…"],
        description="A link to our copy that needs no API key; it works for 24 hours.",
    )
    content_type: str = Field(examples=["video/mp4"], description="What kind of file it is.")
    bytes: int = Field(examples=[1482133], description="Its size.")
    sha256: str = Field(examples=["9f86d081…"], description="Its checksum, in hexadecimal.")


class Cost(Schema):
    """What the books say about a video. One credit is one US cent."""

    credits: float | None = Field(
        examples=[60.0],
        description="Reserved while under way, charged afterwards; null if no price is known.",
    )
    is_final: bool = Field(examples=[True], description="Whether it will not change any more.")
    is_assumed: bool = Field(
        examples=[False], description="Whether Runway never told, so that it is our estimate."
    )


class VideoObject(Schema):
    """One request for one clip, and its result. Every key is always there."""

    id: str = Field(examples=[_ID], description="`video_` and 32 hexadecimal digits.")
    object: Literal["video"] = Field(examples=["video"], description="Always `video`.")
    model: str = Field(examples=["gen4.5"], description="The model that was asked for.")
    status: Literal["queued", "in_progress", "completed", "failed"] = Field(
        examples=["in_progress"], description="Cancelled videos are `failed` too."
    )
    progress: int = Field(ge=0, le=100, examples=[40], description="Percent.")
    created_at: int = Field(examples=[1795600000], description="Unix seconds.")
    completed_at: int | None = Field(
        examples=[1795600071], description="Unix seconds; null until the end."
    )
    expires_at: int | None = Field(
        examples=[None], description="Always null: what is stored stays."
    )
    prompt: str | None = Field(examples=["A lighthouse at dawn"], description="As it was sent.")
    size: str = Field(examples=["1280x720"], description="Width x height in pixels.")
    seconds: str = Field(
        examples=["5"], description="Whole seconds; `auto` while only Runway knows."
    )
    remixed_from_video_id: str | None = Field(
        examples=[None], description="The video that this one was made from."
    )
    error: VideoError | None = Field(examples=[None], description="Null unless it failed.")
    mode: str = Field(examples=["text_to_video"], description="Which kind of request it is.")
    resolved_model: str = Field(examples=["gen4.5"], description="The model that makes it.")
    sandbox: bool = Field(examples=[False], description="Made by the sandbox, free of charge.")
    warnings: list[str] = Field(examples=[[]], description="What was accepted but has no effect.")
    videos: list[Output] = Field(description="Every output; empty until it is completed.")
    cost: Cost = Field(description="What it costs.")
    queue_position: int | None = Field(
        examples=[3], description="From 1; null unless it waits with us to be sent."
    )
    estimated_completion: int | None = Field(
        examples=[1795600075],
        description="Unix seconds: the median of the model's last videos here. Null if unknown.",
    )
    metadata: dict[str, str] = Field(
        examples=[{"project": "apollo"}], description="What the request brought; never sent on."
    )


class VideoList(Schema):
    """A page of videos."""

    object: Literal["list"] = Field(examples=["list"], description="Always `list`.")
    data: list[VideoObject] = Field(description="The videos, in the order asked for.")
    first_id: str | None = Field(examples=[_ID], description="Null if the page is empty.")
    last_id: str | None = Field(
        examples=[_ID], description="What `after` of the next page must be."
    )
    has_more: bool = Field(examples=[False], description="Whether there is a next page.")


class DeletedVideo(Schema):
    """What is left of a deleted video."""

    id: str = Field(examples=[_ID], description="The video's id.")
    object: Literal["video.deleted"] = Field(
        examples=["video.deleted"], description="Always `video.deleted`."
    )
    deleted: Literal[True] = Field(examples=[True], description="Always true.")


# What every operation may answer, and what every operation with a body may answer too.
ERRORS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 429, 500, 503), ErrorEnvelope)
BODY_ERRORS: dict[Any, Any] = {**ERRORS, **dict.fromkeys((408, 413, 415), ErrorEnvelope)}


class Estimate(Schema):
    """What a request would come to."""

    object: Literal["video.estimate"] = Field(
        examples=["video.estimate"], description="Always `video.estimate`."
    )
    model: str = Field(examples=["sora-2"], description="The model that was asked for.")
    resolved_model: str = Field(
        examples=["veo3.1_fast"], description="The model that would make it."
    )
    mode: str = Field(examples=["text_to_video"], description="Which kind of request it is.")
    tasks: list[str] = Field(
        examples=[["/v1/text_to_video"]],
        description="Runway's endpoints that it takes, in order.",
    )
    seconds: str = Field(examples=["4"], description="Whole seconds, or `auto`.")
    size: str = Field(
        examples=["720x1280"], description="Width x height, or a word where the input decides."
    )
    audio: bool = Field(examples=[True], description="Whether it would have sound.")
    options: dict[str, Any] = Field(
        examples=[{}], description="The model's further fields, as sent."
    )
    credits: float | None = Field(
        examples=[60.0], description="Null where no price is known before."
    )
    is_price_set: bool = Field(
        examples=[False], description="An administrator set the model's price."
    )
    warnings: list[str] = Field(examples=[[]], description="What has no effect.")


class Model(Schema):
    """A model that can be asked for."""

    id: str = Field(examples=["gen4.5"], description="What `model` of a request says.")
    object: Literal["model"] = Field(examples=["model"], description="Always `model`.")
    created: int = Field(
        examples=[1730851200], description="Unix seconds: the age of Runway's API version."
    )
    owned_by: str = Field(examples=["runway"], description="Always `runway`.")
    name: str = Field(examples=["Gen-4.5"], description="For people.")
    retired: bool = Field(examples=[False], description="Runway serves it no more.")
    replacement: str | None = Field(
        examples=[None], description="Of a retired model: what Runway names instead."
    )
    tries: list[str] | None = Field(
        examples=[None], description="Of an alias: the models it tries, in order."
    )
    modes: dict[str, Any] = Field(description="What it takes, by mode.")
    credits_for_5_seconds: dict[str, float] = Field(
        examples=[{"text_to_video": 60.0}], description="Estimates; empty if unknown."
    )


class ModelList(Schema):
    """Every model."""

    object: Literal["list"] = Field(examples=["list"], description="Always `list`.")
    data: list[Model] = Field(description="Aliases first.")
