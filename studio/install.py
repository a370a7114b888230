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
from django.db.models import Q

from providers import deployed
from providers import secrets as provider_secrets
from providers.models import ProviderKey
from studio.accounts import audit
from studio.accounts.models import ApiKey, Scope, User
from videos.arrows import IN_PROGRESS, STORING, SUBMITTING

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
    key, api_key = ApiKey.issue(user, "First key", Scope.values)
    for action, subject in (("person.added", user), ("api_key.added", key)):
        audit.record(audit.OPERATOR, action, subject)
    return FirstPerson(user.email, password, api_key)


def environment_key() -> ProviderKey | None:
    """The provider key that refers to Runway's environment variable; None when none is set.

    An empty variable counts as unset.
    """
    name = next((name for name in SECRET_NAMES if os.environ.get(name, "").strip()), None)
    if name is None:
        return None
    key = ProviderKey.objects.filter(name=ENVIRONMENT).first() or ProviderKey(name=ENVIRONMENT)
    now = (f"env.{name}", settings.RUNWAY_BASE_URL)
    if (key.secret, key.base_url) != now:
        key.forget_tests()
    key.set_secret(now[0])
    key.base_url = now[1]
    with audit.change(audit.OPERATOR, "provider_key", key, ProviderKey.AUDITED):
        key.save()
    return key


def deployed_keys() -> list[ProviderKey]:
    """The keys of STUDIO_PROVIDERS_FILE, as it says; none without one. Raises: InvalidEntry."""
    path = settings.STUDIO_PROVIDERS_FILE
    return deployed.apply(Path(path)) if path else []


def unresolved_keys() -> list[str]:
    """In words: the enabled provider keys whose secrets cannot be had, and what to do about it."""
    keys = ProviderKey.objects.filter(enabled=True)
    return [_unresolved(key, problem) for key in keys if (problem := key.problem())]


def test_unproven_keys() -> None:
    """Test the keys that get no videos because they never passed, such as for want of a network."""
    for key in ProviderKey.objects.in_service().unproven():
        key.test()


def sandbox_key() -> ProviderKey | None:
    """The sandbox's provider key if it is in use. Made when an installation has no key at all.

    One that is switched off is in use as long as it has tasks that are not over.
    """
    if not ProviderKey.objects.exists():
        key = ProviderKey(name=SANDBOX, is_sandbox=True)
        key.set_secret(SANDBOX_SECRET)
        key.save()
    is_at_work = Q(videos__status__in=(SUBMITTING, IN_PROGRESS, STORING))
    return ProviderKey.objects.filter(Q(enabled=True) | is_at_work, is_sandbox=True).first()


def _unresolved(key: ProviderKey, problem: str) -> str:
    if not provider_secrets.is_reference(key.secret):
        return f"The key '{key.name}' cannot be used: {problem} Enter it again under /admin/."
    name = key.secret.removeprefix(provider_secrets.ENV)
    is_unset = name != key.secret and not os.environ.get(name, "").strip()
    why = "is not set" if is_unset else f"leads nowhere ({problem})"
    return (
        f"The key '{key.name}' refers to {key.secret}, which {why}: "
        "start with it, or give the key another secret under /admin/."
    )


def _static_digest() -> str:
    """Changes whenever our static files or the packages that bring some do."""
    digest = hashlib.sha256((settings.BASE_DIR / "uv.lock").read_bytes())
    for path in sorted((settings.BASE_DIR / "static").rglob("*")):
        if path.is_file():
            digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()
