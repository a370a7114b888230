"""The sandbox's HTTP: reads a request, checks what every request must carry, and has it answered.

Called by `manage.py sandbox`, `python -m providers.sandbox` and tests. Listens on loopback only.

Source: Runway OpenAPI document 2024-11-06; docs.dev.runwayml.com/errors.
"""

from __future__ import annotations

import logging
import math
import re
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from urllib.parse import parse_qs

from providers.sandbox import answers, routes, uploads
from providers.sandbox.answers import Answer
from providers.sandbox.backlog import Backlog
from providers.sandbox.limits import UNLIMITED, Limits
from providers.sandbox.routes import Request
from providers.sandbox.store import Store
from providers.sandbox.tasks import Sandbox

HOST = "127.0.0.1"
MAX_BODY_BYTES = 32 * 1024 * 1024
MAX_UPLOAD_BYTES = uploads.MAX_BYTES + 1024 * 1024
MAX_DISCARDED_BYTES = 8 * MAX_BODY_BYTES
BLOCK_BYTES = 256 * 1024
DRIP_PAUSE_SECONDS = 0.1
VERSION = "2024-11-06"
KEY = re.compile(r"Bearer (key_[0-9a-f]{128})")
HOST_HEADER = re.compile(r"[\w.:\[\]-]{1,255}", re.ASCII)

logger = logging.getLogger(__name__)


class Server(ThreadingTCPServer):
    """A running sandbox: its socket, its files and its renderer. `port` 0 takes a free one."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, root: Path, port: int = 0, pace: float = 1.0, limits: Limits = UNLIMITED
    ) -> None:
        store = Store(root)
        self.sandbox = Sandbox(store, Backlog(store), pace, limits)
        super().__init__((HOST, port), Handler)
        self.sandbox.backlog.start()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://{HOST}:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that went away is no news; anything else is."""
        if not isinstance(sys.exc_info()[1], OSError):
            logger.exception("a connection to the sandbox failed")

    def server_close(self) -> None:
        """Free the socket and end the renderer."""
        super().server_close()
        self.sandbox.backlog.stop()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "RunwaySandbox/1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024
    timeout = 75

    def answer(self) -> None:
        """Answer one request, whatever happens."""
        try:
            answer = self._answer()
        except Exception:
            logger.exception("the sandbox failed on %s %s", self.command, self.path)
            answer = answers.error(500)
        if answer.delay_seconds:
            time.sleep(answer.delay_seconds)
        if answer.drop:
            self.close_connection = True
            return
        try:
            self._send(answer)
        except OSError:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_DELETE = do_PUT = do_PATCH = do_OPTIONS = answer

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the base class says about a request that is not HTTP, as JSON."""
        self.close_connection = True
        # The base class took it for HTTP/0.9, which has neither status nor headers.
        self.request_version = self.protocol_version
        self._send(answers.error(code, message or ""))

    def log_message(self, format: str, *args: object) -> None:
        """Keep the terminal quiet."""

    def _answer(self) -> Answer:
        body = self._read_body()
        if isinstance(body, Answer):
            self.close_connection = True
            return body
        path, _, query = self.path.partition("?")
        found = routes.find(path, self.command)
        if isinstance(found, Answer):
            return found
        route, parts = found
        key = KEY.fullmatch(self.headers.get("Authorization", ""))
        refusal = None if route.open else self._unwelcome(key)
        if refusal is not None:
            return refusal
        request = Request(
            path=path,
            query=parse_qs(query),
            parts=parts,
            content_type=self.headers.get("Content-Type", ""),
            origin=self._origin(),
            key4=key[1][-4:] if key else "",
            body=body,
        )
        return route.answer(self.server.sandbox, request)

    def _unwelcome(self, key: re.Match[str] | None) -> Answer | None:
        """What is wrong with the headers that every call of the API needs."""
        if key is None:
            return answers.error(401)
        version = self.headers.get("X-Runway-Version")
        if version is None:
            return answers.error(400, "X-Runway-Version header is required")
        if version != VERSION:
            return answers.error(400, "X-Runway-Version is not a supported version")
        return None

    def _read_body(self) -> bytes | Answer:
        """The body, or the answer to a request whose body cannot be read."""
        if "Transfer-Encoding" in self.headers:
            return answers.error(411, "Content-Length is required")
        stated = self.headers.get("Content-Length", "0")
        if not re.fullmatch(r"[0-9]{1,15}", stated):
            return answers.error(400, "Invalid Content-Length")
        length = int(stated)
        is_upload = self.path.startswith("/uploads/")
        if length > (MAX_UPLOAD_BYTES if is_upload else MAX_BODY_BYTES):
            self._discard(length)
            return answers.error(413, "Request body too large")
        body = self.rfile.read(length)
        return body if len(body) == length else answers.error(400, "Request body cut short")

    def _discard(self, length: int) -> None:
        """Take in what is too much, within reason: many clients read no answer while they send."""
        left = length if length <= MAX_DISCARDED_BYTES else 0
        while left > 0 and (block := self.rfile.read(min(left, BLOCK_BYTES))):
            left -= len(block)

    def _origin(self) -> str:
        """The scheme and host that the caller used, so that links lead back the same way."""
        host = self.headers.get("Host", "")
        return f"http://{host}" if HOST_HEADER.fullmatch(host) else self.server.url

    def _send(self, answer: Answer) -> None:
        size = answer.file.stat().st_size if answer.file else len(answer.body)
        self.send_response(answer.status)
        if answer.status != 204:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(size))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection or answer.cut:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and answer.status != 204:
            self._send_content(answer, size // 2 if answer.cut else size)

    def _send_content(self, answer: Answer, size: int) -> None:
        if answer.file is None:
            self.wfile.write(answer.body[:size])
            return
        pieces = math.ceil(answer.drip_seconds / DRIP_PAUSE_SECONDS)
        most = math.ceil(size / pieces) if pieces else BLOCK_BYTES
        with answer.file.open("rb") as file:
            while size > 0 and (block := file.read(min(size, most))):
                if pieces:
                    self.wfile.flush()
                    time.sleep(answer.drip_seconds / pieces)
                self.wfile.write(block)
                size -= len(block)


def serve(port: int, root: Path, pace: float, limits: Limits = UNLIMITED) -> None:
    """Run a sandbox until it is interrupted; says on standard output where it listens."""
    try:
        server = Server(root, port, pace, limits)
    except OSError as exc:
        raise SystemExit(f"the sandbox cannot start: {exc}") from exc
    with server:
        print(f"sandbox listening on {server.url}", flush=True)  # noqa: T201 - the command's output
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            return
