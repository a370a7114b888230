"""The doors of the library: pages and their fragments, then the API."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from . import cards, compare, hook_pages
from .api.app import api
from .pages import acting, defaults, detail, library, live, queue, studio


class VideoId(StringConverter):
    """The form of a video's id; any other path is nobody's."""

    regex = cards.ID.pattern


register_converter(VideoId, "video_id")

PAGES = [
    path("", studio.studio, name="studio"),
    path("models/", compare.compare, name="models"),
    path("studio/controls", studio.controls, name="controls"),
    path("studio/cards", library.more, name="more"),
    path("studio/updates", live.updates, name="updates"),
    path("studio/videos/", studio.create, name="create"),
    path("studio/videos/<video_id:video_id>/cancel", acting.cancel, name="cancel"),
    path("studio/videos/<video_id:video_id>/delete", acting.delete, name="delete"),
    path("studio/videos/<video_id:video_id>/give-up", acting.give_up, name="give-up"),
    path("studio/videos/<video_id:video_id>/again", acting.send_again, name="send-again"),
    path("v/<video_id:video_id>/", detail.video, name="video"),
    path("v/<video_id:video_id>/file/<slug:kind>", detail.file, name="file"),
]

QUEUE_PAGES = [
    path("queue/", queue.queue, name="queue"),
    path("studio/queue", queue.rows, name="queue-rows"),
    path("studio/queue/cancel", queue.cancel_mine, name="cancel-mine"),
    path("studio/queue/<video_id:video_id>/cancel", queue.cancel, name="queue-cancel"),
]
DEFAULTS_PAGES = [
    path("settings/defaults/", defaults.defaults, name="defaults"),
    path("settings/defaults/choices", defaults.choices, name="default-choices"),
    path("settings/defaults/save", defaults.save, name="save-defaults"),
]

HOOK = "settings/webhooks/<slug:endpoint_id>/"
HOOK_PAGES = [
    path("settings/webhooks/", hook_pages.webhooks, name="webhooks"),
    path("settings/webhooks/add", hook_pages.add, name="add-webhook"),
    path(HOOK, hook_pages.webhook, name="webhook"),
    path(f"{HOOK}change", hook_pages.change, name="change-webhook"),
    path(f"{HOOK}rotate", hook_pages.rotate, name="rotate-webhook"),
    path(f"{HOOK}test", hook_pages.test, name="test-webhook"),
    path(f"{HOOK}pause", hook_pages.pause, name="pause-webhook"),
    path(f"{HOOK}resume", hook_pages.resume, name="resume-webhook"),
    path(f"{HOOK}delete", hook_pages.delete, name="delete-webhook"),
    path(
        "settings/deliveries/<slug:delivery_id>/redeliver", hook_pages.redeliver, name="redeliver"
    ),
]

urlpatterns = [*PAGES, *QUEUE_PAGES, *DEFAULTS_PAGES, *HOOK_PAGES, path("", api.urls)]
