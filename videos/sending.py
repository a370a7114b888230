"""Files of ours on their way to a provider: inline where they are small, else uploaded first.

Called by `submit.py`, in a thread: reads the storage, may talk to the provider, touches no
database. An upload is bound to the key that made it, so nothing of it is kept.

Source: Runway API reference, "Inputs" (data URIs) and "Uploads".
"""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

from django.core.files.storage import default_storage

from providers import catalog
from providers.runway import RunwayClient
from providers.tasks import MediaInput, TaskRequest

from .inputs import STORED
from .media import SUFFIXES

TYPES = {suffix: content_type for content_type, suffix in SUFFIXES.items()}


def inline(request: TaskRequest, client: RunwayClient) -> TaskRequest:
    """The same request without any place of ours in it.

    Raises: FileNotFoundError, and what `RunwayClient.upload` raises.
    """
    return replace(request, media=tuple(_sent(item, client) for item in request.media))


def _sent(item: MediaInput, client: RunwayClient) -> MediaInput:
    if not item.uri.startswith(STORED):
        return item
    path = Path(default_storage.path(item.uri.removeprefix(STORED)))
    content_type = TYPES[path.suffix.removeprefix(".")]
    head = f"data:{content_type};base64,"
    size = len(head) + (path.stat().st_size + 2) // 3 * 4
    if size > catalog.load().media[item.kind].data_uri_max_chars:
        return replace(item, uri=client.upload(path, content_type))
    return replace(item, uri=head + base64.b64encode(path.read_bytes()).decode())
