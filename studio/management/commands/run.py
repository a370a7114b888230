"""`manage.py run`: the whole studio on one machine. `make run` calls it."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections

from providers import entries, routing
from providers.entries import InvalidEntry
from providers.models import ProviderKey
from studio import demo, install, ports
from studio.accounts.audit import OPERATOR
from studio.lifeline import Lifeline
from studio.supervisor import Child, Stop

TICK_SECONDS = 0.2
KEY_CHECK_SECONDS = 5.0
TEST_SECONDS = 60.0
READY_SECONDS = 60.0
STOP_SECONDS = 40.0


class Command(BaseCommand):
    """Prepares the installation, then keeps web server, worker and sandbox running."""

    help = "Run web server, worker and (without a Runway key) the sandbox, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--demo` adds five sample videos."""
        parser.add_argument("--demo", action="store_true", help="add five sample videos")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGINT or SIGTERM; then stop everything, submissions in flight first."""
        stop, lifeline = Stop(), Lifeline()
        port = settings.STUDIO_PORT
        self._lock = own_data_dir()
        if problem := ports.why_not(port):
            raise CommandError(problem)
        install.prepare()
        first = install.first_person()
        environment, sandbox = self._environment_key(), Sandbox(lifeline)
        self._deployed_keys()
        sandbox.keep_up()
        children = [
            Child("the web server", ["web", "--port", str(port)], {}),
            Child("the worker", ["worker"], {}),
        ]
        for child in children:
            child.keep_up(lifeline)
        if wait_until_ready(port, stop):
            self._print_banner(port, first)
            self._print_keys(environment)
            if options["demo"]:
                self.stdout.write(demo.make())
        while not stop.requested:
            for child in children:
                child.keep_up(lifeline)
            sandbox.keep_up()
            self._test_again()
            time.sleep(TICK_SECONDS)
        self._stop(children, sandbox)

    def _stop(self, children: list[Child], sandbox: Sandbox) -> None:
        self.stdout.write("\nStopping: requests to Runway that are under way may finish …")
        for child in children:
            child.ask_to_stop()
        end = time.monotonic() + STOP_SECONDS
        for child in (*children, sandbox.child):
            child.stop(max(0.0, end - time.monotonic()))
        self.stdout.write("Stopped.")

    def _environment_key(self) -> ProviderKey | None:
        """The environment's key, tested before the worker looks for one, which costs nothing."""
        key = install.environment_key()
        if key is not None:
            key.test()
        self._tested_at = time.monotonic()
        return key

    def _deployed_keys(self) -> None:
        """The keys of STUDIO_PROVIDERS_FILE, tested if they never passed. Raises: CommandError."""
        try:
            keys = install.deployed_keys()
        except InvalidEntry as exc:
            place = f" {exc.param}:" if exc.param else ""
            raise CommandError(f"STUDIO_PROVIDERS_FILE:{place} {exc.message}") from exc
        entries.test_new(keys, OPERATOR)

    def _print_banner(self, port: int, first: install.FirstPerson | None) -> None:
        self.stdout.write(f"\nRushes is ready:  {settings.STUDIO_BASE_URL}\n")
        if first is None:
            self.stdout.write("Ctrl-C stops it.\n")
            return
        self.stdout.write(
            f"\n  Sign in as   {first.email}\n"
            f"  Password     {first.password}\n"
            f"  API key      {first.api_key}\n"
            "\nBoth secrets are shown this once. A first video from the command line:\n"
            f"\n  curl http://127.0.0.1:{port}/v1/videos \\\n"
            f'    -H "Authorization: Bearer {first.api_key}" \\\n'
            '    -F model=gen4.5 -F prompt="A lighthouse at dawn, slow dolly in" -F seconds=5\n'
            "\nCtrl-C stops it.\n"
        )

    def _print_keys(self, environment: ProviderKey | None) -> None:
        """Say how the environment's key did, which keys are gone, and who makes the videos."""
        if environment is not None:
            error = environment.test_error
            state = (
                f"does not work: {error}" if error else f"works, {environment.credits:g} credits"
            )
            self.stdout.write(f"Runway key from the environment {state}\n")
        for line in install.unresolved_keys():
            self.stdout.write(f"{line}\n")
        if routing.is_sandboxed():
            self.stdout.write(
                "The sandbox makes the videos: real clips, offline, free. For Runway's, start\n"
                "with RUNWAYML_API_SECRET set, or add a key under /admin/.\n"
            )
        elif not routing.pool():
            self.stdout.write("No provider key works: videos wait until one does.\n")

    def _test_again(self) -> None:
        """Now and then, the keys that never passed: Runway may not have been there."""
        if time.monotonic() - self._tested_at < TEST_SECONDS:
            return
        try:
            install.test_unproven_keys()
        except DatabaseError:
            connections.close_all()
        self._tested_at = time.monotonic()


class Sandbox:
    """The sandbox process, running while its provider key is enabled."""

    def __init__(self, lifeline: Lifeline) -> None:
        self.lifeline = lifeline
        self.port = kept_port(Path(settings.STUDIO_DATA_DIR) / "sandbox.port")
        self.url = f"http://127.0.0.1:{self.port}"
        listed = [*settings.STUDIO_PROVIDER_ORIGINS, self.url]
        os.environ["STUDIO_PROVIDER_ORIGINS"] = ",".join(listed)
        self.child = Child("the sandbox", ["sandbox", "--port", str(self.port)], {})
        self.looked_at = 0.0
        self.is_wanted = False

    def keep_up(self) -> None:
        """Start it, or end it, as its key says; the key always names the port of today."""
        if time.monotonic() - self.looked_at >= KEY_CHECK_SECONDS or not self.looked_at:
            self.looked_at = time.monotonic()
            try:
                self._follow_key()
            except DatabaseError:
                connections.close_all()
        if self.is_wanted:
            self.child.keep_up(self.lifeline)
        elif self.child.is_running:
            self.child.stop(5.0)

    def _follow_key(self) -> None:
        key = install.sandbox_key()
        self.is_wanted = key is not None
        if key is not None and key.base_url != self.url:
            ProviderKey.objects.filter(pk=key.pk).update(base_url=self.url)


def own_data_dir() -> IO[bytes]:
    """Hold the data directory, as long as the answer is open. Raises: CommandError."""
    folder = Path(settings.STUDIO_DATA_DIR) / "run"
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        lock.close()
        message = (
            f"A studio runs on {settings.STUDIO_DATA_DIR} already. "
            "STUDIO_DATA_DIR=… starts another one beside it."
        )
        raise CommandError(message) from exc
    return lock


def kept_port(path: Path) -> int:
    """The port in this file, if it is free today; else a new free one, which is kept there."""
    candidates = [int(path.read_text())] if path.exists() else []
    for port in (*candidates, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            path.write_text(str(found))
            return found
    raise CommandError("There is no free port for the sandbox.")


def wait_until_ready(port: int, stop: Stop) -> bool:
    """Whether the web server answered; False when we were asked to stop first."""
    end = time.monotonic() + READY_SECONDS
    while not stop.requested:
        if answers(port):
            return True
        if time.monotonic() > end:
            raise CommandError("The web server does not start; see the lines above.")
        time.sleep(TICK_SECONDS / 2)
    return False


def answers(port: int) -> bool:
    """Whether an HTTP answer comes from the port, whatever it says."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("HEAD", "/sign-in/")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True
