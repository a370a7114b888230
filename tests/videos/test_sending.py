"""Files of ours on their way to Runway: inline, or uploaded. Runway is faked at the wire."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
import responses

from providers.errors import ProviderProtocolError, ProviderRejected, ProviderUnavailable
from providers.runway import RunwayClient
from providers.tasks import MediaInput, TaskRequest
from videos.sending import inline

from .clips import picture
from .factories import BASE_URL, SECRET

CLIENT = RunwayClient(SECRET, BASE_URL)
PLACE = f"{BASE_URL}/bucket/1"
WHERE = {"uploadUrl": PLACE, "fields": {"key": "k", "signature": "s"}, "runwayUri": "runway://u1"}


@pytest.fixture
def runway() -> Iterator[responses.RequestsMock]:
    """Runway at the wire; whatever is not registered is refused."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def keep(data_dir: Path, name: str, data: bytes) -> str:
    """The address of a stored file."""
    path = data_dir / "media" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return f"file:{name}"


def sent(uri: str, field: str = "input_reference", kind: str = "image") -> str:
    """What an address becomes on its way."""
    request = TaskRequest("image_to_video", "gen4.5", media=(MediaInput(field, uri, kind),))
    [item] = inline(request, CLIENT).media
    assert (item.field, item.kind) == (field, kind)
    return item.uri


def large(data_dir: Path) -> str:
    """A file that does not fit into a data URI."""
    return keep(data_dir, "large.mp4", bytes(4_000_000))


def test_a_small_file_goes_inline_as_it_is(data_dir: Path) -> None:
    data = picture()
    head, _, body = sent(keep(data_dir, "a.png", data)).partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(body) == data


@pytest.mark.parametrize("uri", ["https://example.org/a.png", "runway://abcdefgh"])
def test_addresses_go_as_they_are(uri: str) -> None:
    assert sent(uri) == uri


def test_a_file_that_is_gone_is_said(data_dir: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sent("file:gone.png")


def test_a_large_file_is_uploaded_with_its_fields_first_and_without_our_key(
    runway: responses.RequestsMock, data_dir: Path
) -> None:
    runway.post(f"{BASE_URL}/v1/uploads", json=WHERE)
    runway.post(PLACE, status=204)
    assert sent(large(data_dir), "video_uri", "video") == "runway://u1"
    asked, form = (call.request for call in runway.calls)
    assert asked.body == b'{"filename": "large.mp4", "type": "ephemeral"}'
    assert "Authorization" not in form.headers
    body = form.body
    assert isinstance(body, bytes)
    assert body.index(b'name="key"') < body.index(b'name="signature"') < body.index(b'name="file"')
    assert body.count(b"\0") >= 4_000_000


@pytest.mark.parametrize(
    ("where", "place", "expected"),
    [
        ((429, {}), 204, ProviderUnavailable),
        ((503, {}), 204, ProviderUnavailable),
        ((400, {"error": "no"}), 204, ProviderRejected),
        ((200, {}), 204, ProviderProtocolError),
        ((200, {**WHERE, "uploadUrl": "http://169.254.169.254/x"}), 204, ProviderProtocolError),
        ((200, WHERE), 503, ProviderUnavailable),
        ((200, WHERE), 403, ProviderRejected),
        ((200, WHERE), 302, ProviderRejected),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_upload_that_fails_is_one_of_our_errors(
    runway: responses.RequestsMock,
    data_dir: Path,
    where: tuple[int, dict[str, object]],
    place: int,
    expected: type[Exception],
) -> None:
    runway.post(f"{BASE_URL}/v1/uploads", json=where[1], status=where[0])
    runway.post(PLACE, status=place)
    with pytest.raises(expected):
        sent(large(data_dir), "video_uri", "video")
