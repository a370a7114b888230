"""Fixtures for every test: an own data directory; and what happens where a service is missing.

A test that needs a service says so by its marker. Where the service does not answer the test is
skipped, with the reason; under CI=true it fails instead.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

POSTGRES_URL = os.environ.setdefault(
    "TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres"
)
REDIS_URL = os.environ.setdefault("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
IS_CI = os.environ.get("CI") == "true"


@cache
def has_postgres() -> bool:
    """Whether a PostgreSQL server answers."""
    import psycopg

    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


@cache
def has_redis() -> bool:
    """Whether a Redis server answers."""
    import redis

    try:
        with redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3) as server:
            return bool(server.ping())
    except redis.RedisError:
        return False


def has_chromium() -> bool:
    """Whether Debian's Chromium is installed."""
    return Path("/usr/bin/chromium").exists()


def has_node() -> bool:
    """Whether Node.js and its package manager are installed."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


NEEDS: dict[str, tuple[str, Callable[[], bool]]] = {
    "postgres": (f"PostgreSQL at {POSTGRES_URL}", has_postgres),
    "redis": (f"Redis at {REDIS_URL}", has_redis),
    "node": ("Node.js with npm", has_node),
    "browser": ("Chromium at /usr/bin/chromium", has_chromium),
}


def pytest_configure(config: pytest.Config) -> None:
    """A whole run on PostgreSQL makes no sense without one."""
    if os.environ.get("DATABASE_URL", "").startswith("postgres") and not has_postgres():
        note_skipped("every unit test on PostgreSQL", NEEDS["postgres"][0])
        pytest.exit("There is no PostgreSQL to run on.", returncode=1 if IS_CI else 0)


@pytest.fixture(autouse=True)
def services(request: pytest.FixtureRequest) -> None:
    """Skip, or in CI fail, a test whose service is missing."""
    for name, (what, is_there) in NEEDS.items():
        if request.node.get_closest_marker(name) and not is_there():
            note_skipped(request.node.nodeid, what)
            (pytest.fail if IS_CI else pytest.skip)(f"needs {what}")


def note_skipped(test: str, what: str) -> None:
    """Leave a line for the end of `make test`."""
    if path := os.environ.get("SKIPPED_LIST"):
        with open(path, "a") as file:
            file.write(f"  {test} (needs {what})\n")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """On SQLite the tests of threads and processes empty every table by DELETE, the audit too."""
    from django.db import connection

    from studio.accounts.triggers import DELETE_TRIGGER

    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            connection.cursor().execute(f"DROP TRIGGER {DELETE_TRIGGER}")


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    """An empty data directory; nothing a test stores is seen by another."""
    settings.STUDIO_DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = settings.STUDIO_DATA_DIR / "media"
    settings.STUDIO_SECRETS_DIR = settings.STUDIO_DATA_DIR / "secrets" / "keys"
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def fresh_house() -> None:
    """Settings that another test stored are gone with its database."""
    from providers import house

    house.forget()


@pytest.fixture
def shared_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database that threads can work on side by side: SQLite's in memory is none."""
    from django.db import connection

    if connection.vendor != "sqlite":
        yield
        return
    memory, name = connection.connection, connection.settings_dict["NAME"]
    path = tmp_path / "threads.sqlite3"
    file = sqlite3.connect(path)
    memory.backup(file)
    file.close()
    connection.connection, connection.settings_dict["NAME"] = None, str(path)
    yield
    connection.close()
    connection.connection, connection.settings_dict["NAME"] = memory, name
