"""The body of a creating request, JSON or multipart, as the parameters that `requests.check` takes.

Called by the API's routes. Whatever cannot be read is refused with an ApiError; what is read is not
judged here.

Source: OpenAI's SDKs send the same call in either encoding, and nest with brackets in forms
(`input_reference[image_url]`, `tags[]`).
"""

from __future__ import annotations

import re
from itertools import pairwise

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from studio.accounts.errors import ApiError
from videos.requests import Upload

JSON, FORM = "application/json", "multipart/form-data"
MAX_NESTING = 4
# What Django puts in the place of bytes that are no text.
REPLACED = "\N{REPLACEMENT CHARACTER}"

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")

Params = dict[str, object]


def read(request: HttpRequest) -> Params:
    """The parameters of a POST: strings, numbers, booleans, lists, objects and Uploads.

    An empty body without a type is no parameters. Raises: ApiError 400, 413 or 415.
    """
    kind = (request.content_type or "").lower()
    try:
        if kind == FORM:
            return _form(request)
        if kind == JSON or not request.body:
            return _json(request.body)
    except (RequestDataTooBig, TooManyFilesSent) as exc:
        raise _too_large() from exc
    except UnreadablePostError as exc:
        raise _unreadable("The request body broke off.") from exc
    message = f"Unsupported Content-Type. Send the request as '{JSON}' or '{FORM}'."
    raise ApiError(415, message, code="unsupported_media_type")


def _json(body: bytes) -> Params:
    if not body:
        return {}
    try:
        params = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise _unreadable("The request body is not valid JSON.") from exc
    if not isinstance(params, dict):
        raise _unreadable("The request body must be a JSON object.")
    return params


def _form(request: HttpRequest) -> Params:
    params: Params = {}
    try:
        for name, values in request.POST.lists():
            for value in values:
                if REPLACED in name or REPLACED in value:
                    raise _no_text(name)
                _put(params, name, value)
        for name, files in request.FILES.lists():
            for file in files:
                _put(params, name, _upload(file))
    except TooManyFieldsSent as exc:
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        message = (
            f"Too many fields: a form may have {most}. A file is one part with a filename, "
            "not a field for each byte: in Node, wrap a Buffer with `toFile`."
        )
        raise _unreadable(message) from exc
    except (MultiPartParserError, UnicodeError, LookupError) as exc:
        raise _unreadable("The request body is not a valid multipart form.") from exc
    return params


def _upload(file: object) -> Upload:
    size, read = getattr(file, "size", 0), getattr(file, "read", None)
    if size > settings.STUDIO_MAX_BODY_BYTES or read is None:
        raise _too_large()
    return Upload(read(), getattr(file, "name", "") or "")


def _put(params: Params, name: str, value: object) -> None:
    """Write one field where its brackets say: `a[b]` into an object, `a[]` onto a list."""
    match = _NAME.match(name)
    keys = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])] if match else [name]
    if len(keys) > MAX_NESTING:
        raise _unreadable(f"The field '{name[:80]}' is nested too deeply.")
    place: object = params
    for key, after in pairwise(keys):
        place = _step(place, key, {} if after else [], name)
    _set(place, keys[-1], value, name)


def _step(place: object, key: str, empty: object, name: str) -> object:
    """The container under `key`, made if it is missing. A list gets a new one when it is full."""
    if isinstance(place, list):
        if key or not isinstance(empty, dict):
            raise _twice(name)
        place.append(empty)
        return empty
    assert isinstance(place, dict)
    found = place.setdefault(key, empty)
    if type(found) is not type(empty):
        raise _twice(name)
    return found


def _set(place: object, key: str, value: object, name: str) -> None:
    if isinstance(place, list) and not key:
        place.append(value)
    elif isinstance(place, dict) and key not in place:
        place[key] = value
    else:
        raise _twice(name)


def _twice(name: str) -> ApiError:
    shown = name[:80].encode("ascii", "backslashreplace").decode()
    message = f"The form gives '{shown}' more than once, or in two shapes."
    return ApiError(400, message, code="invalid_value", param=shown.partition("[")[0])


def _no_text(name: str) -> ApiError:
    """Bytes that are no text are most often a file's, sent like a field."""
    message = (
        "The form holds text that is not UTF-8. "
        "A file is a part with a filename in its Content-Disposition."
    )
    param = None if REPLACED in name else name[:80].partition("[")[0]
    return ApiError(400, message, code="invalid_body", param=param)


def _unreadable(message: str) -> ApiError:
    return ApiError(400, message, code="invalid_body")


def _too_large() -> ApiError:
    limit = settings.STUDIO_MAX_BODY_BYTES // 1024**2
    return ApiError(413, f"The request body is larger than {limit} MiB.", code="request_too_large")
