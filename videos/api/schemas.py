"""The shapes of the API for its documentation at /api/docs; requests are judged by `requests.py`.

Source: OpenAI Videos API reference.
"""

from __future__ import annotations

from typing import Any, Literal

from ninja import Field, Schema


class Page(Schema):
    """Which part of a list."""

    limit: int = Field(20, ge=1, le=100)
    after: str = Field("", description="The last id of the page before.")
    order: Literal["asc", "desc"] = Field("desc", description="By time of creation.")


class Content(Schema):
    """Which file of a video."""

    variant: Literal["video", "thumbnail", "spritesheet"] = Field(
        "video", description="MP4, a WebP picture, or a JPEG sheet of 25 frames."
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


class ImageUrl(Schema):
    """A picture by address."""

    image_url: str = Field(description="https:// or data:image/…;base64,…")


class NewVideo(Schema):
    """What to make. Fields that a model lacks are refused, with the models that have them."""

    model: str = Field(examples=["gen4.5"], description="With or without `runway/` before it.")
    prompt: str = Field(examples=["A lighthouse at dawn"])
    input_reference: str | ImageUrl | None = Field(
        None, description="The first frame: JPEG, PNG or WebP as a file part, URL or data URI."
    )
    seconds: str | int | None = Field(None, examples=["5"], description="2, or the shortest.")
    size: str | None = Field(None, examples=["1280x720"], description="1280x720, or the nearest.")
    seed: int | None = Field(None, ge=0, le=4_294_967_295)
    audio: bool | None = Field(None, description="veo3.1 only; off unless asked for.")
    negative_prompt: str | None = Field(None, description="veo3.1 only.")
    content_moderation: dict[str, Any] | None = Field(
        None, examples=[{"publicFigureThreshold": "low"}], description="gen4.5 and gen4_turbo."
    )
    output_format: str | None = Field(None, examples=["mp4"], description="gen4.5 only.")


def request_body() -> dict[str, Any]:
    """`openapi_extra` of a creating operation: one schema, two encodings."""
    schema = NewVideo.model_json_schema()
    inner = schema.pop("$defs")["ImageUrl"]
    form = {**schema, "properties": dict(schema["properties"])}
    form["properties"]["input_reference"] = {"type": "string", "format": "binary"}
    schema["properties"]["input_reference"]["anyOf"] = [{"type": "string"}, inner]
    content = {"application/json": {"schema": schema}, "multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}
