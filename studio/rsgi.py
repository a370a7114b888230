"""The application as granian's RSGI server calls it: an event loop around Django's WSGI handler.

A thread is only held while Django works. Bodies are read, and files are sent, by the event loop and
the server, so that clients that stall or download slowly hold none. Figures, and why not plain
WSGI: docs/adr/0001-web-server.md.

Source: RSGI 1.6 specification (granian); PEP 3333 for the environ.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import os
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, Any, cast

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
handler = get_wsgi_application()

from studio.accounts.errors import error_response  # noqa: E402 - needs the settings
from studio.middleware import is_api  # noqa: E402 - needs the settings

logger = logging.getLogger(__name__)

THREADS = 8
BODY_SECONDS = 60.0
SLOWEST_BYTES_PER_SECOND = 32 * 1024
DRAIN_SECONDS = 5.0
READER_TRIES = 400
IN_MEMORY_BYTES = 2 * 1024 * 1024
BLOCK = 256 * 1024

TOO_LARGE = (413, "The request body is too large.", "request_too_large")
TOO_SLOW = (408, "The request body did not arrive in time.", "request_timeout")
BROKEN = (400, "The request body broke off.", "invalid_body")
FAILED = (500, "Something went wrong on our side.", "internal_error")

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="web")


class Refused(Exception):
    """A request that Django never sees. Its arguments: status, message, code."""


@dataclass
class Reply:
    """A Django response, taken apart for the server: bytes, a range of a file, or a stream."""

    status: int
    headers: list[tuple[str, str]]
    content: bytes = b""
    file: tuple[str, int, int] | None = None
    stream: Any = None


async def app(scope: Any, protocol: Any) -> None:
    """One request."""
    if scope.proto != "http":
        protocol.close(None)
        return
    chunks = _chunks(protocol)
    try:
        with await _read_body(scope, chunks) as body:
            reply = await _in_thread(_respond, _environ(scope, body), protocol)
        if reply.stream is not None:
            await _send_stream(protocol, reply)
    except Refused as exc:
        _send(protocol, _refusal(scope.path, *exc.args))
        if exc.args == TOO_LARGE and "expect" not in scope.headers:
            await _drain(chunks)
    except Exception:
        logger.exception("%s failed before Django", scope.path[:200])
        _send(protocol, _refusal(scope.path, *FAILED))


def _in_thread(function: Any, *args: Any) -> Any:
    return asyncio.get_running_loop().run_in_executor(_threads, function, *args)


async def _chunks(protocol: Any) -> AsyncIterator[bytes]:
    async for chunk in protocol:
        yield chunk


async def _read_body(scope: Any, chunks: AsyncIterator[bytes]) -> IO[bytes]:
    """The body, beyond 2 MiB on disk. Raises: Refused, also when it is not whole."""
    headers = scope.headers
    declared = int(headers.get("content-length") or 0)  # the server lets nothing but digits in
    if "transfer-encoding" in headers:
        declared = 0
    elif not declared:
        return io.BytesIO()
    if declared > settings.STUDIO_MAX_BODY_BYTES:
        raise Refused(*TOO_LARGE)
    body = cast("IO[bytes]", tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES))  # noqa: SIM115 - the caller closes it
    try:
        await _fill(body, chunks, has_trailers="trailer" in headers)
        if declared and body.tell() != declared:
            raise Refused(*BROKEN)
    except BaseException:
        body.close()
        raise
    return body


async def _fill(body: IO[bytes], chunks: AsyncIterator[bytes], has_trailers: bool) -> None:
    """Write all chunks. The server ends a body with an empty one, and a broken one with two."""
    begin, ends = asyncio.get_running_loop().time(), 0
    try:
        async with asyncio.timeout(BODY_SECONDS) as patience:
            async for chunk in chunks:
                ends += not chunk
                body.write(chunk)
                if body.tell() > settings.STUDIO_MAX_BODY_BYTES:
                    raise Refused(*TOO_LARGE)
                patience.reschedule(begin + BODY_SECONDS + body.tell() / SLOWEST_BYTES_PER_SECOND)
    except TimeoutError as exc:
        raise Refused(*TOO_SLOW) from exc
    if ends > 1 and not has_trailers:
        raise Refused(*BROKEN)


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    """Throw away what a refused client still sends: else it may see a reset and no answer."""
    left = settings.STUDIO_MAX_BODY_BYTES
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            async for chunk in chunks:
                left -= len(chunk)
                if left < 0:
                    return


def _environ(scope: Any, body: IO[bytes]) -> dict[str, Any]:
    """The request as PEP 3333 says it. Content-Length is what really came, chunked or not."""
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.0" if scope.http_version == "1" else "HTTP/1.1",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    _add_headers(environ, scope.headers)
    if scope.authority:  # an absolute-form target goes before Host: RFC 9112 §3.2.2
        environ["HTTP_HOST"] = scope.authority
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ["CONTENT_LENGTH"] = str(body.tell())
    body.seek(0)
    environ["wsgi.input"] = body
    return environ


def _add_headers(environ: dict[str, Any], headers: Any) -> None:
    """Every header once. Raises: Refused for an Idempotency-Key that would get lost."""
    for name, value in headers.items():
        if "_" in name or name == "content-length":  # X_Real must not pass for X-Real
            continue
        key = "HTTP_" + name.upper().replace("-", "_")
        separator = "; " if name == "cookie" else ","
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    if "idempotency-key" in headers and "HTTP_IDEMPOTENCY_KEY" not in environ:
        # The server hands over no value with bytes beyond ASCII.
        raise Refused(400, "The Idempotency-Key must be plain ASCII.", "invalid_value")


def _respond(environ: dict[str, Any], protocol: Any) -> Reply:
    """In a thread: send Django's answer, unless it is a stream. What it raises becomes a 500."""
    try:
        reply = _answer(environ)
    except Exception:
        logger.exception("%s failed outside of Django", environ["PATH_INFO"][:200])
        reply = _refusal(environ["PATH_INFO"], *FAILED)
    if reply.stream is None:
        _send(protocol, reply)  # from here, as the event loop may be busy
    return reply


def _answer(environ: dict[str, Any]) -> Reply:
    started: list[Any] = []
    start = cast("Any", lambda status, headers: started.extend((status, headers)))
    response: Any = handler(environ, start)
    reply = Reply(int(started[0][:3]), [(name.lower(), value) for name, value in started[1]])
    try:
        if environ["REQUEST_METHOD"] == "HEAD":
            return reply
        if hasattr(response, "media_path"):
            reply.file = (str(response.media_path), *response.media_range)
        elif response.streaming and int(response.get("Content-Length") or BLOCK) >= BLOCK:
            reply.stream = response
        else:
            reply.content = b"".join(response)
    finally:
        if reply.stream is None:
            response.close()
    return reply


def _send(protocol: Any, reply: Reply) -> None:
    if reply.file and reply.file[1] < reply.file[2]:
        protocol.response_file_range(reply.status, reply.headers, *reply.file)
    elif reply.content:
        protocol.response_bytes(reply.status, reply.headers, reply.content)
    else:
        protocol.response_empty(reply.status, reply.headers)


async def _send_stream(protocol: Any, reply: Reply) -> None:
    """Through a FIFO, which fills up when the client is slow; no thread waits for it.

    RSGI's own streams queue whatever the client has not taken, without bound (granian 2.8).
    """
    try:
        with tempfile.TemporaryDirectory(prefix="rushes-stream-") as folder:
            path = os.path.join(folder, "fifo")
            os.mkfifo(path)
            protocol.response_file(reply.status, reply.headers, path)
            fifo = await _open_fifo(path)
        if fifo is not None:
            await _pour(iter(reply.stream), fifo)
    finally:
        await _in_thread(reply.stream.close)


async def _pour(parts: Iterator[bytes], fifo: int) -> None:
    """All of a stream, as long as somebody reads; then closes the FIFO."""
    try:
        while block := await _in_thread(_next_block, parts):
            await _write(fifo, block)
    except BrokenPipeError:
        pass  # the client went away
    except Exception:
        logger.exception("a stream broke off")
    finally:
        os.close(fifo)


async def _open_fifo(path: str) -> int | None:
    """The writing end once the server reads; None when it never does, as the client went away."""
    for _ in range(READER_TRIES):
        with contextlib.suppress(OSError):
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        await asyncio.sleep(0.005)
    return None


def _next_block(parts: Iterator[bytes]) -> bytes:
    """In a thread: at least 256 KiB of a stream; less, or nothing, at its end."""
    block = bytearray()
    for part in parts:
        block += part
        if len(block) >= BLOCK:
            break
    return bytes(block)


async def _write(fifo: int, left: bytes) -> None:
    """Raises: BrokenPipeError when nobody reads any more."""
    loop = asyncio.get_running_loop()
    while left:
        try:
            left = left[os.write(fifo, left) :]
        except BlockingIOError:
            has_room = asyncio.Event()
            loop.add_writer(fifo, has_room.set)
            await has_room.wait()
            loop.remove_writer(fifo)


def _refusal(path: str, status: int, message: str, code: str) -> Reply:
    """The envelope under the API's paths, one line of text elsewhere; then the connection ends."""
    response: HttpResponse = (
        error_response(status, message, code=code)
        if is_api(path)
        else HttpResponse(f"{message}\n", status=status, content_type="text/plain")
    )
    headers = [(name.lower(), value) for name, value in response.items()]
    headers += [("x-request-id", f"req_{uuid.uuid4().hex}"), ("connection", "close")]
    return Reply(status, headers, response.content)
