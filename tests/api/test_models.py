"""/v1/models, estimates and upscaling: the catalogue over the wire."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from providers import catalog
from tests.videos.factories import make_video
from videos.models import File, LedgerLine, Video

from .conftest import Caller


def ask(caller: Caller, path: str = "") -> Any:
    """GET below /v1/models."""
    headers = {"Authorization": f"Bearer {caller.token}"}
    return Client().get(f"/v1/models{path}", headers=headers)


def keep_video(video: Video, data_dir: Path) -> File:
    """A stored video file, and its last frame."""
    for kind, content_type in (("video", "video/mp4"), ("frame_last", "image/jpeg")):
        name = f"videos/{video.pk}/{kind}-0.{content_type[-3:]}"
        path = data_dir / "media" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(kind.encode())
        file = File.objects.create(
            video=video,
            kind=kind,
            path=name,
            content_type=content_type,
            size=len(kind),
            sha256=hashlib.sha256(kind.encode()).hexdigest(),
            seconds=5.0 if kind == "video" else None,
        )
    return file


def test_the_list_holds_every_model_and_alias_in_openais_shape(caller: Caller) -> None:
    answer = ask(caller).json()
    ids = [model["id"] for model in answer["data"]]
    assert answer["object"] == "list"
    assert ids == [*catalog.load().aliases, *(model.id for model in catalog.models())]
    for model in answer["data"]:
        assert {"id", "object", "created", "owned_by"} <= model.keys()
        assert (model["object"], type(model["created"])) == ("model", int)


def test_a_model_tells_what_it_takes(caller: Caller) -> None:
    mode = ask(caller, "/veo3.1").json()["modes"]["image_to_video"]
    assert mode["seconds"]["accepted"] == [4, 6, 8]
    assert "1920x1080" in mode["sizes"]
    assert mode["inputs"]["input_reference"] == {"kind": "image", "required": True}
    assert mode["inputs"]["last_frame"]["required"] is False
    assert mode["options"]["negative_prompt"]["max_characters"] == 1000


def test_a_model_tells_its_prices(caller: Caller) -> None:
    prices = ask(caller, "/runway/veo3.1").json()["credits_for_5_seconds"]
    assert prices == {"silent": 100, "with sound": 200}
    assert ask(caller, "/kling_4").json()["credits_for_5_seconds"] == {}


def test_an_alias_tells_what_it_tries(caller: Caller) -> None:
    assert ask(caller, "/sora-2").json()["tries"] == ["veo3.1_fast", "seedance2_5"]


def test_a_retired_model_tells_its_replacement(caller: Caller) -> None:
    model = ask(caller, "/gen4_aleph").json()
    assert (model["retired"], model["replacement"]) == (True, "aleph2")


@pytest.mark.parametrize("name", ["gen9", "gen4_image", "%00", "a/b", "x" * 500])
def test_an_unknown_model_is_a_404(caller: Caller, name: str) -> None:
    answer = ask(caller, f"/{name}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")


def test_models_need_a_key(db: None) -> None:
    assert Client().get("/v1/models").status_code == 401


def test_an_estimate_says_what_a_request_comes_to_and_buys_nothing(caller: Caller) -> None:
    body = {"model": "gen4_turbo", "prompt": "a kite", "seconds": "5"}
    answer = caller.post("/estimate", body)
    assert answer.json() == {
        "object": "video.estimate",
        "model": "gen4_turbo",
        "resolved_model": "gen4_turbo",
        "mode": "image_to_video",
        "tasks": ["/v1/text_to_image", "/v1/image_to_video"],
        "seconds": "5",
        "size": "1280x720",
        "audio": False,
        "options": {},
        "credits": 30,
        "is_price_set": False,
        "warnings": [],
    }
    assert not Video.objects.exists()
    assert not LedgerLine.objects.exists()


def test_an_unknown_price_is_null(caller: Caller) -> None:
    body = {"model": "kling3.0_pro", "prompt": "a kite"}
    assert caller.post("/estimate", body).json()["credits"] is None


def test_an_estimate_refuses_what_a_creation_refuses(caller: Caller) -> None:
    answer = caller.post("/estimate", {"model": "hailuo3", "prompt": "x", "seed": 1})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "seed")


def test_the_price_that_was_estimated_is_the_one_reserved(caller: Caller) -> None:
    body = {"model": "seedance2_5", "prompt": "a kite", "seconds": 6, "size": "1920x1080"}
    estimate = caller.post("/estimate", body).json()["credits"]
    video = Video.objects.get(pk=caller.post("", body).json()["id"])
    assert float(video.estimate or 0) == estimate == 408


def test_a_completed_video_is_upscaled_as_a_new_one(caller: Caller, data_dir: Path) -> None:
    source = make_video("completed", owner=caller.owner)
    keep_video(source, data_dir)
    video = caller.post(f"/{source.pk}/upscale", {"resolution": "4k", "creativity": 20}).json()
    assert (video["mode"], video["remixed_from_video_id"]) == ("video_upscale", source.pk)
    row = Video.objects.get(pk=video["id"])
    assert row.request["options"] == {"resolution": "4k", "creativity": 20}
    [item] = row.request["media"]
    assert item["uri"] == f"file:videos/{row.pk}/input-0.mp4"


def test_a_video_under_way_cannot_be_upscaled(caller: Caller) -> None:
    answer = caller.post(f"/{make_video('in_progress').pk}/upscale")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "video_not_ready")


def test_upscaling_takes_an_upscaler(caller: Caller, data_dir: Path) -> None:
    source = make_video("completed", owner=caller.owner)
    keep_video(source, data_dir)
    error = caller.post(f"/{source.pk}/upscale", {"model": "aleph2"}).json()["error"]
    assert error["param"] == "model"
    assert "magnific" in error["message"]


def test_somebody_elses_video_is_no_input(caller: Caller, stranger: Caller, data_dir: Path) -> None:
    source = make_video("completed", owner=caller.owner)
    keep_video(source, data_dir)
    body = {"model": "aleph2", "prompt": "snow", "video_uri": {"video_id": source.pk}}
    assert stranger.post(f"/{source.pk}/upscale").status_code == 404
    assert stranger.post("", body).json()["error"]["param"] == "video_uri"
    assert caller.post("", body).json()["mode"] == "video_to_video"


def test_a_video_goes_on_from_the_last_frame_of_another(caller: Caller, data_dir: Path) -> None:
    source = make_video("completed", owner=caller.owner)
    keep_video(source, data_dir)
    reference = {"video_id": source.pk, "frame": "last"}
    body = {"model": "gen4.5", "prompt": "it goes on", "input_reference": reference}
    video = Video.objects.get(pk=caller.post("", body).json()["id"])
    assert video.mode == "image_to_video"
    kept = video.files.get(kind=File.INPUT)
    assert (data_dir / "media" / kept.path).read_bytes() == b"frame_last"


def test_the_documentation_knows_every_field(caller: Caller) -> None:
    schema = Client().get("/api/openapi.json").json()
    body = schema["paths"]["/v1/videos"]["post"]["requestBody"]["content"]
    documented = set(body["application/json"]["schema"]["properties"])
    assert catalog.load().words <= documented
