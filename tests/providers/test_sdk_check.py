"""The catalogue agrees with Runway's SDK; and the comparison itself notices every difference."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from providers import catalog, sdk_check
from providers.rules import ModeRules

MODES = [
    pytest.param(model.id, rules, id=f"{model.id}-{mode}")
    for model in catalog.load().models.values()
    for mode, rules in model.modes.items()
]
Change = Callable[[dict[str, Any]], None]


def raw_catalog() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(catalog.DEFAULT_PATH.read_text())
    return raw


def mode_of(raw: dict[str, Any], model: str, mode: str = "text_to_video") -> dict[str, Any]:
    entry: dict[str, Any] = raw["models"][model]["modes"][mode]
    return entry


@pytest.mark.parametrize("mode", catalog.VIDEO_MODES)
def test_both_have_the_same_models(mode: str) -> None:
    ours = {model.id for model in catalog.models() if mode in model.modes}
    assert ours == sdk_check.sdk_models(mode).keys()


@pytest.mark.parametrize(("model_id", "rules"), MODES)
def test_both_say_the_same_of_a_model(model_id: str, rules: ModeRules) -> None:
    fields = sdk_check.sdk_fields(sdk_check.sdk_models(rules.mode)[model_id])
    assert list(sdk_check.model_differences(rules, fields)) == []


def test_nothing_else_differs() -> None:
    assert sdk_check.differences(catalog.load()) == []


def drop_model(raw: dict[str, Any]) -> None:
    del raw["models"]["wan3"]


def drop_mode(raw: dict[str, Any]) -> None:
    del raw["models"]["act_two"]["modes"]["character_performance"]


def add_model(raw: dict[str, Any]) -> None:
    raw["models"]["gen99"] = raw["models"]["gen4.5"]


def drop_required(raw: dict[str, Any]) -> None:
    mode_of(raw, "gen4.5")["required"].remove("ratio")
    mode_of(raw, "gen4.5")["optional"].append("ratio")


def drop_optional(raw: dict[str, Any]) -> None:
    mode_of(raw, "veo3.1")["optional"].remove("seed")


def add_optional(raw: dict[str, Any]) -> None:
    mode_of(raw, "veo3.1")["optional"].append("cfgScale")


def change_ratios(raw: dict[str, Any]) -> None:
    mode_of(raw, "gen4.5")["ratios"] = ["1280:720", "960:960"]


def list_ratios_of_a_free_string(raw: dict[str, Any]) -> None:
    mode_of(raw, "aleph2", "video_to_video")["ratios"] = ["1280:720"]


def change_durations(raw: dict[str, Any]) -> None:
    mode_of(raw, "veo3.1")["durations"]["enum"] = [4, 6, 10]


def gap_durations(raw: dict[str, Any]) -> None:
    mode_of(raw, "gen4.5")["durations"] = {"enum": [2, 4]}


def drop_auto(raw: dict[str, Any]) -> None:
    mode_of(raw, "seedance2")["durations"]["auto"] = False


def change_words(raw: dict[str, Any]) -> None:
    mode_of(raw, "gen4.5")["options"]["outputFormat"]["enum"].remove("hlg")


def change_inner_words(raw: dict[str, Any]) -> None:
    settings = mode_of(raw, "klingO3_pro")["options"]["providerSettings"]
    settings["fields"]["shotType"]["enum"].append("random")


def change_inner_keys(raw: dict[str, Any]) -> None:
    settings = mode_of(raw, "klingO3_pro")["options"]["providerSettings"]
    settings["fields"]["multiPrompt"]["list"]["required"].remove("prompt")


def change_type(raw: dict[str, Any]) -> None:
    mode_of(raw, "kling3.0_pro")["options"]["cfgScale"] = {"integer": [0, 1]}


def change_positions(raw: dict[str, Any]) -> None:
    mode_of(raw, "gen4.5", "image_to_video")["media"]["promptImage"]["positions"].append("last")


def demand_positions(raw: dict[str, Any]) -> None:
    del mode_of(raw, "seedance2", "image_to_video")["media"]["promptImage"]["references"]


def change_shape(raw: dict[str, Any]) -> None:
    mode_of(raw, "seedance2")["media"]["references"]["shape"] = "typed_list"


def change_kind(raw: dict[str, Any]) -> None:
    media = mode_of(raw, "act_two", "character_performance")["media"]
    media["character"]["kind"] = "image"


def forget_option(raw: dict[str, Any]) -> None:
    del mode_of(raw, "veo3.1")["options"]["negativePrompt"]


CHANGES: dict[Change, str] = {
    drop_model: "text_to_video wan3: the catalogue does not have it",
    drop_mode: "character_performance act_two: the catalogue does not have it",
    add_model: "text_to_video gen99: the SDK does not have it",
    drop_required: "text_to_video gen4.5: required fields: only in the SDK ratio",
    drop_optional: "text_to_video veo3.1: optional fields: only in the SDK seed",
    add_optional: "text_to_video veo3.1: optional fields: only in the catalogue cfgScale",
    change_ratios: "text_to_video gen4.5: ratios: only in the catalogue 960:960",
    list_ratios_of_a_free_string: "video_to_video aleph2: ratios: only in the catalogue 1280:720",
    change_durations: "text_to_video veo3.1: durations: only in the SDK 8",
    gap_durations: "text_to_video gen4.5: durations: gaps in (2, 4), any integer in the SDK",
    drop_auto: 'text_to_video seedance2: duration takes "auto"',
    change_words: "text_to_video gen4.5: words of outputFormat: only in the SDK hlg",
    change_inner_words: "words of providerSettings.shotType: only in the catalogue random",
    change_inner_keys: "required keys of providerSettings.multiPrompt: only in the SDK prompt",
    change_type: "type of cfgScale",
    change_positions: "positions of promptImage: only in the catalogue last",
    demand_positions: "promptImage needs positions",
    change_shape: "keys of references: only in the catalogue type",
    change_kind: "kinds of character: only in the SDK video",
    forget_option: "described fields: only in the SDK negativePrompt",
}


@pytest.mark.parametrize(
    ("change", "expected"), CHANGES.items(), ids=[change.__name__ for change in CHANGES]
)
def test_a_difference_is_named(change: Change, expected: str) -> None:
    raw = raw_catalog()
    change(raw)
    found = sdk_check.differences(catalog.parse(raw))
    assert any(expected in line for line in found), found


class TestCommand:
    def run(self, *args: str) -> str:
        out = StringIO()
        call_command("catalog", *args, stdout=out)
        return out.getvalue()

    def test_without_differences_it_says_so_in_one_line(self) -> None:
        (line,) = self.run("--check").splitlines()
        assert line == f"The catalogue agrees with runwayml {sdk_check.version()}."

    def test_it_names_every_difference_and_fails(self, settings: Settings, tmp_path: Path) -> None:
        raw = raw_catalog()
        drop_optional(raw)
        drop_model(raw)
        (tmp_path / "other.json").write_text(json.dumps(raw))
        settings.STUDIO_CATALOG_FILE = str(tmp_path / "other.json")
        out = StringIO()
        with pytest.raises(CommandError, match="3 differences") as caught:
            call_command("catalog", "--check", stdout=out)
        assert caught.value.returncode == 1
        assert out.getvalue().splitlines() == [
            "text_to_video wan3: the catalogue does not have it",
            "text_to_video veo3.1: optional fields: only in the SDK seed",
            "image_to_video wan3: the catalogue does not have it",
        ]

    def test_without_the_sdk_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "runwayml", None)
        with pytest.raises(CommandError, match="pip install runwayml"):
            call_command("catalog", "--check")

    def test_it_prints_the_file_as_json(self) -> None:
        assert json.loads(self.run("--json")) == raw_catalog()

    def test_it_prints_a_row_for_every_mode(self) -> None:
        heading, *rows = self.run().splitlines()
        assert heading.split()[:3] == ["model", "mode", "seconds"]
        assert len(rows) == sum(len(model.modes) for model in catalog.models())

    @pytest.mark.parametrize(
        "row",
        [
            "gen4.5 text to video 2-10 1280x720 720x1280 none 60",
            "veo3.1 text to video 4 6 8 1280x720 720x1280 1080x1920 and 1 more none 100",
            "gen4_turbo image to video 2-10 1280x720 720x1280 1104x832 and 3 more first frame 25",
            "aleph2 video to video as the input as the input keyframes ≤5, video_uri 140",
            "h3_max text to video 5-15 (unverified) as the input at 480p 768p none 40",
            "enhance_frame_rate video upscale as the input as the input video_uri unknown",
        ],
    )
    def test_a_row_is_readable(self, row: str) -> None:
        assert row in [" ".join(line.split()) for line in self.run().splitlines()]
