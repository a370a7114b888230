"""What an installation needs before it runs: database, static files, first people, provider keys.

Called by `manage.py run` at every start. Everything here is done once and found done afterwards.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from providers.models import ProviderKey
from studio.accounts.models import ApiKey, User

ADMIN_EMAIL = "admin@example.com"
ENVIRONMENT, SANDBOX = "environment", "sandbox"
SECRET_NAMES = ("RUNWAYML_API_SECRET", "RUNWAY_API_KEY")
SANDBOX_SECRET = "key_" + "0" * 128


@dataclass(frozen=True)
class FirstPerson:
    """The first administrator's secrets, in clear: to be printed once and kept nowhere."""

    email: str
    password: str
    api_key: str


def prepare() -> None:
    """Migrate the database, and collect the static files when they changed."""
    call_command("migrate", interactive=False, verbosity=0)
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    wanted = _static_digest()
    if not stamp.exists() or stamp.read_text() != wanted:
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(wanted)


def first_person() -> FirstPerson | None:
    """Create the first administrator with an API key; None when there are people already."""
    if User.objects.exists():
        return None
    password = secrets.token_urlsafe(12)
    user = User.objects.create_superuser(ADMIN_EMAIL, password)
    _, api_key = ApiKey.issue(user, "First key", is_admin=True)
    return FirstPerson(user.email, password, api_key)


def environment_key() -> ProviderKey | None:
    """The provider key that refers to Runway's environment variable; None when none is set.

    An empty variable counts as unset.
    """
    name = next((name for name in SECRET_NAMES if os.environ.get(name, "").strip()), None)
    if name is None:
        return None
    key = ProviderKey.objects.filter(name=ENVIRONMENT).first() or ProviderKey(name=ENVIRONMENT)
    key.set_secret(f"env.{name}")
    key.base_url = settings.RUNWAY_BASE_URL
    key.save()
    return key


def sandbox_key() -> ProviderKey | None:
    """The sandbox's provider key if it is in use. Made when an installation has no key at all."""
    if not ProviderKey.objects.exists():
        key = ProviderKey(name=SANDBOX, is_sandbox=True)
        key.set_secret(SANDBOX_SECRET)
        key.save()
    return ProviderKey.objects.filter(is_sandbox=True, enabled=True).first()


def _static_digest() -> str:
    """Changes whenever our static files or the packages that bring some do."""
    digest = hashlib.sha256((settings.BASE_DIR / "uv.lock").read_bytes())
    for path in sorted((settings.BASE_DIR / "static").rglob("*")):
        if path.is_file():
            digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()
