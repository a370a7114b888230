"""Ways in: sign-in, and the first-run page, which is there only while nobody is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from studio.accounts import setup_code
from studio.accounts.models import User
from tests.videos.factories import make_user

from .conftest import text
from .test_pages import is_strict

pytestmark = pytest.mark.django_db

PASSWORD = "a long pass phrase"


def form(code: str) -> dict[str, str]:
    """What the first person sends."""
    return {
        "code": code,
        "email": "Root@Example.ORG",
        "name": "Root",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }


def code() -> str:
    """The code of now."""
    return setup_code.make(datetime.now(UTC))[0]


def test_with_nobody_there_every_way_leads_to_the_first_run_page() -> None:
    answer = Client().get("/", follow=True)
    assert answer.redirect_chain[-1][0] == "/setup/"
    assert "Create the administrator" in text(answer)
    assert is_strict(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]


def test_the_code_makes_the_administrator_and_signs_in() -> None:
    client = Client()
    answer = client.post("/setup/", form(code().lower().replace("-", " ")))
    assert answer["Location"] == "/"
    user = User.objects.get()
    assert (user.email, user.name) == ("root@example.org", "Root")
    assert user.is_staff and user.is_superuser and user.check_password(PASSWORD)
    assert "You are the administrator" in text(client.get("/"))


def test_a_wrong_code_makes_nobody() -> None:
    answer = Client().post("/setup/", form("AAAA-BBBB-CCCC-DDDD"))
    assert answer.status_code == 422
    assert "This is not the code, or it is too old." in text(answer)
    assert not User.objects.exists()


def test_a_weak_password_is_refused_in_words() -> None:
    answer = Client().post("/setup/", {**form(code()), "password1": "12345", "password2": "12345"})
    assert answer.status_code == 422 and "too short" in text(answer)
    assert not User.objects.exists()


def test_guessing_the_code_is_stopped_for_that_address_only() -> None:
    for _ in range(10):
        last = Client().post("/setup/", form("wrong"), REMOTE_ADDR="198.51.100.7")
    assert last.status_code == 429 and "Too many tries" in text(last)
    right = form(code())
    assert Client().post("/setup/", right, REMOTE_ADDR="198.51.100.7").status_code == 429
    assert Client().post("/setup/", right, REMOTE_ADDR="203.0.113.9").status_code == 302


def test_the_page_is_gone_as_soon_as_there_is_somebody() -> None:
    make_user()
    assert Client().get("/setup/").status_code == 404
    assert Client().post("/setup/", form(code())).status_code == 404
    assert Client().get("/sign-in/").status_code == 200


def test_a_code_works_for_an_hour_at_least_and_two_at_most() -> None:
    made = datetime(2026, 11, 25, 10, 59, tzinfo=UTC)
    typed, end = setup_code.make(made)
    assert end == datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    assert setup_code.is_right(typed, end - timedelta(seconds=1))
    assert not setup_code.is_right(typed, end)
    assert not setup_code.is_right("", made)


def test_a_code_is_of_one_installation(settings: object) -> None:
    typed = code()
    settings.SECRET_KEY = "another one"  # type: ignore[attr-defined]  # pytest-django's wrapper
    assert not setup_code.is_right(typed, datetime.now(UTC))


def test_the_command_prints_the_code_only_while_nobody_is_there() -> None:
    out = StringIO()
    call_command("setup_code", stdout=out)
    assert code() in out.getvalue() and "/setup/" in out.getvalue()
    make_user()
    with pytest.raises(CommandError, match="people already"):
        call_command("setup_code")


def test_sign_in_takes_pasted_passwords_and_helps_managers() -> None:
    make_user()
    html = Client().get("/sign-in/").content.decode()
    assert 'autocomplete="username"' in html and 'autocomplete="current-password"' in html
    assert "onpaste" not in html and 'data-reveal="password"' in html


def test_signed_in_people_need_no_sign_in(client: Client) -> None:
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/sign-in/")["Location"] == "/"
