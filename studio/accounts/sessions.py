"""Where people are signed in: Django's database sessions, which also know person and device.

Named by the settings as SESSION_ENGINE; `note_use` is a middleware. A session ends for every
process with its row.

Source: Django documentation, "How to use sessions", "Extending database-backed session engines".
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponseBase

from .address import client_address

if TYPE_CHECKING:
    from .models import User

NOTED = "noted"
NOTE_EVERY = timedelta(minutes=1)
DEVICE_CHARS = 200
# What browsers and systems call themselves in a User-Agent, the more telling names first.
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


class Session(AbstractBaseSession):
    """One sign-in of one person. Its key opens the door: show `reference`, never the key."""

    user = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.CASCADE, related_name="sessions"
    )
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=DEVICE_CHARS, blank=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-seen_at"]

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        """Django asks for it."""
        return SessionStore

    @property
    def reference(self) -> str:
        """Names the session without opening it."""
        return hashlib.sha256(self.session_key.encode()).hexdigest()[:24]

    @property
    def device_name(self) -> str:
        """Browser and system, as far as the User-Agent tells."""
        named = [
            next((shown for sign, shown in signs if sign in self.device), "")
            for signs in (_BROWSERS, _SYSTEMS)
        ]
        safari = "Safari" if "Safari" in self.device else ""
        return " · ".join(filter(None, (named[0] or safari, named[1]))) or self.device[:60]


class SessionStore(DatabaseStore):
    """Django's store, which writes what is noted in a session into columns as well."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The rows."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of this session."""
        row = cast("Session", super().create_model_instance(data))
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.address, row.device, seen = data.get(NOTED, (None, "", 0))
        row.seen_at = datetime.fromtimestamp(seen, UTC) if seen else None
        return row


def note_use(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: keeps device, address and time of a person's request, once a minute at most."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        session = request.session
        if session.accessed and SESSION_KEY in session:
            now = datetime.now(UTC).timestamp()
            if now - session.get(NOTED, (None, "", 0))[2] >= NOTE_EVERY.total_seconds():
                device = request.headers.get("User-Agent", "")[:DEVICE_CHARS].replace("\0", "")
                session[NOTED] = (client_address(request), device, now)
        return response

    return middleware


def of(user: User) -> list[Session]:
    """Where this person is signed in, the newest use first. The expired do not count."""
    return list(Session.objects.filter(user=user, expire_date__gt=Now()))


def end(user: User, *, but: str | None = None, reference: str | None = None) -> int:
    """Sign the person out: everywhere, or everywhere but in the session of this key, or in one.

    The answer is how many sessions that ended.
    """
    chosen = [
        session.pk
        for session in of(user)
        if session.pk != but and reference in (None, session.reference)
    ]
    Session.objects.filter(pk__in=chosen).delete()
    return len(chosen)


def forget_expired() -> None:
    """Remove what opens nothing any more."""
    Session.objects.filter(expire_date__lt=Now()).delete()
