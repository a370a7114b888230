"""What a video is, and the only place that changes its status.

Video is one request for one clip; what is recorded about it stands in `records.py`.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from providers.models import ProviderKey
from studio.accounts.models import ApiKey, User

from .arrows import ARROWS, COMPLETED, IN_PROGRESS, QUEUED, STATUSES, STORING, SUBMITTING, TERMINAL
from .hooks import WebhookDelivery, WebhookEndpoint, WebhookEvent, note_end
from .money import Budget, BudgetWarning, ModelPrice, UsageFigure, UsageLook
from .projects import Draft, Preset, Project, Tag
from .queries import VideoQuerySet, from_now
from .records import Call, File, LedgerLine, MetadataPair, Task, VideoEvent
from .userfiles import UserFile

__all__ = [
    "Budget",
    "BudgetWarning",
    "Call",
    "Draft",
    "File",
    "LedgerLine",
    "MetadataPair",
    "ModelPrice",
    "Preset",
    "Project",
    "Superseded",
    "Tag",
    "Task",
    "UsageFigure",
    "UsageLook",
    "UserFile",
    "Video",
    "VideoEvent",
    "VideoQuerySet",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
    "from_now",
]


class Superseded(Exception):
    """Somebody else changed or claimed the video first; whatever we hold about it is old."""


def new_id() -> str:
    """A fresh video id: `video_` and 32 hex characters."""
    return f"video_{uuid.uuid4().hex}"


class Video(models.Model):
    """One request for one clip, and its result.

    `next_at` says when the worker looks again; while somebody works on the row it is the end of the
    lease, and `fence` is the number of that claim. Of finished rows only the timed-out have one,
    because their task is read again now and then.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_id, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="videos")
    api_key = models.ForeignKey(ApiKey, null=True, blank=True, on_delete=models.SET_NULL)
    model = models.CharField(max_length=80)
    resolved_model = models.CharField(max_length=80)
    mode = models.CharField(max_length=40)
    prompt = models.TextField(blank=True)
    seconds = models.PositiveIntegerField(null=True, help_text="None while only Runway knows.")
    size = models.CharField(max_length=20)
    request = models.JSONField(default=dict, help_text="The checked request, in our words.")
    warnings = models.JSONField(default=list)
    remixed_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="remixes",
        help_text="The video that this one was made from.",
    )
    again_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)

    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="videos"
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="videos")
    is_favourite = models.BooleanField(default=False)
    stack = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="takes",
        help_text="The first take, of the others that were asked for with it.",
    )

    status = models.CharField(max_length=12, choices=[(s, s) for s in STATUSES], default=QUEUED)
    provider_status = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it waits, for people.")
    progress = models.PositiveSmallIntegerField(default=0)
    error_code = models.CharField(max_length=80, blank=True)
    error_message = models.CharField(max_length=1000, blank=True)
    estimate = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, help_text="Credits; None where none is known."
    )
    is_sandbox = models.BooleanField(default=False)

    provider_key = models.ForeignKey(
        ProviderKey, null=True, blank=True, on_delete=models.SET_NULL, related_name="videos"
    )
    attempt = models.PositiveSmallIntegerField(default=0, help_text="Submissions begun.")
    seen_at = models.DateTimeField(null=True, blank=True, help_text="Runway's last word.")
    failures = models.PositiveSmallIntegerField(default=0, help_text="Bad looks in a row.")
    unknowns = models.PositiveSmallIntegerField(
        default=0, help_text="Times in a row that Runway did not know the task (404)."
    )
    next_at = models.DateTimeField(null=True, blank=True, db_default=Now())
    fence = models.BigIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    deadline_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    trashed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0, help_text="Counts what a page may see change.")
    changed_at = models.DateTimeField(db_default=Now(), help_text="When it counted.")

    objects = VideoQuerySet.as_manager()
    is_late: bool  # by `with_lateness`
    cost: Decimal  # by `with_cost`, like the next
    last_mark: str
    outputs: list[File]  # by `in_full`
    failure_code: str  # by `for_cards`, like the next
    others: list[Video]

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["status", "next_at"], name="due", condition=~Q(next_at=None)),
            models.Index(fields=["owner", "-created_at", "-id"], name="library"),
            models.Index(fields=["owner", "changed_at"], name="changed"),
            models.Index(fields=["project", "changed_at"], name="project_changed"),
            models.Index(fields=["created_at"], name="spent"),
            models.Index(
                fields=["owner", "created_at", "id", "next_at", "resolved_model", "deadline_at"],
                name="turns",
                condition=Q(status=QUEUED),
            ),
            models.Index(
                fields=["provider_key", "resolved_model", "owner"],
                name="under_way",
                condition=Q(status__in=(SUBMITTING, IN_PROGRESS)),
            ),
            models.Index(fields=["-completed_at"], name="made", condition=Q(status=COMPLETED)),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_terminal(self) -> bool:
        """Nothing more will happen by itself."""
        return self.status in TERMINAL

    @property
    def is_unwanted(self) -> bool:
        """Somebody cancelled or deleted it; what Runway still does for it should stop."""
        return self.cancel_requested or self.deleted_at is not None

    @property
    def task(self) -> Task | None:
        """The newest task, or None before the first submission."""
        return self.tasks.order_by("-id").first()

    def move(self, letter: str, detail: str = "", **changes: Any) -> None:
        """Write one arrow and its event, and at the end its webhooks, in one transaction. No I/O.

        Only the holder of the newest claim may: raises Superseded when the row's status or fence is
        no longer what this object holds. `changes` are further columns of the same update.
        """
        arrow = ARROWS[letter]
        if self.status not in arrow.sources:
            raise Superseded(f"{self.id}: arrow {letter} does not leave from {self.status}")
        changes["status"] = arrow.target
        if arrow.target in TERMINAL:
            changes.setdefault("next_at", None)
        with transaction.atomic():
            same = Video.objects.filter(pk=self.pk, status=self.status, fence=self.fence)
            if not same.update(**changes):
                raise Superseded(f"{self.id}: arrow {letter} came too late")
            VideoEvent.objects.create(
                video=self, arrow=letter, source=self.status, target=arrow.target, detail=detail
            )
            if arrow.target in TERMINAL:
                note_end(Video.objects.filter(pk=self.pk, deleted_at=None))
        for name, value in changes.items():
            if not hasattr(value, "resolve_expression"):
                setattr(self, name, value)

    def mark_submitting(self, key: ProviderKey) -> None:
        """Arrow b: about to send it with this key. Committed before anything leaves."""
        self.move(
            "b",
            f"attempt {self.attempt + 1} with key {key.name}",
            provider_key=key,
            attempt=self.attempt + 1,
            reason="",
            is_sandbox=key.is_sandbox,
            next_at=from_now(settings.STUDIO_LEASE_SECONDS),
        )

    def mark_in_progress(self, detail: str, seconds: float) -> None:
        """Arrow c: the task id is saved; look again in `seconds`. Its deadline begins anew."""
        self.move(
            "c",
            detail,
            provider_status="PENDING",
            failures=0,
            unknowns=0,
            next_at=from_now(seconds),
            deadline_at=from_now(settings.STUDIO_DEADLINE.total_seconds()),
        )

    def mark_queued_again(self, letter: str, reason: str, seconds: float, **changes: Any) -> None:
        """Arrow d or k: submit (again) in `seconds`; `reason` is shown to people.

        The progress is that of the task to come.
        """
        self.move(letter, reason, reason=reason, progress=0, next_at=from_now(seconds), **changes)

    def mark_storing(self) -> None:
        """Arrow f: the task succeeded; the output waits to be fetched."""
        self.move("f", progress=99, failures=0, unknowns=0, next_at=Now(), reason="")

    def mark_completed(self, **shape: Any) -> None:
        """Arrow g: the file is ours, of this shape. Not for a video that was deleted meanwhile."""
        if self.deleted_at:
            raise Superseded(f"{self.id} was deleted")
        self.move("g", progress=100, completed_at=Now(), reason="", failures=0, **shape)

    def mark_failed(self, code: str, message: str, **changes: Any) -> None:
        """Arrow e, h, i or l, by where the video is: over, with the reason for people."""
        letter = {SUBMITTING: "e", IN_PROGRESS: "h", STORING: "i", QUEUED: "l"}.get(self.status)
        if letter is None:
            raise Superseded(f"{self.id} is {self.status} already")
        changes |= {"error_code": code, "error_message": message[:1000], "completed_at": Now()}
        self.move(letter, code, **changes)

    def mark_cancelled(self) -> None:
        """Arrow j."""
        self.move(
            "j",
            error_code="cancelled",
            error_message="The video was cancelled.",
            completed_at=Now(),
            reason="",
        )

    def mark_found(self, detail: str) -> None:
        """Arrow m: a task that was given up turned up after all. Allowed only after those ends."""
        if self.error_code not in ("submission_uncertain", "timed_out"):
            raise Superseded(f"{self.id} failed for good: {self.error_code}")
        self.move(
            "m",
            detail,
            error_code="",
            error_message="",
            completed_at=None,
            failures=0,
            unknowns=0,
            next_at=Now(),
            deadline_at=from_now(settings.STUDIO_DEADLINE.total_seconds()),
            fence=F("fence") + 1,
        )
