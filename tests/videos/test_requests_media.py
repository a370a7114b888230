"""Videos and sounds in a request: files, addresses, and the caller's earlier videos."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from providers.tasks import MediaInput
from videos.requests import InvalidRequest, LibraryFile, Upload, check

from . import clips

VIDEO = "https://example.com/a.mp4"
URL = "https://example.com/a.png"
Params = dict[str, Any]
ALEPH: Params = {"model": "aleph2"}
SEEDANCE: Params = {"model": "seedance2", "prompt": "p"}


def refusal(**params: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        check(params)
    return caught.value


class TestFiles:
    def test_a_video_is_kept_with_its_true_type_and_length(self) -> None:
        checked = check({**ALEPH, "video_uri": Upload(clips.film(), "x.txt", "text/html")})
        (item,) = checked.media
        assert (item.uri, item.kind) == ("upload:0", "video")
        assert item.seconds == pytest.approx(2, abs=0.1)
        assert (checked.uploads[0].data, checked.uploads[0].content_type) == (
            clips.film(),
            "video/mp4",
        )
        assert checked.credits is not None
        assert float(checked.credits) == pytest.approx(56, abs=3)

    def test_a_data_uri_is_the_same(self) -> None:
        uri = "data:video/webm;base64," + base64.b64encode(clips.film()).decode()
        assert check({**ALEPH, "video_uri": uri}).uploads[0].content_type == "video/mp4"

    def test_several_are_numbered_in_the_order_of_the_media(self) -> None:
        params = {**SEEDANCE, "reference_videos": [Upload(clips.film()), VIDEO]}
        checked = check({**params, "reference_images": [Upload(clips.picture())]})
        assert [(item.field, item.uri) for item in checked.media] == [
            ("reference_images", "upload:0"),
            ("reference_videos", "upload:1"),
            ("reference_videos", VIDEO),
        ]
        assert [upload.content_type for upload in checked.uploads] == ["image/png", "video/mp4"]

    def test_a_sound_is_a_sound(self) -> None:
        checked = check({**SEEDANCE, "reference_audio": [Upload(clips.song())]})
        assert checked.media[0].kind == "audio"
        assert checked.uploads[0].content_type == "audio/mp4"

    @pytest.mark.parametrize(("seconds", "good"), [(2, False), (3, True)])
    def test_grok_s_sounds_last_3_to_15_seconds(self, seconds: int, good: bool) -> None:
        params: Params = {"model": "grok_imagine_1_5", "prompt": "p", "reference_images": [URL]}
        params["reference_audio"] = [Upload(clips.song(seconds))]
        if good:
            assert check(params).media
        else:
            assert refusal(**params).param == "reference_audio"

    @pytest.mark.parametrize(
        ("data", "kind"), [(clips.film(), "video"), (clips.picture(), "image")]
    )
    def test_a_character_is_what_its_bytes_are(self, data: bytes, kind: str) -> None:
        checked = check({"model": "act_two", "character": Upload(data), "performance": VIDEO})
        assert {item.field: item.kind for item in checked.media}["character"] == kind

    @pytest.mark.parametrize(
        ("params", "name", "data"),
        [
            (ALEPH, "video_uri", b"MZ\x90\0"),
            (ALEPH, "video_uri", b""),
            (ALEPH, "video_uri", clips.film()[:500]),
            (ALEPH, "video_uri", clips.picture()),
            (ALEPH, "video_uri", clips.song()),
            (ALEPH, "video_uri", clips.archive(a_png=clips.picture())),
            (SEEDANCE, "reference_audio", clips.film()),
            (SEEDANCE, "reference_audio", b"ID3"),
            (SEEDANCE, "reference_images", clips.film()),
            ({"model": "act_two", "performance": VIDEO}, "character", b"MZ\x90\0"),
            ({"model": "act_two", "character": Upload(b"")}, "performance", clips.picture()),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_bytes_of_another_kind_are_refused(
        self, params: Params, name: str, data: bytes
    ) -> None:
        error = refusal(**{**params, name: Upload(data)})
        assert error.param in (name, "character")
        assert "cannot be read" in error.message


class TestTheLibrary:
    @staticmethod
    def library(video_id: str, what: str) -> LibraryFile | None:
        if video_id != "video_1":
            return None
        suffix = "mp4" if what == "video" else "jpg"
        return LibraryFile(f"{what}.{suffix}", "", 8.0)

    def test_a_video_is_taken_whole(self) -> None:
        checked = check({**ALEPH, "video_uri": {"video_id": "video_1"}}, self.library)
        assert checked.media == (MediaInput("video_uri", "file:video.mp4", "video", {}, 8.0),)

    @pytest.mark.parametrize(
        ("frame", "kept"), [(None, "last"), ("first", "first"), ("last", "last")]
    )
    def test_a_picture_is_one_of_its_frames(self, frame: str | None, kept: str) -> None:
        params: Params = {"model": "gen4_turbo"}
        picture = {"video_id": "video_1", "frame": frame}
        checked = check({**params, "input_reference": picture}, self.library)
        assert checked.media == (MediaInput("input_reference", f"file:{kept}.jpg"),)

    @pytest.mark.parametrize(("frame", "kind"), [(None, "video"), ("first", "image")])
    def test_a_character_is_a_video_unless_a_frame_is_named(
        self, frame: str | None, kind: str
    ) -> None:
        character = {"video_id": "video_1", "frame": frame}
        params = {"model": "act_two", "performance": VIDEO, "character": character}
        checked = check(params, self.library)
        assert {item.field: item.kind for item in checked.media}["character"] == kind

    @pytest.mark.parametrize(
        "value",
        [
            {"video_id": "video_2"},
            {"video_id": 5},
            {"video_id": "video_1", "frame": "first"},
            {"video_id": "video_1", "uri": VIDEO},
        ],
        ids=str,
    )
    def test_anything_else_is_refused(self, value: Params) -> None:
        with pytest.raises(InvalidRequest) as caught:
            check({**ALEPH, "video_uri": value}, self.library)
        assert caught.value.param == "video_uri"

    def test_without_a_library_there_is_no_video(self) -> None:
        assert refusal(**ALEPH, video_uri={"video_id": "video_1"}).param == "video_uri"
