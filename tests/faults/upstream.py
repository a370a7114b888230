"""A small Runway for many videos: tasks are over at once, one clip serves all, nothing is rendered.

What a key's account is like is told by its mood. It counts each prompt that it took, as Runway
would have billed it.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.videos.clips import film

GOOD, REVOKED, BROKE, THROTTLING = "good", "revoked", "broke", "throttling"
THROTTLE_EVERY = 40  # of its creates
NO_CREDITS = "You do not have enough credits to run this task."


class Upstream(ThreadingHTTPServer):
    """One account. `most` is how many tasks it runs at once; it says so, and knows if more came."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, mood: str, most: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.mood, self.most = mood, most
        self.lock = threading.Lock()
        self.creates = 0
        self.taken: Counter[str] = Counter()
        self.running: set[str] = set()
        self.busiest = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def create(self, prompt: str) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Status, body and headers of the answer to a create."""
        with self.lock:
            self.creates += 1
            if self.mood == REVOKED:
                return 401, {"error": "Invalid API key"}, {}
            if self.mood == BROKE:
                return 400, {"error": NO_CREDITS}, {}
            if self.mood == THROTTLING and self.creates % THROTTLE_EVERY == 0:
                return 429, {"error": "Too many requests"}, {"Retry-After": "1"}
            task_id = str(uuid.uuid4())
            self.taken[prompt] += 1
            self.running.add(task_id)
            self.busiest = max(self.busiest, len(self.running))
            return 200, {"id": task_id, "estimatedCost": {"credits": 24}}, {}

    def read(self, task_id: str) -> dict[str, Any]:
        """A task, which is over as soon as somebody looks."""
        with self.lock:
            self.running.discard(task_id)
        output = [f"{self.url}/clip.mp4"]
        return {"id": task_id, "status": "SUCCEEDED", "output": output, "cost": {"credits": 24}}

    def organization(self) -> tuple[int, dict[str, Any], dict[str, str]]:
        """The account's standing."""
        if self.mood == REVOKED:
            return 401, {"error": "Invalid API key"}, {}
        models = {"gen4.5": {"maxConcurrentGenerations": self.most, "maxDailyGenerations": 5000}}
        balance = 0 if self.mood == BROKE else 100_000
        return 200, {"creditBalance": balance, "tier": {"models": models}}, {}


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Upstream
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """A create."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(*self.server.create(body["promptText"]))

    def do_GET(self) -> None:
        """The clip, the account or a task."""
        if self.path == "/clip.mp4":
            self._send(200, film("mp4", 2), {"Content-Type": "video/mp4"})
        elif self.path == "/v1/organization":
            self._answer(*self.server.organization())
        elif self.server.mood == REVOKED:
            self._answer(401, {"error": "Invalid API key"}, {})
        else:
            self._answer(200, self.server.read(self.path.rpartition("/")[2]), {})

    def log_message(self, format: str, *args: object) -> None:
        """Keep the terminal quiet."""

    def _answer(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
        kind = {"Content-Type": "application/json"}
        self._send(status, json.dumps(body).encode(), kind | headers)

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def upstream(mood: str, most: int = 8) -> Iterator[Upstream]:
    """A running one."""
    with Upstream(mood, most) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(5)
