"""Sessions: where people are signed in, and what ends it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from studio.accounts import sessions
from studio.accounts.address import client_address
from studio.accounts.models import ApiKey, Session, User
from tests.videos.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "three words together"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1"


@pytest.fixture
def ana() -> User:
    """Ana, who has a password."""
    user = make_user()
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def root() -> Client:
    """An administrator's browser."""
    client = Client()
    user = make_user("root@example.org", is_staff=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def browser(user: User, device: str = FIREFOX, address: str = "198.51.100.7") -> Client:
    """A browser in which the person signed in by password."""
    client = Client(headers={"User-Agent": device}, REMOTE_ADDR=address)
    fields = {"username": user.email, "password": PASSWORD}
    assert client.post("/sign-in/", fields).status_code == 302
    return client


def is_in(client: Client) -> bool:
    """Whether the browser is signed in."""
    return client.get("/").status_code == 200


def test_each_session_tells_device_address_and_last_use_and_one_is_this(ana: User) -> None:
    browser(ana, SAFARI, "203.0.113.9")
    html = browser(ana).get("/settings/sessions/").content.decode()
    assert "Firefox · Linux" in html and "Safari · iPhone" in html
    assert "198.51.100.7" in html and "203.0.113.9" in html
    assert html.count("This one") == 1
    assert f"{timezone.now():%Y}" in html


def test_a_sessions_key_is_on_no_page(ana: User, root: Client) -> None:
    client = browser(ana)
    shown = client.get("/settings/sessions/").content.decode()
    shown += root.get(f"/admin/accounts/user/{ana.pk}/change/").content.decode()
    assert "Firefox · Linux · 198.51.100.7" in shown
    assert not [key for key in Session.objects.values_list("pk", flat=True) if key in shown]


def test_one_other_session_is_signed_out(ana: User) -> None:
    here, there, elsewhere = browser(ana), browser(ana, SAFARI), browser(ana)
    other = Session.objects.get(device=SAFARI)
    here.post("/settings/sessions/end", {"session": other.reference})
    assert [is_in(client) for client in (here, there, elsewhere)] == [True, False, True]


def test_every_other_session_is_signed_out(ana: User) -> None:
    here, there, somebody = browser(ana), browser(ana), Client()
    somebody.force_login(make_user("bo@example.org"), "django.contrib.auth.backends.ModelBackend")
    here.post("/settings/sessions/end")
    assert [is_in(client) for client in (here, there, somebody)] == [True, False, True]


def test_nobody_ends_the_session_of_somebody_else(ana: User, root: Client) -> None:
    there = browser(ana)
    reference = Session.objects.get(user=ana).reference
    root.post("/settings/sessions/end", {"session": reference})
    assert is_in(there)


def test_an_administrator_signs_somebody_out_everywhere(ana: User, root: Client) -> None:
    there = browser(ana)
    data = {"action": "sign_out", "_selected_action": [ana.pk]}
    root.post("/admin/accounts/user/", data)
    assert not is_in(there)
    assert is_in(root)


def test_deactivation_stops_sessions_and_keys_at_once_and_for_good(ana: User, root: Client) -> None:
    there, (_, token) = browser(ana), ApiKey.issue(ana, "script")
    headers = {"Authorization": f"Bearer {token}"}
    path = f"/admin/accounts/user/{ana.pk}/change/"
    root.post(path, {"email": ana.email})
    assert not is_in(there)
    assert Client().get("/v1/videos", headers=headers).status_code == 401
    root.post(path, {"email": ana.email, "is_active": "on"})
    assert not is_in(there)


def test_a_new_password_ends_every_session(ana: User, root: Client) -> None:
    there = browser(ana)
    fields = {"password1": "four words all together", "password2": "four words all together"}
    path = f"/admin/accounts/user/{ana.pk}/password/"
    assert root.post(path, {**fields, "usable_password": "true"}).status_code == 302
    assert not is_in(there)
    assert sessions.of(ana) == []


def test_use_is_written_at_most_once_a_minute(ana: User, django_assert_num_queries: Any) -> None:
    client = browser(ana)
    before = Session.objects.get()
    with django_assert_num_queries(4):  # session, person, sessions, the badge of the queue
        client.get("/settings/sessions/")
    assert Session.objects.get().seen_at == before.seen_at
    store = client.session
    store[sessions.NOTED] = (None, "", timezone.now().timestamp() - 61)
    store.save()
    client.get("/settings/sessions/")
    seen = Session.objects.get().seen_at
    assert seen and seen > timezone.now() - timedelta(seconds=30)


def test_an_expired_session_is_not_listed(ana: User) -> None:
    browser(ana)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert sessions.of(ana) == []
    sessions.forget_expired()
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("device", "name"),
    [
        (FIREFOX, "Firefox · Linux"),
        (SAFARI, "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("curl/8.9", "curl/8.9"),
        ("", ""),
    ],
    ids=["firefox", "safari", "edge", "curl", "nothing"],
)
def test_a_device_has_a_name(device: str, name: str) -> None:
    assert Session(device=device).device_name == name


@pytest.mark.parametrize(
    ("is_behind_proxy", "forwarded", "address"),
    [
        (False, "192.0.2.1", "198.51.100.7"),
        (True, "192.0.2.1", "192.0.2.1"),
        (True, "203.0.113.66, 192.0.2.1", "192.0.2.1"),
        (True, "192.0.2.1, <script>", "198.51.100.7"),
        (True, "", "198.51.100.7"),
        (True, "2001:DB8::1", "2001:db8::1"),
    ],
    ids=["no proxy", "proxy", "forged", "nonsense", "none", "IPv6"],
)
def test_only_the_word_of_ones_own_proxy_counts(
    settings: Any, is_behind_proxy: bool, forwarded: str, address: str
) -> None:
    settings.STUDIO_BEHIND_PROXY = is_behind_proxy
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="198.51.100.7")
    assert client_address(request) == address


def test_there_may_be_no_address() -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) is None


def test_guesses_are_counted_by_the_address_that_the_proxy_tells(ana: User, settings: Any) -> None:
    settings.STUDIO_BEHIND_PROXY = True
    guess = {"username": ana.email, "password": "guess"}
    for _ in range(10):
        answer = Client().post("/sign-in/", guess, headers={"X-Forwarded-For": "192.0.2.1"})
    assert answer.status_code == 429
    right = {**guess, "password": PASSWORD}
    locked = Client().post("/sign-in/", right, headers={"X-Forwarded-For": "192.0.2.1"})
    other = Client().post("/sign-in/", right, headers={"X-Forwarded-For": "192.0.2.2"})
    assert (locked.status_code, other.status_code) == (429, 302)


def test_the_cookie_is_no_use_once_it_is_signed_out(ana: User) -> None:
    client = browser(ana)
    stolen = Client()
    stolen.cookies.update(client.cookies)
    client.post("/sign-out/")
    assert not is_in(stolen)
    assert not re.search(r"_auth_user_id", str(list(Session.objects.values())))
