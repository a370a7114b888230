"""The documentation says what the code does: settings, arrows and statuses are compared."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from videos import failures
from videos.api.app import api
from videos.arrows import ARROWS, STATUSES

CODE = re.compile(r'code="([a-z_]+)"')
ROOT = Path(settings.BASE_DIR)
LIFECYCLE = (ROOT / "docs" / "lifecycle.md").read_text()
SETTINGS = (ROOT / "docs" / "settings.md").read_text()
API = "".join((ROOT / "docs" / name).read_text() for name in ("api.md", "providers.md"))
PEOPLE = (ROOT / "docs" / "people.md").read_text()
# What an audit's code begins with.
AUDITED = (
    *("api_key", "audit", "budget", "encryption", "library", "model_price", "person"),
    *("provider_key", "session", "settings", "sign_in", "usage"),
)


def test_every_setting_of_the_code_is_documented() -> None:
    source = (ROOT / "studio" / "settings.py").read_text()
    names = set(re.findall(r'env\.\w+\(\s*"(\w+)"', source))
    assert len(names) > 20
    assert {name for name in names if f"`{name}`" not in SETTINGS} == set()


def test_every_documented_setting_exists() -> None:
    everything = "".join(
        path.read_text() for path in ROOT.glob("**/*.py") if ".venv" not in path.parts
    )
    documented = set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", SETTINGS, re.MULTILINE))
    assert len(documented) > 20
    assert {name for name in documented if name not in everything} == set()


def test_the_drawing_has_exactly_the_arrows_of_the_code() -> None:
    drawn = set(re.findall(r"^    (\S+) --> (\w+): (\w)$", LIFECYCLE, re.MULTILINE))
    coded = {
        (source, arrow.target, arrow.letter)
        for arrow in ARROWS.values()
        for source in arrow.sources or ("[*]",)
    }
    assert drawn == coded


@pytest.mark.parametrize("letter", sorted(ARROWS))
def test_every_arrow_is_explained(letter: str) -> None:
    assert re.search(rf"^\| {letter} \| \w+", LIFECYCLE, re.MULTILINE)


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_mapped_to_the_wire(status: str) -> None:
    table = LIFECYCLE.partition("on the wire")[2] or LIFECYCLE.partition("On the wire")[2]
    assert f"`{status}`" in table


def test_every_endpoint_is_documented() -> None:
    for path in api.get_openapi_schema()["paths"]:
        shown = path.replace("{video_id}", "$VIDEO_ID").replace("{model_id}", "gen4.5")
        assert shown in API or path in API, path


def test_every_error_code_of_the_wire_is_documented() -> None:
    sources = [
        *ROOT.glob("videos/api/*.py"),
        *ROOT.glob("providers/*.py"),
        *ROOT.glob("studio/**/*.py"),
        *(ROOT / "videos" / name for name in ("values.py", "delivery.py", "requests.py")),
    ]
    codes = {code for path in sources for code in CODE.findall(path.read_text())}
    assert len(codes) > 10
    assert {code for code in codes if f"`{code}`" not in API} == set()


def test_every_reason_of_a_failed_video_is_documented() -> None:
    steps = [ROOT / "videos" / f"{name}.py" for name in ("submit", "follow", "store", "models")]
    failing = r'(?:fail|mark_failed)\((?:video, )?"(\w+)"|error_code="(\w+)"'
    written = re.findall(failing, "".join(path.read_text() for path in steps))
    codes = {first or second for first, second in written} - {"deleted"}
    codes |= {failures.explain(start)[0] for start, *_ in failures._MEANINGS}
    assert len(codes) > 8
    assert {code for code in codes if f"`{code}`" not in API} == set()


def test_every_code_of_the_audit_is_documented() -> None:
    """`audit.record` writes its code, `audit.change` one of three for its thing."""
    sources = [p for top in ("studio", "videos", "providers") for p in ROOT.glob(f"{top}/**/*.py")]
    text = "".join(path.read_text() for path in sources)
    codes = set(re.findall(rf'"((?:{"|".join(AUDITED)})\.[a-z_]+)"', text))
    codes |= set(re.findall(r'audit\.record\([^"]*"([a-z_]+\.[a-z_]+)"', text))
    framed = re.findall(r'(?:audit\.change\([^"]*|recorded_as = )"([a-z_]+)"', text)
    codes |= {f"{thing}.changed" for thing in framed}
    assert len(codes) > 8
    assert {code for code in codes if f"`{code}`" not in PEOPLE} == set()
    assert set(framed) <= set(AUDITED)


def test_what_the_documentation_shows_as_json_is_json() -> None:
    for block in re.findall(r"```json\n(.*?)```", API, re.DOTALL):
        json.loads(block)
