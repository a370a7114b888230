"""What people tell about themselves, section by section of the settings; the first one's form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm, PasswordChangeForm
from django.utils.translation import gettext as _

from . import setup_code
from .key_forms import ApiKeyForm
from .models import Scope, User

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
    CreationForm = BaseUserCreationForm[User]
else:
    UserForm = forms.ModelForm
    CreationForm = BaseUserCreationForm


class ProfileForm(UserForm):
    """What others call this person."""

    class Meta:
        model = User
        fields = ("name",)


class PasswordForm(PasswordChangeForm):
    """A new password for who knows the old one. One form of several, so that it takes no focus."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)


class LookForm(UserForm):
    """What the pages look like."""

    class Meta:
        model = User
        fields = ("theme", "motion")
        widgets = {"theme": forms.RadioSelect, "motion": forms.RadioSelect}


class NoticesForm(UserForm):
    """How the end of a video is told while the page is out of sight."""

    class Meta:
        model = User
        fields = ("notices", "sound")


class ShortcutsForm(UserForm):
    """Whether single keys do anything."""

    class Meta:
        model = User
        fields = ("shortcuts",)


class KeyForm(ApiKeyForm):
    """A new API key of somebody's own. Only administrators may give it their own rights."""

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        if not owner.is_staff:
            scopes.choices = [each for each in Scope.choices if each[0] != Scope.ADMIN]
        self.fields["expires_at"].widget = forms.DateInput(attrs={"type": "date"})


class SetupForm(CreationForm):
    """The first administrator, and the code that `manage.py setup_code` prints."""

    code = forms.CharField(max_length=40)

    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        """As people are found when they sign in."""
        return User.objects.normalize_email(self.cleaned_data["email"]).lower()

    def clean_code(self) -> str:
        """Right, or not, without a word on why."""
        code: str = self.cleaned_data["code"]
        if not setup_code.is_right(code, datetime.now(UTC)):
            raise forms.ValidationError(
                _("This is not the code, or it is too old. “manage.py setup_code” prints it.")
            )
        return code

    def save(self, commit: bool = True) -> User:
        """The administrator."""
        self.instance.is_staff = self.instance.is_superuser = True
        return super().save(commit)
