"""The form's slots, and the videos that it begins from."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from tests.videos.factories import make_video
from videos.models import File, UserFile, Video

from .conftest import HTMX, picture, text
from .test_create import FORM, body, checked, error, field

pytestmark = pytest.mark.django_db


def with_still(video: Video, kind: str = "frame_last", content_type: str = "image/jpeg") -> Video:
    """The same video with one more file on the storage."""
    path = default_storage.save(f"videos/{video.pk}/{kind}", ContentFile(picture().read()))
    File.objects.create(
        video=video,
        kind=kind,
        path=path,
        content_type=content_type,
        size=9,
        sha256=video.pk[-32:] * 2,
        width=64,
        height=36,
        seconds=5.0 if content_type.startswith("video/") else None,
    )
    return video


def finished(**extra: Any) -> Video:
    """A completed video of Ana's with its clip and its last frame."""
    clip = with_still(make_video("completed", **extra), "video", "video/mp4")
    return with_still(clip)


def picks(answer: Any, slot: str) -> list[str]:
    """The tokens that lie in a slot."""
    return re.findall(rf'name="{slot}_from" value="([^"]+)" checked', body(answer))


def chosen_model(answer: Any) -> str:
    """The model that the form stands on."""
    found = re.search(r'<option value="([^"]+)" selected>', body(answer))
    assert found
    return found[1]


class TestSlots:
    def test_they_follow_the_model(self, ana: Client) -> None:
        def names(model: str) -> list[str]:
            html = body(ana.get("/studio/controls", {"model": model}))
            return re.findall(r'id="file-(\w+)"', html)

        assert names("gen4.5") == ["input_reference"]
        assert names("veo3.1") == ["input_reference", "last_frame"]
        assert names("act_two") == ["character", "performance"]
        assert names("aleph2") == ["video_uri"]
        assert "reference_audio" in names("seedance2")

    def test_frames_and_references_exclude_each_other(self, ana: Client) -> None:
        frame = {"model": "seedance2", "input_reference": "[object File]"}
        html = body(ana.get("/studio/controls", frame))
        assert "file-last_frame" in html and "file-reference_images" not in html
        many = {"model": "seedance2", "reference_images": "[object File]"}
        html = body(ana.get("/studio/controls", many))
        assert "file-reference_images" in html and "file-input_reference" not in html

    def test_what_the_next_model_does_not_take_is_said(self, ana: Client) -> None:
        query = {"model": "gen4.5", "input_reference": "[object File]", "last_frame": "[o]"}
        assert "Gen-4.5 takes no last frame." in text(ana.get("/studio/controls", query))

    def test_a_frame_of_the_library_is_used_without_an_upload(self, ana: Client) -> None:
        video = finished()
        answer = ana.get(f"/?first_frame={video.pk}:last")
        assert picks(answer, "input_reference") == [f"{video.pk}:last"]
        assert ana.get(f"/studio/stills/{video.pk}:last").status_code == 200
        form = {**FORM, "size": "960x960", "input_reference_from": f"{video.pk}:last"}
        assert ana.post("/studio/videos/", form).status_code == 302
        made = Video.objects.exclude(pk=video.pk).get()
        assert made.mode == "image_to_video" and made.remixed_from == video
        assert made.files.filter(kind=File.INPUT).exists()

    def test_an_uploaded_file_is_taken_by_its_id(self, ana: Client) -> None:
        answer = ana.post("/studio/videos/", {**FORM, "prompt": "", "input_reference": picture()})
        file = UserFile.objects.get()
        assert picks(answer, "input_reference") == [file.pk]
        assert ana.get(f"/studio/stills/{file.pk}").status_code == 200
        assert picks(ana.get(f"/?last_frame={file.pk}&model=veo3.1"), "last_frame") == [file.pk]

    def test_a_pick_goes_into_its_slot_and_a_file_replaces_it(self, ana: Client) -> None:
        video = finished()
        token = f"{video.pk}:last"
        query = {"model": "gen4.5", "input_reference": "[o]", "pick": f"input_reference {token}"}
        assert picks(ana.get("/studio/controls", query), "input_reference") == [token]
        query = {"model": "gen4.5", "input_reference": "[o]", "input_reference_from": token}
        assert picks(ana.get("/studio/controls", query), "input_reference") == []

    def test_references_are_kept_side_by_side(self, ana: Client) -> None:
        one, two = finished(), finished()
        tokens = [f"{one.pk}:last", f"{two.pk}:last"]
        query = {
            "model": "seedance2",
            "reference_images_from": tokens[0],
            "pick": f"reference_images {tokens[1]}",
        }
        assert picks(ana.get("/studio/controls", query), "reference_images") == tokens
        form = {"model": "seedance2", "prompt": "pier", "reference_images_from": tokens}
        assert ana.post("/studio/videos/", form).status_code == 302
        made = Video.objects.exclude(pk__in=[one.pk, two.pk]).get()
        assert len(made.request["media"]) == 2

    @pytest.mark.parametrize("token", ["{}:last", "{}:video", "{}:input-0", "file-" + "0" * 32])
    def test_other_peoples_things_are_gone(self, ana: Client, stranger: Client, token: str) -> None:
        token = token.format(with_still(finished(), File.INPUT).pk)
        form = {"model": "seedance2", "prompt": "pier", "input_reference_from": token}
        answer = stranger.post("/studio/videos/", form, headers=HTMX)
        assert answer.status_code == 422
        assert Video.objects.count() == 1
        assert stranger.get(f"/studio/stills/{token}").status_code == 404
        assert stranger.get("/", {"first_frame": token}).status_code == 200

    @pytest.mark.parametrize(
        ("model", "slot", "label"),
        [
            ("aleph2", "video_uri", "source video"),
            ("act_two", "character", "character"),
            ("magnific_video_upscaler_creative", "video_uri", "source video"),
        ],
    )
    def test_what_cannot_be_made_is_named_at_its_slot(
        self, ana: Client, model: str, slot: str, label: str
    ) -> None:
        form = {"model": model, "prompt": "pier"}
        answer = ana.post("/studio/videos/", form, headers=HTMX)
        assert answer.status_code == 422
        assert error(answer, slot) == f"This model needs this: {label}."
        assert re.search(
            rf'id="file-{slot}"[^>]*autofocus', body(ana.post("/studio/videos/", form))
        )

    def test_the_limits_stand_in_the_page(self, ana: Client) -> None:
        slot = field(ana.get("/"), "input_reference")
        assert 'accept="image/jpeg,image/png,image/webp"' in slot
        assert 'data-bytes="20000000"' in slot and "Larger than 20 MB." in slot

    def test_nonsense_in_slots_is_left_alone(self, ana: Client) -> None:
        for token in ("x", "%00", "video_1:last", "https://", "http://example.org/a.png"):
            for path in ("/", "/studio/controls"):
                assert ana.get(path, {"input_reference_from": token}).status_code == 200
        assert ana.get("/studio/controls", {"pick": "nothing x"}).status_code == 200
        assert ana.get("/studio/controls", {"preset": "9" * 40}).status_code == 200


class TestBeginnings:
    def test_reuse_all_brings_the_stored_pictures_too(self, ana: Client) -> None:
        ana.post("/studio/videos/", {**FORM, "size": "960x960", "input_reference": picture()})
        video = Video.objects.get()
        answer = ana.get(f"/?from={video.pk}")
        assert picks(answer, "input_reference") == [f"{video.pk}:input-0"]
        assert (checked(answer, "seconds"), checked(answer, "size")) == (["5"], ["960x960"])
        assert ana.get(f"/studio/stills/{video.pk}:input-0").status_code == 200
        form = {**FORM, "size": "960x960", "input_reference_from": f"{video.pk}:input-0"}
        assert ana.post("/studio/videos/", form).status_code == 302
        assert Video.objects.filter(mode="image_to_video").count() == 2
        assert not Video.objects.exclude(remixed_from=None).exists()

    def test_another_model_takes_the_recipe(self, ana: Client) -> None:
        video = make_video("completed", model="gen4_turbo", resolved_model="gen4_turbo")
        assert chosen_model(ana.get(f"/?from={video.pk}&model=veo3.1")) == "veo3.1"

    def test_the_prompt_alone(self, ana: Client) -> None:
        video = make_video("completed", model="veo3.1", prompt="only the words")
        answer = ana.get(f"/?prompt_from={video.pk}")
        assert "only the words" in field(answer, "prompt")
        assert chosen_model(answer) == "gen4.5"

    def test_an_edit_has_the_video_as_its_source(self, ana: Client) -> None:
        video = finished()
        answer = ana.get(f"/?edit={video.pk}")
        assert chosen_model(answer) == "aleph2"
        assert picks(answer, "video_uri") == [f"{video.pk}:video"]
        form = {"model": "aleph2", "prompt": "in snow", "video_uri_from": f"{video.pk}:video"}
        assert ana.post("/studio/videos/", form).status_code == 302
        made = Video.objects.get(mode="video_to_video")
        assert (made.remixed_from, made.size, made.seconds) == (video, "1280x720", 5)

    def test_an_extension_asks_for_seconds_to_add(self, ana: Client) -> None:
        video = finished()
        answer = ana.get(f"/?extend={video.pk}")
        assert chosen_model(answer) == "seedance2_5"
        assert re.search(r'name="mode"[^>]*>.*?<option selected>extend', body(answer), re.DOTALL)
        form = {
            "model": "seedance2_5",
            "mode": "extend",
            "seconds": "4",
            "prompt": "and on",
            "video_uri_from": f"{video.pk}:video",
        }
        assert ana.post("/studio/videos/", form).status_code == 302
        assert Video.objects.get(mode="video_to_video").seconds == 9

    def test_going_on_from_the_last_frame(self, ana: Client) -> None:
        video = finished()
        answer = ana.get(f"/?continue={video.pk}")
        assert picks(answer, "input_reference") == [f"{video.pk}:last"]
        assert chosen_model(answer) == "gen4.5"

    def test_an_upscale_needs_no_prompt(self, ana: Client) -> None:
        video = finished()
        answer = ana.get(f"/?upscale={video.pk}")
        assert chosen_model(answer) == "magnific_video_upscaler_creative"
        assert "takes no prompt" in text(answer)
        form = {
            "model": "magnific_video_upscaler_creative",
            "prompt": "left from before",
            "video_uri_from": f"{video.pk}:video",
        }
        assert ana.post("/studio/videos/", form).status_code == 302
        assert Video.objects.get(mode="video_upscale").prompt == ""

    @pytest.mark.parametrize("name", ["from", "edit", "extend", "continue", "upscale"])
    def test_every_kind_of_video_can_be_a_beginning(self, ana: Client, name: str) -> None:
        for status in ("queued", "failed", "completed"):
            assert ana.get(f"/?{name}={make_video(status).pk}").status_code == 200
