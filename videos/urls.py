"""The doors of the library: pages and their fragments, then the API."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from . import compare, copy_page, files, hook_pages
from .api.app import api
from .pages import (
    acting,
    arranging,
    browsing,
    composing,
    defaults,
    detail,
    exports,
    library,
    live,
    projects,
    queue,
    selecting,
    studio,
    trash,
    usage,
    zips,
)


class VideoId(StringConverter):
    """The form of a video's id; any other path is nobody's."""

    regex = files.ID.pattern


register_converter(VideoId, "video_id")

ACT = "studio/videos/<video_id:video_id>/"
PAGES = [
    path("", studio.studio, name="studio"),
    path("models/", compare.compare, name="models"),
    path("usage/", usage.page, name="usage"),
    path("usage/ledger.csv", exports.as_csv, name="ledger-csv"),
    path("usage/ledger.jsonl", exports.as_json_lines, name="ledger-json-lines"),
    path("studio/controls", studio.controls, name="controls"),
    path("studio/draft", composing.draft, name="draft"),
    path("studio/prompts", composing.prompts, name="prompts"),
    path("studio/picker", composing.picker, name="picker"),
    path("studio/stills/<str:token>", composing.still, name="still"),
    path("studio/presets/save", composing.save_preset, name="save-preset"),
    path("studio/presets/rename", composing.rename_preset, name="rename-preset"),
    path("studio/presets/delete", composing.delete_preset, name="delete-preset"),
    path("studio/library", browsing.library, name="library"),
    path("studio/cards", library.more, name="more"),
    path("studio/updates", live.updates, name="updates"),
    path("studio/videos/", studio.create, name="create"),
    path("studio/videos/<video_id:video_id>/cancel", acting.cancel, name="cancel"),
    path("studio/videos/<video_id:video_id>/delete", acting.delete, name="delete"),
    path("studio/videos/<video_id:video_id>/give-up", acting.give_up, name="give-up"),
    path("studio/videos/<video_id:video_id>/again", acting.send_again, name="send-again"),
    path(f"{ACT}favourite", arranging.favourite, name="set-favourite"),
    path(f"{ACT}project", arranging.project, name="set-project"),
    path(f"{ACT}tags", arranging.tags, name="set-tags"),
    path("studio/videos/<video_id:video_id>/retry", acting.try_again, name="try-again"),
    path("studio/videos/<video_id:video_id>/look", acting.look_now, name="look-now"),
    path("studio/selected", selecting.selected, name="selected"),
    path("studio/zip", zips.download, name="zip"),
    path("trash/", trash.trash, name="trash"),
    path("studio/trash/empty", trash.empty, name="empty-trash"),
    path("projects/", projects.projects, name="projects"),
    path("studio/projects/add", projects.create, name="add-project"),
    path("studio/projects/<int:project_id>/rename", projects.rename, name="rename-project"),
    path("studio/projects/<int:project_id>/share", projects.share, name="share-project"),
    path("studio/projects/<int:project_id>/delete", projects.delete, name="delete-project"),
    path("v/<video_id:video_id>/", detail.video, name="video"),
    path("v/<video_id:video_id>/state", detail.state, name="video-state"),
    path("v/<video_id:video_id>/copy", copy_page.copy, name="copy"),
    path("v/<video_id:video_id>/frame", detail.frame, name="frame"),
    path("v/<video_id:video_id>/file/<slug:kind>", detail.file, name="file"),
    path("v/<video_id:video_id>/given/<int:position>", detail.given, name="given"),
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
