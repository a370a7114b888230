"""`python -m providers.sandbox`: the sandbox without the studio, for scripts and tests."""

from __future__ import annotations

import argparse
import os

from django.conf import settings

from providers.sandbox import options
from providers.sandbox.limits import Limits
from providers.sandbox.server import serve


def main() -> None:
    """Run a sandbox with the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m providers.sandbox", description=__doc__)
    options.add_to(parser)
    options.add_limits(parser)
    chosen = parser.parse_args()
    # The only setting that the catalogue reads; nothing else of Django is needed here.
    settings.configure(STUDIO_CATALOG_FILE=os.environ.get("STUDIO_CATALOG_FILE", ""))
    limits = Limits(chosen.concurrency, chosen.daily)
    serve(chosen.port, chosen.data, chosen.pace, limits)


if __name__ == "__main__":
    main()
