"""Sample videos are made where they are free, and nowhere else."""

from __future__ import annotations

import pytest

from providers.models import ProviderKey
from studio import demo
from tests.videos.factories import make_key, make_user
from videos.models import Video

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def administrator() -> None:
    """Who owns the samples."""
    make_user("root@example.org", is_superuser=True)


def test_the_sandbox_makes_five_once() -> None:
    make_key("sandbox", is_sandbox=True)
    make_key("untested", passed_at=None)
    assert demo.make() == "5 sample videos are on their way."
    assert demo.make() == "0 sample videos are on their way."
    assert Video.objects.count() == 5


@pytest.mark.parametrize(
    "keys",
    [[], [{}], [{"passed_at": None}], [{"is_sandbox": True}, {"model_ids": ["veo3.1"]}]],
    ids=["no key", "a real key", "an untested one", "a real key for one of them"],
)
def test_nothing_is_made_that_might_cost(keys: list[dict[str, object]]) -> None:
    for number, values in enumerate(keys):
        make_key(f"key {number}", **values)
    assert demo.make().startswith("No sample videos")
    assert not Video.objects.exists()
    assert ProviderKey.objects.count() == len(keys)
