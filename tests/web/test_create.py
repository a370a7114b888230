"""Asking for a video from the page: what is taken, what is refused and how that is said."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests.videos.factories import make_video
from videos.models import File, UserFile, Video

from .conftest import HTMX, picture, text

FORM = {"prompt": "a pier at dusk", "model": "gen4.5", "seconds": "5", "size": "1280x720"}


def field(answer: Any, name: str) -> str:
    """The opening tag of the field with this name, and its content up to the next tag."""
    found = re.search(rf'<(?:input|textarea|select)[^>]* name="{name}"[^>]*>[^<]*', body(answer))
    assert found, name
    return found[0]


def error(answer: Any, name: str) -> str:
    """The message beside a field."""
    found = re.search(rf'<p class="error" id="error-{name}"[^>]*>([^<]*)</p>', body(answer))
    assert found, name
    return found[1]


def body(answer: Any) -> str:
    """The HTML."""
    html: str = answer.content.decode()
    return html


def checked(answer: Any, name: str) -> list[str]:
    """The chosen values of a group of radio buttons."""
    return re.findall(rf'name="{name}" value="([^"]+)" checked', body(answer))


def test_without_javascript_it_leads_back_to_the_page(ana: Client) -> None:
    answer = ana.post("/studio/videos/", FORM)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    video = Video.objects.get()
    assert (video.owner.email, video.prompt, video.seconds) == (
        "ana@example.org",
        "a pier at dusk",
        5,
    )
    assert video.api_key is None


def test_with_htmx_the_page_is_told_to_ask_for_the_new_card(ana: Client) -> None:
    answer = ana.post("/studio/videos/", FORM, headers=HTMX)
    assert answer.status_code == 200
    assert answer.headers["HX-Trigger"] == '{"composed": {}, "changed": {}}'
    assert Video.objects.count() == 1


def test_a_picture_is_uploaded_with_the_form(ana: Client) -> None:
    form = {**FORM, "size": "960x960", "input_reference": picture()}
    assert ana.post("/studio/videos/", form).status_code == 302
    video = Video.objects.get()
    assert (video.mode, video.size) == ("image_to_video", "960x960")
    assert video.files.filter(kind=File.INPUT, content_type="image/png").exists()


def test_empty_fields_are_not_given(ana: Client) -> None:
    form = {**FORM, "seconds": "", "size": "", "seed": "", "audio": ""}
    assert ana.post("/studio/videos/", form).status_code == 302
    assert (Video.objects.get().seconds, Video.objects.get().size) == (2, "1280x720")


@pytest.mark.parametrize(
    ("change", "name", "message"),
    [
        ({"prompt": " "}, "prompt", "Describe the shot first."),
        ({"prompt": "x" * 1001}, "prompt", "1001 characters"),
        ({"model": ""}, "model", "Choose a model."),
        ({"model": "gen9"}, "model", "no video model"),
        ({"seconds": "11"}, "seconds", "expected 2, 3"),
        ({"size": "960x960"}, "size", "1280x720 or 720x1280"),
        ({"seed": "-1"}, "seed", "whole number"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(
    ana: Client, change: dict[str, str], name: str, message: str, headers: dict[str, str]
) -> None:
    form = {**FORM, "seed": "7", **change}
    answer = ana.post("/studio/videos/", form, headers=headers)
    assert answer.status_code == 422
    assert message in error(answer, name)
    assert not Video.objects.exists()
    if headers:  # the form on the page stays as it is
        assert "<html" not in body(answer) and "<form" not in body(answer)
        return
    assert form["prompt"] in field(answer, "prompt")
    assert f'value="{form["seed"]}"' in field(answer, "seed")
    if not change.keys() & {"seconds", "size", "model"}:
        assert (checked(answer, "seconds"), checked(answer, "size")) == (["5"], ["1280x720"])
    if name in ("prompt", "seed", "model"):
        assert "autofocus" in field(answer, name) and 'aria-invalid="true"' in field(answer, name)


def test_a_picture_that_cannot_be_used_is_refused_at_its_slot(ana: Client) -> None:
    form = {**FORM, "input_reference": picture(kind="GIF")}
    answer = ana.post("/studio/videos/", form, headers=HTMX)
    assert answer.status_code == 422
    assert "cannot be read" in error(answer, "input_reference")


def test_a_good_picture_stays_chosen_when_something_else_is_refused(ana: Client) -> None:
    form = {**FORM, "prompt": "", "input_reference": picture()}
    answer = ana.post("/studio/videos/", form)
    kept = UserFile.objects.get()
    assert f'name="input_reference_from" value="{kept.pk}" checked' in body(answer)
    again = ana.post(
        "/studio/videos/", {**FORM, "size": "960x960", "input_reference_from": kept.pk}
    )
    assert again.status_code == 302
    assert Video.objects.get().mode == "image_to_video"


def test_what_belongs_to_no_field_is_said_above_the_form(ana: Client) -> None:
    answer = ana.post("/studio/videos/", {**FORM, "audio": "true"})
    assert answer.status_code == 422
    assert "gen4.5 does not take" in text(answer)


def test_the_form_needs_its_token(ana: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = ana.cookies
    answer = strict.post("/studio/videos/", FORM)
    assert answer.status_code == 403
    assert "This form is too old" in text(answer)


def test_the_controls_follow_the_model_and_say_what_changed(ana: Client) -> None:
    query = {"model": "veo3.1", "seconds": "5", "size": "720x1280"}
    answer = ana.get("/studio/controls", query, headers=HTMX)
    assert (checked(answer, "seconds"), checked(answer, "size")) == (["4"], ["720x1280"])
    assert "Length set to 4 s: Veo 3.1 has no 5 s." in text(answer)
    assert "With sound" in text(answer)
    assert ">80 cr</span>" in body(answer)


def test_sound_has_its_price(ana: Client) -> None:
    query = {"model": "veo3.1", "seconds": "4", "size": "1280x720", "audio": "true"}
    assert ">160 cr</span>" in body(ana.get("/studio/controls", query))


def test_a_picture_opens_more_sizes_and_its_loss_closes_them(ana: Client) -> None:
    query = {"model": "gen4.5", "size": "960x960", "input_reference": "[object File]"}
    assert checked(ana.get("/studio/controls", query), "size") == ["960x960"]
    del query["input_reference"]
    answer = ana.get("/studio/controls", query)
    assert checked(answer, "size") == ["1280x720"]
    assert "Gen-4.5 has no 960x960 without a first frame." in text(answer)


def test_a_first_frame_that_has_to_be_made_is_in_the_price(ana: Client) -> None:
    query = {"model": "gen4_turbo", "seconds": "5", "size": "1280x720"}
    without = ana.get("/studio/controls", query)
    assert "the first frame will be made (5 cr" in text(without)
    assert ">30 cr</span>" in body(without)
    with_one = ana.get("/studio/controls", {**query, "input_reference": "[object File]"})
    assert "will be made" not in text(with_one)
    assert ">25 cr</span>" in body(with_one)


def test_the_price_on_the_button_is_what_is_reserved(ana: Client) -> None:
    for model in ("gen4.5", "gen4_turbo", "veo3.1"):
        form = {**FORM, "model": model, "seconds": "4"}
        price = re.search(r'id="price"[^>]*>([\d.]+) cr', body(ana.get("/studio/controls", form)))
        ana.post("/studio/videos/", form)
        assert price and float(price[1]) == Video.objects.with_cost().get(model=model).cost


def test_a_video_fills_the_form_again(ana: Client) -> None:
    request = {"seed": 42, "audio": True}
    video = make_video("failed", model="veo3.1", seconds=6, size="1920x1080", request=request)
    answer = ana.get(f"/?from={video.pk}")
    assert "a lighthouse" in field(answer, "prompt")
    assert (checked(answer, "seconds"), checked(answer, "size")) == (["6"], ["1920x1080"])
    assert 'value=""' in field(answer, "seed")
    assert 'value="42"' in field(ana.get(f"/?from={video.pk}&seed=same"), "seed")
    assert checked(answer, "audio") == ["true"]


def test_an_example_fills_the_prompt_by_a_link(ana: Client) -> None:
    assert "a &lt;pier&gt;" in field(ana.get("/?prompt=a+<pier>"), "prompt")
