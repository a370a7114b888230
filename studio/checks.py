"""System checks: what must be true for the studio to work, found before somebody's video fails.

Run by `manage.py check`, `check --deploy`, `migrate` and `run`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from constance.utils import get_values
from cryptography.fernet import Fernet, MultiFernet
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connections

from providers import house
from providers.models import ProviderKey
from providers.pool import STRATEGIES
from studio import lifeline, secretfiles
from videos import deriving

Apps = Sequence[AppConfig] | None


@register(Tags.files)
def check_data_dir(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """The data directory exists and may be written."""
    path = settings.STUDIO_DATA_DIR
    with suppress(OSError):
        secretfiles.private_folder(path)
    if path.is_dir() and os.access(path, os.W_OK | os.X_OK):
        return []
    hint = "Set STUDIO_DATA_DIR to a directory that this user may write."
    return [Error(f"The data directory {path} is not writable.", hint=hint, id="studio.E001")]


@register(Tags.security)
def check_privacy(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Nobody else on this machine may look into the data directory. Said once, not by children."""
    path = settings.STUDIO_DATA_DIR
    if lifeline.VARIABLE in os.environ or not path.is_dir():
        return []
    if not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return []
    message = f"The data directory {path} is open to other users of this machine."
    return [Warning(message, hint=f"Close it: chmod go= {path}", id="studio.W002")]


@register(Tags.security)
def check_secrets(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Both secrets are there, differ, and the encryption keys are Fernet keys."""
    if settings.SECRET_KEY in settings.STUDIO_ENCRYPTION_KEYS:
        hint = "Give STUDIO_SECRET_KEY and STUDIO_ENCRYPTION_KEYS different values."
        return [Error("One secret is used for two purposes.", hint=hint, id="studio.E003")]
    try:
        MultiFernet([Fernet(key) for key in settings.STUDIO_ENCRYPTION_KEYS])
    except ValueError:
        hint = "Each must be 32 random bytes as URL-safe base64; see docs/settings.md."
        message = "STUDIO_ENCRYPTION_KEYS holds something that is not a Fernet key."
        return [Error(message, hint=hint, id="studio.E002")]
    return []


@register(Tags.models)
def check_derived_models(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """The models for edits and extensions can do that."""
    wrong = [
        (name, verb)
        for name, verb, can in (
            ("STUDIO_EDIT_MODEL", "changes", deriving.can_edit),
            ("STUDIO_EXTEND_MODEL", "extends", deriving.can_extend),
        )
        if not can(getattr(settings, name))
    ]
    hint = "`manage.py catalog` lists what each model takes."
    return [
        Warning(f"{name} names no model that {verb} videos.", hint=hint, id="studio.W003")
        for name, verb in wrong
    ]


@register(Tags.models)
def check_routing(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """The strategy is one that there is; another counts as `weighted`."""
    if settings.STUDIO_ROUTING in STRATEGIES:
        return []
    hint = f"One of {', '.join(STRATEGIES)}; see docs/routing.md."
    return [Warning("STUDIO_ROUTING names no strategy.", hint=hint, id="studio.W004")]


@register(Tags.database)
def check_database(
    app_configs: Apps, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """The database answers. Runs with `manage.py check --database default`."""
    if not databases:
        return []
    try:
        connections["default"].ensure_connection()
    except DatabaseError as exc:
        hint = "Check DATABASE_URL, or that the data directory's disk is there."
        return [Error(f"The database cannot be reached: {exc}", hint=hint, id="studio.E004")]
    return []


@register(Tags.database)
def check_stored_settings(
    app_configs: Apps, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """What administrators set can be used. Runs with `manage.py check --database default`."""
    if not databases:
        return []
    try:
        problems = house.of(get_values())[1]
    except DatabaseError:
        return []  # not migrated yet
    hint = "Its default holds. Set it anew under /admin/constance/config/."
    return [Warning(problem, hint=hint, id="studio.W005") for problem in problems]


@register(Tags.database)
def check_provider_keys(
    app_configs: Apps, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Some key in service is there. Runs with `manage.py check --database default`."""
    if not databases:
        return []
    try:
        if not all(key.problem() for key in ProviderKey.objects.in_service()):
            return []
    except DatabaseError:
        return []  # not migrated yet
    hint = "Set RUNWAYML_API_SECRET and start again, or enable a key under /admin/."
    return [Warning("No provider key works: nothing can be made.", hint=hint, id="studio.W001")]
