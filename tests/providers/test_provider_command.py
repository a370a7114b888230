"""Keys from the command line and from a file; encryption that is rotated."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path
from typing import Any

import pytest
import responses
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from providers import deployed, rotation
from providers.entries import InvalidEntry
from providers.models import ProviderKey
from studio import install
from studio.accounts.audit import OPERATOR
from tests.videos.factories import BASE_URL, SECRET, make_key, make_user
from videos.hooks import WebhookEndpoint

pytestmark = pytest.mark.django_db

SEED = {
    "provider": "runway",
    "keys": [
        {"name": "runway-key-1", "value": "env.RUNWAY_API_KEY", "models": ["*"], "weight": 1.0}
    ],
}


def run(*words: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("providers", *words, stdout=out)
    return out.getvalue()


def written(folder: Path, body: object) -> Path:
    """A file of providers."""
    path = folder / "providers.json"
    path.write_text(body if isinstance(body, str) else json.dumps(body))
    return path


def test_a_key_is_added_from_standard_input_and_never_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    with responses.RequestsMock() as runway:
        runway.get(f"{BASE_URL}/v1/organization", json={"creditBalance": 4210})
        said = run("add", "main", "--models", "gen4*, !gen4_turbo", "--weight", "0.5")
    assert said == "main works, 4210 credits\n"
    key = ProviderKey.objects.get()
    assert (key.model_ids, key.weight) == (["gen4*", "!gen4_turbo"], 0.5)
    assert run("list") == "main  key_…0000 (encrypted)  gen4*, !gen4_turbo  weight 0.5  works\n"


def test_a_reference_may_lead_nowhere_yet() -> None:
    assert "RUNWAY_B is not set" in run("add", "later", "--reference", "env.RUNWAY_B")
    assert "env.RUNWAY_B (missing)" in run("list")


def test_a_key_is_tested_and_disabled() -> None:
    make_key()
    with responses.RequestsMock() as runway:
        runway.get(f"{BASE_URL}/v1/organization", json={"error": "Invalid API key"}, status=401)
        with pytest.raises(CommandError, match="Not every key works"):
            run("test", "main")
    assert "main is disabled" in run("disable", "main")
    assert not ProviderKey.objects.get().enabled


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("disable", "nobody"), "There is no provider key called 'nobody'"),
        (("add", "main", "--reference", "env.RUNWAY_B"), "name: There is a key called 'main'"),
        (("add", "b", "--reference", "env.PATH"), "value: env.NAME must name"),
        (("add", "b", "--reference", "env.RUNWAY_B", "--models", "x"), "models: No model"),
        (("apply",), "Name a file"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said(words: tuple[str, ...], message: str) -> None:
    make_key()
    with pytest.raises(CommandError, match=message):
        run(*words)


def test_a_file_is_applied_and_a_second_time_changes_nothing(tmp_path: Path, settings: Any) -> None:
    keys = [*SEED["keys"], {"name": "plain", "value": SECRET, "models": ["gen4*"]}]
    settings.STUDIO_PROVIDERS_FILE = str(written(tmp_path, {**SEED, "keys": keys}))
    assert [key.name for key in install.deployed_keys()] == ["runway-key-1", "plain"]
    ProviderKey.objects.filter(name="plain").update(credits=7, paused_reason="by hand")
    before = list(ProviderKey.objects.values())
    install.deployed_keys()
    assert list(ProviderKey.objects.values()) == before


def test_a_file_changes_what_it_names_and_leaves_other_keys(tmp_path: Path) -> None:
    make_key("other")
    deployed.apply(written(tmp_path, SEED))
    deployed.apply(written(tmp_path, {"keys": [{"name": "runway-key-1", "weight": 4}]}))
    assert ProviderKey.objects.get(name="runway-key-1").weight == 4
    assert ProviderKey.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ("{", None),
        ("[]", "provider"),
        ({"provider": "openai"}, "provider"),
        ({"keys": [{"value": "env.RUNWAY_A"}]}, "keys[0].name"),
        ({"keys": [{"name": "a"}]}, "keys[0].value"),
        ({"keys": [{"name": "a", "value": "key_…9f3c"}]}, "keys[0].value"),
        ({"keys": [*SEED["keys"], {"name": "a", "value": "env.PATH"}]}, "keys[1].value"),
    ],
    ids=str,
)
def test_a_wrong_file_says_which_entry_and_field_and_does_nothing(
    tmp_path: Path, body: object, param: str | None
) -> None:
    with pytest.raises(InvalidEntry) as found:
        deployed.apply(written(tmp_path, body))
    assert found.value.param == param
    assert not ProviderKey.objects.exists()


def test_several_processes_may_apply_a_file_at_once(shared_database: None, tmp_path: Path) -> None:
    path, failures = written(tmp_path, SEED), []

    def apply() -> None:
        try:
            deployed.apply(path)
        except Exception as exc:
            failures.append(exc)
        finally:
            connection.close()

    threads = [threading.Thread(target=apply) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert ProviderKey.objects.count() == 1


def test_encryption_is_rotated_for_keys_and_webhooks_and_says_what_is_left(settings: Any) -> None:
    make_key()
    hook = WebhookEndpoint(owner=make_user(), name="hook", url="https://hooks.example.org/")
    hook.set_secret("whsec_" + "a" * 32)
    hook.old_secret = hook.secret
    hook.save()
    lost = make_key("lost")
    ProviderKey.objects.filter(pk=lost.pk).update(
        secret="fernet:" + Fernet(Fernet.generate_key()).encrypt(b"x").decode()
    )
    old = list(settings.STUDIO_ENCRYPTION_KEYS)
    settings.STUDIO_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *old]
    assert rotation.rotate(OPERATOR) == rotation.Rotated(done=3, left=0, lost=1)
    assert rotation.rotate(OPERATOR) == rotation.Rotated(done=0, left=0, lost=1)
    out = io.StringIO()
    with pytest.raises(CommandError, match="Keep the older keys"):
        call_command("rotate_encryption", stdout=out)
    assert "1 cannot be decrypted" in out.getvalue()
    lost.delete()
    call_command("rotate_encryption", stdout=out)
    assert "may go" in out.getvalue()
    settings.STUDIO_ENCRYPTION_KEYS = settings.STUDIO_ENCRYPTION_KEYS[:1]
    assert ProviderKey.objects.get().problem() == ""
