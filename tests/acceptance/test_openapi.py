"""The OpenAPI document against the running studio, by requests that schemathesis makes from it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.live import Studio, python_with

pytestmark = pytest.mark.process


def test_what_the_openapi_document_says_is_true(studio: Studio, tmp_path: Path) -> None:
    """Thousands of generated requests: no 5xx, and no answer that it does not describe."""
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,"
    command = [
        *(*python_with("schemathesis==4.32.5"), "st", "run", f"{studio.url}/api/openapi.json"),
        *("--url", studio.url, "--header", f"Authorization: Bearer {studio.key}", "--no-color"),
        *(
            "--checks",
            f"{checks}response_schema_conformance",
            "--phases",
            "examples,coverage,fuzzing",
        ),
        *("--max-examples", "8", "--seed", "1", "--request-timeout", "20"),
    ]
    done = subprocess.run(
        command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stdout[-6000:]
