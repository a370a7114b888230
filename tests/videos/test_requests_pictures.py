"""Pictures in a request: judged by their bytes, whatever they are called."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from dataclasses import replace

import pytest
from PIL import Image

from providers import catalog
from providers.rules import MediaRules
from videos import pictures
from videos.requests import InvalidRequest, Upload, check


def encoded(kind: str = "PNG", size: tuple[int, int] = (64, 36), mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    extra = {"save_all": True, "append_images": [Image.new(mode, size)]} if kind == "MPO" else {}
    Image.effect_noise(size, 80).convert(mode).save(buffer, kind, **extra)
    return buffer.getvalue()


def data_uri(data: bytes, mime: str = "image/png") -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def uri_of(value: object) -> str:
    (image,) = check({"model": "gen4_turbo", "input_reference": value}).media
    return image.uri


def upload_of(value: object) -> Upload:
    """What is kept of bytes: they travel beside the request."""
    checked = check({"model": "gen4_turbo", "input_reference": value})
    assert [item.uri for item in checked.media] == ["upload:0"]
    (upload,) = checked.uploads
    return upload


def refusal(value: object, model: str = "gen4_turbo") -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        check({"model": model, "prompt": "p", "input_reference": value})
    assert caught.value.param == "input_reference"
    assert len(caught.value.message) < 300
    return caught.value


@pytest.mark.parametrize(
    ("kind", "mime"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("MPO", "image/jpeg")],
)
def test_an_upload_is_kept_with_its_true_type(kind: str, mime: str) -> None:
    data = encoded(kind)
    upload = upload_of(Upload(data, "anything.txt"))
    assert (upload.data, upload.content_type) == (data, mime)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK"])
def test_every_colour_mode_is_a_picture(mode: str) -> None:
    data = encoded("JPEG" if mode == "CMYK" else "PNG", mode=mode)
    assert upload_of(Upload(data, "x")).content_type.startswith("image/")


@pytest.mark.parametrize("wrap", [lambda uri: uri, lambda uri: {"image_url": uri}])
def test_a_data_uri_that_lies_about_its_type_is_corrected(wrap: object) -> None:
    assert callable(wrap)
    data = encoded("WEBP")
    upload = upload_of(wrap(data_uri(data, "text/html;charset=utf-8")))
    assert (upload.data, upload.content_type) == (data, "image/webp")


@pytest.mark.parametrize(
    "value",
    [
        "https://example.com/a.png?x=1&y=2",
        {"image_url": "https://example.com/a.png"},
        {"image_url": "https://example.com:8443/a.png", "file_id": None},
        "https://bücher.example/a.png",
    ],
    ids=str,
)
def test_an_https_url_is_passed_on_as_it_is(value: object) -> None:
    assert uri_of(value) == (value["image_url"] if isinstance(value, dict) else value)


def test_an_address_may_be_wrapped_twice_as_in_chat_messages() -> None:
    url = "https://example.com/a.png"
    assert uri_of({"image_url": {"url": url}}) == url


@pytest.mark.parametrize("uri", ["runway://abcd", "runway://" + "a" * 4991])
def test_what_lies_at_runway_is_passed_on(uri: str) -> None:
    assert uri_of(uri) == uri


@pytest.mark.parametrize("uri", ["runway://", "runway://abc", "runway://" + "a" * 4992])
def test_an_address_at_runway_has_13_to_5000_characters(uri: str) -> None:
    assert "13 to 5000" in refusal(uri).message


def test_a_url_may_have_2048_characters_and_no_more() -> None:
    url = "https://example.com/".ljust(2048, "a")
    assert uri_of(url) == url
    assert "2048" in refusal(url + "a").message


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/a.png",
        "https://10.1/a.png",
        "https://2130706433/a.png",
        "https://[::1]/a.png",
        "https://[::ffff:10.0.0.1]/a.png",
        "https://localhost/a.png",
        "https://",
        "https://a.io",
        "https:///a.png",
        "https://exa mple.com/a.png",
        "https://example.com/a\n.png",
        "https://example..com/a.png",
        "https://user:pass@example.com/a.png",
        "https://example.com:99999/a.png",
        "https://[bad/a.png",
        "https://example.com\\@evil.test/a.png",
    ],
)
def test_a_url_without_a_public_hostname_is_refused(url: str) -> None:
    assert "public host" in refusal(url).message


def test_plain_http_is_told_that_https_is_needed() -> None:
    assert "http:// is not accepted" in refusal("http://example.com/a.png").message


@pytest.mark.parametrize(
    "value", ["ref.png", "/etc/passwd", "file:///etc/passwd", "ftp://a.b/c", ""]
)
def test_any_other_text_is_told_what_is_expected(value: str) -> None:
    assert "a file, an https URL or a data URI" in refusal(value).message


def test_a_file_that_nobody_uploaded_is_named() -> None:
    assert "no file 'file-123' of yours" in refusal({"file_id": "file-123"}).message


@pytest.mark.parametrize(
    "value", [{"0": "137", "1": "80"}, {"type": "Buffer", "data": [137, 80]}, {"type": "Buffer"}]
)
def test_a_node_buffer_is_told_to_become_a_file(value: dict[str, object]) -> None:
    error = refusal(value)
    assert error.code == "invalid_type"
    assert "as a file" in error.message


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"image_url": None},
        {"image_url": 5},
        {"image_url": {"uri": "https://example.com/a.png"}},
        {"image_url": "https://example.com/a.png", "uri": "https://example.com/a.png"},
        {"uri": "https://example.com/a.png", "tag": "boat"},
        {"image_url": "https://example.com/a.png", "detail": "high"},
        ["https://example.com/a.png"],
        5,
        True,
    ],
    ids=str,
)
def test_other_shapes_are_refused(value: object) -> None:
    assert refusal(value).code == "invalid_type"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
def test_other_picture_types_are_told_the_accepted_ones(kind: str) -> None:
    message = refusal(Upload(encoded(kind), "a.png")).message
    assert "image/jpeg, image/png or image/webp" in message


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.9])
def test_a_picture_cut_short_is_refused(kind: str, share: float) -> None:
    data = encoded(kind, (640, 360))
    assert "cannot be read" in refusal(Upload(data[: int(len(data) * share)], "a")).message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
    ],
    ids=repr,
)
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    assert "cannot be read" in refusal(Upload(data, "a.png")).message


@pytest.mark.parametrize(
    "size", [(0, 10), (8000, 6000), (12000, 9000), (60000, 40000), (2**31 - 1, 2**31 - 1)]
)
def test_a_decompression_bomb_or_nothing_is_refused_unread(size: tuple[int, int]) -> None:
    assert refusal(Upload(png_that_claims(*size), "a.png"))


@pytest.mark.parametrize(
    "uri",
    [
        "data:image/png,plain",
        "data:image/png;base64",
        "data:image/png;base64,@@@@",
        "data:image/png;base64,é",
        "data:;base64,",
        "data:,",
        "DATA:image/png;base64,\ud800",
    ],
    ids=ascii,
)
def test_a_broken_data_uri_is_refused_without_being_shown(uri: str) -> None:
    assert "@@@@" not in refusal(uri).message


@pytest.mark.parametrize("size", [(200, 99), (99, 200)])
@pytest.mark.parametrize("model", ["gen4.5", "gen4_turbo"])
def test_a_shape_that_the_model_refuses_is_refused_here(model: str, size: tuple[int, int]) -> None:
    message = refusal(Upload(encoded(size=size), "a"), model).message
    assert f"{size[0]}x{size[1]}" in message
    assert "between 0.5 and 2" in message


@pytest.mark.parametrize("size", [(200, 100), (100, 200)])
def test_the_extreme_shapes_are_accepted(size: tuple[int, int]) -> None:
    assert upload_of(Upload(encoded(size=size), "a"))


@pytest.mark.parametrize(("size", "good"), [((250, 100), True), ((252, 100), False)])
@pytest.mark.parametrize("model", ["grok_imagine_1_5", "grok_imagine_1_5_lite"])
def test_grok_takes_wider_shapes(model: str, size: tuple[int, int], good: bool) -> None:
    upload = Upload(encoded(size=size), "a")
    if good:
        assert check({"model": model, "input_reference": upload}).media
    else:
        assert "between 0.4 and 2.5" in refusal(upload, model).message


def test_h3_max_needs_256_pixels_a_side() -> None:
    assert "256 on both sides" in refusal(Upload(encoded(size=(400, 255)), "a"), "h3_max").message
    upload = Upload(encoded(size=(256, 256)), "a")
    assert check({"model": "h3_max", "prompt": "p", "input_reference": upload}).media


def test_a_side_of_8000_pixels_is_the_most() -> None:
    assert "8000 a side" in refusal(Upload(encoded(size=(8001, 10)), "a"), "veo3.1").message


def test_a_model_without_known_bounds_takes_any_shape() -> None:
    upload = Upload(encoded(size=(300, 10)), "a")
    assert check({"model": "veo3.1", "input_reference": upload}).media


@pytest.mark.parametrize("as_uri", [True, False])
def test_a_picture_too_large_for_a_data_uri_is_kept_for_an_upload(as_uri: bool) -> None:
    data = encoded("JPEG") + b"\0" * 4_000_000
    upload = upload_of(data_uri(data, "image/jpeg") if as_uri else Upload(data, "a.jpg"))
    assert len(upload.data) == len(data)


def test_a_picture_that_just_fits_is_taken_and_one_byte_more_is_not() -> None:
    data = encoded("JPEG")
    limits = replace(catalog.load().media["image"], upload_max_bytes=len(data))
    rules = MediaRules("image", "uri")
    assert pictures.judge(data, "input_reference", limits, rules) == "image/jpeg"
    with pytest.raises(InvalidRequest, match="larger than"):
        pictures.judge(data + b"\0", "input_reference", limits, rules)


def test_an_upload_s_bytes_are_not_in_its_repr() -> None:
    assert "secret" not in repr(Upload(b"secret", "a.png"))
