"""Sizes: pixels, aspects, and words."""

from __future__ import annotations

import pytest

from providers import sizes

RATIOS = ("1280:720", "720:1280", "1920:1080", "1080:1920", "960:960")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1280x720", (1280, 720)),
        ("1280X720", (1280, 720)),
        ("1280×720", (1280, 720)),
        (" 16:9 ", (16, 9)),
        ("0x720", None),
        ("123456x1", None),
        ("١x٢", None),
        ("1280x720x3", None),
        ("auto_720p", None),
    ],
)
def test_a_pair_is_read(text: str, expected: tuple[int, int] | None) -> None:
    assert sizes.pair(text) == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("1792x1024", "1920:1080"),
        ("1024x1792", "1080:1920"),
        ("1200x700", "1280:720"),
        ("1000x1000", "960:960"),
        ("1001x1000", "960:960"),
        ("10x99", "720:1280"),
    ],
)
def test_the_nearest_has_the_shape_then_the_area(size: str, expected: str) -> None:
    assert sizes.nearest(size, RATIOS) == expected


def test_a_portrait_never_becomes_a_landscape() -> None:
    assert sizes.nearest("999x1000", ["1280:720", "100:900"]) == "100:900"


@pytest.mark.parametrize(
    ("aspect", "resolution", "expected"),
    [
        ("16:9", "768p", "1366x768"),
        ("9:16", "720p", "720x1280"),
        ("1:1", "2K", "1440x1440"),
        ("21:9", "1080p", "2520x1080"),
    ],
)
def test_an_aspect_becomes_pixels(aspect: str, resolution: str, expected: str) -> None:
    assert sizes.of_aspect(aspect, resolution) == expected


@pytest.mark.parametrize(
    ("size", "expected"), [("1366x768", "16:9"), ("1280x720", "16:9"), ("1280x800", None)]
)
def test_pixels_have_an_aspect_within_two_percent(size: str, expected: str | None) -> None:
    assert sizes.same_aspect(size, ["adaptive", "4:3", "16:9"]) == expected


@pytest.mark.parametrize(
    ("ratio", "resolution", "expected"),
    [
        ("864:496", None, {"480p"}),
        ("1470:630", None, {"720p"}),
        ("2206:946", None, {"1080p"}),
        ("3840:1646", None, {"4k"}),
        ("auto_480p", None, {"480p"}),
        ("16:9", "2K", {"2k"}),
        ("adaptive", None, set()),
        (None, None, set()),
    ],
)
def test_an_output_has_a_class_in_price_tables(
    ratio: str | None, resolution: str | None, expected: set[str]
) -> None:
    assert sizes.classes(ratio, resolution) == expected
