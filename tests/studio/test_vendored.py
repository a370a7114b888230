"""What was copied from packages is what VENDOR.md says, and nothing else."""

from __future__ import annotations

import hashlib
import re

from django.conf import settings

VENDOR = settings.BASE_DIR / "static" / "vendor"


def test_every_vendored_file_is_the_one_that_is_written_down() -> None:
    row = re.compile(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", re.MULTILINE)
    told = dict(row.findall((VENDOR / "VENDOR.md").read_text()))
    files = {path.name: path for path in VENDOR.iterdir() if path.is_file()}
    del files["VENDOR.md"]
    assert told == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()
    }
