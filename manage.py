#!/usr/bin/env python
"""Django's command line for Rushes: `manage.py run` starts everything."""

import os
import sys

# Commands that write into the data directory: nobody else may read what they write.
PRIVATE = ("run", "web", "worker", "qcluster", "sandbox", "migrate", "collectstatic")


def main() -> None:
    """Run one management command. A setting that makes no sense is one line, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    if sys.argv[1:2] and sys.argv[1] in PRIVATE:
        os.umask(0o077)
    from studio import lifeline  # noqa: PLC0415

    lifeline.watch()
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as exc:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"Rushes cannot start: {exc}")


if __name__ == "__main__":
    main()
