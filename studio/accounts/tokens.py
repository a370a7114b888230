"""The text form of API keys: `rk_`, random characters, a checksum. Pure functions.

The checksum lets a secret scanner, and us, tell a mistyped key from a wrong one without a lookup.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib

ALPHABET = string.digits + string.ascii_letters
PREFIX = "rk_"
RANDOM_LENGTH = 32
CHECKSUM_LENGTH = 6
PATTERN = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM_LENGTH + CHECKSUM_LENGTH}}}\Z")


def generate() -> str:
    """A new API key: 41 characters, about 190 bits of chance."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return PREFIX + body + _checksum(body)


def is_well_formed(token: str) -> bool:
    """True when the token has our form and its checksum fits."""
    if not PATTERN.match(token):
        return False
    body = token.removeprefix(PREFIX)
    return _checksum(body[:RANDOM_LENGTH]) == body[RANDOM_LENGTH:]


def digest(token: str) -> str:
    """What we keep of a key: its SHA-256 as 64 lower-case hex characters."""
    return hashlib.sha256(token.encode()).hexdigest()


def _checksum(body: str) -> str:
    value = zlib.crc32(body.encode())
    characters = []
    for _ in range(CHECKSUM_LENGTH):
        value, rest = divmod(value, len(ALPHABET))
        characters.append(ALPHABET[rest])
    return "".join(reversed(characters))
