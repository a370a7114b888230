"""Why a video failed, in words for people: what happened, and what may be done about it. Pure.

Called by `cards`. What it cost is the books' word and stands beside it. Codes and sentences of the
provider are for administrators, and are not repeated here.

Source: docs.dev.runwayml.com/errors/task-failures. Only the leading parts of a code are stable, and
the last part of a SAFETY code is a guess of Runway's, so that we say "likely".
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

# How the reason of a file begins that could not be kept yet: `store` writes it, the pages read it.
SAVING = "Saving: "

EDIT, CHANGE_PICTURE, TRY_AGAIN, TRY_ONCE_MORE = "edit", "change_picture", "try_again", "once_more"
CHECK_AGAIN, SEND_AGAIN, GIVE_UP = "check_again", "send_again", "give_up"


@dataclass(frozen=True)
class Failure:
    """What happened, more about it, and what is offered."""

    title: Text
    text: Text
    offers: tuple[str, ...] = ()


_BLOCKED = _("Blocked by content rules")
_KEPT = _("We have kept the details for your administrator.")
_NOT_KEPT = _("The result could not be kept")
_MADE_AND_KEPT = _("Runway made it. We have kept the details for your administrator.")

# By the beginning of Runway's failure code, where it gave one.
_BY_FAILURE = {
    "SAFETY.INPUT.TEXT": Failure(
        _BLOCKED,
        _(
            "Runway did not accept this request; the prompt is the likely cause. "
            "Blocked requests are charged like finished ones."
        ),
        (EDIT,),
    ),
    "SAFETY.INPUT.IMAGE": Failure(
        _BLOCKED,
        _(
            "Runway did not accept this request; the picture is the likely cause. "
            "Blocked requests are charged like finished ones."
        ),
        (CHANGE_PICTURE,),
    ),
    "SAFETY.INPUT": Failure(
        _BLOCKED,
        _(
            "Runway did not accept this request; the words or the picture are the likely cause. "
            "Blocked requests are charged like finished ones."
        ),
        (EDIT,),
    ),
    "SAFETY.OUTPUT": Failure(
        _("Result blocked"),
        _(
            "Runway made the clip but its check refused it. It is charged all the same. "
            "Another wording often passes."
        ),
        (EDIT, TRY_ONCE_MORE),
    ),
    "INPUT_PREPROCESSING.SAFETY": Failure(
        _("Blocked by the model's own rules"),
        _("The model's maker refused this request, often because of real people."),
        (EDIT,),
    ),
    "INTERNAL.BAD_OUTPUT": Failure(
        _("Runway threw the result away"),
        _("Usually because of text or logos laid over the picture."),
        (TRY_AGAIN, CHANGE_PICTURE),
    ),
    "ASSET.INVALID": Failure(
        _("The picture could not be used"),
        _("Runway takes intact JPEG, PNG and WebP pictures. Choose another one."),
        (CHANGE_PICTURE,),
    ),
    "THIRD_PARTY.UNAVAILABLE": Failure(
        _("The model was not available"), _("Not your prompt. Try again later."), (TRY_AGAIN,)
    ),
    "INTERNAL": Failure(_("Runway had a fault"), _("Not your prompt."), (TRY_AGAIN,)),
}
# By our own code, where Runway's says nothing.
_BY_CODE = {
    "moderation_blocked": _BY_FAILURE["SAFETY.INPUT"],
    "invalid_input": _BY_FAILURE["ASSET.INVALID"],
    "bad_output": _BY_FAILURE["INTERNAL.BAD_OUTPUT"],
    "provider_unavailable": _BY_FAILURE["THIRD_PARTY.UNAVAILABLE"],
    "provider_rejected": Failure(
        _("Runway refused the request"),
        _("Another length, size or picture may pass. Your administrator can see the reason."),
        (EDIT,),
    ),
    "submission_uncertain": Failure(
        _("We do not know whether Runway took it"),
        _(
            "The connection broke while Runway was answering. "
            "It may or may not be making this video."
        ),
        (SEND_AGAIN, GIVE_UP),
    ),
    "over_budget": Failure(
        _("The budget has no room for it"),
        _("It was not sent. An administrator can change the budget."),
        (TRY_AGAIN,),
    ),
    "timed_out": Failure(
        _("No answer in time"),
        _("Runway did not finish this video before its deadline. It may still turn up here."),
        (CHECK_AGAIN, TRY_AGAIN),
    ),
    "input_gone": Failure(
        _("The picture is gone"),
        _("It was deleted before Runway got it. Choose it again."),
        (CHANGE_PICTURE,),
    ),
    "provider_task_gone": Failure(
        _("Runway lost this video"), _("Runway no longer knows it. Not your prompt."), (TRY_AGAIN,)
    ),
    "output_lost": Failure(
        _("The result is lost"),
        _("Runway made it, but it could not be fetched before its link ended."),
        (TRY_AGAIN,),
    ),
    "output_too_large": Failure(_NOT_KEPT, _MADE_AND_KEPT, (EDIT,)),
    "output_forbidden": Failure(_NOT_KEPT, _MADE_AND_KEPT, (TRY_AGAIN,)),
}
_UNKNOWN = Failure(_("Runway could not finish this"), _KEPT, (TRY_AGAIN,))
_TWICE = Failure(
    _("Stopped after the second try"), _("Runway had a fault both times."), (TRY_AGAIN,)
)
GIVEN_UP = Failure(
    _("Given up"),
    _("Nobody knows whether Runway took it. If it did, the video still appears here."),
    (TRY_AGAIN,),
)
# Ends that Runway's own code tells more about.
_OF_TASKS = (
    "moderation_blocked",
    "invalid_input",
    "bad_output",
    "provider_unavailable",
    "task_failed",
)


def failure(error_code: str, failure_code: str = "", attempts: int = 1) -> Failure:
    """The words for an end. `failure_code` is the newest task's, `attempts` how many there were."""
    if error_code in _OF_TASKS:
        if error_code == "task_failed" and failure_code == "INTERNAL" and attempts > 1:
            return _TWICE
        for begin, words in _BY_FAILURE.items():
            if failure_code == begin or failure_code.startswith(f"{begin}."):
                return words
    return _BY_CODE.get(error_code, _UNKNOWN)
