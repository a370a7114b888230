"""The form of an API key, for the administration and for people's own settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import ApiKey, Scope, default_scopes

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[ApiKey]
else:
    ModelForm = forms.ModelForm

USUAL_OVERLAP = 24
_PATTERN = re.compile(r"[A-Za-z0-9._*?\-]{1,80}")


class Patterns(forms.CharField):
    """A list of models or patterns, written with commas or spaces between them."""

    def prepare_value(self, value: Any) -> Any:
        """As it is written."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """As it is kept."""
        patterns = re.split(r"[\s,]+", str(value or "").strip())
        return [pattern for pattern in patterns if pattern]

    def validate(self, value: Any) -> None:
        """Raises: ValidationError for what no model can be called."""
        super().validate(value)
        wrong = [pattern for pattern in value if not _PATTERN.fullmatch(pattern)]
        if wrong:
            message = _("“%(pattern)s” is no model and no pattern such as gen4*.")
            raise forms.ValidationError(message, params={"pattern": wrong[0][:80]})

    def run_validators(self, value: Any) -> None:
        """Those of CharField are for text."""


class RotationForm(forms.Form):
    """For how many hours a key goes on working beside the one that replaces it; a day if unsaid."""

    overlap = forms.TypedChoiceField(
        choices=[
            (0, _("not at all")),
            (1, _("an hour")),
            (USUAL_OVERLAP, _("a day")),
            (24 * 7, _("a week")),
        ],
        coerce=int,
        initial=USUAL_OVERLAP,
        required=False,
    )

    def clean_overlap(self) -> int:
        """Hours."""
        hours: int | str = self.cleaned_data["overlap"]
        return USUAL_OVERLAP if isinstance(hours, str) else hours


class ApiKeyForm(ModelForm):
    """Name, scopes, limits and end of a key. It needs a scope, or it could do nothing."""

    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=Scope.choices,
        initial=default_scopes,
        widget=forms.CheckboxSelectMultiple,
    )
    models_allowed = Patterns(
        label=_("Models"),
        required=False,
        help_text=_("Models or patterns, such as gen4*. Empty: all."),
    )

    class Meta:
        model = ApiKey
        fields: ClassVar = [
            "name",
            "scopes",
            "models_allowed",
            "requests_per_minute",
            "videos_per_day",
            "parallel_videos",
            "expires_at",
        ]
