"""`manage.py providers`: provider keys from the command line."""

from __future__ import annotations

import sys
from getpass import getpass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from providers import deployed, entries, health, patterns
from providers.entries import Entry, InvalidEntry
from providers.models import ProviderKey
from studio.accounts.audit import OPERATOR


class Command(BaseCommand):
    """Adds, lists, tests and disables keys. A secret is read from standard input, never named."""

    help = "Add, list, test and disable provider keys; apply a file of them."

    def add_arguments(self, parser: CommandParser) -> None:
        """One word says what to do."""
        what = parser.add_subparsers(dest="what", required=True)
        add = what.add_parser("add", help="add a key; its secret is asked for, or read from a pipe")
        add.add_argument("name")
        add.add_argument("--reference", help="env.NAME or file.PATH in place of a secret")
        add.add_argument("--models", default="", help="comma-separated; gen4*, !gen4_turbo")
        add.add_argument("--weight", type=float, default=1.0)
        add.add_argument("--base-url", default="")
        what.add_parser("list", help="every key and how it does")
        test = what.add_parser("test", help="ask Runway, which is free; all keys, or these")
        test.add_argument("names", nargs="*", metavar="name")
        disable = what.add_parser("disable", help="give it no new work; what it runs goes on")
        disable.add_argument("name")
        file = what.add_parser("apply", help="make the keys what a file says")
        file.add_argument("path", nargs="?", default=settings.STUDIO_PROVIDERS_FILE)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it. Raises: CommandError with what is wrong and where."""
        try:
            getattr(self, f"_{options['what']}")(options)
        except InvalidEntry as exc:
            raise CommandError(explained(exc)) from exc

    def _add(self, options: dict[str, Any]) -> None:
        models = [name.strip() for name in options["models"].split(",") if name.strip()]
        body = {
            "name": options["name"],
            "value": options["reference"] or _secret(),
            "models": models,
            "weight": options["weight"],
            "network_config": {"base_url": options["base_url"]},
        }
        self._test_one(entries.add(entries.read_key(body), OPERATOR))

    def _list(self, options: dict[str, Any]) -> None:
        for key in ProviderKey.objects.all():
            state = health.secret_state(key)
            secret = f"{health.secret_shown(key)} ({state})"
            words = (key.name, secret, patterns.words(key.model_ids), f"weight {key.weight:g}")
            self.stdout.write("  ".join((*words, health.words(key))))

    def _test(self, options: dict[str, Any]) -> None:
        names = options["names"]
        found = [_named(name) for name in names] if names else list(ProviderKey.objects.all())
        if [key for key in found if not self._test_one(key)]:
            raise CommandError("Not every key works.")

    def _disable(self, options: dict[str, Any]) -> None:
        key = _named(options["name"])
        entries.change(key, Entry(fields={"enabled": False}), OPERATOR)
        self.stdout.write(f"{key.name} is disabled. What it runs goes on.")

    def _apply(self, options: dict[str, Any]) -> None:
        if not options["path"]:
            raise CommandError("Name a file, here or in STUDIO_PROVIDERS_FILE.")
        keys = deployed.apply(Path(options["path"]))
        self.stdout.write(f"Applied: {', '.join(key.name for key in keys) or 'no keys'}.")
        for key in keys:
            if key.passed_at is None and key.enabled:
                self._test_one(key)

    def _test_one(self, key: ProviderKey) -> bool:
        """Whether it works; said in either case."""
        error = entries.test(key, OPERATOR)
        said = f"does not work: {error}" if error else f"works, {key.credits:g} credits"
        self.stdout.write(f"{key.name} {said}")
        return not error


def explained(exc: InvalidEntry) -> str:
    """Which entry and field, and what is wrong there."""
    return f"{exc.param}: {exc.message}" if exc.param else exc.message


def _named(name: str) -> ProviderKey:
    key = ProviderKey.objects.filter(name=name).first()
    if key is None:
        raise CommandError(f"There is no provider key called {name!r}.")
    return key


def _secret() -> str:
    """Asked for where there is a terminal, else read: an argument would show in `ps`."""
    return getpass("Runway key: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
