"""The doors of the library: pages and their fragments, then the API."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from . import compare, files, hook_pages
from .api.app import api
from .pages import (
    acting,
    browsing,
    detail,
    library,
    live,
    projects,
    selecting,
    studio,
    trash,
    zips,
)


class VideoId(StringConverter):
    """The form of a video's id; any other path is nobody's."""

    regex = files.ID.pattern


register_converter(VideoId, "video_id")

PAGES = [
    path("", studio.studio, name="studio"),
    path("models/", compare.compare, name="models"),
    path("studio/controls", studio.controls, name="controls"),
    path("studio/library", browsing.library, name="library"),
    path("studio/cards", library.more, name="more"),
    path("studio/updates", live.updates, name="updates"),
    path("studio/videos/", studio.create, name="create"),
    path("studio/videos/<video_id:video_id>/cancel", acting.cancel, name="cancel"),
    path("studio/videos/<video_id:video_id>/delete", acting.delete, name="delete"),
    path("studio/videos/<video_id:video_id>/give-up", acting.give_up, name="give-up"),
    path("studio/videos/<video_id:video_id>/again", acting.send_again, name="send-again"),
    path("studio/videos/<video_id:video_id>/retry", acting.try_again, name="try-again"),
    path("studio/videos/<video_id:video_id>/look", acting.look_now, name="look-now"),
    path("studio/selected", selecting.selected, name="selected"),
    path("studio/zip", zips.download, name="zip"),
    path("trash/", trash.trash, name="trash"),
    path("studio/trash/empty", trash.empty, name="empty-trash"),
    path("projects/", projects.projects, name="projects"),
    path("studio/projects/add", projects.create, name="add-project"),
    path("studio/projects/<int:project_id>/rename", projects.rename, name="rename-project"),
    path("studio/projects/<int:project_id>/delete", projects.delete, name="delete-project"),
    path("v/<video_id:video_id>/", detail.video, name="video"),
    path("v/<video_id:video_id>/file/<slug:kind>", detail.file, name="file"),
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

urlpatterns = [*PAGES, *HOOK_PAGES, path("", api.urls)]
