"""How OpenAI says it of files: a UserFile row as the File object, for answers and documentation.

Source: OpenAI API reference, "The file object"; its lists hold up to 10,000.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ninja import Field, Schema

from videos import uploaded
from videos.models import UserFile

PURPOSE_CHARS = 64
SECONDS = (3600, uploaded.KEPT_SECONDS)
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "purpose"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "A picture, video or sound; judged by its bytes.",
                        },
                        "purpose": {
                            "type": "string",
                            "maxLength": PURPOSE_CHARS,
                            "examples": ["vision"],
                            "description": "Any word; kept, and a filter of the list.",
                        },
                        "expires_after": {
                            "type": "object",
                            "description": "When it is removed; 30 days if nothing is said.",
                            "properties": {
                                "anchor": {"type": "string", "enum": ["created_at"]},
                                "seconds": {
                                    "type": "integer",
                                    "minimum": SECONDS[0],
                                    "maximum": SECONDS[1],
                                },
                            },
                        },
                    },
                }
            }
        },
    }
}


class FilePage(Schema):
    """Which part of the list."""

    limit: int = Field(10_000, ge=1, le=10_000)
    after: str = Field("", description="The last id of the page before.")
    order: Literal["asc", "desc"] = Field("desc", description="By time of creation.")
    purpose: str = Field("", description="Only files of this purpose.")


class FileObject(Schema):
    """A file that requests may name by its id."""

    id: str = Field(examples=["file-0123456789abcdef0123456789abcdef"])
    object: Literal["file"]
    bytes: int
    created_at: int = Field(description="Unix seconds.")
    expires_at: int = Field(description="Unix seconds; then it is removed.")
    filename: str
    purpose: str
    status: Literal["processed"]
    status_details: None = Field(description="Always null.")


class FileList(Schema):
    """A page of files."""

    object: Literal["list"]
    data: list[FileObject]
    first_id: str | None
    last_id: str | None
    has_more: bool


class DeletedFile(Schema):
    """What is left of a deleted file."""

    id: str
    object: Literal["file"]
    deleted: Literal[True]


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
