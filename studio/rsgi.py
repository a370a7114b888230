"""The application as granian's RSGI server calls it: an event loop around Django's WSGI handler.

A thread is only held while Django works. Bodies are read, and files are sent, by the event loop and
the server, so that clients that stall or download slowly hold none. Figures, and why not plain
WSGI: docs/adr/0001-web-server.md.

Source: RSGI 1.6 specification (granian); PEP 3333 for the environ.
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, Any, cast

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponseBase

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
handler = get_wsgi_application()

from studio.accounts.errors import error_response  # noqa: E402 - needs the settings

logger = logging.getLogger(__name__)

THREADS = 8
BODY_SECONDS = 60.0
IN_MEMORY_BYTES = 2 * 1024 * 1024
WHOLE_BYTES = 1024 * 1024

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="web")
Headers = list[tuple[str, str]]


class TooLarge(Exception):
    """The request's body is larger than STUDIO_MAX_BODY_BYTES."""


@dataclass
class Reply:
    """A Django response, taken apart for the server: bytes, a range of a file, or a stream."""

    status: int
    headers: Headers
    content: bytes = b""
    file: tuple[str, int, int] | None = None
    stream: Iterator[bytes] | None = None
    response: HttpResponseBase | None = None


async def app(scope: Any, protocol: Any) -> None:
    """One request."""
    if scope.proto != "http":
        protocol.close(None)
        return
    loop = asyncio.get_running_loop()
    try:
        with await _read_body(scope, protocol) as body:
            environ = _environ(scope, body)
            reply = await loop.run_in_executor(_threads, _respond, environ)
    except TooLarge:
        reply = _refusal(413, "The request body is too large.", "request_too_large")
    except TimeoutError:
        reply = _refusal(408, "The request body did not arrive in time.", "request_timeout")
    await _send(scope, protocol, reply, loop)


async def _read_body(scope: Any, protocol: Any) -> IO[bytes]:
    """The body, rewound; beyond 2 MiB it lies on disk. Raises: TooLarge, TimeoutError."""
    limit = settings.STUDIO_MAX_BODY_BYTES
    declared = scope.headers.get("content-length") or "0"
    if len(declared) > 15 or (declared.isdecimal() and int(declared) > limit):
        raise TooLarge
    body = cast("IO[bytes]", tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES))  # noqa: SIM115 - the caller closes it
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in protocol:
                body.write(chunk)
                if body.tell() > limit:
                    raise TooLarge
    except BaseException:
        body.close()
        raise
    return body


def _environ(scope: Any, body: IO[bytes]) -> dict[str, Any]:
    """The request as PEP 3333 says it. Content-Length is what really came, chunked or not."""
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": _Silence(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" not in name:  # or X_Real would pass for X-Real
            _add_header(environ, "HTTP_" + name.upper().replace("-", "_"), value)
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ["CONTENT_LENGTH"] = str(body.tell())
    body.seek(0)
    environ["wsgi.input"] = body
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    separator = "; " if name == "HTTP_COOKIE" else ","
    environ[name] = f"{environ[name]}{separator}{value}" if name in environ else value


class _Silence:
    """Where WSGI applications may write errors; ours logs instead."""

    def write(self, text: str) -> None:
        """Nothing."""

    def flush(self) -> None:
        """Nothing."""


def _respond(environ: dict[str, Any]) -> Reply:
    """In a thread: Django's answer. Whatever it raises becomes a 500."""
    started: list[Any] = []
    try:
        response = handler(environ, lambda status, headers: started.extend((status, headers)))
    except Exception:
        logger.exception("%s failed outside of Django", environ["PATH_INFO"][:200])
        return _refusal(500, "Something went wrong on our side.", "internal_error")
    status, headers = int(started[0].partition(" ")[0]), [(k.lower(), v) for k, v in started[1]]
    reply = Reply(status, headers, response=response)
    path = getattr(response, "media_path", None)
    if path is not None:
        reply.file = (str(path), *response.media_range)
    elif response.streaming and int(response.get("Content-Length", WHOLE_BYTES + 1)) > WHOLE_BYTES:
        reply.stream = iter(response)
        return reply
    else:
        reply.content = b"".join(response)
    response.close()
    return reply


async def _send(scope: Any, protocol: Any, reply: Reply, loop: asyncio.AbstractEventLoop) -> None:
    is_head = scope.method == "HEAD"
    if is_head or reply.status in (204, 304):
        protocol.response_empty(reply.status, reply.headers)
    elif reply.file:
        protocol.response_file_range(reply.status, reply.headers, *reply.file)
    elif reply.stream is None:
        protocol.response_bytes(reply.status, reply.headers, reply.content)
        return
    else:
        await _send_stream(protocol, reply, loop)
    if reply.stream is not None and reply.response is not None:
        await loop.run_in_executor(_threads, reply.response.close)


async def _send_stream(protocol: Any, reply: Reply, loop: asyncio.AbstractEventLoop) -> None:
    """Chunk by chunk: a thread makes each, and none waits for the client."""
    transport = protocol.response_stream(reply.status, reply.headers)
    while True:
        chunk = await loop.run_in_executor(_threads, next, reply.stream, None)
        if chunk is None:
            return
        try:
            await transport.send_bytes(chunk)
        except RuntimeError:  # the client went away
            return


def _refusal(status: int, message: str, code: str) -> Reply:
    response = error_response(status, message, code=code)
    headers = [(name.lower(), value) for name, value in response.items()]
    return Reply(status, [*headers, ("connection", "close")], response.content)
