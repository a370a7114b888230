"""Models that an administrator switched off, over the wire."""

from __future__ import annotations

from typing import Any

import pytest
from constance import config

from tests.videos.factories import make_video
from videos.models import Video

from .conftest import Caller
from .test_models import ask, keep_video


@pytest.fixture
def off(caller: Caller) -> None:
    """Some models are."""
    config.MODELS_OFF = ["gen4.5", "veo3.1_fast", "magnific_video_upscaler_creative", "aleph2"]


@pytest.mark.parametrize("path", ["", "/estimate"])
def test_a_model_that_is_off_is_refused(caller: Caller, off: None, path: str) -> None:
    answer = caller.post(path, {"model": "gen4.5", "prompt": "a fox"})
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["code"], error["param"]) == ("model_not_found", "model")
    assert error["message"].startswith("An administrator switched 'gen4.5' off.")
    assert not Video.objects.exists()


@pytest.mark.parametrize("path", ["upscale", "remix"])
def test_nothing_is_derived_with_a_model_that_is_off(
    caller: Caller, off: None, path: str, data_dir: Any
) -> None:
    video = make_video("completed")
    keep_video(video, data_dir)
    answer = caller.post(f"/{video.pk}/{path}", {"prompt": "at night"} if path == "remix" else {})
    assert answer.status_code == 400
    assert "switched" in answer.json()["error"]["message"]
    assert Video.objects.count() == 1


def test_an_alias_goes_on_to_its_next_model(caller: Caller, off: None) -> None:
    answer = caller.post("/estimate", {"prompt": "a fox"}).json()
    assert (answer["model"], answer["resolved_model"]) == ("sora-2", "seedance2_5")


def test_it_is_not_listed(caller: Caller, off: None) -> None:
    listed = {model["id"]: model for model in ask(caller).json()["data"]}
    assert not {"gen4.5", "veo3.1_fast"} & listed.keys()
    assert listed["sora-2"]["tries"] == ["seedance2_5"]
    answer = ask(caller, "/gen4.5")
    assert answer.status_code == 404
    assert "An administrator switched 'gen4.5' off." in answer.json()["error"]["message"]


def test_an_alias_without_models_is_not_listed(caller: Caller) -> None:
    config.MODELS_OFF = ["veo3.1_fast", "seedance2_5"]
    assert "sora-2" not in [model["id"] for model in ask(caller).json()["data"]]
    assert ask(caller, "/sora-2").status_code == 404


def test_an_order_that_was_chosen_is_listed_and_used(caller: Caller) -> None:
    config.SORA_2_PRO_MODELS = ["seedance2"]
    assert ask(caller, "/sora-2-pro").json()["tries"] == ["seedance2"]
    answer = caller.post("/estimate", {"model": "sora-2-pro", "prompt": "a fox"}).json()
    assert answer["resolved_model"] == "seedance2"


def test_a_video_that_was_accepted_before_goes_on(caller: Caller) -> None:
    video = make_video("queued", model="gen4.5", resolved_model="gen4.5")
    config.MODELS_OFF = ["gen4.5"]
    assert caller.get(f"/{video.pk}").json()["status"] == "queued"
