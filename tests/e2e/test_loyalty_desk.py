"""Loyalty at the desk through the whole system: one verdict for a visit, what was promised, and what pays."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.salon import Salon, eventually, open_salon, rub
from tests.e2e.systems import PASSWORD, Running

RULES = [
    {"kind": "referrals", "name": "referrals", "tiers": [{"people": 1, "percent": 10}]},
    {"kind": "first_visit", "name": "welcome", "reward": {"gift": "a hair mask"}},
    {"kind": "personal", "name": "personal"},
]
POINTS = {"value": 100, "per_visit": 50, "max_percent_of_visit": 50}


def publish(salon: Salon, rules: list[dict[str, Any]]) -> dict[str, Any]:
    """Put `rules` into force; points are the same all the time."""
    version = salon.owner.get("/loyalty/programme")["newest"]
    answer = salon.owner.http.put(
        "/loyalty/programme", json={"rules": rules, "points": POINTS}, headers={"If-Match": f'"{version}"'}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def salon(embedded: Running) -> Iterator[Salon]:
    salon = open_salon(embedded.url, PASSWORD)
    publish(salon, RULES)
    yield salon
    salon.close()


def known(salon: Salon, client: dict[str, Any]) -> dict[str, Any]:
    """The client, once loyalty has heard of them."""
    eventually(lambda: salon.discount(client), bool)
    return client


def complete(salon: Salon, visit: dict[str, Any], *payments: dict[str, Any], **more: Any) -> Any:
    return salon.owner.post(f"/appointments/{visit['id']}/complete", payments=list(payments), **more)


def points_of(salon: Salon, client: dict[str, Any]) -> int:
    points: int = salon.owner.get(f"/loyalty/clients/{client['id']}/points")["balance"]
    return points


@pytest.fixture(scope="module")
def clara(salon: Salon) -> dict[str, Any]:
    """She has brought Dora, who came and paid."""
    clara = known(salon, salon.client("Clara", home_branch_id=salon.branch["id"]))
    dora = known(salon, salon.client("Dora", home_branch_id=salon.branch["id"], referrer_id=clara["id"]))
    visit = salon.book(dora, salon.colour)
    assert (visit["verdict"]["decision"], visit["verdict"]["text"]) == ("gift", "a hair mask")
    complete(salon, visit, {"kind": "cash", "amount": visit["due"]})
    eventually(lambda: salon.discount(clara), lambda told: told["discount_percent"] == 10)
    return clara


def test_one_verdict_at_booking_and_at_the_end(salon: Salon, clara: dict[str, Any]) -> None:
    booked = salon.book(clara, salon.cut)
    assert (booked["total"], booked["discount"], booked["due"]) == (rub(250_000), rub(25_000), rub(225_000))
    verdict = booked["verdict"]
    assert (verdict["decision"], verdict["source"]) == ("discount", "loyalty")
    assert "10 %" in verdict["text"]
    assert sum(part["amount"]["amount"] for part in verdict["parts"]) == 25_000
    assert [line["discount"] for line in booked["lines"]] == [rub(25_000)]
    done = complete(salon, booked, {"kind": "card", "amount": rub(225_000)})
    assert (done["discount"], done["paid"]) == (rub(25_000), rub(225_000))
    why = eventually(
        lambda: salon.owner.http.get(f"/loyalty/visits/{done['id']}/why"), lambda told: told.status_code == 200
    ).json()
    assert (why["given"], why["applied"], why["difference"]) == (rub(25_000), rub(25_000), None)


def test_what_was_promised_is_honoured_and_listed(salon: Salon, clara: dict[str, Any]) -> None:
    booked = salon.book(clara, salon.cut)
    poorer = [RULES[0] | {"tiers": [{"people": 1, "percent": 2}]}, *RULES[1:]]
    try:
        publish(salon, poorer)
        done = complete(salon, booked, {"kind": "card", "amount": rub(225_000)})
    finally:
        publish(salon, RULES)
    assert (done["discount"], done["verdict"]["source"]) == (rub(25_000), "promise")
    today = datetime.now(UTC).date()
    days = {"from": str(today - timedelta(days=1)), "to": str(today + timedelta(days=1))}

    def listed() -> list[dict[str, Any]]:
        items = salon.owner.get("/loyalty/differences", **days)["items"]
        return [each for each in items if each["appointment_id"] == done["id"]]

    (difference,) = eventually(listed, bool)
    assert (difference["reason"], difference["given"]) == ("older_promise", rub(5_000))
    assert difference["applied"] == rub(25_000)


def test_a_code_of_a_promotion_counts_and_a_wrong_one_names_its_place(salon: Salon, clara: dict[str, Any]) -> None:
    ends = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    salon.owner.post("/loyalty/promotions", name="Spring", percent=20, code="SPRING", ends=ends)
    wish = salon.wish(clara, salon.cut, salon.slots(salon.cut)[0])
    refused = salon.owner.refusal(422, "POST", "/appointments", json=wish | {"codes": ["spring", "WINTER"]})
    assert (refused["code"], list(refused["errors"])) == ("code_refused", ["codes.1"])
    booked = salon.owner.post("/appointments", **wish, codes=["spring"])
    assert (booked["discount"], booked["verdict"]["codes"]) == (rub(50_000), ["spring"])
    salon.owner.post(f"/appointments/{booked['id']}/cancel", reason="only asked")


def test_points_pay_a_part_of_a_visit_and_come_back(salon: Salon) -> None:
    petra = known(salon, salon.client("Petra", home_branch_id=salon.branch["id"]))
    salon.owner.post(f"/loyalty/clients/{petra['id']}/points/adjust", points=1_000, reason="a birthday of the salon")
    visit = salon.book(petra, salon.cut)
    path = f"/appointments/{visit['id']}/complete"
    for amount, code in ((125_100, "points_over_cap"), (112_550, "points_not_whole"), (110_000, "points_not_enough")):
        wrong = {"payments": [{"kind": "cash", "amount": rub(1)}, {"kind": "points", "amount": rub(amount)}]}
        refused = salon.owner.refusal(422, "POST", path, json=wrong)
        assert (refused["code"], list(refused["errors"])) == (code, ["payments.1.amount"])
    done = complete(salon, visit, {"kind": "points", "amount": rub(100_000)}, {"kind": "cash", "amount": rub(150_000)})
    assert done["paid"] == done["due"] == rub(250_000)
    eventually(lambda: points_of(salon, petra), lambda points: points == 50)  # of this visit
    line = {"line_id": done["lines"][0]["id"], "amount": rub(250_000)}
    back = salon.owner.post(f"/appointments/{done['id']}/refund", lines=[line], reason="uneven")
    assert [(part["kind"], part["amount"]["amount"]) for part in back["payments"][2:]] == [
        ("points", -100_000),
        ("cash", -150_000),
    ]
    eventually(lambda: points_of(salon, petra), lambda points: points == 1_000)
    assert salon.owner.get("/loyalty/unsettled")["items"] == []


def test_a_certificate_pays_until_it_is_used_up(salon: Salon, clara: dict[str, Any]) -> None:
    sold = salon.owner.post("/loyalty/certificates", branch_id=salon.branch["id"], amount=rub(200_000), paid_by="card")
    pays = {"kind": "certificate", "amount": rub(200_000), "code": sold["code"]}
    complete(salon, salon.book(clara, salon.cut), pays, {"kind": "card", "amount": rub(25_000)})
    eventually(lambda: salon.owner.get(f"/loyalty/certificates/{sold['id']}"), lambda told: told["state"] == "used_up")
    again = salon.book(clara, salon.cut)
    refused = salon.owner.http.post(f"/appointments/{again['id']}/complete", json={"payments": [pays]})
    assert refused.status_code in (409, 422), refused.text
    assert salon.owner.get(f"/appointments/{again['id']}")["status"] == "booked"
    salon.owner.post(f"/appointments/{again['id']}/cancel", reason="no certificate")


def test_a_membership_pays_the_service_that_it_is_for(salon: Salon, clara: dict[str, Any]) -> None:
    counters = [{"visits": 2, "service_ids": [salon.cut["id"]]}]
    kind = salon.owner.post(
        "/loyalty/membership-types", name="Two cuts", price=rub(400_000), valid_days=30, counters=counters
    )
    path = f"/loyalty/clients/{clara['id']}/memberships"
    sold = salon.owner.post(path, type_id=kind["id"], branch_id=salon.branch["id"], paid_by="card")
    visit = salon.book(clara, salon.cut)
    pays = {"kind": "membership", "membership_id": sold["id"], "segment_id": visit["segments"][0]["id"]}
    done = complete(salon, visit, pays)
    assert (done["paid"], done["payments"][0]["kind"]) == (rub(225_000), "membership")
    left = eventually(
        lambda: salon.owner.get(f"{path}/{sold['id']}")["remaining"][0], lambda remaining: remaining["left"] == 1
    )
    assert left["reserved"] == 0
