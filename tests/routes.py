"""Who may use which route: one line for each that the URL resolver knows.

A new page or endpoint needs its line in `DECISIONS`; one whose path holds a thing that no other
path holds also needs that thing in `things`. `tests/web/test_routes.py` holds all of it.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from studio.accounts.models import ApiKey, User
from tests.videos.factories import make_video
from videos.hooks import WebhookDelivery, WebhookEndpoint, WebhookEvent
from videos.models import File, Project, UserFile

SECRET_WORDS = "a secret shot of "


class May(enum.Enum):
    """Whom a route serves. Under the API's paths a person comes with an API key."""

    PUBLIC = "everybody"
    SIGNED_IN = "everybody signed in; viewers only look"
    PERSONAL = "everybody signed in; viewers write there, too"
    OWN_OR_ADMINISTRATOR = "as OWN; administrators, too"
    OWN = "whoever owns the thing in the path; viewers only look; 404 for everybody else"
    ADMINISTRATOR = "administrators; 404 for everybody else who is signed in"


# By the path as urls.py writes it. A path that ends in * decides for all that begin so.
DECISIONS = {
    "/admin/*": May.ADMINISTRATOR,
    "/sign-in/": May.PUBLIC,
    "/sign-out/": May.PUBLIC,
    "/setup/": May.PUBLIC,
    "/": May.SIGNED_IN,
    "/models/": May.SIGNED_IN,
    "/studio/controls": May.SIGNED_IN,
    "/studio/cards": May.SIGNED_IN,
    "/studio/updates": May.SIGNED_IN,
    "/studio/library": May.SIGNED_IN,
    "/studio/selected": May.SIGNED_IN,
    "/studio/zip": May.PERSONAL,
    "/studio/draft": May.SIGNED_IN,
    "/studio/prompts": May.SIGNED_IN,
    "/studio/picker": May.SIGNED_IN,
    "/studio/presets/*": May.SIGNED_IN,
    "/studio/stills/<token>": May.OWN,
    "/studio/trash/empty": May.SIGNED_IN,
    "/studio/projects/add": May.SIGNED_IN,
    "/studio/projects/<project_id>/*": May.OWN,
    "/projects/": May.SIGNED_IN,
    "/trash/": May.SIGNED_IN,
    "/usage/*": May.SIGNED_IN,
    "/studio/videos/": May.SIGNED_IN,
    "/studio/videos/<video_id>/*": May.OWN,
    "/v/<video_id>/": May.OWN,
    "/v/<video_id>/*": May.OWN,
    "/queue/": May.SIGNED_IN,
    "/studio/queue": May.SIGNED_IN,
    "/studio/queue/cancel": May.SIGNED_IN,
    "/studio/queue/<video_id>/cancel": May.OWN_OR_ADMINISTRATOR,
    "/settings/": May.PERSONAL,
    "/settings/save-password": May.PERSONAL,
    "/settings/save/<section>": May.PERSONAL,
    "/settings/defaults/*": May.PERSONAL,
    "/settings/keys/": May.SIGNED_IN,
    "/settings/keys/add": May.SIGNED_IN,
    "/settings/keys/<key_id>/*": May.OWN,
    "/settings/sessions/": May.PERSONAL,
    "/settings/sessions/end": May.PERSONAL,
    "/settings/webhooks/": May.SIGNED_IN,
    "/settings/webhooks/add": May.SIGNED_IN,
    "/settings/webhooks/<endpoint_id>/*": May.OWN,
    "/settings/deliveries/<delivery_id>/redeliver": May.OWN,
    "/api/providers*": May.ADMINISTRATOR,
    "/api/openapi.json": May.PUBLIC,
    "/api/docs": May.PUBLIC,
    "/v1/videos": May.SIGNED_IN,
    "/v1/videos/estimate": May.PERSONAL,
    "/v1/videos/edits": May.SIGNED_IN,
    "/v1/videos/extensions": May.SIGNED_IN,
    "/v1/videos/characters": May.SIGNED_IN,
    "/v1/videos/characters/<character_id>": May.SIGNED_IN,
    "/v1/videos/<video_id>": May.OWN,
    "/v1/videos/<video_id>/*": May.OWN,
    "/v1/files": May.SIGNED_IN,
    "/v1/files/<file_id>": May.OWN,
    "/v1/files/<file_id>/content": May.OWN,
    "/v1/models": May.SIGNED_IN,
    "/v1/models/<model_id>": May.SIGNED_IN,
    "/v1/webhook_endpoints": May.SIGNED_IN,
    "/v1/webhook_endpoints/<webhook_endpoint_id>": May.OWN,
    "/v1/webhook_endpoints/<webhook_endpoint_id>/*": May.OWN,
    "/v1/webhook_event_types": May.SIGNED_IN,
}


def things(owner: User) -> Mapping[str, object]:
    """What may stand in a path: the owner's things, made anew, by the name that paths have."""
    video = make_video("completed", owner=owner, prompt=f"{SECRET_WORDS}{owner.email}")
    paths = [f"videos/{video.pk}/video", f"files/{video.pk}", f"files/{video.pk}.png"]
    for path in paths:
        _write(path)
    stored = {"path": paths[0], "size": 1, "sha256": "0" * 64, "content_type": "video/mp4"}
    File.objects.create(video=video, kind=File.VIDEO, **stored)
    File.objects.create(video=video, kind=File.INPUT, **stored)
    endpoint = WebhookEndpoint(owner=owner, name="hook", url="https://example.org/")
    endpoint.set_secret("whsec_" + "0" * 48)
    endpoint.save()
    event = WebhookEvent.objects.create(video=video, type="video.completed", body="{}")
    upload = {"owner": owner, "filename": "clip.mp4", "purpose": "user_data"}
    upload["expires_at"] = timezone.now() + timedelta(days=1)
    uploaded = UserFile.objects.create(**{**stored, "path": paths[1], **upload})
    still = {"path": paths[2], "content_type": "image/png"}
    picture = UserFile.objects.create(**{**stored, **still, **upload})
    return {
        "video_id": video.pk,
        "kind": "video",
        "endpoint_id": endpoint.pk,
        "webhook_endpoint_id": endpoint.pk,
        "delivery_id": WebhookDelivery.objects.create(endpoint=endpoint, event=event).pk,
        "file_id": uploaded.pk,
        "token": picture.pk,
        "position": 0,
        "project_id": Project.objects.create(owner=owner, name=video.pk).pk,
        "provider": "runway",
        "key_id": ApiKey.issue(owner, "script")[0].pk,
        "model_id": "gen4.5",
        "section": "look",
        "character_id": "char_1",
        # of the administration, which looks for none before it knows who asks
        **dict.fromkeys(("id", "object_id", "content_type_id"), 1),
        "app_label": "accounts",
        "url": "nowhere",
    }


def routes(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    """Every path of the resolver, its parameters as `<name>`."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + _plain(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, path)
        else:
            yield path


def decision(route: str) -> May | None:
    """What the table says: the line of the path itself, or the longest that it begins with."""
    begun = [key for key in DECISIONS if key.endswith("*") and route.startswith(key[:-1])]
    return DECISIONS.get(route) or DECISIONS.get(max(begun, key=len, default=""))


def path_of(route: str, values: Mapping[str, object]) -> str:
    """The path with these things in it. Raises: KeyError for one that `things` does not know."""
    return re.sub(r"<(\w+)>", lambda match: str(values[match[1]]), route)


def _plain(pattern: str) -> str:
    named = re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", pattern)
    return re.sub(r"<\w+:(\w+)>", r"<\1>", named).strip("^$")


def _write(path: str) -> Any:
    file = settings.MEDIA_ROOT / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x")
