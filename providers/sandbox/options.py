"""The options of `manage.py sandbox` and of `python -m providers.sandbox`, which call this."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_to(parser: argparse.ArgumentParser, data: Path | None = None) -> None:
    """Add --port, --data and --pace. `data` is the default directory; None makes it required."""
    parser.add_argument("--port", type=_port, default=0, help="0 (default) takes a free one")
    parser.add_argument(
        "--data", type=Path, default=data, required=data is None, help="directory for its files"
    )
    parser.add_argument(
        "--pace", type=_pace, default=1.0, help="how fast tasks go: 20 is twenty times faster"
    )


def add_limits(parser: argparse.ArgumentParser) -> None:
    """Add --concurrency and --daily, which are None where there is no limit."""
    parser.add_argument(
        "--concurrency", type=_count, help="how many tasks of a model run at once; else any number"
    )
    parser.add_argument(
        "--daily", type=_count, help="how many tasks of a model 24 hours allow; else any number"
    )


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port lies between 0 and 65535")
    return port


def _pace(text: str) -> float:
    pace = float(text)
    if not 0.01 <= pace <= 10_000:
        raise argparse.ArgumentTypeError("a pace lies between 0.01 and 10000")
    return pace


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= 1_000_000:
        raise argparse.ArgumentTypeError("a limit lies between 1 and 1000000")
    return count
