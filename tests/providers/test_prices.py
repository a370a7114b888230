"""What a request is expected to cost: every row of the price table, for a typical output."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pytest_django import Settings

from providers import catalog, prices
from providers.prices import Output
from videos.requests import check

# Model, what comes out, credits.
ROWS = [
    ("gen4.5", Output(5, "1280:720"), 60),
    ("gen4_turbo", Output(5, "1280:720"), 25),
    ("act_two", Output(5, "1280:720"), 25),
    ("aleph2", Output(5), 140),
    ("aleph2", Output(1), 56),
    ("veo3.1", Output(8, "1280:720", audio=True), 320),
    ("veo3.1", Output(8, "1280:720"), 160),
    ("veo3.1_fast", Output(8, "1280:720", audio=True), 120),
    ("veo3.1_fast", Output(8, "1280:720"), 80),
    ("seedance2", Output(5, "864:496"), 180),
    ("seedance2", Output(5, "1280:720"), 180),
    ("seedance2", Output(5, "1920:1080"), 200),
    ("seedance2", Output(5, "3840:2160"), 750),
    ("seedance2_fast", Output(5, "1280:720"), 145),
    ("seedance2_mini", Output(5, "1280:720"), 80),
    ("seedance2_mini", Output(4, "1280:720"), 64),
    ("seedance2_5", Output(5, "854:480"), 100),
    ("seedance2_5", Output(5, "1280:720"), 150),
    ("seedance2_5", Output(5, "1920:1080"), 340),
    ("seedance2_5", Output(5, "854:480", input_seconds=10), 200),
    ("seedance2_5", Output(5, "1280:720", input_seconds=10), 300),
    ("seedance2_5", Output(5, "1920:1080", input_seconds=10), 680),
    ("seedance2_5", Output(4, "854:480"), 80),
    ("seedance2_5", Output(5, "854:480", input_seconds=None), None),
    ("gemini_omni_flash", Output(5, "1280:720"), 50),
    ("gemini_omni_flash", Output(5, "1280:720", pictures=2), 52),
    ("gemini_omni_flash_1.1", Output(5, "1280:720"), None),
    ("hailuo3", Output(5, "16:9", "768p"), 50),
    ("hailuo3", Output(5, "16:9", "2k"), 75),
    ("hailuo3", Output(5, "16:9", "2K"), 75),
    ("h3_max", Output(5, resolution="480p"), 25),
    ("h3_max", Output(5, resolution="768p"), 40),
    ("happyhorse_1_0", Output(5, "1280:720"), 75),
    ("happyhorse_1_0", Output(5, resolution="720p"), 75),
    ("happyhorse_1_0", Output(5, "1920:1080"), 150),
    ("happyhorse_1_0", Output(5, resolution="1080P"), 150),
    ("wan3", Output(5, "832:480"), 25),
    ("wan3", Output(5, "1280:720"), 50),
    ("wan3", Output(5, "auto_1080p"), 100),
    ("wan3_prime", Output(5, "auto_480p"), 34),
    ("wan3_prime", Output(5, "1280:720"), 70),
    ("wan3_prime", Output(5, "1920:1080"), 140),
    ("grok_imagine_1_5", Output(5, "16:9", "480p"), 50),
    ("grok_imagine_1_5", Output(5, "16:9", "720p"), 80),
    ("grok_imagine_1_5", Output(5, "16:9", "1080p"), 145),
    ("grok_imagine_1_5", Output(5, "16:9", "720p", pictures=3), 83),
    ("grok_imagine_1_5_lite", Output(5, "848:480"), 10),
    ("grok_imagine_1_5_lite", Output(5, "1280:720"), 15),
    ("grok_imagine_1_5_lite", Output(5, "1904:1072"), 70),
    ("magnific_video_upscaler_creative", Output(resolution="720p", frames=100), 70),
    ("magnific_video_upscaler_creative", Output(resolution="1k", frames=100), 70),
    ("magnific_video_upscaler_creative", Output(resolution="2k", frames=100), 90),
    ("magnific_video_upscaler_creative", Output(resolution="4k", frames=100), 120),
    ("magnific_video_upscaler_creative", Output(resolution="4k"), None),
    ("gen4.5", Output(5, "1280:720", output_format="mp4"), 60),
    ("gen4.5", Output(5, "1280:720", output_format="prores"), 85),
    ("gen4.5", Output(5, "1280:720", output_format="png_sequence"), 85),
    ("gen4.5", Output(2, "1280:720", output_format="hdr10"), 64),
    ("gen4.5", Output(2, "1280:720", output_format="hdr_exr_sequence"), 64),
    ("aleph2", Output(5, output_format="png_sequence"), 165),
    ("aleph2", Output(5, output_format="sdr_rec709_10bit"), 240),
    ("kling_4", Output(5, "1280:720"), None),
    ("kling3.0_pro", Output(5, "1920:1080"), None),
    ("klingO3_4k", Output(5, "3840:2160"), None),
    ("gen4_aleph", Output(5, "1280:720"), None),
    ("gen4.5", Output(None, "1280:720"), None),
]


@pytest.mark.parametrize(("model_id", "output", "expected"), ROWS, ids=str)
def test_a_video_costs_what_the_table_says(
    model_id: str, output: Output, expected: int | None
) -> None:
    cost = catalog.load().models[model_id].prices.credits(output)
    assert cost == (None if expected is None else Decimal(expected))


def test_ten_bit_formats_cost_the_same_surcharge() -> None:
    surcharges = catalog.load().models["gen4.5"].prices.surcharges
    formats = catalog.load().models["gen4.5"].modes["text_to_video"].options["outputFormat"].enum
    assert surcharges.keys() == {*formats} - {"mp4"}
    assert {surcharges[name] for name in formats[3:]} == {Decimal(20)}


PRICED = [model for model in catalog.models() if model.prices.per_second]


@pytest.mark.parametrize("model", PRICED, ids=lambda model: model.id)
def test_every_size_of_a_priced_model_has_a_price(model: catalog.VideoModel) -> None:
    for rules in model.modes.values():
        resolutions = rules.options["resolution"].enum if "resolution" in rules.options else (None,)
        for ratio in rules.ratios or (None,):
            for resolution in resolutions:
                for audio in (True, False):
                    output = Output(5, ratio, resolution, audio)
                    assert model.prices.credits(output), output


class TestOfRequests:
    """What the validator finds out about the output."""

    VIDEO = "https://example.com/a.mp4"

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            ({"model": "gen4.5", "prompt": "p", "seconds": 5}, 60),
            ({"model": "veo3.1", "prompt": "p", "audio": True}, 160),
            ({"model": "hailuo3", "prompt": "p", "resolution": "2k"}, 75),
            ({"model": "seedance2", "prompt": "p", "seconds": "auto"}, 15 * 36),
            ({"model": "kling_4", "prompt": "p"}, None),
            ({"model": "aleph2", "video_uri": VIDEO}, None),
            ({"model": "seedance2_5", "video_uri": VIDEO}, None),
            ({"model": "seedance2", "video_uri": VIDEO}, 144),
            ({"model": "seedance2_5", "draft_task_id": "1234"}, None),
        ],
        ids=str,
    )
    def test_it_knows_what_was_asked_for(
        self, params: dict[str, object], expected: int | None
    ) -> None:
        assert check(params).credits == expected

    @pytest.mark.parametrize(
        ("size", "frame"),
        [
            ("1280x720", "1280x720"),
            ("720x1280", "720x1280"),
            ("960x960", "1024x1024"),
            ("1104x832", "1168x880"),
            ("832x1104", "720x960"),
            ("1584x672", "1808x768"),
        ],
    )
    def test_a_first_frame_has_the_nearest_shape_and_then_the_nearest_area(
        self, size: str, frame: str
    ) -> None:
        assert check({"model": "gen4_turbo", "prompt": "p", "size": size}).first_frame == frame

    @pytest.mark.parametrize(
        ("size", "expected"), [("720x1280", 10 + 5), ("1280x720", 10 + 5), ("960x960", 10 + 8)]
    )
    def test_a_first_frame_is_priced_by_its_short_side(self, size: str, expected: int) -> None:
        assert check({"model": "gen4_turbo", "prompt": "p", "size": size}).credits == expected

    def test_a_first_frame_is_priced_by_the_operator_s_table(self, settings: Settings) -> None:
        settings.STUDIO_FIRST_FRAME_CREDITS = {"720p": 3, "1080p": 4}
        assert check({"model": "gen4_turbo", "prompt": "p"}).credits == 13


def test_a_picture_is_priced_by_its_short_side() -> None:
    table = {"720p": 5, "1080p": 8}
    sizes = ("720x1280", "1080x1920", "1024x1024")
    assert [prices.image(size, table) for size in sizes] == [5, 8, 8]
