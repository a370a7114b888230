"""The page that compares models."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from providers import catalog

from .conftest import text
from .test_pages import is_strict


def listed(answer: Any) -> list[str]:
    """The ids of the rows."""
    return re.findall(r'<tr id="([^"]+)">', answer.content.decode())


def test_every_model_is_compared(ana: Client) -> None:
    answer = ana.get("/models/")
    assert listed(answer) == [model.id for model in catalog.models()]
    assert is_strict(answer.content.decode())
    words = text(answer)
    assert "2–10 s" in words
    assert "60 cr" in words
    assert "not known" in words


@pytest.mark.parametrize("mode", ["video_to_video", "video_upscale", "character_performance"])
def test_it_can_be_narrowed_to_one_way(ana: Client, mode: str) -> None:
    found = listed(ana.get(f"/models/?mode={mode}"))
    assert found == [model.id for model in catalog.models() if mode in model.modes]


def test_it_can_be_narrowed_to_sound(ana: Client) -> None:
    found = listed(ana.get("/models/?sound=1"))
    assert "veo3.1" in found
    assert "gen4.5" not in found


def test_the_cheapest_come_first_and_the_unknown_last(ana: Client) -> None:
    found = listed(ana.get("/models/?sort=price"))
    assert found[0] == "grok_imagine_1_5_lite"
    assert found.index("gen4_turbo") < found.index("gen4.5") < found.index("kling_4")


@pytest.mark.parametrize(
    "query", ["mode=nothing", "sort=nothing", "mode=%00", "mode=video_upscale&sound=1"]
)
def test_a_query_that_makes_no_sense_is_left_alone(ana: Client, query: str) -> None:
    assert ana.get(f"/models/?{query}").status_code == 200


def test_a_model_leads_to_the_form_with_it_chosen(ana: Client) -> None:
    html = ana.get("/models/").content.decode()
    assert 'href="/?model=seedance2_5"' in html
    assert 'href="/?model=aleph2"' in html
    assert (
        '<option value="seedance2_5" selected>' in ana.get("/?model=seedance2_5").content.decode()
    )


@pytest.mark.parametrize("model", [model.id for model in catalog.models()])
def test_the_form_renders_for_every_model(ana: Client, model: str) -> None:
    for path in ("/", "/studio/controls"):
        for picture in ("", "&input_reference=a.png"):
            answer = ana.get(f"{path}?model={model}{picture}")
            assert answer.status_code == 200
            assert is_strict(answer.content.decode())
