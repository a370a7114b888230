"""What the administration shows of a key's work, and what may be done with its secret."""

from __future__ import annotations

from typing import Any

import pytest
import responses
from cryptography.fernet import Fernet
from django.test import Client

from providers.models import ProviderKey
from tests.videos.factories import BASE_URL, make_key, make_video

from .test_admin import FIELDS, LIST, act, root

__all__ = ["root"]

pytestmark = pytest.mark.django_db


def test_a_key_shows_where_it_is_what_it_runs_and_what_it_did_today(root: Client) -> None:
    make_key("busy", model_ids=["gen4*", "!gen4_turbo"])
    make_video("in_progress")
    page = root.get(LIST).content.decode()
    assert "gen4*, !gen4_turbo" in page
    assert 'class="field-base_url"' in page
    assert '<td class="field-running_now">1</td><td class="field-today">1</td>' in page


def test_the_form_refuses_a_pattern_that_finds_nothing_and_takes_exclusions(root: Client) -> None:
    wrong = {**FIELDS, "model_ids": '["gen9*"]'}
    assert "No model is called gen9*" in root.post(f"{LIST}add/", wrong).content.decode()
    root.post(f"{LIST}add/", {**FIELDS, "model_ids": '["!gen4_turbo"]'})
    assert not ProviderKey.objects.get().serves("gen4_turbo")


def test_replacing_a_secret_leads_to_its_field(root: Client) -> None:
    one, two = make_key("one"), make_key("two")
    data = {"action": "replace_secret", "_selected_action": [one.pk]}
    assert root.post(LIST, data)["Location"] == f"{LIST}{one.pk}/change/#id_new_secret"
    assert "Select one key" in act(root, "replace_secret", one, two)


def test_every_secret_is_encrypted_anew_at_once(root: Client, settings: Any) -> None:
    key, other = make_key("one"), make_key("two")
    settings.STUDIO_ENCRYPTION_KEYS = [
        Fernet.generate_key().decode(),
        *settings.STUDIO_ENCRYPTION_KEYS,
    ]
    assert "2 secrets encrypted anew, 0 left." in act(root, "encrypt_anew", key)
    settings.STUDIO_ENCRYPTION_KEYS = settings.STUDIO_ENCRYPTION_KEYS[:1]
    other.refresh_from_db()
    assert other.problem() == ""


def test_a_passed_test_tells_what_the_tier_allows(root: Client) -> None:
    key = make_key()
    body = {
        "creditBalance": 4210,
        "tier": {"models": {"gen4.5": {"maxConcurrentGenerations": 2, "maxDailyGenerations": 50}}},
        "usage": {"models": {"gen4.5": {"dailyGenerations": 3}}},
    }
    with responses.RequestsMock() as runway:
        runway.get(f"{BASE_URL}/v1/organization", json=body)
        page = act(root, "test_keys", key)
    assert "4210 credits. Its tier allows gen4.5: 2 at once, 3 of 50 a day." in page
