"""Money of clients through the whole system: deposits at the desk, debts by events, discounts that booking grants."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.salon import Salon, User, eventually, open_salon, rub
from tests.e2e.systems import PASSWORD, Running


@pytest.fixture(scope="module")
def salon(embedded: Running) -> Iterator[Salon]:
    salon = open_salon(embedded.url, PASSWORD)
    yield salon
    salon.close()


@pytest.fixture(scope="module")
def desk(salon: Salon) -> User:
    """An administrator of the branch, who may not see what the salon earns."""
    words = {"login": "ada", "name": "Ada", "role": "administrator", "password": PASSWORD}
    salon.owner.post("/users", branch_ids=[salon.branch["id"]], **words)
    return salon.sign_in("ada", PASSWORD)


@pytest.fixture
def clara(salon: Salon) -> dict[str, Any]:
    return salon.client("Clara", home_branch_id=salon.branch["id"])


def test_the_desk_takes_deposits_and_a_visit_leaves_a_debt(salon: Salon, desk: User, clara: dict[str, Any]) -> None:
    account = f"/clients/{clara['id']}/account"
    paid = {"json": {"amount": rub(20_000), "paid_by": "cash"}, "headers": {"Idempotency-Key": clara["id"]}}
    first, again = (desk.http.post(f"{account}/deposits", **paid) for _ in range(2))
    assert (first.status_code, first.json()["balance"]) == (201, rub(20_000)), first.text
    assert (again.json(), again.headers["Idempotent-Replay"]) == (first.json(), "true")
    visit = salon.book(clara, salon.cut)
    salon.owner.post(f"/appointments/{visit['id']}/complete", payments=[{"kind": "cash", "amount": rub(200_000)}])
    eventually(lambda: desk.get(account)["debt"], lambda debt: debt == rub(30_000))
    assert [entry["kind"] for entry in desk.get(f"{account}/entries")["items"]] == ["visit", "deposit"]
    assert desk.get(f"/clients/{clara['id']}/reminders")["debt"] == rub(30_000)
    assert desk.get(f"/clients/{clara['id']}")["account_balance"] is None
    assert salon.owner.get(f"/clients/{clara['id']}")["account_balance"] == rub(-30_000)


def test_what_is_wrong_is_refused_by_its_code(salon: Salon, desk: User, clara: dict[str, Any]) -> None:
    account = f"/clients/{clara['id']}/account"

    def refused(status: int, what: str, amount: Any, user: User = desk) -> str:
        body = {"amount": amount} | ({} if what == "charges" else {"paid_by": "cash"})
        code: str = user.refusal(status, "POST", f"{account}/{what}", json=body)["code"]
        return code

    assert refused(422, "deposits", {"amount": 100, "currency": "EUR"}) == "currency_differs"
    assert refused(422, "deposits", rub(0)) == "amount_not_positive"
    refused(422, "deposits", rub(2**53))
    assert refused(409, "charges", rub(1)) == "deposit_too_small"
    assert refused(403, "withdrawals", rub(1)) == "permission_missing"
    assert salon.owner.post(f"{account}/charges", amount=rub(1))["balance"] == rub(-1)
    elsewhere = salon.client("Dora", home_branch_id=salon.elsewhere["id"])
    assert desk.status("GET", f"/clients/{elsewhere['id']}/account") == 404


def test_a_personal_discount_is_what_booking_grants(salon: Salon, desk: User, clara: dict[str, Any]) -> None:
    path = f"/clients/{clara['id']}/personal-discount"
    body = {"percent": 10, "reason": "a neighbour"}
    seen = {"If-Match": '"1"'}
    assert salon.owner.status("PUT", path, json=body) == 428
    assert desk.status("PUT", path, json=body, headers=seen) == 403
    wrong = body | {"percent": 100.001}
    assert salon.owner.refusal(422, "PUT", path, json=wrong, headers=seen)["errors"].keys() == {"percent"}
    given = salon.owner.http.put(path, json=body, headers=seen)
    assert (given.status_code, given.json()["in_force"], given.headers["ETag"]) == (200, True, '"2"'), given.text
    eventually(lambda: salon.discount(clara), lambda told: bool(told) and told["discount_percent"] == 10)
    assert [line["rule"] for line in salon.discount(clara)["lines"]] == ["personal"]
    visit = salon.book(clara, salon.cut)
    assert (visit["discount"], visit["due"]) == (rub(25_000), rub(225_000))
    assert desk.get(path)["reason"] is None
    assert salon.owner.status("DELETE", path, headers={"If-Match": '"2"'}) == 204
    eventually(lambda: salon.discount(clara)["discount_percent"], lambda percent: percent == 0)


def test_what_is_left_stops_no_erasure_and_stands_in_the_journal(salon: Salon, clara: dict[str, Any]) -> None:
    account = f"/clients/{clara['id']}/account"
    salon.owner.post(f"{account}/deposits", amount=rub(500), paid_by="card", comment="for Clara")
    assert salon.owner.status("DELETE", f"/clients/{clara['id']}", headers={"If-Match": "*"}) == 204
    assert salon.owner.status("GET", account) == 410

    def told() -> Any:
        return salon.owner.get("/journal", action="client.account_left", subject_id=clara["id"])["items"]

    (entry,) = eventually(told, bool)
    assert entry["details"] == {"balance": ["500"], "currency": ["RUB"]}
