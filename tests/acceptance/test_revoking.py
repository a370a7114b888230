"""A key that is revoked, or replaced without overlap, is refused by every web process at once."""

from __future__ import annotations

import re

import pytest
import requests

from tests.live import Studio

pytestmark = pytest.mark.process

# On so many fresh connections both web processes answer, whatever the kernel's choice.
ENOUGH = 24


class Browser:
    """The first administrator's browser."""

    def __init__(self, studio: Studio) -> None:
        self.url, self.session = studio.url, requests.Session()
        password = re.search(r"Password +(\S+)", studio.output)
        assert password
        self.session.get(f"{self.url}/sign-in/", timeout=30)
        self.post("/sign-in/", username="admin@example.com", password=password[1])

    def post(self, path: str, **fields: str) -> str:
        """Send a form; the page that comes of it."""
        [token] = [value for name, value in self.session.cookies.items() if "csrf" in name]
        fields["csrfmiddlewaretoken"] = token or ""
        headers = {"Referer": self.url}
        answer = self.session.post(f"{self.url}{path}", fields, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.text

    def new_key(self, page: str) -> str:
        """The key that a page shows this once."""
        found = re.search(r"rk_\w{38}", page)
        assert found, page
        return found[0]


def answers(studio: Studio, token: str) -> set[int]:
    """How the web processes answer to a key, each on fresh connections."""
    headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
    url = f"{studio.url}/v1/models"
    return {requests.get(url, headers=headers, timeout=30).status_code for _ in range(ENOUGH)}


@pytest.mark.parametrize(
    ("verb", "fields"), [("revoke", {}), ("rotate", {"overlap": "0"})], ids=["revoke", "rotate"]
)
def test_a_key_that_is_taken_back_is_refused_by_every_process_at_once(
    studio: Studio, verb: str, fields: dict[str, str]
) -> None:
    browser = Browser(studio)
    page = browser.post("/settings/keys/add", name=verb, scopes="read")
    token = browser.new_key(page)
    assert answers(studio, token) == {200}
    newest = max(int(number) for number in re.findall(r"/settings/keys/(\d+)/revoke", page))
    browser.post(f"/settings/keys/{newest}/{verb}", **fields)
    assert answers(studio, token) == {401}
