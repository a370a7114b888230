"""What `/api/providers` refuses: wrong fields, by name; other people; hostile bodies and ids."""

from __future__ import annotations

from typing import Any

import pytest

from providers.models import ProviderKey
from tests.videos.factories import BASE_URL, make_key

from .administrators import HERE, KEYS, Admin, admin, token

__all__ = ["admin"]

pytestmark = pytest.mark.django_db

KEY: dict[str, Any] = {"name": "a", "value": "env.RUNWAY_A"}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another provider": ({"provider": "openai"}, "provider"),
    "no provider": ({"keys": []}, "provider"),
    "an unknown field": ({"provider": "runway", "proxy_config": {}}, "proxy_config"),
    "keys that are none": ({"provider": "runway", "keys": {}}, "keys"),
    "network_config of nothing": (
        {"provider": "runway", "network_config": {"base_url": BASE_URL}},
        "network_config",
    ),
    "too many keys": ({"provider": "runway", "keys": [KEY] * 21}, "keys"),
    "a key that is none": ({"provider": "runway", "keys": [1]}, "keys[0]"),
}
WRONG_KEYS: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": None}, "name"),
    "digits": ({"name": "12"}, "name"),
    "a NUL": ({"name": "a\x00b"}, "name"),
    "a long name": ({"name": "x" * 81}, "name"),
    "no value": ({"value": None}, "value"),
    "a number for value": ({"value": 7}, "value"),
    "another variable": ({"value": "env.PATH"}, "value"),
    "a path elsewhere": ({"value": "file.../../etc/passwd"}, "value"),
    "two words": ({"value": "two words"}, "value"),
    "a masked secret": ({"value": "key_…9f3c"}, "value"),
    "Bifrost's mask": ({"value": "key_" + "*" * 24 + "9f3c"}, "value"),
    "an unknown model": ({"models": ["gen45"]}, "models"),
    "no list": ({"models": "gen4.5"}, "models"),
    "numbers": ({"models": [1]}, "models"),
    "no model left": ({"models": ["gen4*", "!*"]}, "models"),
    "a text for weight": ({"weight": "1"}, "weight"),
    "a negative weight": ({"weight": -1}, "weight"),
    "a boolean for weight": ({"weight": True}, "weight"),
    "a negative floor": ({"credit_floor": -1}, "credit_floor"),
    "no floor": ({"credit_floor": None}, "credit_floor"),
    "half a credit": ({"credit_floor": 0.5}, "credit_floor"),
    "a huge floor": ({"credit_floor": 2**63}, "credit_floor"),
    "a text for parallel": ({"parallel": "2"}, "parallel"),
    "a boolean for parallel": ({"parallel": True}, "parallel"),
    "fewer than none": ({"parallel": -1}, "parallel"),
    "a number for enabled": ({"enabled": 1}, "enabled"),
    "another host": (
        {"network_config": {"base_url": "https://evil.example.org"}},
        "network_config.base_url",
    ),
    "a port out of range": (
        {"network_config": {"base_url": f"{BASE_URL}:99999"}},
        "network_config.base_url",
    ),
    "too short": (
        {"network_config": {"default_request_timeout_in_seconds": 0}},
        "network_config.default_request_timeout_in_seconds",
    ),
    "retries": ({"network_config": {"max_retries": 3}}, "network_config.max_retries"),
    "an unknown field": ({"aliases": {}}, "aliases"),
}


@pytest.mark.parametrize(("body", "param"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_provider_is_named(
    admin: Admin, body: dict[str, Any], param: str
) -> None:
    status, answer = admin("POST", HERE, body)
    assert (status, answer["error"]["param"]) == (400, param)
    assert not ProviderKey.objects.exists()


@pytest.mark.parametrize(("change", "param"), WRONG_KEYS.values(), ids=WRONG_KEYS)
def test_what_is_wrong_with_a_key_is_named(
    admin: Admin, change: dict[str, Any], param: str
) -> None:
    for path, body, place in (
        (KEYS, {**KEY, **change}, ""),
        (HERE, {"provider": "runway", "keys": [{**KEY, **change}]}, "keys[0]."),
    ):
        status, answer = admin("POST", path, body)
        assert (status, answer["error"]["param"]) == (400, place + param)
        assert answer["error"]["message"]
    assert not ProviderKey.objects.exists()


OPERATIONS = [
    ("GET", HERE),
    ("POST", HERE),
    ("GET", f"{HERE}/runway"),
    ("PUT", f"{HERE}/runway"),
    ("DELETE", f"{HERE}/runway"),
    ("GET", KEYS),
    ("POST", KEYS),
    ("GET", f"{KEYS}/main"),
    ("PUT", f"{KEYS}/main"),
    ("DELETE", f"{KEYS}/main"),
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_only_administrators_keys_with_the_scope_get_in(method: str, path: str) -> None:
    make_key()
    before = list(ProviderKey.objects.values())
    member = Admin(token("ana@example.org", is_staff=False))
    narrow = Admin(token(scopes=["read", "create", "cancel"]))
    answers = [who(method, path, KEY) for who in (member, narrow, Admin("rk_wrong"))]
    assert [status for status, _ in answers] == [404, 403, 401]
    assert all(set(body) == {"error"} for _, body in answers)
    assert list(ProviderKey.objects.values()) == before


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff", b'{"provider": NaN}', b"[" * 50_000],
    ids=lambda body: ascii(body[:20]),
)
@pytest.mark.parametrize(
    ("method", "path"), [pair for pair in OPERATIONS if pair[0] in ("POST", "PUT")]
)
def test_no_body_breaks_an_operation(admin: Admin, method: str, path: str, body: bytes) -> None:
    make_key()
    status, answer = admin(method, path, body or b" ")
    assert (status, answer["error"]["code"]) == (400, "invalid_body")
    assert ProviderKey.objects.count() == 1


@pytest.mark.parametrize(
    "name", ["%00", "%ff", "..%2f..", "9" * 18, "9" * 300, "\u0661", "1' OR '1'='1"], ids=ascii
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_no_id_breaks_an_operation(admin: Admin, method: str, name: str) -> None:
    make_key()
    assert admin(method, f"{KEYS}/{name}", KEY)[0] == 404
    assert admin(method, f"{HERE}/{name}", KEY)[0] == 404
