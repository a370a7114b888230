"""The system checks find what would make somebody's video fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as django_settings

from studio import checks
from tests.videos.factories import make_key


def ids(messages: list[Any]) -> list[str]:
    return [message.id for message in messages]


def test_a_writable_data_directory_is_fine(data_dir: Path) -> None:
    assert checks.check_data_dir(None) == []


def test_a_data_directory_that_cannot_be_made_is_an_error(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.STUDIO_DATA_DIR = tmp_path / "file" / "data"
    assert ids(checks.check_data_dir(None)) == ["studio.E001"]


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ([Fernet.generate_key().decode()], []),
        (["short"], ["studio.E002"]),
        ([], ["studio.E002"]),
        (["\N{SNOWMAN}"], ["studio.E002"]),
    ],
    ids=["good", "short", "none", "foreign"],
)
def test_encryption_keys_must_be_fernet_keys(
    settings: Any, keys: list[str], found: list[str]
) -> None:
    settings.STUDIO_ENCRYPTION_KEYS = keys
    assert ids(checks.check_secrets(None)) == found


def test_one_secret_for_two_purposes_is_an_error(settings: Any) -> None:
    settings.STUDIO_ENCRYPTION_KEYS = [settings.SECRET_KEY]
    assert ids(checks.check_secrets(None)) == ["studio.E003"]


@pytest.mark.parametrize("name", ["STUDIO_EDIT_MODEL", "STUDIO_EXTEND_MODEL"])
def test_a_model_that_cannot_work_on_videos_is_a_warning(settings: Any, name: str) -> None:
    assert checks.check_derived_models(None) == []
    setattr(settings, name, "gen4.5")
    assert ids(checks.check_derived_models(None)) == ["studio.W003"]


def test_a_strategy_that_there_is_not_is_a_warning(settings: Any) -> None:
    assert checks.check_routing(None) == []
    settings.STUDIO_ROUTING = "best"
    assert ids(checks.check_routing(None)) == ["studio.W004"]


@pytest.mark.django_db
def test_the_database_answers() -> None:
    assert checks.check_database(None, ["default"]) == []


@pytest.mark.django_db
def test_no_working_provider_key_is_a_warning() -> None:
    assert ids(checks.check_provider_keys(None, ["default"])) == ["studio.W001"]
    key = make_key()
    assert checks.check_provider_keys(None, ["default"]) == []
    key.paused_reason = "refused"
    key.save()
    assert ids(checks.check_provider_keys(None, ["default"])) == ["studio.W001"]


@pytest.mark.django_db
def test_a_key_whose_secret_is_gone_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNWAY_HERE", "key_" + "a" * 128)
    key = make_key()
    key.set_secret("env.RUNWAY_HERE")
    key.save()
    assert checks.check_provider_keys(None, ["default"]) == []
    monkeypatch.delenv("RUNWAY_HERE")
    assert ids(checks.check_provider_keys(None, ["default"])) == ["studio.W001"]


@pytest.mark.parametrize(
    ("mode", "found"),
    [(0o700, []), (0o755, ["studio.W002"]), (0o750, ["studio.W002"]), (0o701, ["studio.W002"])],
    ids=["private", "readable", "a group's", "passable"],
)
def test_a_data_directory_open_to_others_is_a_warning(
    data_dir: Path, mode: int, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checks.check_privacy(None) == []
    data_dir.mkdir()
    data_dir.chmod(mode)
    messages = checks.check_privacy(None)
    assert ids(messages) == found
    assert all(f"chmod go= {data_dir}" in str(message.hint) for message in messages)
    monkeypatch.setenv("STUDIO_LIFELINE_FD", "3")
    assert checks.check_privacy(None) == []


def test_what_the_commands_write_is_for_this_user_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    for command in ("migrate", "collectstatic"):
        done = manage(data, command, "--no-input", "-v0")
        assert done.returncode == 0, done.stderr
        assert ("studio.W002" in done.stderr) == (command == "migrate")
    made = [data / "rushes.sqlite3", data / "static", data / "static" / "favicon.svg"]
    assert [path.stat().st_mode & 0o077 for path in made] == [0, 0, 0]


@pytest.mark.parametrize("port", ["abc", "99999", "-1", "0"])
@pytest.mark.parametrize("command", ["run", "web", "check"])
def test_a_port_that_makes_no_sense_is_one_line(tmp_path: Path, port: str, command: str) -> None:
    done = manage(tmp_path / "data", command, PORT=port)
    assert done.returncode == 1
    words = f"Rushes cannot start: PORT must be a number from 1 to 65535, not '{port}'."
    assert (done.stderr.splitlines(), done.stdout) == ([words], "")


def manage(data_dir: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A management command in a process and a data directory of its own."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=django_settings.BASE_DIR,
        env={"PATH": "/usr/bin:/bin", "STUDIO_DATA_DIR": str(data_dir), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_check_deploy_is_clean_with_the_documented_production_settings(tmp_path: Path) -> None:
    documented = {
        "STUDIO_BASE_URL": "https://studio.example.org",
        "STUDIO_BEHIND_PROXY": "true",
        "STUDIO_SECRET_KEY": "a long secret of many different characters 0123456789",
        "STUDIO_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    }
    text = (django_settings.BASE_DIR / "docs" / "settings.md").read_text()
    production = text.partition("## Production")[2]
    assert all(f"{name}=" in production for name in documented)
    done = manage(tmp_path / "data", "check", "--deploy", "--fail-level", "WARNING", **documented)
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


def test_a_database_that_is_away_is_said_in_one_message(tmp_path: Path) -> None:
    url = "postgres://nobody@127.0.0.1:1/nothing"
    done = manage(tmp_path / "data", "check", "--database", "default", DATABASE_URL=url)
    assert done.returncode == 1
    assert "studio.E004" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_module_of_studio_has_its_place_in_the_layers() -> None:
    pyproject = (django_settings.BASE_DIR / "pyproject.toml").read_text()
    modules = {
        path.stem if path.suffix else path.name
        for path in (django_settings.BASE_DIR / "studio").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    } - {"__init__", "accounts"}
    assert {name for name in modules if f"studio.{name}" not in pyproject} == set()
