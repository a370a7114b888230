"""The API over a budget: refused before anything is sent, and no client repeats by itself."""

from __future__ import annotations

import pytest

from videos.models import Budget, ModelPrice, Video

from .conftest import Caller

BODY = {"model": "gen4.5", "prompt": "a lighthouse", "seconds": "5"}  # 60 cr


@pytest.mark.django_db
def test_a_request_over_budget_is_a_429_that_nobody_repeats(caller: Caller) -> None:
    Budget.objects.create(scope="person", person=caller.owner, amount=50, period="week")
    answer = caller.post("", BODY)
    error = answer.json()["error"]
    assert answer.status_code == 429
    assert answer["x-should-retry"] == "false"
    assert (error["code"], error["type"]) == ("insufficient_quota", "insufficient_quota")
    assert "needs 60 cr, and of your weekly budget 50 cr of 50 cr are left" in error["message"]
    assert not Video.objects.exists()


@pytest.mark.django_db
def test_a_refused_call_leaves_its_idempotency_key_free(caller: Caller) -> None:
    budget = Budget.objects.create(scope="installation", amount=50)
    assert caller.post("", BODY, **{"Idempotency-Key": "one"}).status_code == 429
    budget.amount = 100
    budget.save()
    assert caller.post("", BODY, **{"Idempotency-Key": "one"}).status_code == 200


@pytest.mark.django_db
def test_an_estimate_tells_that_its_price_was_set(caller: Caller) -> None:
    ModelPrice.objects.create(model="gen4.5", credits=7)
    found = caller.post("/estimate", BODY).json()
    assert (found["credits"], found["is_price_set"]) == (35, True)
