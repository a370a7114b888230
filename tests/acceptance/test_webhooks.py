"""Webhooks between real processes: the official SDK registers a receiver and unwraps what comes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from openai import OpenAI

from tests.live import Studio, eventually

pytestmark = [
    pytest.mark.process,
    pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning"),
]

Answer = Callable[[int], int]


@dataclass
class Receiver:
    """A web server of somebody else; `answer` gives the status for the n-th request."""

    url: str
    answer: Answer = lambda number: 204
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def ids(self) -> list[str]:
        """The webhook-id of everything that came."""
        return [headers["webhook-id"] for headers, _ in self.came]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """It listens on loopback until the test is over."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.came.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status = found.answer(len(found.came))
            with suppress(OSError):  # nobody waits for it any more
                self.send_response(status)
                self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio whose operator lets webhooks go to this machine."""
    folder = tmp_path_factory.mktemp("webhooks") / "data"
    running = Studio(folder, STUDIO_WEBHOOK_HOSTS="127.0.0.1", STUDIO_LEASE_SECONDS="5")
    yield running
    assert running.stop() == 0, running.output


@pytest.fixture
def client(studio: Studio) -> OpenAI:
    """As a script would make it."""
    return OpenAI(base_url=f"{studio.url}/v1", api_key=studio.key)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """One that takes everything."""
    with receiving() as found:
        yield found


def arrived(receiver: Receiver, count: int) -> None:
    """Wait for so many requests."""
    eventually(f"{count} deliveries", 60, lambda: len(receiver.came) >= count)


def settled(studio: Studio, endpoint_id: str) -> None:
    """Wait until every delivery of this endpoint is delivered."""
    sql = "SELECT count(*) FROM videos_webhookdelivery WHERE endpoint_id = ? AND status != ?"
    eventually(
        "the end of the deliveries",
        60,
        lambda: studio.rows(sql, endpoint_id, "delivered") == [(0,)],
    )


def test_a_receiver_that_fails_first_hears_of_the_video_all_the_same(
    studio: Studio, client: OpenAI, receiver: Receiver
) -> None:
    receiver.answer = lambda number: 503 if number == 1 else 204
    hook = client.webhooks.create(
        event_types=["video.completed"], name="Cutting room", url=receiver.url
    )
    video = studio.create("a kite over dunes")
    studio.create("[fail:SAFETY.INPUT.TEXT] nobody asked to hear of this one")
    arrived(receiver, 2)
    settled(studio, hook.id)
    assert len(set(receiver.ids())) == 1
    for headers, body in receiver.came:
        event: Any = client.webhooks.unwrap(body, headers, secret=hook.signing_secret)
        assert (event.type, event.data.id) == ("video.completed", video)
    client.webhooks.delete(hook.id)


def test_failures_and_cancellations_are_told_too(
    studio: Studio, client: OpenAI, receiver: Receiver
) -> None:
    every: Any = client.webhooks.event_types.list().data
    hook = client.webhooks.create(event_types=every, name="Everything", url=receiver.url)
    failed = studio.create("[fail:SAFETY.INPUT.TEXT] x")
    arrived(receiver, 1)
    cancelled = studio.create("[slow:60] x")
    studio.http.post(f"{studio.url}/v1/videos/{cancelled}/cancel").raise_for_status()
    arrived(receiver, 2)
    deleted = studio.create("[slow:60] y")
    studio.http.delete(f"{studio.url}/v1/videos/{deleted}").raise_for_status()
    eventually("its end", 60, lambda: studio.status(deleted) == "cancelled")
    told: list[Any] = [
        client.webhooks.unwrap(body, headers, secret=hook.signing_secret)
        for headers, body in receiver.came
    ]
    assert [(event.type, event.data.id) for event in told] == [
        ("video.failed", failed),
        ("video.cancelled", cancelled),
    ]
    client.webhooks.delete(hook.id)


def is_notify(pid: int) -> bool:
    """Whether a process belongs to the cluster that sends webhooks."""
    with open(f"/proc/{pid}/environ", "rb") as file:
        return b"STUDIO_CLUSTER=notify" in file.read().split(b"\0")


def test_a_worker_killed_before_its_note_sends_the_same_event_once_more(
    studio: Studio, client: OpenAI, receiver: Receiver
) -> None:
    def kill_first(number: int) -> int:
        if number == 1:
            for pid in studio.pids("qcluster"):
                with suppress(OSError):
                    if is_notify(pid):
                        os.kill(pid, signal.SIGKILL)
        return 200

    receiver.answer = kill_first
    hook = client.webhooks.create(event_types=["video.completed"], name="Deadly", url=receiver.url)
    studio.create("a lighthouse")
    arrived(receiver, 2)
    settled(studio, hook.id)
    first, second = receiver.ids()
    assert first == second
    for headers, body in receiver.came:
        assert client.webhooks.unwrap(body, headers, secret=hook.signing_secret)
    client.webhooks.delete(hook.id)


def test_a_host_that_nobody_listed_is_refused(client: OpenAI) -> None:
    for url in ("http://hooks.example.org/", "https://10.0.0.1/", "https://169.254.169.254/"):
        with pytest.raises(Exception, match="address must"):
            client.webhooks.create(event_types=["video.failed"], name="x", url=url)
