"""Provider secrets: encrypted at rest, or references that cannot be bent to other places."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from providers import secrets
from providers.secrets import SecretUnavailable

SECRET = "key_" + "0" * 120 + "beef"


@pytest.fixture
def folder(settings: Any) -> Path:
    """STUDIO_SECRETS_DIR, with a secret in it and another one beside it."""
    base = Path(settings.STUDIO_SECRETS_DIR)
    (base / "team").mkdir(parents=True)
    (base / "runway").write_text(f"{SECRET}\n")
    (base / "team" / "runway").write_text(SECRET)
    (base.parent / "encryption_key").write_text(SECRET)
    (base.parent / (base.name + "-old")).mkdir()
    (base.parent / (base.name + "-old") / "runway").write_text(SECRET)
    return base


def test_a_secret_is_encrypted_and_comes_back() -> None:
    stored = secrets.store(f" {SECRET}\n")
    assert stored.startswith("fernet:")
    assert SECRET not in stored and "beef" not in stored
    assert secrets.resolve(stored) == SECRET


def test_the_same_secret_never_looks_the_same() -> None:
    assert secrets.store(SECRET) != secrets.store(SECRET)


def test_a_new_encryption_key_writes_and_the_old_one_still_reads(settings: Any) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    settings.STUDIO_ENCRYPTION_KEYS = [old]
    stored = secrets.store(SECRET)
    settings.STUDIO_ENCRYPTION_KEYS = [new, old]
    assert secrets.resolve(stored) == SECRET
    written = secrets.store(SECRET)
    settings.STUDIO_ENCRYPTION_KEYS = [new]
    assert secrets.resolve(written) == SECRET
    with pytest.raises(SecretUnavailable, match="STUDIO_ENCRYPTION_KEYS"):
        secrets.resolve(stored)


@pytest.mark.parametrize("keys", [["nonsense"], []], ids=["nonsense", "none"])
def test_encryption_keys_that_are_none_make_secrets_unavailable(
    settings: Any, keys: list[str]
) -> None:
    stored = secrets.store(SECRET)
    settings.STUDIO_ENCRYPTION_KEYS = keys
    with pytest.raises(SecretUnavailable, match="STUDIO_ENCRYPTION_KEYS"):
        secrets.resolve(stored)


@pytest.mark.parametrize("stored", ["", "fernet:", "fernet:gAAAA", "plain", "fernet:ключ"])
def test_what_was_not_stored_by_us_does_not_resolve(stored: str) -> None:
    with pytest.raises(SecretUnavailable):
        secrets.resolve(stored)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "two words", "key_1\nX-Admin: 1", "key_\0", "ключ", "key_\x7f", "x" * 5000],
    ids=ascii,
)
def test_what_fits_into_no_header_is_no_secret(text: str) -> None:
    with pytest.raises(SecretUnavailable) as caught:
        secrets.store(text)
    assert not text.strip() or text not in str(caught.value)


@pytest.mark.parametrize(
    ("secret", "shown"), [(SECRET, "beef"), ("x" * 16, "xxxx"), ("x" * 15, ""), ("", "")]
)
def test_only_the_end_of_a_long_secret_is_shown(secret: str, shown: str) -> None:
    assert secrets.last4(secret) == shown


def test_a_reference_is_kept_as_it_is_and_read_at_each_use(monkeypatch: pytest.MonkeyPatch) -> None:
    assert secrets.store("env.RUNWAY_TEAM_B") == "env.RUNWAY_TEAM_B"
    with pytest.raises(SecretUnavailable, match="RUNWAY_TEAM_B is not set"):
        secrets.resolve("env.RUNWAY_TEAM_B")
    for value in (SECRET, f" {SECRET}x\n"):
        monkeypatch.setenv("RUNWAY_TEAM_B", value)
        assert secrets.resolve("env.RUNWAY_TEAM_B") == value.strip()


@pytest.mark.parametrize("value", ["", " ", "two words"])
def test_a_variable_that_holds_no_secret_is_missing(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("RUNWAY_TEAM_B", value)
    with pytest.raises(SecretUnavailable) as caught:
        secrets.resolve("env.RUNWAY_TEAM_B")
    assert not value.strip() or value not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["PATH", "DATABASE_URL", "STUDIO_SECRET_KEY", "", "runway", "XRUNWAY", "RUNWAY\nX", "RUNWAY-X"],
    ids=ascii,
)
def test_other_variables_are_out_of_reach(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    if name:
        monkeypatch.setenv(name, SECRET)
    for use in (secrets.store, secrets.resolve):
        with pytest.raises(SecretUnavailable):
            use(f"env.{name}")


def test_the_operator_may_list_further_variables(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.STUDIO_SECRET_ENV_NAMES = ["TEAM_KEY"]
    monkeypatch.setenv("TEAM_KEY", SECRET)
    assert secrets.resolve(secrets.store("env.TEAM_KEY")) == SECRET


@pytest.mark.parametrize("path", ["runway", "team/runway", "team/../runway", "./runway"])
def test_a_file_under_the_secrets_directory_is_read(folder: Path, path: str) -> None:
    assert secrets.resolve(secrets.store(f"file.{path}")) == SECRET


@pytest.mark.parametrize(
    "path",
    [
        *("", ".", "..", "../encryption_key", "team/../../encryption_key", "/etc/hostname"),
        *("../keys-old/runway", "../keys", "runway\0", "x" * 5000 + "/../../encryption_key"),
    ],
    ids=lambda path: ascii(path[:30]),
)
def test_a_path_that_leads_out_is_refused(folder: Path, path: str) -> None:
    for use in (secrets.store, secrets.resolve):
        with pytest.raises(SecretUnavailable):
            use(f"file.{path}")


@pytest.mark.parametrize("target", ["../encryption_key", "/etc/hostname", "..", "loop"])
def test_a_symlink_that_leads_out_or_in_a_circle_is_refused(folder: Path, target: str) -> None:
    (folder / "loop").symlink_to(target)
    for name in ("loop", "loop/encryption_key"):
        with pytest.raises(SecretUnavailable):
            secrets.resolve(f"file.{name}")


def test_a_symlink_that_stays_inside_is_followed(folder: Path) -> None:
    (folder / "current").symlink_to("team")
    assert secrets.resolve("file.current/runway") == SECRET


def test_a_symlink_that_is_bent_later_is_refused_then(folder: Path) -> None:
    (folder / "link").symlink_to("runway")
    stored = secrets.store("file.link")
    (folder / "link").unlink()
    (folder / "link").symlink_to("../encryption_key")
    with pytest.raises(SecretUnavailable):
        secrets.resolve(stored)


@pytest.mark.parametrize(
    "content",
    [b"", b" \n", b"\xff\xfe\0", b"two words", b"x" * 100_000],
    ids=lambda c: ascii(c[:9]),
)
def test_a_file_that_holds_no_secret_is_unavailable(folder: Path, content: bytes) -> None:
    (folder / "odd").write_bytes(content)
    with pytest.raises(SecretUnavailable):
        secrets.resolve("file.odd")


@pytest.mark.parametrize("name", ["nothing", "team", "pipe", "x" * 5000])
def test_what_is_no_file_is_unavailable_at_once(folder: Path, name: str) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(SecretUnavailable, match="under STUDIO_SECRETS_DIR"):
        secrets.resolve(f"file.{name}")
