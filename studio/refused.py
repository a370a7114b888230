"""What a request is told that Django refuses before any view: an unknown host, too many fields.

`studio.urls` names `bad_request` as the handler of every 400.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.exceptions import DisallowedHost, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.template.loader import get_template

from studio.accounts.errors import error_response

from .middleware import is_api

logger = logging.getLogger(__name__)

MOST_HOSTS = 100
LONGEST_HOST = 80

_told: set[str] = set()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The envelope under the API's paths, a page elsewhere; in both, what was wrong."""
    message, code = _explained(request, exception)
    if message and is_api(request.path_info):
        return error_response(400, message, code=code)
    return HttpResponseBadRequest(get_template("400.html").render({"message": message}))


def _explained(request: HttpRequest, exception: Exception) -> tuple[str, str]:
    """The message, and its code on the wire; nothing for what says nothing to people."""
    if isinstance(exception, DisallowedHost):
        host = _shown(request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", ""))
        _tell_operator(host)
        message = f"This studio is not known as {host}. STUDIO_ALLOWED_HOSTS lists further names."
        return message, "invalid_host"
    if isinstance(exception, TooManyFieldsSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        return f"Too many fields: a form may have {most}.", "invalid_body"
    return "", ""


def _shown(host: str) -> str:
    """A stranger's text, fit for a page and a log line: in quotes, escaped, and short."""
    return ascii(host if len(host) <= LONGEST_HOST else f"{host[:LONGEST_HOST]}…")


def _tell_operator(host: str) -> None:
    """One line per host, for so many hosts; whoever makes up names fills no log."""
    if host not in _told and len(_told) < MOST_HOSTS:
        _told.add(host)
        logger.warning("refused a request for %s, which STUDIO_ALLOWED_HOSTS does not list", host)
