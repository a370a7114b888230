"""Web servers side by side on our own endpoints: `python -m bench.web`, about 90 seconds.

Our `manage.py web` against plain WSGI as granian serves it, interleaved on one machine with one
database, so that noise meets all of them alike. Figures: docs/adr/0001-web-server.md.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import django
from django.core.management import call_command

from tests.live import eventually, free_port

MIB = 1024 * 1024
CLIP_BYTES, FILM_BYTES = 4 * MIB, 64 * MIB
ROUNDS = 4
GET_SECONDS = 1.5
CONTENT_SECONDS = 0.8
STALLED = 50
STALLED_GETS = 30
PATIENCE_SECONDS = 1.5

WSGI = ["-m", "granian", "--interface", "wsgi", "--workers", "2", "--log-level", "warning"]
T = TypeVar("T", bytes, int)
SERVERS = {
    "RSGI bridge": ["manage.py", "web", "--port", "{port}"],
    "WSGI 2x8": [*WSGI, "--blocking-threads", "8", "--port", "{port}", "studio.wsgi:application"],
    "WSGI 2x32": [*WSGI, "--blocking-threads", "32", "--port", "{port}", "studio.wsgi:application"],
}


@dataclass
class Server:
    """One running server and what was measured on it: figures by the name of the measurement."""

    name: str
    pid: int
    port: int
    get: bytes
    content: bytes
    film: bytes
    figures: dict[str, list[float]] = field(default_factory=dict)

    def note(self, measurement: str, value: float) -> None:
        """Keep one figure."""
        self.figures.setdefault(measurement, []).append(value)

    def cpu_seconds(self) -> float:
        """CPU time that all its processes have used so far."""
        ticks = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = path.read_text().rpartition(")")[2].split()
                ticks += (int(fields[11]) + int(fields[12])) * (int(fields[2]) == self.pid)
        return ticks / os.sysconf("SC_CLK_TCK")

    def median(self, measurement: str) -> float:
        """The middle of the figures of one measurement."""
        return statistics.median(self.figures[measurement])


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        os.environ.update(STUDIO_DATA_DIR=folder, DJANGO_SETTINGS_MODULE="studio.settings")
        key, *video_ids = prepare(Path(folder))
        servers = [stack.enter_context(serve(name, key, video_ids)) for name in SERVERS]
        for _ in range(ROUNDS):
            for server in servers:
                measure_gets(server)
        for _ in range(ROUNDS):
            for server in servers:
                measure_content(server)
        for server in servers:
            for measurement, request in stalls(server).items():
                measure_stalled(server, f"GET while 50 {measurement}, ms", request)
    print_table(servers)


def prepare(folder: Path) -> list[str]:
    """A database with one person and two videos. Answers an API key, and the videos' ids."""
    django.setup()
    from studio.accounts.models import ApiKey, User  # noqa: PLC0415 - needs the settings

    call_command("migrate", verbosity=0)
    (folder / "static").mkdir()
    (folder / "media").mkdir()
    user = User.objects.create_user("bench@example.org")
    clips = [add_video(user, folder, size) for size in (CLIP_BYTES, FILM_BYTES)]
    return [ApiKey.issue(user, "bench")[1], *clips]


def add_video(owner: Any, folder: Path, size: int) -> str:
    """The id of a finished video with a file of this many bytes."""
    from django.utils import timezone  # noqa: PLC0415 - needs the settings

    from videos.models import File, Video  # noqa: PLC0415 - needs the settings

    video = Video.objects.create(
        owner=owner, status="completed", deadline_at=timezone.now(), seconds=5, estimate=60
    )
    data = os.urandom(size)
    (folder / "media" / video.pk).write_bytes(data)
    video.files.create(
        kind=File.VIDEO,
        path=video.pk,
        size=size,
        sha256=hashlib.sha256(data).hexdigest(),
        content_type="video/mp4",
    )
    return video.pk


@contextmanager
def serve(name: str, key: str, video_ids: list[str]) -> Iterator[Server]:
    """One server on a free port, warm."""
    port = free_port()
    command = [sys.executable, *(word.format(port=port) for word in SERVERS[name])]
    head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
    get = f"GET /v1/videos/{video_ids[0]} HTTP/1.1\r\n{head}\r\n".encode()
    clip, film = (
        f"GET /v1/videos/{video_id}/content HTTP/1.1\r\n{head}".encode() for video_id in video_ids
    )
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        server = Server(name, process.pid, port, get, clip, film)
        warm_up(server)
        yield server
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def warm_up(server: Server) -> None:
    """Wait until it answers, then until both of its processes have seen requests."""
    eventually("an answer", 20, lambda: _listens(server))
    load(server, server.get, 16, 0.5)


def _listens(server: Server) -> bool:
    with contextlib.suppress(ConnectionRefusedError), connect(server):
        return True
    return False


def connect(server: Server, buffer_bytes: int = 0) -> socket.socket:
    """A connection; `buffer_bytes` limits how much it takes in unread."""
    connection = socket.socket()
    if buffer_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
    connection.settimeout(10)
    connection.connect(("127.0.0.1", server.port))
    return connection


def fetch(connection: socket.socket, request: bytes) -> int:
    """One request and its whole answer; how many bytes of body came."""
    connection.sendall(request)
    data = b""
    while b"\r\n\r\n" not in data:
        data += _received(connection.recv(65536))
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 206")), head
    length = int(head.lower().partition(b"content-length:")[2].split()[0])
    left, buffer = length - len(body), bytearray(256 * 1024)
    while left > 0:
        left -= _received(connection.recv_into(buffer))
    return length


def _received(what: T) -> T:
    if not what:
        raise ConnectionError("the answer broke off")
    return what


def load(
    server: Server, request: bytes, clients: int, seconds: float
) -> tuple[float, float, list[float]]:
    """Keep-alive clients at full speed: requests/s, bytes/s, and every latency in seconds."""
    latencies, sizes = list[float](), list[int]()
    end = time.perf_counter() + seconds

    def client() -> None:
        with connect(server) as connection:
            while (begin := time.perf_counter()) < end:
                sizes.append(fetch(connection, request))
                latencies.append(time.perf_counter() - begin)

    begin = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(lambda _: client(), range(clients)))
    took = time.perf_counter() - begin
    return len(latencies) / took, sum(sizes) / took, latencies


def measure_gets(server: Server) -> None:
    """GET /v1/videos/{id}, 16 clients."""
    before = server.cpu_seconds()
    rate, _, latencies = load(server, server.get, 16, GET_SECONDS)
    server.note("GET, requests/s", rate)
    server.note("GET, CPU us", (server.cpu_seconds() - before) / len(latencies) * 1e6)
    server.note("GET, median ms", statistics.median(latencies) * 1000)
    server.note("GET, p99 ms", statistics.quantiles(latencies, n=100)[98] * 1000)


def measure_content(server: Server) -> None:
    """GET …/content, 4 clients: the whole file, then its third MiB."""
    for name, extra in (
        ("4 MiB /content, MB/s", b"\r\n"),
        ("1 MiB range, MB/s", b"Range: bytes=%d-%d\r\n\r\n" % (2 * MIB, 3 * MIB - 1)),
    ):
        _, rate, _ = load(server, server.content + extra, 4, CONTENT_SECONDS)
        server.note(name, rate / 1e6)


def stalls(server: Server) -> dict[str, bytes]:
    """What stalling clients do, and what they have sent by then."""
    head = server.get.partition(b"\r\n")[2][:-2]
    return {
        "stall in the headers": server.get[:-2],
        "stall in the body": b"POST /v1/videos HTTP/1.1\r\n%s" % head
        + b"Content-Type: application/json\r\nContent-Length: 10000\r\n\r\n{",
        "download 4 MiB slowly": server.content + b"\r\n",
        "download 64 MiB slowly": server.film + b"\r\n",
    }


def measure_stalled(server: Server, measurement: str, request: bytes) -> None:
    """New clients' GETs, one after the other, while 50 others stall; a miss costs its patience."""
    with stalling(server, request):
        misses = 0
        for _ in range(STALLED_GETS):
            begin = time.perf_counter()
            try:
                with connect(server) as connection:
                    connection.settimeout(PATIENCE_SECONDS)
                    fetch(connection, server.get)
            except OSError:
                misses += 1
            server.note(measurement, (time.perf_counter() - begin) * 1000)
            if misses == 3:
                return


@contextmanager
def stalling(server: Server, request: bytes) -> Iterator[None]:
    """50 clients that send this and then take in a KiB ten times a second, while the block runs."""
    with ExitStack() as stack:
        stalled = [stack.enter_context(connect(server, 4096)) for _ in range(STALLED)]
        for connection in stalled:
            connection.sendall(request)
            connection.setblocking(False)
        over = threading.Event()
        trickle = threading.Thread(target=_trickle, args=(stalled, over))
        trickle.start()
        try:
            time.sleep(0.5)
            yield
        finally:
            over.set()
            trickle.join()


def _trickle(connections: list[socket.socket], over: threading.Event) -> None:
    while not over.wait(0.1):
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.recv(1024)


def print_table(servers: list[Server]) -> None:
    """The median of each measurement, and its ratio to the first server's."""
    print(f"{'':38}" + "".join(f"{server.name:>22}" for server in servers))
    for measurement in servers[0].figures:
        values = [server.median(measurement) for server in servers]
        cells = "".join(f"{f'{value:.1f} ({value / values[0]:.2f})':>22}" for value in values)
        print(f"{measurement:38}{cells}")


if __name__ == "__main__":
    main()
