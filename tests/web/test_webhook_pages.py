"""The settings page: webhooks for people, without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.test import Client
from django.urls import reverse

from providers import secrets
from tests.providers.sockets import http
from tests.videos.factories import make_video
from tests.videos.receiver import make_endpoint, received, receiver, send_due
from videos import hook_actions
from videos.hooks import EVENT_TYPES, WebhookDelivery, WebhookEndpoint
from videos.urls import HOOK_PAGES

from .conftest import HTMX, browser_of, text
from .test_pages import is_strict

URL = "https://hooks.example.org/rushes"
FORM = {"name": "Cutting room", "url": URL, "event_types": ["video.completed"]}
READ = {"webhooks", "webhook"}
NAMES = [str(page.name) for page in HOOK_PAGES]


def path_of(name: str, pk: str = "we_" + "0" * 32) -> str:
    """The path of a page by its name."""
    return reverse(name, args=[] if name in ("webhooks", "add-webhook") else [pk])


def send(client: Client, name: str, pk: str, **extra: Any) -> Any:
    """GET what is read, POST the rest."""
    call = client.get if name in READ else client.post
    return call(path_of(name, pk), **extra)


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_nobody_gets_in_without_signing_in(name: str) -> None:
    answer = send(Client(), name, "x")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=/")
    assert send(Client(), name, "x", headers=HTMX).status_code == 401


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_read_and_an_action_is_posted(ana: Client, name: str) -> None:
    path = path_of(name)
    assert (ana.post(path) if name in READ else ana.get(path)).status_code == 405


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("webhooks", "add-webhook")])
def test_what_belongs_to_others_does_not_exist(ana: Client, stranger: Client, name: str) -> None:
    endpoint, _ = make_endpoint(URL)
    make_video("storing").mark_completed()
    delivery = WebhookDelivery.objects.get()
    before = WebhookEndpoint.objects.values().get()
    pk = delivery.pk if name == "redeliver" else endpoint.pk
    assert send(stranger, name, pk).status_code == 404
    assert WebhookEndpoint.objects.values().get() == before
    assert "Hook" not in text(stranger.get(path_of("webhooks")))


def test_every_action_needs_the_forms_token() -> None:
    client = Client(enforce_csrf_checks=True)
    for name in NAMES:
        if name not in READ:
            assert client.post(path_of(name)).status_code == 403


def test_the_studio_links_to_the_settings_and_they_to_the_webhooks(ana: Client) -> None:
    assert f'href="{reverse("settings")}"' in ana.get("/").content.decode()
    assert f'href="{path_of("webhooks")}"' in ana.get(reverse("settings")).content.decode()


def test_adding_one_shows_its_secret_once(ana: Client) -> None:
    answer = ana.post(path_of("add-webhook"), FORM)
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.owner.email, endpoint.url) == ("ana@example.org", URL)
    secret = secrets.resolve(endpoint.secret)
    assert f'<code id="secret">{secret}</code>' in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    for path in (path_of("webhook", endpoint.pk), path_of("webhooks")):
        page = ana.get(path)
        assert secret not in page.content.decode()
        assert "Cutting room" in text(page)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("url", "http://hooks.example.org/", "must begin with https://"),
        ("url", "https://127.0.0.1/", "public internet"),
        ("name", "", "1 to 100 characters"),
        ("event_types", [], "at least one"),
        ("event_types", ["video.begun"], "video.begun"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    ana: Client, field: str, value: object, words: str
) -> None:
    answer = ana.post(path_of("add-webhook"), {**FORM, field: value})
    assert answer.status_code == 422
    assert words in text(answer)
    assert not WebhookEndpoint.objects.exists()
    endpoint, _ = make_endpoint(URL)
    answer = ana.post(path_of("change-webhook", endpoint.pk), {**FORM, field: value})
    assert answer.status_code == 422
    assert words in text(answer)
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.url) == ("Hook", URL)


def test_what_was_typed_stays_in_the_form(ana: Client) -> None:
    html = ana.post(path_of("add-webhook"), {**FORM, "url": 'http://a"b/'}).content.decode()
    assert 'value="http://a&quot;b/"' in html
    assert 'value="Cutting room"' in html
    assert html.count(" checked") == 1


def test_changing_one(ana: Client) -> None:
    endpoint, _ = make_endpoint(URL)
    answer = ana.post(path_of("change-webhook", endpoint.pk), FORM, follow=True)
    assert "Saved." in text(answer)
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.event_types) == ("Cutting room", ["video.completed"])


@pytest.mark.parametrize("keep", [True, False])
def test_a_new_secret_is_shown_once_and_the_old_one_is_kept_if_asked(
    ana: Client, keep: bool
) -> None:
    endpoint, old = make_endpoint(URL)
    answer = ana.post(path_of("rotate-webhook", endpoint.pk), {"keep": "1"} if keep else {})
    endpoint.refresh_from_db()
    new = secrets.resolve(endpoint.secret)
    assert new != old
    assert new in answer.content.decode()
    assert bool(endpoint.old_secret) is keep
    assert "whsec_…" + new[-4:] in text(ana.get(path_of("webhook", endpoint.pk)))


def test_a_test_says_what_came_of_it(ana: Client, settings: Any) -> None:
    with receiver(settings, http(b"", status="503 Busy")) as found:
        endpoint, secret = make_endpoint(found.origin)
        path = path_of("test-webhook", endpoint.pk)
        answer = ana.post(path, {"event_type": "video.completed"}, follow=True)
    assert "The receiver answered 503." in text(answer)
    assert received(found)[0].verified(secret)["type"] == "video.completed"
    with receiver(settings) as found:
        WebhookEndpoint.objects.update(url=found.origin)
        answer = ana.post(path, {"event_type": "video.completed"}, follow=True)
    assert "The receiver answered 200." in text(answer)
    assert "expected video.completed" in text(ana.post(path, {"event_type": "x"}, follow=True))
    assert ana.post(path).status_code == 302


def test_pausing_and_going_on(ana: Client) -> None:
    endpoint, _ = make_endpoint(URL)
    page = ana.post(path_of("pause-webhook", endpoint.pk), follow=True)
    assert hook_actions.PAUSED_BY_HAND in text(page)
    assert hook_actions.PAUSED_BY_HAND in text(ana.get(path_of("webhooks")))
    page = ana.post(path_of("resume-webhook", endpoint.pk), follow=True)
    assert "paused." not in text(page)
    assert "Pause" in text(page)


def test_deleting_one_takes_its_log_along(ana: Client) -> None:
    endpoint, _ = make_endpoint(URL)
    make_video("storing").mark_completed()
    page = ana.post(path_of("delete-webhook", endpoint.pk), follow=True)
    assert "There is none yet." in text(page)
    assert not WebhookDelivery.objects.exists()


def test_the_log_shows_each_delivery_and_escapes_what_the_receiver_said(
    ana: Client, settings: Any
) -> None:
    evil = http(b"<script>alert(1)</script>", status="500 Broken")
    with receiver(settings, evil) as found:
        endpoint, _ = make_endpoint(found.origin)
        make_video("storing").mark_completed()
        send_due()
    answer = ana.get(path_of("webhook", endpoint.pk))
    html = answer.content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert is_strict(html)
    assert "pending" in text(answer)
    assert "The receiver answered 500." in text(answer)
    assert "Nothing but failures since" in text(answer)
    assert "failing since" in text(ana.get(path_of("webhooks")))


def test_a_delivery_is_sent_once_more_from_the_log(ana: Client, settings: Any) -> None:
    with receiver(settings) as found:
        make_endpoint(found.origin)
        make_video("storing").mark_completed()
        [delivery] = send_due()
        page = ana.post(path_of("redeliver", delivery.pk), follow=True)
        assert "It is sent once more." in text(page)
        send_due()
    assert len(found.requests) == 2


@pytest.mark.django_db
def test_the_administration_shows_endpoints_without_their_secrets() -> None:
    endpoint, secret = make_endpoint(URL)
    staff = browser_of("root@example.org", is_staff=True, is_superuser=True)
    path = f"/admin/videos/webhookendpoint/{quote(endpoint.pk)}/change/"
    for page in (staff.get("/admin/videos/webhookendpoint/"), staff.get(path)):
        assert URL in text(page)
        assert secret not in page.content.decode()
        assert endpoint.secret not in page.content.decode()
    assert staff.post(path, {"name": "x"}).status_code == 403


@pytest.mark.parametrize("status", ["", "paused"])
def test_every_page_is_strict_and_its_forms_need_no_script(ana: Client, status: str) -> None:
    endpoint, _ = make_endpoint(URL, paused_reason=status)
    for path in (path_of("webhooks"), path_of("webhook", endpoint.pk)):
        answer = ana.get(path)
        html = answer.content.decode()
        assert is_strict(html)
        forms = re.findall(r"<form[^>]*>", html)
        assert all('method="post"' in form and 'action="/' in form for form in forms)
        assert html.count("csrfmiddlewaretoken") == len(forms)
        assert all(kind in html for kind in EVENT_TYPES)


def test_a_long_log_costs_no_more_queries(ana: Client, django_assert_max_num_queries: Any) -> None:
    endpoint, _ = make_endpoint(URL)
    for _ in range(60):
        make_video("storing").mark_completed()
    with django_assert_max_num_queries(9):
        html = ana.get(path_of("webhook", endpoint.pk)).content.decode()
    assert html.count("Send again</button>") == 50
