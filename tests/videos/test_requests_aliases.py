"""What `sora-2` and `sora-2-pro` become: a model that accepts the request, by OpenAI's defaults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from providers import catalog
from videos.requests import InvalidRequest, check

URL = "https://example.com/a.png"
VIDEO = "https://example.com/a.mp4"


@pytest.mark.parametrize(
    ("alias", "model"), [(None, "veo3.1_fast"), ("sora-2", "veo3.1_fast"), ("sora-2-pro", "veo3.1")]
)
def test_the_defaults_are_openai_s(alias: str | None, model: str) -> None:
    checked = check({"model": alias, "prompt": "a fox"})
    assert (checked.model, checked.resolved_model) == (alias or "sora-2", model)
    assert (checked.seconds, checked.size, checked.audio) == (4, "720x1280", True)


def test_the_order_is_the_catalogue_s() -> None:
    assert catalog.load().aliases == {
        "sora-2": ("veo3.1_fast", "seedance2_5"),
        "sora-2-pro": ("veo3.1", "seedance2_5", "seedance2"),
    }


def test_the_provider_s_prefix_is_removed_from_an_alias_too() -> None:
    assert check({"model": "runway/sora-2", "prompt": "p"}).model == "sora-2"


@pytest.mark.parametrize(
    ("alias", "params", "model"),
    [
        ("sora-2", {"seconds": "4"}, "veo3.1_fast"),
        ("sora-2", {"seconds": "8"}, "veo3.1_fast"),
        ("sora-2", {"seconds": "12"}, "seedance2_5"),
        ("sora-2", {"seconds": "16"}, "seedance2_5"),
        ("sora-2", {"seconds": "20"}, "seedance2_5"),
        ("sora-2", {"seconds": 5}, "seedance2_5"),
        ("sora-2-pro", {"seconds": "8"}, "veo3.1"),
        ("sora-2-pro", {"seconds": "12"}, "seedance2_5"),
        ("sora-2", {"prompt": "a" * 1000}, "veo3.1_fast"),
        ("sora-2", {"prompt": "a" * 1001}, "seedance2_5"),
        ("sora-2", {"prompt": "a" * 15_000}, "seedance2_5"),
        ("sora-2-pro", {"size": "1080x1920"}, "veo3.1"),
        ("sora-2-pro", {"size": "960x960"}, "seedance2_5"),
        ("sora-2-pro", {"size": "3840x2160"}, "seedance2"),
        ("sora-2", {"input_reference": URL}, "veo3.1_fast"),
        ("sora-2", {"reference_images": [URL]}, "seedance2_5"),
        ("sora-2", {"video_uri": VIDEO}, "seedance2_5"),
    ],
    ids=str,
)
def test_the_first_model_that_accepts_the_request_makes_it(
    alias: str, params: dict[str, Any], model: str
) -> None:
    checked = check({"model": alias, "prompt": "a fox", **params})
    assert (checked.model, checked.resolved_model) == (alias, model)
    assert checked.seconds == int(params.get("seconds", 4))


@pytest.mark.parametrize("alias", ["sora-2", "sora-2-pro"])
@pytest.mark.parametrize(
    ("size", "nearest"),
    [
        ("720x1280", "720x1280"),
        ("1280x720", "1280x720"),
        ("1024x1792", "1080x1920"),
        ("1792x1024", "1920x1080"),
        ("1080x1920", "1080x1920"),
        ("1920x1080", "1920x1080"),
        ("700x1200", "720x1280"),
    ],
)
def test_a_size_that_no_model_has_goes_to_the_nearest_of_its_orientation(
    alias: str, size: str, nearest: str
) -> None:
    assert check({"model": alias, "prompt": "p", "size": size}).size == nearest


def test_the_nearest_size_is_looked_for_on_the_model_that_has_the_length() -> None:
    checked = check({"prompt": "p", "size": "1792x1024", "seconds": "12"})
    assert (checked.resolved_model, checked.size, checked.seconds) == (
        "seedance2_5",
        "1920x1080",
        12,
    )


def test_sound_can_be_turned_off() -> None:
    checked = check({"prompt": "p", "audio": False})
    assert checked.audio is False
    assert checked.credits == 40


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"size": "banana"}, "size"),
        ({"size": "auto_720p"}, "size"),
        ({"size": ""}, "size"),
        ({"seconds": "40"}, "seconds"),
        ({"seconds": "3"}, "seconds"),
        ({"prompt": "a" * 15_001}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"last_frame": URL}, "input_reference"),
    ],
    ids=str,
)
def test_what_none_of_them_accepts_is_refused(params: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check({"model": "sora-2", "prompt": "p", **params})
    assert caught.value.param == param


def test_a_silent_model_may_stand_in_an_order(settings: Settings, tmp_path: Path) -> None:
    raw = json.loads(catalog.DEFAULT_PATH.read_text())
    raw["aliases"]["sora-2"] = ["gen4.5"]
    (tmp_path / "catalog.json").write_text(json.dumps(raw))
    settings.STUDIO_CATALOG_FILE = str(tmp_path / "catalog.json")
    checked = check({"prompt": "p", "size": "1024x1792"})
    assert (checked.resolved_model, checked.size, checked.audio) == ("gen4.5", "720x1280", None)
    with pytest.raises(InvalidRequest) as caught:
        check({"prompt": "p", "audio": True})
    assert caught.value.param == "audio"
