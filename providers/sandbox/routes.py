"""Which function answers which path and method of the sandbox.

Called by `providers.sandbox.server`.

Source: Runway OpenAPI document 2024-11-06 (paths).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, NoReturn

from providers.catalog import VIDEO_MODES
from providers.sandbox import account, answers, tasks, uploads
from providers.sandbox.answers import Answer
from providers.sandbox.tasks import Sandbox

UUID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"


@dataclass(frozen=True)
class Request:
    """One request as the routes see it. `parts` is what the path holds."""

    path: str
    query: dict[str, list[str]]
    parts: tuple[str, ...]
    content_type: str
    origin: str
    key4: str
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises ValueError for anything that is not."""
        try:
            return json.loads(self.body.decode("utf-8"), parse_constant=_refuse_constant)
        except RecursionError as exc:
            raise ValueError("nested too deeply") from exc


class Route(NamedTuple):
    """Where requests for a path and a method go. `open` ones need no key."""

    method: str
    path: re.Pattern[str]
    answer: Callable[[Sandbox, Request], Answer]
    open: bool = False


def find(path: str, method: str) -> tuple[Route, tuple[str, ...]] | Answer:
    """The route of a request and what its path holds, or the 404 or 405 that answers it."""
    found = [(route, match) for route in ROUTES if (match := route.path.fullmatch(path))]
    for route, match in found:
        if route.method == method:
            return route, match.groups()
    return answers.error(405, "Method not allowed") if found else answers.error(404, "Not found")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _create(sandbox: Sandbox, request: Request) -> Answer:
    try:
        body = request.json()
    except ValueError:
        return answers.error(400, "Invalid JSON in request body")
    return tasks.create(sandbox, request.path, body, request.key4, time.time())


def _read(sandbox: Sandbox, request: Request) -> Answer:
    return tasks.read(sandbox, request.parts[0], request.origin, time.time())


def _delete(sandbox: Sandbox, request: Request) -> Answer:
    return tasks.delete(sandbox, request.parts[0], time.time())


def _head_output(sandbox: Sandbox, request: Request) -> Answer:
    return tasks.output(sandbox, request.path, request.query, time.time())


def _get_output(sandbox: Sandbox, request: Request) -> Answer:
    return tasks.spoiled(sandbox, request.path, _head_output(sandbox, request))


def _organization(sandbox: Sandbox, request: Request) -> Answer:
    records = sandbox.store.all()
    return answers.as_json(account.organization(records, sandbox.limits, time.time()))


def _usage(sandbox: Sandbox, request: Request) -> Answer:
    try:
        body = request.json() if request.body else {}
    except ValueError:
        return answers.error(400, "Invalid JSON in request body")
    records = [record for record in sandbox.store.all() if record.key4 in ("", request.key4)]
    return account.usage(records, body, datetime.now(UTC).date())


def _start_upload(sandbox: Sandbox, request: Request) -> Answer:
    try:
        body = request.json()
    except ValueError:
        return answers.error(400, "Invalid JSON in request body")
    return uploads.start(sandbox.store, body, request.origin)


def _receive_upload(sandbox: Sandbox, request: Request) -> Answer:
    return uploads.receive(sandbox.store, request.parts[0], request.content_type, request.body)


_OUTPUT = re.compile(rf"/outputs/{UUID}/\d{{1,2}}\.(?:mp4|mov|png|zip)")
_CREATE = re.compile(rf"/v1/(?:{'|'.join((*VIDEO_MODES, 'text_to_image'))})")
_TASK = re.compile(r"/v1/tasks/([^/]{1,200})")

ROUTES = (
    Route("POST", _CREATE, _create),
    Route("GET", _TASK, _read),
    Route("DELETE", _TASK, _delete),
    Route("GET", re.compile("/v1/organization"), _organization),
    Route("POST", re.compile("/v1/organization/usage"), _usage),
    Route("POST", re.compile("/v1/uploads"), _start_upload),
    Route("POST", re.compile(rf"/uploads/{UUID}"), _receive_upload, open=True),
    Route("GET", _OUTPUT, _get_output, open=True),
    Route("HEAD", _OUTPUT, _head_output, open=True),
)
