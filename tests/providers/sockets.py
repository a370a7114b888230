"""Real peers on loopback for tests: each speaks its part to every connection, and remembers."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[[socket.socket, threading.Event], None]


@dataclass
class Peer:
    """Where it listens, and what came: the requests, and how many connections."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def origin(self) -> str:
        """Its origin over plain HTTP."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def peer(script: Script, *, reads: bool = True) -> Iterator[Peer]:
    """A server that reads a request and then lets `script` talk, until the test is over.

    The script gets the connection, and an event that says when to stop; any error ends it.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    over = threading.Event()
    found = Peer(listener.getsockname()[1])

    def serve() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                found.connections += 1
                thread = threading.Thread(target=talk, args=(connection,))
                thread.start()
                threads.append(thread)

    def talk(connection: socket.socket) -> None:
        with connection, suppress(OSError, ssl.SSLError):
            connection.settimeout(5)
            if reads:
                found.requests.append(request_of(connection))
            script(connection, over)

    threads = [threading.Thread(target=serve)]
    threads[0].start()
    try:
        yield found
    finally:
        over.set()
        for thread in threads:
            thread.join()
        listener.close()


def request_of(connection: socket.socket) -> bytes:
    """A whole request, so that hanging up afterwards resets nothing."""
    data = b""
    while b"\r\n\r\n" not in data and (piece := connection.recv(65536)):
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0 and (piece := connection.recv(65536)):
        data, missing = data + piece, missing - len(piece)
    return data


def saying(*pieces: bytes) -> Script:
    """Say this, and hang up."""

    def script(connection: socket.socket, over: threading.Event) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return script


def dripping(head: bytes, piece: bytes, seconds: float = 0.02) -> Script:
    """Say the head, then one piece after the other, for ever."""

    def script(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        while not over.wait(seconds):
            connection.sendall(piece)

    return script


def silent(connection: socket.socket, over: threading.Event) -> None:
    """Say nothing at all."""
    over.wait(5)


def http(body: bytes, *headers: str, status: str = "200 OK", length: int | None = -1) -> bytes:
    """An HTTP answer; `length` is what it declares: -1 the truth, None nothing."""
    declared = len(body) if length == -1 else length
    lines = [f"HTTP/1.1 {status}", *headers, "Connection: close"]
    if declared is not None:
        lines.append(f"Content-Length: {declared}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
