"""Videos in the administration: to look at and to cancel, never to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest

from studio.accounts import audit

from . import actions, ledger, money_admin  # noqa: F401 - money_admin registers
from .arrows import TERMINAL
from .looking_only import LookOnly
from .models import LedgerLine, Task, Video, VideoEvent, VideoQuerySet, WebhookEndpoint

if TYPE_CHECKING:
    VideoAdminBase = admin.ModelAdmin[Video]
    InlineBase = admin.TabularInline[models.Model, Video]
    EndpointAdminBase = admin.ModelAdmin[WebhookEndpoint]
else:
    VideoAdminBase, InlineBase = admin.ModelAdmin, admin.TabularInline
    EndpointAdminBase = admin.ModelAdmin


class TaskInline(LookOnly, InlineBase):
    """What Runway accepted for it."""

    model = Task
    fields = ("kind", "provider_key", "provider_id", "status", "failure_code", "credits")


class EventInline(LookOnly, InlineBase):
    """What happened to it."""

    model = VideoEvent
    fields = ("at", "arrow", "source", "target", "detail")


class LedgerInline(LookOnly, InlineBase):
    """What it cost."""

    model = LedgerLine
    fields = ("at", "kind", "credits", "mark", "task")


@admin.register(Video)
class VideoAdmin(LookOnly, VideoAdminBase):
    """Everybody's videos."""

    list_display = ("id", "owner", "status", "model", "created_at", "cost")
    list_filter = ("status", "model", "is_sandbox")
    list_select_related = ("owner",)
    search_fields = ("id", "owner__email")
    ordering = ("-created_at", "-id")
    inlines: ClassVar = [TaskInline, EventInline, LedgerInline]
    actions = ("cancel",)

    @admin.action(description="Cancel the selected videos")
    def cancel(self, request: HttpRequest, queryset: VideoQuerySet) -> None:
        """As their owners would, and on record. What Runway has begun costs all the same."""
        for video in queryset.filter(deleted_at=None).exclude(status__in=TERMINAL):
            actions.cancel_for(video, audit.by(request))
        messages.info(request, "Those that could be stopped are cancelled, or will be in a moment.")

    def get_queryset(self, request: HttpRequest) -> VideoQuerySet:
        """With what each costs."""
        return Video.objects.with_cost()

    @admin.display(description="cost")
    def cost(self, video: Video) -> str:
        """From the books."""
        return ledger.words(video.cost)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(LookOnly, EndpointAdminBase):
    """Where everybody's webhooks go, and which of them are paused."""

    list_display = ("name", "owner", "url", "paused_reason", "failing_since")
    list_select_related = ("owner",)
    search_fields = ("name", "url", "owner__email")
    ordering = ("-created_at", "-id")
    fields = (*list_display, "event_types", "hint", "created_at", "updated_at")
