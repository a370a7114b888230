"""What is recorded about a video: tasks, events, files, ledger lines, metadata, calls.

`models.py` has the video itself, and names these too. Only `ledger.py` writes LedgerLines, only
`repeats.py` Calls.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from providers.models import ProviderKey
from studio.accounts.models import ApiKey


class Task(models.Model):
    """One unit of work that Runway accepted for a video. `credits` is what it cost in the end."""

    FIRST_FRAME = "first_frame"
    VIDEO = "video"

    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=12)
    provider_key = models.ForeignKey(ProviderKey, null=True, on_delete=models.SET_NULL)
    provider_id = models.CharField(max_length=64, unique=True)
    attempt = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=20, default="PENDING")
    failure_code = models.CharField(max_length=120, blank=True)
    failure = models.CharField(max_length=1000, blank=True)
    estimated_credits = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    credits = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    is_assumed = models.BooleanField(default=False, help_text="Runway never told the cost.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} task {self.provider_id}"


class VideoEvent(models.Model):
    """One arrow that a video took."""

    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="events")
    arrow = models.CharField(max_length=1)
    source = models.CharField(max_length=12, blank=True)
    target = models.CharField(max_length=12)
    detail = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.arrow}: {self.source} -> {self.target}"


class File(models.Model):
    """A stored copy. `path` is relative to the media storage; `seconds` is None for pictures.

    `fps` and `codec` are those of a video, as far as they are known.
    """

    INPUT, FIRST_FRAME = "input", "first_frame"
    VIDEO, THUMBNAIL, SPRITESHEET = "video", "thumbnail", "spritesheet"
    FRAMES = ("frame_first", "frame_last")  # stills, for videos that go on from this one

    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=12)
    position = models.PositiveSmallIntegerField(default=0)
    path = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    size = models.BigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    seconds = models.FloatField(null=True)
    fps = models.FloatField(null=True)
    codec = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["video", "kind", "position"], name="one_file_each")
        ]

    def __str__(self) -> str:
        return self.path


class LedgerLine(models.Model):
    """One entry of the books, in credits; never changed, never deleted. See `ledger.py`."""

    video = models.ForeignKey("videos.Video", on_delete=models.PROTECT, related_name="ledger")
    task = models.ForeignKey(Task, null=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=10)
    credits = models.DecimalField(max_digits=10, decimal_places=2)
    mark = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.kind} {self.credits}"


class MetadataPair(models.Model):
    """One word that a script wrote on its video. A row of its own, so that it can be looked for."""

    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="pairs")
    key = models.CharField(max_length=64)
    value = models.CharField(max_length=512)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["video", "key"], name="one_value_each")
        ]
        indexes: ClassVar = [models.Index(fields=["key", "value"], name="metadata")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class Call(models.Model):
    """The call that made a video, kept for a day so that its repeat makes no second one.

    `key` is the Idempotency-Key, empty where the client sent none; `fingerprint` is a digest of
    what was asked for.
    """

    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="calls")
    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE)
    key = models.CharField(max_length=255, blank=True)
    fingerprint = models.CharField(max_length=64)
    is_retry = models.BooleanField(default=False, help_text="The client said that it repeats.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["api_key", "key"], condition=~models.Q(key=""), name="one_video_each_key"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["api_key", "fingerprint"], name="repeats")]

    def __str__(self) -> str:
        return f"call for {self.video_id}"
