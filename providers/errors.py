"""Everything that can go wrong between us and a provider, as one tree of exceptions.

`providers.runway` raises these and nothing else; their class decides on the arrow.

Source: docs.dev.runwayml.com/errors; Runway's OpenAPI document 2024-11-06, responses.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Issue:
    """One complaint about one field of a refused request, in the provider's words."""

    path: str
    message: str
    code: str = ""


class ProviderError(Exception):
    """A call to the provider did not do what was asked.

    `code` goes on the wire as `error.code`; `retryable` says that the same call may succeed later.
    """

    code = "provider_error"
    retryable = False


class ProviderUnavailable(ProviderError):
    """The call certainly did nothing: it never left, or the provider said that it is shedding load.

    `retry_after` is the provider's own wish in seconds, None where it stated none.
    """

    code = "provider_unavailable"
    retryable = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ProviderRateLimited(ProviderUnavailable):
    """429. `daily` marks the rolling 24-hour generation limit, which a short wait does not lift."""

    code = "provider_rate_limited"

    def __init__(
        self, message: str, retry_after: float | None = None, *, daily: bool = False
    ) -> None:
        super().__init__(message, retry_after)
        self.daily = daily


class ProviderAuthError(ProviderError):
    """401: the key is wrong, revoked, or not for this host. Nothing was made."""

    code = "provider_auth"


class ProviderForbidden(ProviderAuthError):
    """403: the key is good, but may not do this; it may do other things. Nothing was made."""

    code = "provider_forbidden"


class ProviderOutOfCredits(ProviderError):
    """Runway's 400 that says "not enough credits". Nothing was made; another key may have some."""

    code = "provider_out_of_credits"


class ProviderRejected(ProviderError):
    """Any other 4xx: the request itself is refused and asking again changes nothing."""

    code = "provider_rejected"

    def __init__(self, message: str, issues: tuple[Issue, ...] = (), status: int = 400) -> None:
        super().__init__(message)
        self.issues = issues
        self.status = status


class ProviderNotFound(ProviderRejected):
    """404: the task does not exist, was deleted, or was cancelled."""

    code = "provider_not_found"


class ProviderProtocolError(ProviderError):
    """An answer that is not Runway's protocol: HTML, broken JSON. Reads may be tried again."""

    code = "provider_protocol_error"
    retryable = True


class SubmissionUncertain(ProviderError):
    """A create whose outcome nobody can know. It is never repeated automatically."""

    code = "submission_uncertain"


class SubmissionUnreadable(SubmissionUncertain, ProviderProtocolError):
    """A create was answered with success, but not in Runway's protocol: HTML, or no task id.

    Runway may have taken it, so that it is uncertain comes first.
    """

    code = SubmissionUncertain.code
    retryable = False


class OutputUnavailable(ProviderError):
    """An output link that did not give its bytes: expired, forbidden, cut short, or over the cap.

    A fresh link, from reading the task anew, may.
    """

    code = "output_unavailable"
    retryable = True


class OutputTooLarge(OutputUnavailable):
    """The output is larger than the size cap; a fresh link changes nothing."""

    code = "output_too_large"
    retryable = False


class OutputForbidden(OutputUnavailable):
    """The output link points where we never fetch from (not https, not a public address)."""

    code = "output_forbidden"
    retryable = False
