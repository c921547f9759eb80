"""Points over HTTP: what is asked reaches the service as it is, refusals keep their place, amounts their shape."""

from decimal import Decimal
from uuid import UUID

import pytest

from contracts.loyalty import (
    AdjustPoints,
    ListPointEntries,
    ListUnsettledPayments,
    PointEntry,
    PointsBalance,
    PointsExpiring,
    ShowPoints,
    UnsettledPayment,
)
from contracts.message import Page, PastPage
from kernel.errors import Invalid
from kernel.money import Money
from kernel.time import utc_now
from tests.builders import CLARA, HERE
from tests.component.gateway.conftest import Web

PATH = f"/api/v1/loyalty/clients/{CLARA}/points"
ENTRY = PointEntry(UUID(int=1), CLARA, 3, "adjust", "hand", -10, 20, utc_now(), reason="a mistake")


def test_what_a_client_has_is_told_with_its_worth(web: Web) -> None:
    web.bus.answers[ShowPoints] = PointsBalance(
        client_id=CLARA,
        balance=500,
        reserved=300,
        available=200,
        debt=0,
        as_of=utc_now(),
        value=Money(100, "RUB"),
        worth=Money(20_000, "RUB"),
        max_percent_of_visit=Decimal(80),
        expiring=PointsExpiring(120, utc_now()),
        usable=160,
    )
    answer = web.http.get(PATH, query_string={"due": "20000", "branch_id": str(HERE)}, headers=web.as_())
    assert answer.status_code == 200
    assert (answer.json["worth"], answer.json["usable"]) == ({"amount": 20_000, "currency": "RUB"}, 160)
    (asked,) = web.bus.asked_of(ShowPoints)
    assert (asked.client_id, asked.branch_id, asked.due) == (CLARA, HERE, 20_000)


def test_points_are_given_with_a_reason(web: Web) -> None:
    web.bus.answers[AdjustPoints] = ENTRY
    answer = web.http.post(f"{PATH}/adjust", json={"points": -10, "reason": "a mistake"}, headers=web.as_())
    assert (answer.status_code, answer.json["points"], answer.json["balance"]) == (201, -10, 20)
    (asked,) = web.bus.asked_of(AdjustPoints)
    assert (asked.client_id, asked.points, asked.reason) == (CLARA, -10, "a mistake")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"points": 1.5, "reason": "half"}, "points"),
        ({"points": 10**13, "reason": "too many"}, "points"),
        ({"points": 1, "reason": ""}, "reason"),
        ({"points": 1}, "reason"),
        ({"reason": "nothing"}, "points"),
    ],
)
def test_what_is_wrong_is_refused_at_the_edge_with_its_place(web: Web, body: dict[str, object], place: str) -> None:
    web.bus.answers[ShowPoints] = PointsBalance(CLARA, 0, 0, 0, 0, utc_now())
    answer = web.http.post(f"{PATH}/adjust", json=body, headers=web.as_())
    assert (answer.status_code, list(answer.json["errors"])) == (422, [place])
    assert web.bus.asked_of(AdjustPoints) == []


def test_a_refusal_of_the_ledger_keeps_its_code_and_place(web: Web) -> None:
    web.bus.answers[AdjustPoints] = Invalid.field("points", "points_not_enough", "there are 5 points")
    answer = web.http.post(f"{PATH}/adjust", json={"points": -10, "reason": "a mistake"}, headers=web.as_())
    assert (answer.status_code, answer.json["code"]) == (422, "points_not_enough")
    assert list(answer.json["errors"]) == ["points"]


def test_lists_come_by_pages(web: Web) -> None:
    web.bus.answers[ListPointEntries] = PastPage((ENTRY,), "more")
    web.bus.answers[ListUnsettledPayments] = Page(
        (UnsettledPayment(UUID(int=7), CLARA, HERE, "points", Money(20_000, "RUB"), utc_now()),)
    )
    entries = web.http.get(f"{PATH}/entries?limit=1", headers=web.as_()).json
    assert ([each["kind"] for each in entries["items"]], entries["next"]) == (["adjust"], "more")
    (listed,) = web.http.get("/api/v1/loyalty/unsettled", headers=web.as_()).json["items"]
    assert (listed["kind"], listed["amount"]) == ("points", {"amount": 20_000, "currency": "RUB"})
