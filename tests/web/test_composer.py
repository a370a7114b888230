"""The form's takes, drafts, presets and further settings, as browsers ask for them."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from providers import catalog
from providers.models import ProviderKey
from tests.videos.factories import make_user, make_video
from videos import balance, composer, ledger
from videos.ledger import reserve
from videos.models import Draft, File, Preset, Project, Video

from .conftest import HTMX, browser_of, text
from .test_create import FORM, body, checked, error, field
from .test_slots import chosen_model, finished, picks, with_still

pytestmark = pytest.mark.django_db

THIN = "\N{NARROW NO-BREAK SPACE}"
FROM_WORDS = [
    m.id for m in catalog.models() if {"text_to_video", "image_to_video"} & m.modes.keys()
]


class TestTakes:
    def test_four_takes_make_one_stack_with_different_seeds(self, ana: Client) -> None:
        ana.post("/studio/videos/", {**FORM, "takes": "4"})
        first, *others = Video.objects.order_by("created_at", "pk").in_bulk().values()
        videos = [first, *others]
        heads = [video for video in videos if video.stack_id is None]
        assert len(videos) == 4 and len(heads) == 1
        assert {video.stack_id for video in videos if video.stack_id} == {heads[0].pk}
        assert len({video.request["seed"] for video in videos}) == 4

    def test_a_given_seed_is_sent_as_it_is_and_counts_up(self, ana: Client) -> None:
        ana.post("/studio/videos/", {**FORM, "takes": "2", "seed": "4294967295"})
        assert {video.request["seed"] for video in Video.objects.all()} == {4294967295, 0}

    def test_a_model_without_seeds_gets_none(self, ana: Client) -> None:
        ana.post("/studio/videos/", {"prompt": "pier", "model": "happyhorse_1_0"})
        assert Video.objects.get().request["seed"] is None

    def test_the_price_is_that_of_all_of_them(self, ana: Client) -> None:
        assert "Generate 4 · 240 cr" in text(ana.get("/studio/controls", {**FORM, "takes": "4"}))

    @pytest.mark.parametrize("takes", ["1", "4"])
    @pytest.mark.parametrize("longest", [False, True], ids=["short", "long"])
    @pytest.mark.parametrize("model", FROM_WORDS)
    def test_the_price_on_the_button_is_what_the_ledger_reserves(
        self, ana: Client, model: str, longest: bool, takes: str
    ) -> None:
        lengths = [each for each in composer.compose({"model": model}).lengths if each != "auto"]
        form = {"prompt": "pier", "model": model, "seconds": str(lengths[-longest]), "takes": takes}
        shown = text(ana.get("/studio/controls", form))
        assert ana.post("/studio/videos/", form).status_code == 302
        costs = [video.cost for video in Video.objects.with_cost()]
        assert len(costs) == int(takes)
        estimate = Video.objects.all()[0].estimate
        words = "price not known" if estimate is None else ledger.words(sum(costs, Decimal(0)))
        assert f"· {words.replace(THIN, ' ')}" in shown

    def test_all_or_none(self, ana: Client) -> None:
        video = finished()
        default_storage.delete(video.files.get(kind="frame_last").path)
        form = {**FORM, "takes": "3", "input_reference_from": f"{video.pk}:last"}
        answer = ana.post("/studio/videos/", form, headers=HTMX)
        assert answer.status_code == 422 and "is gone" in error(answer, "form")
        assert Video.objects.count() == 1


class TestProject:
    def test_a_video_goes_into_the_project_chosen(self, ana: Client) -> None:
        project = Project.objects.create(owner=make_user(), name="Harbour film")
        assert "Harbour film" in body(ana.get("/"))
        ana.post("/studio/videos/", {**FORM, "project": project.pk})
        assert Video.objects.get().project == project

    @pytest.mark.parametrize("typed", ["other", "x", "99999999999999999999"])
    def test_somebody_elses_is_refused(self, ana: Client, typed: str) -> None:
        theirs = Project.objects.create(owner=make_user("bo@example.org"), name="Not yours")
        form = {**FORM, "project": str(theirs.pk) if typed == "other" else typed}
        answer = ana.post("/studio/videos/", form, headers=HTMX)
        assert answer.status_code == 422 and "gone" in error(answer, "project")
        assert "Not yours" not in body(ana.get("/"))


class TestDraft:
    def test_it_is_kept_brought_back_and_done_with(self, ana: Client) -> None:
        draft = {**FORM, "model": "veo3.1", "seconds": "8", "prompt": "half a thought"}
        assert ana.post("/studio/draft", draft, headers=HTMX).status_code == 204
        answer = ana.get("/")
        assert "half a thought" in field(answer, "prompt")
        assert (chosen_model(answer), checked(answer, "seconds")) == ("veo3.1", ["8"])
        assert "half a thought" in field(browser_of("ana@example.org").get("/"), "prompt")
        ana.post("/studio/videos/", draft)
        assert not Draft.objects.exists()
        assert "half a thought" not in field(ana.get("/"), "prompt")

    def test_a_copied_frame_joins_it(self, ana: Client) -> None:
        ana.post("/studio/draft", {**FORM, "prompt": "half a thought"})
        video = finished()
        answer = ana.get(f"/?first_frame={video.pk}:last")
        assert "half a thought" in field(answer, "prompt")
        assert picks(answer, "input_reference") == [f"{video.pk}:last"]

    def test_a_refused_form_leaves_it(self, ana: Client) -> None:
        ana.post("/studio/draft", {**FORM, "prompt": "kept"})
        ana.post("/studio/videos/", {**FORM, "prompt": ""})
        assert Draft.objects.get().values["prompt"] == "kept"

    def test_only_fields_of_the_form_are_kept_and_not_too_much(self, ana: Client) -> None:
        ana.post("/studio/draft", {"prompt": "x", "csrfmiddlewaretoken": "y", "evil": "z"})
        assert Draft.objects.get().values == {"prompt": "x"}
        ana.post("/studio/draft", {"prompt": "x" * 70_000})
        assert Draft.objects.get().values == {"prompt": "x"}

    def test_without_one_the_persons_defaults_are_there(self, ana: Client) -> None:
        user = make_user()
        user.defaults = {"model": "veo3.1", "seconds": "6", "audio": "true"}
        user.save()
        answer = ana.get("/")
        assert (chosen_model(answer), checked(answer, "seconds")) == ("veo3.1", ["6"])


class TestPresets:
    def test_one_is_saved_applied_replaced_renamed_and_deleted(self, ana: Client) -> None:
        form = {**FORM, "model": "veo3.1", "seconds": "8", "preset_name": " Wide night "}
        answer = ana.post("/studio/presets/save", form, headers=HTMX)
        assert "Wide night" in text(answer)
        preset = Preset.objects.get()
        assert "prompt" not in preset.values and preset.name == "Wide night"

        query = {**FORM, "preset": str(preset.pk)}
        applied = ana.get("/studio/controls", query)
        assert (chosen_model(applied), checked(applied, "seconds")) == ("veo3.1", ["8"])
        assert chosen_model(ana.get(f"/?preset={preset.pk}")) == "veo3.1"

        ana.post("/studio/presets/save", {**FORM, "preset": preset.pk}, headers=HTMX)
        assert Preset.objects.get().values["model"] == "gen4.5"
        rename = {"preset": preset.pk, "preset_name": "Day"}
        assert ana.post("/studio/presets/rename", rename).status_code == 302
        assert Preset.objects.get().name == "Day"
        ana.post("/studio/presets/delete", {"preset": preset.pk}, headers=HTMX)
        assert not Preset.objects.exists()

    def test_the_same_name_is_the_same_preset(self, ana: Client) -> None:
        for model in ("veo3.1", "gen4.5"):
            ana.post("/studio/presets/save", {**FORM, "model": model, "preset_name": "A"})
        assert Preset.objects.get().values["model"] == "gen4.5"

    def test_a_name_is_needed_and_free(self, ana: Client) -> None:
        answer = ana.post("/studio/presets/save", FORM, headers=HTMX)
        assert answer.status_code == 422 and "name" in text(answer)
        one, two = (Preset.objects.create(owner=make_user(), name=name) for name in "AB")
        for name, words in (("", "Type the new name"), ("B", "There is a preset of this name")):
            change = {"preset": one.pk, "preset_name": name}
            assert words in text(ana.post("/studio/presets/rename", change, headers=HTMX))
        assert Preset.objects.get(pk=two.pk).name == "B"

    def test_other_peoples_presets_are_nobodys(self, ana: Client, stranger: Client) -> None:
        preset = Preset.objects.create(owner=make_user(), name="Ana's", values={"model": "veo3.1"})
        stranger.post("/studio/presets/delete", {"preset": preset.pk})
        change = {"preset": preset.pk, "preset_name": "Mine"}
        answer = stranger.post("/studio/presets/rename", change, headers=HTMX)
        assert answer.status_code == 422 and "This preset is gone." in text(answer)
        assert chosen_model(stranger.get(f"/?preset={preset.pk}")) == "gen4.5"
        assert Preset.objects.get().name == "Ana's"
        assert "Ana&#x27;s" not in body(stranger.get("/"))


class TestAround:
    def test_earlier_prompts_come_newest_first_each_once(
        self, ana: Client, stranger: Client
    ) -> None:
        for prompt in ("one", "two", "one", ""):
            make_video("failed", prompt=prompt)
        assert ana.get("/studio/prompts").json() == {"prompts": ["one", "two"]}
        assert stranger.get("/studio/prompts").json() == {"prompts": []}

    def test_the_picker_offers_each_picture_once(self, ana: Client) -> None:
        video = with_still(finished(), File.INPUT, "image/png")
        twin = with_still(make_video("failed"), File.INPUT, "image/png")
        twin.files.update(sha256=video.files.get(kind=File.INPUT).sha256)
        html = body(ana.get("/studio/picker?slot=last_frame", headers=HTMX))
        assert f"{video.pk}%3Alast" in html and html.count("input-0") == 3  # href, hx-get, still
        page = body(ana.get("/studio/picker?slot=video_uri"))
        assert "<html" in page and f"{video.pk}%3Avideo" in page
        assert ana.get("/studio/picker?slot=nothing").status_code == 404

    def test_other_peoples_pictures_are_not_offered(self, stranger: Client) -> None:
        finished()
        assert "Nothing here yet" in text(stranger.get("/studio/picker"))

    def test_the_balance_is_what_the_keys_told_less_what_is_set_aside(self, ana: Client) -> None:
        assert "left" not in text(ana.get("/studio/controls?model=gen4.5"))
        ProviderKey.objects.update(credits=Decimal(1240))
        reserve(make_video("in_progress"), Decimal(60))
        reserve(make_video("in_progress", is_sandbox=True), Decimal(60))
        reserve(make_video("completed"), Decimal(60))
        assert balance.reserved() == 60
        assert "1 180 cr left" in text(ana.get("/studio/controls?model=gen4.5"))

    def test_without_a_working_key_staff_get_a_link_and_others_are_told_whom_to_ask(
        self, ana: Client
    ) -> None:
        ProviderKey.objects.update(enabled=False)
        assert "an administrator can add one" in text(ana.get("/"))
        assert "/admin/providers/providerkey/" not in body(ana.get("/"))
        staff = browser_of("root@example.org", is_staff=True)
        assert 'href="/admin/providers/providerkey/"' in body(staff.get("/"))


class TestFurtherSettings:
    def test_they_are_offered_kept_and_sent(self, ana: Client) -> None:
        form = {"model": "veo3.1", "prompt": "pier", "negative_prompt": "text, logos"}
        assert "text, logos" in field(ana.get("/studio/controls", form), "negative_prompt")
        assert ana.post("/studio/videos/", form).status_code == 302
        assert Video.objects.get().request["options"] == {"negative_prompt": "text, logos"}
        answer = ana.get(f"/?from={Video.objects.get().pk}")
        assert "text, logos" in field(answer, "negative_prompt")

    def test_one_that_depends_on_another_comes_and_goes_with_it(self, ana: Client) -> None:
        query = {"model": "gen4.5", "output_format": "prores"}
        assert "prores_profile" in body(ana.get("/studio/controls", query))
        query["output_format"] = "mp4"
        assert "prores_profile" not in body(ana.get("/studio/controls", query))

    def test_keys_of_objects_are_fields_of_their_own(self, ana: Client) -> None:
        name = "content_moderation.publicFigureThreshold"
        form = {**FORM, name: "low"}
        assert ana.post("/studio/videos/", form).status_code == 302
        options = Video.objects.get().request["options"]
        assert options == {"content_moderation": {"publicFigureThreshold": "low"}}
        again = body(ana.get(f"/?from={Video.objects.get().pk}"))
        assert "<option selected>low</option>" in again

    def test_a_bad_value_is_said_at_its_field_and_kept(self, ana: Client) -> None:
        form = {"model": "kling2.5_turbo_pro", "prompt": "pier", "cfg_scale": "7"}
        answer = ana.post("/studio/videos/", form)
        assert answer.status_code == 422
        assert "0 to 1" in error(answer, "cfg_scale")
        assert 'value="7"' in field(answer, "cfg_scale")

    def test_the_dice_throw_a_seed(self, ana: Client) -> None:
        seed = field(ana.get("/studio/controls?model=gen4.5&roll=1"), "seed")
        assert re.search(r'value="\d+"', seed)
