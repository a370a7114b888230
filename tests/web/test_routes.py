"""Every route that the URL resolver knows, as everybody: nobody sees what is not theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from studio.accounts.models import ApiKey, Role, Scope, User
from studio.middleware import is_api
from tests.routes import SECRET_WORDS, May, decision, path_of, routes, things
from tests.videos.factories import make_key, make_user

ROUTES = sorted(set(routes()))
OPEN = [route for route in ROUTES if decision(route) == May.PUBLIC]
CLOSED = [route for route in ROUTES if route not in OPEN]
METHODS = {True: ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"), False: ("GET", "HEAD", "POST")}
LOOKS = ("GET", "HEAD")
OF_SOMEBODY = (May.OWN, May.OWN_OR_ADMINISTRATOR)
REFUSED = (401, 403, 404)

pytestmark = pytest.mark.django_db


@dataclass
class Somebody:
    """A person with a browser and an API key; nobody has neither."""

    user: User | None = None

    def ask(self, route: str, owner: User) -> Iterator[tuple[str, Any]]:
        """The answers to every method that the route has, each about fresh things of the owner."""
        for method in METHODS[is_api(route)]:
            path = path_of(route, things(owner))
            answer: Any = self._client().generic(method, path, headers=self._headers(route))
            if answer.status_code != 405:
                yield method, answer

    def _client(self) -> Client:
        client = Client(raise_request_exception=False)
        if self.user:
            client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def _headers(self, route: str) -> dict[str, str]:
        if not self.user or not is_api(route):
            return {}
        return {"Authorization": f"Bearer {ApiKey.issue(self.user, 'mine', Scope.values)[1]}"}


@pytest.fixture
def ana() -> Somebody:
    """A member."""
    make_key()
    return Somebody(make_user("ana@example.org"))


@pytest.fixture
def bo(ana: Somebody) -> Somebody:
    """Another member."""
    return Somebody(make_user("bo@example.org"))


@pytest.fixture
def vi(ana: Somebody) -> Somebody:
    """A viewer."""
    user = make_user("vi@example.org")
    user.set_role(Role.VIEWER)
    return Somebody(user)


@pytest.fixture
def root(ana: Somebody) -> Somebody:
    """An administrator."""
    return Somebody(make_user("root@example.org", is_staff=True))


def is_sent_to_sign_in(answer: Any) -> bool:
    """Whether the answer is the way to the sign-in page."""
    return answer.status_code == 302 and "/sign-in/?next=" in answer["Location"]


def let_in(answer: Any) -> bool:
    """Whether the route did its work, or said what is wrong with what it was asked."""
    is_fine: bool = answer.status_code < 500 and answer.status_code not in REFUSED
    return is_fine and not is_sent_to_sign_in(answer)


def test_every_route_has_a_decision() -> None:
    undecided = [route for route in ROUTES if decision(route) is None]
    assert not undecided, f"Say in tests/routes.py who may use {', '.join(undecided)}"


@pytest.mark.parametrize("route", OPEN)
def test_a_public_route_serves_everybody(route: str, ana: Somebody) -> None:
    assert ana.user
    for method, answer in Somebody().ask(route, ana.user):
        is_found = answer.status_code < 400 or route == "/setup/"  # there while nobody is
        assert is_found, method


@pytest.mark.parametrize("route", CLOSED)
def test_nobody_gets_in_without_signing_in(route: str, ana: Somebody) -> None:
    assert ana.user
    for method, answer in Somebody().ask(route, ana.user):
        is_refused = answer.status_code == 401 if is_api(route) else is_sent_to_sign_in(answer)
        assert is_refused, (method, answer.status_code)


@pytest.mark.parametrize("route", CLOSED)
def test_a_member_does_what_is_his_to_do_and_finds_no_administration(
    route: str, ana: Somebody
) -> None:
    assert ana.user
    for method, answer in ana.ask(route, ana.user):
        is_right = answer.status_code == 404 if is_for_administrators(route) else let_in(answer)
        assert is_right, (method, answer.status_code)


@pytest.mark.parametrize("route", CLOSED)
@pytest.mark.parametrize("who", ["bo", "root"])
def test_other_peoples_things_do_not_exist(
    route: str, who: str, ana: Somebody, request: pytest.FixtureRequest
) -> None:
    somebody: Somebody = request.getfixturevalue(who)
    if who == "root" and decision(route) in (May.ADMINISTRATOR, May.OWN_OR_ADMINISTRATOR):
        return
    assert ana.user
    for method, answer in somebody.ask(route, ana.user):
        if decision(route) in (*OF_SOMEBODY, May.ADMINISTRATOR):
            assert answer.status_code == 404, method
        else:
            assert let_in(answer), (method, answer.status_code)
            shown = answer.getvalue().decode(errors="replace")
            assert SECRET_WORDS + ana.user.email not in shown, method


@pytest.mark.parametrize("route", CLOSED)
def test_a_viewer_looks_and_changes_nothing(route: str, vi: Somebody) -> None:
    assert vi.user
    for method, answer in vi.ask(route, vi.user):
        if is_for_administrators(route):
            assert answer.status_code == 404, method
        elif method in LOOKS or decision(route) == May.PERSONAL:
            assert let_in(answer), (method, answer.status_code)
        else:
            assert answer.status_code == 403, (method, answer.status_code)
            assert "viewer" in answer.content.decode()


@pytest.mark.parametrize("route", [r for r in CLOSED if decision(r) in OF_SOMEBODY])
def test_a_viewer_sees_nothing_of_others(route: str, vi: Somebody, ana: Somebody) -> None:
    assert ana.user
    for method, answer in vi.ask(route, ana.user):
        assert answer.status_code == (404 if method in LOOKS else 403), method


@pytest.mark.parametrize(
    "route", [r for r in CLOSED if decision(r) == May.ADMINISTRATOR and "<" not in r]
)
def test_an_administrator_gets_in(route: str, root: Somebody, ana: Somebody) -> None:
    assert ana.user
    answers = dict(root.ask(route, ana.user))
    look = answers.get("GET")
    assert look is None or look.status_code in (200, 302, 403), look
    assert look is None or not is_sent_to_sign_in(look)


def is_for_administrators(route: str) -> bool:
    """Whether a member must not even find it."""
    return decision(route) == May.ADMINISTRATOR
