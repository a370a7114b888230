"""Creating endpoints answer through `once`: the repeat of a call gets the video of the first.

Called by every operation that makes a video.

Source: the IETF draft "The Idempotency-Key HTTP Header Field"; OpenAI's SDKs, which repeat a POST
twice, without a key, and number the tries in `x-stainless-retry-count`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping

import orjson
from django.http import HttpRequest, JsonResponse

from studio.accounts.errors import ApiError
from videos import repeats
from videos.models import Call, Video
from videos.repeats import Asking
from videos.requests import Upload

from . import allowances, answers, mine

REPLAYED = "idempotent-replayed"

_KEY = re.compile(r"[\x20-\x7e]{1,255}")

Remember = Callable[[Video], None]
Make = Callable[[Remember], Video]


def once(request: HttpRequest, params: Mapping[str, object], make: Make) -> JsonResponse:
    """The answer with the video that `make` accepts, or with the one that this call made before.

    `params` is what was asked for, as the body was read. `make` gets what it must pass to
    `actions.accept` as `also`, and may refuse; then nothing is remembered.
    """
    asking = _asking(request, params)
    known = repeats.newest(asking)
    call = repeats.earlier(asking)

    def note(video: Video) -> None:
        repeats.remember(asking, known, video)
        allowances.check(asking.api_key, video)

    if call is None:
        try:
            return answers.reload(make(note))
        except repeats.Repeated:
            call = repeats.winner(asking)
            if call is None:
                raise
    return _replay(asking, call)


def fingerprint(path: str, params: Mapping[str, object]) -> str:
    """A digest of what is asked for: path and fields, and files by their bytes alone.

    The encoding of the body does not count: a boundary differs from try to try.
    Raises: ApiError 400 for what no request can mean.
    """
    options = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS
    try:
        asked = orjson.dumps([path.rstrip("/"), dict(params)], default=_file, option=options)
    except (TypeError, RecursionError) as exc:  # too deep, or text that is none
        message = "The request is nested too deeply, or holds invalid text."
        raise ApiError(400, message, code="invalid_body") from exc
    return hashlib.sha256(asked).hexdigest()


def _file(value: object) -> dict[str, str]:
    if not isinstance(value, Upload):
        raise TypeError(type(value))
    return {"sha256": hashlib.sha256(value.data).hexdigest()}


def _asking(request: HttpRequest, params: Mapping[str, object]) -> Asking:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        message = "An Idempotency-Key has 1 to 255 printable ASCII characters."
        raise ApiError(400, message, code="invalid_value", param="Idempotency-Key")
    tries = request.headers.get("X-Stainless-Retry-Count", "")
    return Asking(
        mine.key(request),
        fingerprint(request.path_info, params),
        key or "",
        is_retry=tries.isascii() and tries.isdigit() and tries.strip("0") != "",
    )


def _replay(asking: Asking, call: Call) -> JsonResponse:
    if call.fingerprint != asking.fingerprint:
        message = "This Idempotency-Key was used within 24 hours for another request."
        raise ApiError(400, message, code="idempotency_key_reused")
    if call.video.deleted_at is not None:
        message = "The video that this call made before is deleted."
        raise ApiError(404, message, code="not_found")
    answer = answers.reload(call.video)
    answer[REPLAYED] = "true"
    return answer
