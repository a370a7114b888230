"""The shapes of the API for its documentation at /api/docs; requests are judged by `requests.py`.

Source: OpenAI Videos API reference.
"""

from __future__ import annotations

from typing import Any, Literal

from ninja import Field, Schema

MOMENT_MAX = 253_402_300_799  # the last second of the year 9999


class Page(Schema):
    """Which part of a list, and which videos are in it at all."""

    limit: int = Field(
        20, ge=0, le=100, description="How many; 0 only tells whether there are any."
    )
    after: str = Field("", description="The last id of the page before.")
    order: Literal["asc", "desc"] = Field("desc", description="By time of creation.")
    status: Literal["queued", "in_progress", "completed", "failed"] | None = Field(
        None, description="What `status` says."
    )
    model: str = Field(
        "", max_length=100, description="The model that was asked for, or that makes it."
    )
    mode: str = Field("", max_length=100, description="Such as `image_to_video`.")
    created_after: int | None = Field(
        None, ge=0, le=MOMENT_MAX, description="In this second or later; Unix seconds."
    )
    created_before: int | None = Field(
        None, ge=0, le=MOMENT_MAX, description="Before this second; Unix seconds."
    )
    prompt: str = Field("", max_length=500, description="Text that the prompt holds, in any case.")


class Content(Schema):
    """Which file of a video."""

    variant: Literal["video", "thumbnail", "spritesheet"] = Field(
        "video", description="MP4, a WebP picture, or a JPEG sheet of 25 frames."
    )
    output: int = Field(
        0, ge=0, le=1000, description="Which of several outputs: its place in `videos`, from 0."
    )


class VideoError(Schema):
    """Why a video failed."""

    code: str = Field(examples=["moderation_blocked"], description="See “Why a video failed”.")
    message: str


class VideoObject(Schema):
    """One request for one clip, and its result. Every key is always there."""

    id: str = Field(examples=["video_0123456789abcdef0123456789abcdef"])
    object: Literal["video"]
    model: str = Field(examples=["gen4.5"])
    status: Literal["queued", "in_progress", "completed", "failed"]
    progress: int = Field(ge=0, le=100)
    created_at: int = Field(description="Unix seconds.")
    completed_at: int | None = Field(description="Unix seconds; null until the end.")
    expires_at: int | None = Field(description="Always null: what is stored stays.")
    prompt: str | None
    size: str = Field(description="Width x height in pixels.", examples=["1280x720"])
    seconds: str = Field(description="Whole seconds.", examples=["5"])
    remixed_from_video_id: str | None
    error: VideoError | None
    mode: str = Field(examples=["text_to_video"])
    resolved_model: str = Field(description="The model that makes it.")
    sandbox: bool = Field(description="Made by the sandbox, free of charge.")
    warnings: list[str] = Field(description="What was accepted but has no effect.")


class VideoList(Schema):
    """A page of videos."""

    object: Literal["list"]
    data: list[VideoObject]
    first_id: str | None
    last_id: str | None
    has_more: bool


class DeletedVideo(Schema):
    """What is left of a deleted video."""

    id: str
    object: Literal["video.deleted"]
    deleted: Literal[True]


class ErrorDetail(Schema):
    """What is wrong, and where."""

    message: str
    type: Literal[
        "invalid_request_error",
        "authentication_error",
        "permission_error",
        "rate_limit_error",
        "server_error",
    ]
    param: str | None = Field(description="The field at fault.")
    code: str | None


class ErrorEnvelope(Schema):
    """Every answer of 400 and above."""

    error: ErrorDetail


class Estimate(Schema):
    """What a request would come to."""

    object: Literal["video.estimate"]
    model: str
    resolved_model: str
    mode: str = Field(examples=["text_to_video"])
    tasks: list[str] = Field(description="Runway's endpoints that it takes, in order.")
    seconds: str = Field(description="Whole seconds, or `auto`.")
    size: str = Field(description="Width x height, or a word where the input decides.")
    audio: bool
    options: dict[str, Any] = Field(description="The model's further fields, as sent.")
    credits: float | None = Field(description="Null where no price is known before.")
    warnings: list[str]


class Model(Schema):
    """A model that can be asked for."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    name: str
    retired: bool
    replacement: str | None
    tries: list[str] | None = Field(description="Of an alias: the models it tries, in order.")
    modes: dict[str, Any] = Field(description="What it takes, by mode.")
    credits_for_5_seconds: dict[str, float] = Field(description="Estimates; empty if unknown.")


class ModelList(Schema):
    """Every model."""

    object: Literal["list"]
    data: list[Model]
