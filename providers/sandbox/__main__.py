"""`python -m providers.sandbox`: the sandbox without Django, for scripts and tests."""

from __future__ import annotations

import argparse

from providers.sandbox import options
from providers.sandbox.server import serve


def main() -> None:
    """Run a sandbox with the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m providers.sandbox", description=__doc__)
    options.add_to(parser)
    chosen = parser.parse_args()
    serve(chosen.port, chosen.data, chosen.pace)


if __name__ == "__main__":
    main()
