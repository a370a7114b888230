"""One file to where Runway wants it: a form, its given fields first and the file last.

Used by `providers.runway` alone. The place is named by an answer, so it is treated as output links
are: public, or the key's own origin. No key is sent along.

Source: docs.dev.runwayml.com/assets/uploads.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests

from . import egress
from .connections import LIMITS, fresh_session
from .errors import OutputForbidden, ProviderProtocolError, ProviderRejected, ProviderUnavailable

TIMEOUT = (5.0, 60.0)


def send(url: str, fields: dict[str, Any], path: Path, content_type: str, origin: str) -> None:
    """Post the file. Raises: ProviderUnavailable, ProviderRejected, ProviderProtocolError."""
    try:
        is_foreign = egress.check_link(url, origin)
    except OutputForbidden as exc:
        raise ProviderProtocolError("Runway names no public place for an upload.") from exc
    session = egress.public_session() if is_foreign else fresh_session(LIMITS.answer)
    form = {str(name): (None, str(value)) for name, value in fields.items()}
    try:
        with session, path.open("rb") as file:
            files: Any = [*form.items(), ("file", (path.name, file, content_type))]
            answer = session.post(url, files=files, timeout=TIMEOUT, allow_redirects=False)
    except (requests.RequestException, OutputForbidden) as exc:
        raise ProviderUnavailable(f"The upload broke off ({type(exc).__name__}).") from exc
    if answer.status_code >= 500 or answer.status_code == 429:
        raise ProviderUnavailable(f"The upload was answered {answer.status_code}.")
    if answer.status_code >= 300:
        raise ProviderRejected(f"The upload was refused ({answer.status_code}).")
