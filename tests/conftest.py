"""Fixtures for every test: an own data directory, people and their keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    """An empty data directory; nothing a test stores is seen by another."""
    settings.STUDIO_DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = settings.STUDIO_DATA_DIR / "media"
    settings.STUDIO_SECRETS_DIR = settings.STUDIO_DATA_DIR / "secrets" / "keys"
    return settings.STUDIO_DATA_DIR
