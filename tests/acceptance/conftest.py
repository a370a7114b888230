"""One running studio for all official clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live import Studio


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with the sandbox behind it."""
    running = Studio(tmp_path_factory.mktemp("acceptance") / "data")
    yield running
    assert running.stop() == 0, running.output
