"""Provider secrets: encrypted at rest, or referred to where they are kept.

A stored secret is `fernet:` and a token, or a reference that is resolved at each use: `env.NAME` or
`file.PATH`. Only the last four characters of a secret ever leave the process.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from .errors import ProviderError

ENCRYPTED = "fernet:"
ENV, FILE = "env.", "file."
MAX_FILE_BYTES = 64 * 1024

_ENV_NAME = re.compile(r"RUNWAY[A-Z0-9_]*\Z")
_SECRET = re.compile(r"[!-~]{1,4096}\Z")


class SecretUnavailable(ProviderError):
    """A key's secret cannot be had: a reference leads nowhere, or the encryption key is gone."""

    code = "provider_secret"


class Unreadable(SecretUnavailable):
    """No encryption key of today opens it."""


def is_reference(text: str) -> bool:
    """Whether the text names a place rather than being a secret."""
    return text.startswith((ENV, FILE))


def store(text: str) -> str:
    """What to keep of a secret or a reference. References are checked, secrets encrypted.

    Raises: SecretUnavailable for a reference that is not allowed, and for what is no secret.
    """
    text = text.strip()
    if is_reference(text):
        _check_reference(text)
        return text
    return ENCRYPTED + _fernet().encrypt(_checked(text).encode()).decode()


def resolve(stored: str) -> str:
    """The secret itself. Raises: SecretUnavailable."""
    if stored.startswith(ENV):
        return _checked(_from_env(stored.removeprefix(ENV)))
    if stored.startswith(FILE):
        return _checked(_from_file(stored.removeprefix(FILE)))
    try:
        return _fernet().decrypt(stored.removeprefix(ENCRYPTED)).decode()
    except (InvalidToken, ValueError) as exc:
        raise Unreadable(
            "This secret was encrypted with a key that STUDIO_ENCRYPTION_KEYS no longer holds."
        ) from exc


def is_newest(stored: str) -> bool:
    """Whether the first encryption key wrote it. Raises: SecretUnavailable."""
    try:
        _keys()[0].decrypt(stored.removeprefix(ENCRYPTED))
    except InvalidToken:
        return False
    return True


def rewrite(stored: str) -> str:
    """The same secret, written by the first encryption key. Raises: Unreadable."""
    return ENCRYPTED + _fernet().encrypt(resolve(stored).encode()).decode()


def last4(secret: str) -> str:
    """What may be shown. Nothing of a secret too short to spare four characters."""
    return secret[-4:] if len(secret) >= 16 else ""


def _checked(secret: str) -> str:
    """A secret that fits into an HTTP header. Raises: SecretUnavailable."""
    if not _SECRET.match(secret):
        raise SecretUnavailable("A secret is one word of visible ASCII characters.")
    return secret


def _check_reference(text: str) -> None:
    if text.startswith(ENV):
        _check_env_name(text.removeprefix(ENV))
    else:
        _check_path(text.removeprefix(FILE))


def _check_env_name(name: str) -> None:
    if not _ENV_NAME.match(name) and name not in settings.STUDIO_SECRET_ENV_NAMES:
        raise SecretUnavailable(
            "env.NAME must name a variable that begins with RUNWAY, "
            "or one that STUDIO_SECRET_ENV_NAMES lists."
        )


def _check_path(text: str) -> Path:
    base = Path(settings.STUDIO_SECRETS_DIR).resolve()
    try:
        path = (base / text).resolve()
    except (OSError, ValueError, RuntimeError) as exc:  # too long, NUL, symlinks in a circle
        raise SecretUnavailable("file.PATH is not a usable path.") from exc
    if base not in path.parents:
        raise SecretUnavailable("file.PATH must lie under STUDIO_SECRETS_DIR.")
    return path


def _from_env(name: str) -> str:
    _check_env_name(name)
    secret = os.environ.get(name, "").strip()
    if not secret:
        raise SecretUnavailable(f"The environment variable {name} is not set.")
    return secret


def _from_file(text: str) -> str:
    path = _check_path(text)
    try:
        if not path.is_file():  # a pipe would keep us waiting
            raise FileNotFoundError
        with path.open("rb") as file:
            secret = file.read(MAX_FILE_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError) as exc:
        name = path.name[:80]
        raise SecretUnavailable(f"{name} under STUDIO_SECRETS_DIR cannot be read.") from exc
    if not secret:
        raise SecretUnavailable(f"{path.name} under STUDIO_SECRETS_DIR holds no secret.")
    return secret


def _fernet() -> MultiFernet:
    return MultiFernet(_keys())


def _keys() -> list[Fernet]:
    try:
        return [Fernet(key) for key in settings.STUDIO_ENCRYPTION_KEYS]
    except ValueError as exc:
        raise SecretUnavailable("STUDIO_ENCRYPTION_KEYS does not hold Fernet keys.") from exc
