"""The same studio on PostgreSQL, with Redis as cache and broker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis

from tests.live import Studio

pytestmark = [pytest.mark.process, pytest.mark.postgres, pytest.mark.redis]

DATABASE = "rushes_acceptance"


@pytest.fixture
def database_url() -> Iterator[str]:
    """A fresh PostgreSQL database."""
    server = os.environ["TEST_POSTGRES_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
        yield urlunsplit(urlsplit(server)._replace(path=f"/{DATABASE}"))
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def taken(server: redis.Redis) -> int:
    """How often django-q2 asked this Redis for messages."""
    calls: int = server.info("commandstats").get("cmdstat_blpop", {"calls": 0})["calls"]
    return calls


@pytest.mark.parametrize("broker", ["redis", "database"])
def test_a_video_is_made_with_postgresql_and_redis(
    tmp_path: Path, database_url: str, broker: str
) -> None:
    redis_url = os.environ["TEST_REDIS_URL"]
    with redis.Redis.from_url(redis_url) as server:
        server.flushdb()
        before = taken(server)
        studio = Studio(
            tmp_path / "data",
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            STUDIO_QUEUE_BROKER=broker,
        )
        video = studio.wait(studio.create("a kite over dunes"))
        assert (video["status"], video["progress"]) == ("completed", 100)
        assert (taken(server) > before) is (broker == "redis")
        assert studio.accepted("a kite over dunes") == 1
        assert not (tmp_path / "data" / "rushes.sqlite3").exists()
        assert studio.stop() == 0, studio.output
        server.flushdb()
