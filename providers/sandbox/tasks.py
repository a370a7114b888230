"""Create, read and delete tasks, and hand out their files, as Runway would.

Called by `providers.sandbox.server`.

Source: Runway OpenAPI document 2024-11-06 (paths of video and image models, tasks).
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from providers import catalog
from providers.sandbox import answers, directives, limits, media, plan, rules, timeline, uploads
from providers.sandbox.answers import Answer, Issue
from providers.sandbox.backlog import Backlog
from providers.sandbox.directives import Directives
from providers.sandbox.limits import Limits
from providers.sandbox.media import Medium
from providers.sandbox.store import Store
from providers.sandbox.timeline import Record

LINK_SECONDS = 24 * 3600
TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "png": "image/png",
    "zip": "application/zip",
}
HTML = b"<!doctype html><title>Sandbox</title><p>This is not what you asked for.</p>"


@dataclass(frozen=True)
class Sandbox:
    """What every request needs: the files, the renderer, how fast time passes, and the limits."""

    store: Store
    backlog: Backlog
    pace: float = 1.0
    limits: Limits = field(default_factory=Limits)


def create(sandbox: Sandbox, endpoint: str, body: Any, key4: str, now: float) -> Answer:
    """Accept a task or refuse it. `key4` is the end of the caller's key, for the ledger."""
    if not isinstance(body, dict):
        message = "Invalid input: expected object"
        return answers.invalid([Issue("invalid_type", (), message, {"expected": "object"})])
    issues = rules.check(endpoint, body)
    given, bad_media = media.collect(
        endpoint, body, lambda uri: uploads.read(sandbox.store, uri, now)
    )
    if issues or bad_media:
        return answers.invalid([*issues, *bad_media])
    most = sandbox.limits.daily
    if most is not None and limits.made_today(sandbox.store.all(), now)[body["model"]] >= most:
        return answers.daily_limit(body["model"], most)
    prompt = body.get("promptText", "")
    wishes = directives.parse(prompt)
    refusal = _refusal(sandbox, prompt, wishes)
    if refusal is not None:
        return refusal
    record = replace(_accept(sandbox, endpoint, body, given, wishes, now), key4=key4)
    sandbox.store.add(record, key4)
    sandbox.backlog.order(record)
    created = {"id": record.id, "estimatedCost": {"credits": record.credits}}
    delay = (wishes.hang or 0.0) / sandbox.pace
    return replace(answers.as_json(created), drop=wishes.drop, delay_seconds=delay)


def read(sandbox: Sandbox, task_id: str, origin: str, now: float) -> Answer:
    """The state of a task, with fresh links once it succeeded. `origin` begins the links."""
    record = _visible(sandbox, task_id)
    if record is None:
        return answers.error(404, answers.TASK_NOT_FOUND)
    state = timeline.state(record, now, _start(sandbox, record))
    if state["status"] == "SUCCEEDED":
        spoiled = record.expire and sandbox.store.count(task_id, "links") == 0
        expires = int(now) + (-1 if spoiled else LINK_SECONDS)
        state["output"] = [
            origin + _link(sandbox, f"/outputs/{task_id}/{number}.{record.suffix}", expires)
            for number in range(record.outputs)
        ]
    return answers.as_json(state)


def delete(sandbox: Sandbox, task_id: str, now: float) -> Answer:
    """Cancel a running task or delete a finished one; either way it is gone for good."""
    record = _visible(sandbox, task_id)
    if record is None:
        return answers.error(404, answers.TASK_NOT_FOUND)
    status = timeline.status(record, now, _start(sandbox, record))
    if not sandbox.store.delete(task_id, status, now):
        return answers.error(404, answers.TASK_NOT_FOUND)
    return Answer(204)


def output(sandbox: Sandbox, path: str, query: Mapping[str, Sequence[str]], now: float) -> Answer:
    """A file behind a link that `read` handed out; 403 where the link is forged or expired."""
    expires, signature = (query.get(name, [""])[0] for name in ("expires", "sig"))
    expected = sandbox.store.sign(f"{path}?{expires}")
    genuine = hmac.compare_digest(signature.encode(), expected.encode())
    if not genuine or int(expires) < now:
        return answers.error(403, "Access denied: this link is not valid or has expired")
    _, _, task_id, name = path.split("/")
    record = sandbox.store.get(task_id)
    number, _, suffix = name.partition(".")
    file = sandbox.store.output(task_id, int(number), suffix)
    if record is None or not file.exists():
        return answers.error(404, "Not found")
    return Answer(file=file, content_type=TYPES[suffix])


def spoiled(sandbox: Sandbox, path: str, answer: Answer) -> Answer:
    """The download as [drip], and for the first time [truncate] and [corrupt], wish it to be."""
    record = sandbox.store.get(path.split("/")[2]) if answer.file else None
    if record is None:
        return answer
    answer = replace(answer, drip_seconds=record.drip)
    if not (record.truncate or record.corrupt):
        return answer
    if sandbox.store.count(record.id, "downloads") > 0:
        return answer
    return replace(answer, file=None, body=HTML) if record.corrupt else replace(answer, cut=True)


def _refusal(sandbox: Sandbox, prompt: str, wishes: Directives) -> Answer | None:
    if wishes.http is not None and (
        wishes.http_times is None or sandbox.store.refusals_before(prompt) < wishes.http_times
    ):
        return answers.error(wishes.http)
    if wishes.credits:
        return answers.not_enough_credits()
    return Answer(body=HTML, content_type="text/html") if wishes.html else None


def _accept(
    sandbox: Sandbox,
    endpoint: str,
    body: Mapping[str, Any],
    given: Sequence[Medium],
    wishes: Directives,
    now: float,
) -> Record:
    task_id = str(uuid.uuid4())
    lengths = timeline.lengths(wishes, sandbox.pace)
    planned = plan.make(endpoint, body, given)
    mode = catalog.rules(endpoint, body["model"])
    return Record(
        id=task_id,
        path=endpoint,
        model=body["model"],
        body={key: value for key, value in body.items() if mode and key not in mode.media},
        at=now,
        pending=lengths.pending,
        throttled=lengths.throttled,
        running=lengths.running,
        credits=planned.estimate if wishes.cost is None else wishes.cost,
        cost=planned.cost if wishes.cost is None else wishes.cost,
        plan=asdict(planned),
        media=[_keep(sandbox.store, task_id, medium) for medium in given if _is_drawn(medium)],
        slots=sandbox.limits.concurrent,
        outputs=wishes.outputs,
        fail=wishes.fail,
        expire=wishes.expire,
        truncate=wishes.truncate,
        corrupt=wishes.corrupt,
        drip=(wishes.drip or 0.0) / sandbox.pace,
        vanish=wishes.vanish,
    )


def _is_drawn(medium: Medium) -> bool:
    """Sounds, performances and further videos are only checked."""
    named = medium.named
    return named.kind == "image" or named.role in ("source", "character")


def _keep(store: Store, task_id: str, medium: Medium) -> dict[str, str]:
    kept = {"role": medium.named.role, "kind": medium.named.kind}
    if medium.host:
        return kept | {"host": medium.host}
    name = "-".join(str(part) for part in (task_id, *medium.named.path))
    store.input(name).write_bytes(medium.data)
    return kept | {"file": name}


def _start(sandbox: Sandbox, record: Record) -> float:
    """When the task begins to run (Unix time)."""
    if record.slots is None:
        return record.ready
    return limits.starts(r for r in sandbox.store.all() if r.model == record.model)[record.id]


def _visible(sandbox: Sandbox, task_id: str) -> Record | None:
    record = sandbox.store.get(task_id)
    return None if record is None or record.vanish or record.deleted_as is not None else record


def _link(sandbox: Sandbox, path: str, expires: int) -> str:
    return f"{path}?expires={expires}&sig={sandbox.store.sign(f'{path}?{expires}')}"
