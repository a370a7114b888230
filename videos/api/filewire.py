"""How OpenAI says it of files: a UserFile row as the File object, for answers and documentation.

Source: OpenAI API reference, "The file object"; its lists hold up to 10,000.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ninja import Field, Schema

from videos import uploaded
from videos.models import UserFile

EXAMPLE_ID = "file-0123456789abcdef0123456789abcdef"
PURPOSE_CHARS = 64
SECONDS = (3600, uploaded.KEPT_SECONDS)
_FIELDS: dict[str, Any] = {
    "purpose": {
        "type": "string",
        "minLength": 1,
        "maxLength": PURPOSE_CHARS,
        "examples": ["vision"],
        "description": "Any word of yours; kept, and a filter of the list.",
    },
    "expires_after": {
        "type": "object",
        "description": "When it is removed; 30 days after its creation if nothing is said.",
        "examples": [{"anchor": "created_at", "seconds": SECONDS[0]}],
        "required": ["anchor", "seconds"],
        "properties": {
            "anchor": {"type": "string", "enum": ["created_at"]},
            "seconds": {"type": "integer", "minimum": SECONDS[0], "maximum": SECONDS[1]},
        },
    },
}


def _schema(**file: Any) -> dict[str, Any]:
    properties = {"file": {"type": "string", **file}, **_FIELDS}
    return {"type": "object", "required": ["file", "purpose"], "properties": properties}


_PART = _schema(format="binary", description="A picture, video or sound; judged by its bytes.")
_URI = _schema(
    pattern="^data:",
    examples=["data:image/png;base64,iVBORw0KGgo="],
    description="The same as a data URI.",
)
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _PART},
            "application/json": {"schema": _URI},
        },
    }
}


class FilePage(Schema):
    """Which part of the list."""

    limit: int = Field(10_000, ge=1, le=10_000, examples=[20], description="How many at most.")
    after: str = Field("", examples=[EXAMPLE_ID], description="The last id of the page before.")
    order: Literal["asc", "desc"] = Field(
        "desc", examples=["desc"], description="By time of creation."
    )
    purpose: str = Field("", examples=["vision"], description="Only files of this purpose.")


class FileObject(Schema):
    """A file that requests may name by its id."""

    id: str = Field(examples=[EXAMPLE_ID], description="What requests name it by.")
    object: Literal["file"] = Field(examples=["file"], description="Always `file`.")
    bytes: int = Field(examples=[183204], description="Its size.")
    created_at: int = Field(examples=[1795600000], description="Unix seconds.")
    expires_at: int = Field(examples=[1798192000], description="Unix seconds; then it is removed.")
    filename: str = Field(examples=["start.png"], description="As the client called it.")
    purpose: str = Field(examples=["vision"], description="As the client said.")
    status: Literal["processed"] = Field(
        examples=["processed"], description="Always `processed`: it is looked at at once."
    )
    status_details: None = Field(examples=[None], description="Always null.")


class FileList(Schema):
    """A page of files."""

    object: Literal["list"] = Field(examples=["list"], description="Always `list`.")
    data: list[FileObject] = Field(description="The files of this page.")
    first_id: str | None = Field(examples=[EXAMPLE_ID], description="Null for an empty page.")
    last_id: str | None = Field(
        examples=[EXAMPLE_ID], description="What the next page's `after` is."
    )
    has_more: bool = Field(examples=[False], description="Whether there is a next page.")


class DeletedFile(Schema):
    """What is left of a deleted file."""

    id: str = Field(examples=[EXAMPLE_ID], description="The id that it had.")
    object: Literal["file"] = Field(examples=["file"], description="Always `file`.")
    deleted: Literal[True] = Field(examples=[True], description="Always true.")


def file_object(file: UserFile) -> dict[str, Any]:
    """The File object."""
    return {
        "id": file.pk,
        "object": "file",
        "bytes": file.size,
        "created_at": int(file.created_at.timestamp()),
        "expires_at": int(file.expires_at.timestamp()),
        "filename": file.filename,
        "purpose": file.purpose,
        "status": "processed",
        "status_details": None,
    }


def file_list(files: Sequence[UserFile], *, has_more: bool) -> dict[str, Any]:
    """A page of a list."""
    return {
        "object": "list",
        "data": [file_object(file) for file in files],
        "first_id": files[0].pk if files else None,
        "last_id": files[-1].pk if files else None,
        "has_more": has_more,
    }


def deleted_object(file_id: str) -> dict[str, Any]:
    """The answer to a DELETE."""
    return {"id": file_id, "object": "file", "deleted": True}
