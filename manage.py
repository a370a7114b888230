#!/usr/bin/env python
"""Django's command line for Rushes: `manage.py run` starts everything."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    from studio import lifeline  # noqa: PLC0415

    lifeline.watch()
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
