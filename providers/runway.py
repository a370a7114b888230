"""Runway over HTTP: the only module that speaks to it. Used by the worker and by key tests.

Each method is one request, and none is repeated by itself. What comes back is in our words, and
whatever goes wrong is one of `providers.errors`.

Source: Runway's OpenAPI document 2024-11-06 (paths, headers, bodies);
docs.dev.runwayml.com/errors.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import requests
from urllib3.exceptions import HTTPError

from . import egress, reading, transport, uploads
from .bodies import task_body
from .connections import LIMITS, Limits, fresh_session, pooled_session
from .errors import (
    OutputTooLarge,
    OutputUnavailable,
    ProviderAuthError,
    ProviderError,
    ProviderForbidden,
    ProviderNotFound,
    ProviderOutOfCredits,
    ProviderProtocolError,
    ProviderRateLimited,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUncertain,
    SubmissionUnreadable,
)
from .tasks import CreatedTask, Downloaded, OrganizationInfo, TaskRequest, TaskState, UsedCredits
from .transport import Answer, NoAnswer

API_VERSION = "2024-11-06"
USER_AGENT = "Rushes/0.1 (self-hosted video studio)"
BLOCK = 256 * 1024

_TASK_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


class RunwayClient:
    """One key at one base URL. Safe to use from many threads; holds no connection of its own."""

    def __init__(
        self,
        secret: str,
        base_url: str = "https://api.dev.runwayml.com",
        limits: Limits = LIMITS,
    ) -> None:
        self._secret = secret
        self._limits = limits
        self.base_url = base_url.rstrip("/")

    def __repr__(self) -> str:
        return f"<RunwayClient {self.base_url}>"

    def create(self, request: TaskRequest) -> CreatedTask:
        """Submit a task. Not idempotent: each call may cost money.

        Raises: ProviderUnavailable, ProviderRateLimited, ProviderAuthError, ProviderOutOfCredits
        (certainly not taken); ProviderRejected (refused); SubmissionUncertain (nobody can know),
        as SubmissionUnreadable for a success without a task id.
        """
        path, body = task_body(request)
        try:
            with fresh_session(self._limits.answer) as session:
                answer = self._exchange("POST", path, body, session)
        except NoAnswer as exc:
            raise SubmissionUncertain(f"No answer from Runway ({exc}).") from exc
        if answer.status == 503:
            raise ProviderUnavailable(answer.text, answer.retry_after)
        if answer.status < 200 or 300 <= answer.status < 400 or answer.status >= 500:
            raise SubmissionUncertain(f"Runway answered {answer.status}.")
        if answer.status >= 400:
            raise _refusal(answer)
        task_id = answer.body.get("id") if isinstance(answer.body, dict) else None
        if not isinstance(task_id, str) or not _TASK_ID.match(task_id):
            raise SubmissionUnreadable("Runway's answer holds no task id.")
        return CreatedTask(task_id, reading.credits(answer.body, "estimatedCost"))

    def get(self, task_id: str) -> TaskState:
        """What Runway says about a task now.

        Raises: ProviderNotFound, ProviderUnavailable, ProviderAuthError, ProviderProtocolError.
        """
        body = self._read("GET", f"/v1/tasks/{_checked(task_id)}")
        status = reading.text(body.get("status")).upper()
        if not status:
            raise ProviderProtocolError("Runway's answer holds no task status.")
        return TaskState(
            id=task_id,
            status=status,
            progress=reading.percent(body.get("progress")),
            outputs=reading.texts(body.get("output")),
            credits=reading.credits(body, "cost"),
            estimated_credits=reading.credits(body, "estimatedCost"),
            failure=reading.text(body.get("failure")),
            failure_code=reading.text(body.get("failureCode")),
        )

    def cancel(self, task_id: str) -> None:
        """Cancel or delete a task. One that is gone already is fine. Raises as `get` does."""
        try:
            self._read("DELETE", f"/v1/tasks/{_checked(task_id)}")
        except ProviderNotFound:
            return

    def organization(self) -> OrganizationInfo:
        """The account's credits and limits; costs nothing. Raises as `get` does."""
        body = self._read("GET", "/v1/organization")
        credits = reading.decimal(body.get("creditBalance"), reading.MOST_BALANCE)
        if credits is None:
            raise ProviderProtocolError("Runway's answer holds no creditBalance.")
        limits = reading.items(reading.inside(body, "tier", "models"))
        used = reading.items(reading.inside(body, "usage", "models"))
        return OrganizationInfo(
            credits=credits,
            concurrent={m: reading.number(v.get("maxConcurrentGenerations")) for m, v in limits},
            per_day={m: reading.number(v.get("maxDailyGenerations")) for m, v in limits},
            used_today={m: reading.number(v.get("dailyGenerations")) or 0 for m, v in used},
            monthly_spend=reading.number(reading.inside(body, "tier", "maxMonthlyCreditSpend")),
        )

    def usage(self, first: date, before: date) -> list[UsedCredits]:
        """What the account used from a day to before another, 90 days at most; costs nothing.

        The figures are those of the whole account, whichever of its keys asks. Raises as `get`
        does.
        """
        period = {"startDate": first.isoformat(), "beforeDate": before.isoformat()}
        body = self._read("POST", "/v1/organization/usage", period)
        if not isinstance(body.get("results"), list):
            raise ProviderProtocolError("Runway's answer holds no usage.")
        return reading.usage(body["results"])

    def upload(self, path: Path, content_type: str) -> str:
        """Send a file for use in later tasks of this key; its runway:// address, good for 24 h.

        Costs nothing. Raises as `get` does; ProviderRejected when the file is refused.
        """
        wish = {"filename": path.name, "type": "ephemeral"}
        place = self._read("POST", "/v1/uploads", wish)
        url, fields, uri = (place.get(name) for name in ("uploadUrl", "fields", "runwayUri"))
        if not isinstance(url, str) or not isinstance(uri, str) or not isinstance(fields, dict):
            raise ProviderProtocolError("Runway's answer holds no place for an upload.")
        uploads.send(url, fields, path, content_type, self.base_url)
        return uri

    def download(
        self, url: str, sink: BinaryIO, *, max_bytes: int, seconds: float | None = None
    ) -> Downloaded:
        """Stream an output into `sink`, up to `max_bytes`. The key is not sent along.

        It may take `seconds`; half an hour if not said.

        Raises: OutputForbidden, OutputTooLarge, OutputUnavailable.
        """
        is_foreign = egress.check_link(url, self.base_url)
        seconds = seconds or self._limits.download
        session = (
            egress.public_session(answer_seconds=seconds) if is_foreign else fresh_session(seconds)
        )
        try:
            with (
                session,
                session.get(
                    url,
                    headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
                    timeout=self._limits.timeout,
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                return _received(response, sink, max_bytes)
        except (requests.exceptions.RequestException, HTTPError, OSError) as exc:
            raise OutputUnavailable(f"The download broke off ({type(exc).__name__}).") from exc

    def _read(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The JSON object of a call that may be repeated."""
        try:
            answer = self._exchange(method, path, body, pooled_session(self._limits.answer))
        except NoAnswer as exc:
            raise ProviderUnavailable(f"No answer from Runway ({exc}).") from exc
        if answer.status >= 500:
            raise ProviderUnavailable(answer.text, answer.retry_after)
        if answer.status >= 400:
            raise _refusal(answer)
        if answer.status == 204:
            return {}
        if answer.status != 200 or not isinstance(answer.body, dict):
            raise ProviderProtocolError("Runway's answer is not a JSON object.")
        return answer.body

    def _exchange(self, method: str, path: str, body: Any, session: requests.Session) -> Answer:
        headers = {
            "Authorization": f"Bearer {self._secret}",
            "X-Runway-Version": API_VERSION,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": USER_AGENT,
        }
        url = self.base_url + path
        return transport.exchange(session, method, url, headers, body, self._limits)


def _received(response: requests.Response, sink: BinaryIO, max_bytes: int) -> Downloaded:
    if response.status_code != 200:
        raise OutputUnavailable(f"The output link answered {response.status_code}.")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise OutputUnavailable("The output came compressed, which was not asked for.")
    declared = _declared(response)
    if declared is not None and declared > max_bytes:
        raise OutputTooLarge(f"The output is larger than {max_bytes} bytes.")
    size, digest = 0, hashlib.sha256()
    for block in response.iter_content(BLOCK):
        size += len(block)
        if size > max_bytes:
            raise OutputTooLarge(f"The output is larger than {max_bytes} bytes.")
        digest.update(block)
        sink.write(block)
    if declared is not None and size != declared:
        raise OutputUnavailable(f"The download has {size} bytes instead of {declared}.")
    content_type = reading.one_line(response.headers.get("Content-Type"), 100)
    return Downloaded(size, digest.hexdigest(), content_type)


def _declared(response: requests.Response) -> int | None:
    """How many bytes the answer says it has; None where it says nothing that makes sense."""
    text = response.headers.get("Content-Length", "")
    is_chunked = "Transfer-Encoding" in response.headers
    return int(text) if text.isdecimal() and len(text) < 20 and not is_chunked else None


def _refusal(answer: Answer) -> ProviderError:
    """The exception that a 4xx stands for."""
    text = answer.text
    if answer.status in (401, 403):
        return (ProviderAuthError if answer.status == 401 else ProviderForbidden)(text)
    if answer.status == 404:
        return ProviderNotFound(text, status=404)
    if answer.status == 429:
        return ProviderRateLimited(
            text, answer.retry_after, daily="daily task limit" in text.lower()
        )
    if answer.status == 400 and "enough credits" in text.lower():
        return ProviderOutOfCredits(text)
    return ProviderRejected(text, reading.issues(answer.body), answer.status)


def _checked(task_id: str) -> str:
    if not _TASK_ID.match(task_id):
        raise ProviderNotFound("This is not a task id.", status=404)
    return task_id
