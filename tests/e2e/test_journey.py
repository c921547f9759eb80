"""The main job, through HTTP alone, in both shapes: from an empty installation to a discount that explains itself."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.salon import Salon, User, eventually, open_salon, rub
from tests.e2e.systems import PASSWORD, Running

PHONE = "+79031234567"
SECRET = "a password of the staff"


@pytest.fixture(scope="module")
def salon(system: Running) -> Iterator[Salon]:
    salon = open_salon(system.url, PASSWORD)
    yield salon
    salon.close()


def sign_up(salon: Salon, login: str, role: str, branch: dict[str, Any]) -> User:
    salon.owner.post("/users", login=login, name=login.title(), role=role, branch_ids=[branch["id"]], password=SECRET)
    return salon.sign_in(login, SECRET)


def test_the_main_job(salon: Salon) -> None:
    """Clara brings three people, and everything that should follow follows by events alone."""
    owner = salon.owner
    today = salon.today.isoformat()
    anna = sign_up(salon, "anna", "administrator", salon.branch)
    boris = sign_up(salon, "boris", "administrator", salon.elsewhere)
    mila = sign_up(salon, "mila", "master", salon.branch)
    user_id = mila.session["user"]["id"]
    version = owner.get(f"/masters/{salon.mila['id']}")["version"]
    linked = {"json": {"user_id": user_id}, "headers": {"If-Match": f'"{version}"'}}
    assert owner.status("PATCH", f"/masters/{salon.mila['id']}", **linked) == 200

    clara = salon.client(
        "Clara", phones=["8 903 123-45-67"], source={"channel": "instagram"}, home_branch_id=salon.branch["id"]
    )
    assert clara["phones"] == [PHONE]
    brought = [salon.client(name, referrer_id=clara["id"]) for name in ("Dina", "Emma", "Fay")]
    discount = eventually(lambda: salon.discount(clara), lambda found: found is not None)
    assert (discount["discount_percent"], discount["lines"]) == (0, [])

    # A visit for each of them, from a free start to the payment.
    slots = salon.slots(salon.cut)
    assert slots
    assert {master for slot in slots for master in slot["master_ids"]} == {salon.mila["id"], salon.olga["id"]}
    assert all(slot["starts"] > f"{today}T05" for slot in slots), "nothing is offered in the past"
    first = salon.visit(clara, salon.cut)
    assert (first["status"], first["due"], first["paid"]) == ("completed", rub(250_000), rub(250_000))
    salon.visit(brought[0], salon.colour)
    one = eventually(lambda: salon.discount(clara), lambda found: found["discount_percent"] == 3)
    assert_explained(one, people=1)
    for person in brought[1:]:
        salon.visit(person, salon.cut)
    three = eventually(lambda: salon.discount(clara), lambda found: found["discount_percent"] == 5)
    assert_explained(three, people=3)
    assert three["referrals"] == {"direct": 3, "qualified": 3}

    # The next booking is priced with it, and so is what is paid.
    again = salon.book(clara, salon.cut, salon.mila)
    assert (again["total"], again["discount"], again["due"]) == (rub(250_000), rub(12_500), rub(237_500))
    done = owner.post(f"/appointments/{again['id']}/complete")
    assert (done["due"], done["paid"]) == (rub(237_500), rub(237_500))

    assert_analytics(salon, clara, brought)
    assert_referrals(salon, clara, brought)
    assert_master_sees_their_own(salon, mila, clara, again)
    assert_boris_sees_nothing(salon, boris, clara, again)
    seen = anna.get("/appointments", branch_id=salon.branch["id"], **{"from": today, "to": today})
    assert len(seen["items"]) == 5
    assert anna.get(f"/clients/{clara['id']}")["phones"] == [PHONE]


def assert_explained(discount: dict[str, Any], people: int) -> None:
    """The lines add up to the percentage, and their text names the count and the percentage."""
    percent = discount["discount_percent"]
    assert sum(Decimal(str(line["percent"])) for line in discount["lines"]) == percent
    (line,) = discount["lines"]
    assert str(people) in line["text"]
    assert str(percent) in line["text"]


def assert_analytics(salon: Salon, clara: dict[str, Any], brought: list[dict[str, Any]]) -> None:
    """By month, by source and as the hierarchy of sources, exact to the kopeck."""
    period = {"from": salon.today.isoformat(), "to": salon.today.isoformat()}
    revenue = 250_000 + 480_000 + 2 * 250_000 + 237_500

    def rows(group_by: str) -> list[dict[str, Any]]:
        found = salon.owner.get("/analytics/visits", group_by=group_by, branch_id=salon.branch["id"], **period)
        return found["rows"]

    figures = {"visits": 5, "clients": 4, "new_clients": 4, "revenue": rub(revenue)}
    figures |= {"discount": rub(12_500), "margin": rub(revenue)}
    eventually(lambda: rows("month"), lambda found: bool(found) and found[0]["visits"] == 5)
    assert rows("month") == [{"month": f"{salon.today:%Y-%m}"} | figures]
    assert rows("source") == [{"source": "instagram"} | figures]
    by_category = {row["category"]: (row["visits"], row["revenue"]["amount"]) for row in rows("category")}
    assert by_category == {"Hair": (4, revenue - 480_000), "Colour": (1, 480_000)}

    tree = salon.owner.get("/analytics/sources", **period)
    assert (tree["kind"], tree["visits"], tree["revenue"]) == ("root", 5, rub(revenue))
    (channel,) = tree["children"]
    assert (channel["kind"], channel["name"], channel["clients"]) == ("channel", "instagram", 4)
    (node,) = channel["children"]
    assert (node["kind"], node["client_id"], node["name"]) == ("client", clara["id"], "Clara")
    assert node["revenue"] == rub(revenue)
    own = {"clients": 1, "visits": 2, "returned": 0, "revenue": rub(487_500)}
    assert node["own"] == own | {"margin": rub(487_500), "discount": rub(12_500)}
    assert {child["client_id"]: child["revenue"]["amount"] for child in node["children"]} == {
        brought[0]["id"]: 480_000,
        brought[1]["id"]: 250_000,
        brought[2]["id"]: 250_000,
    }


def assert_referrals(salon: Salon, clara: dict[str, Any], brought: list[dict[str, Any]]) -> None:
    tree = salon.owner.get(f"/loyalty/clients/{clara['id']}/referrals", depth=2)
    found = {node["client_id"]: (node["name"], node["visits"], node["revenue"]["amount"]) for node in tree["children"]}
    assert found == {
        brought[0]["id"]: ("Dina", 1, 480_000),
        brought[1]["id"]: ("Emma", 1, 250_000),
        brought[2]["id"]: ("Fay", 1, 250_000),
    }


def assert_master_sees_their_own(salon: Salon, mila: User, clara: dict[str, Any], own: dict[str, Any]) -> None:
    """A master has their own schedule, no phone numbers, and 403 on what the role forbids."""
    today = {"from": salon.today.isoformat(), "to": salon.today.isoformat()}
    schedule = mila.get("/appointments", **today)["items"]
    assert own["id"] in {one["id"] for one in schedule}
    everybody = salon.owner.get("/appointments", **today)["items"]
    hers = {one["id"] for one in everybody if salon.mila["id"] in {part["master_id"] for part in one["segments"]}}
    assert {one["id"] for one in schedule} == hers
    assert len(hers) < len(everybody)
    card = mila.http.get(f"/clients/{clara['id']}")
    assert card.status_code == 200
    assert card.json()["first_name"] == "Clara"
    assert PHONE[-7:] not in card.text + mila.http.get("/clients").text
    refused = mila.refusal(403, "POST", "/services", json={})
    assert refused["code"]
    slot = salon.slots(salon.cut)[0]
    assert mila.status("POST", "/appointments", json=salon.wish(clara, salon.cut, slot)) == 403
    assert mila.status("GET", "/analytics/visits", params=today) == 403
    assert mila.status("GET", "/users") == 403
    assert mila.status("POST", f"/appointments/{own['id']}/refund", json={}) == 403


def assert_boris_sees_nothing(salon: Salon, boris: User, clara: dict[str, Any], own: dict[str, Any]) -> None:
    """An administrator of another branch: what is not theirs does not exist."""
    today = {"from": salon.today.isoformat(), "to": salon.today.isoformat()}
    assert boris.get("/appointments", **today)["items"] == []
    assert boris.status("GET", "/appointments", params=today | {"branch_id": salon.branch["id"]}) == 404
    assert boris.status("GET", f"/appointments/{own['id']}") == 404
    assert boris.status("POST", f"/appointments/{own['id']}/cancel", json={"reason": "no"}) == 404
    assert boris.status("GET", f"/branches/{salon.branch['id']}") == 404
    assert [branch["id"] for branch in boris.get("/branches")["items"]] == [salon.elsewhere["id"]]
    assert boris.status("GET", f"/clients/{clara['id']}") == 404
    assert clara["id"] not in boris.http.get("/clients").text
    assert boris.get("/clients", q="Clara")["items"] == []
    assert boris.status("GET", f"/loyalty/clients/{clara['id']}") == 404
    slot = salon.slots(salon.cut)[0]
    refused = boris.refusal(404, "POST", "/appointments", json=salon.wish(clara, salon.cut, slot))
    assert refused["code"] == "branch_not_found"


def test_a_taken_slot_is_refused_with_others_that_are_free(salon: Salon) -> None:
    gina, hana = salon.client("Gina"), salon.client("Hana")
    slot = salon.slots(salon.cut, salon.olga)[0]
    booked = salon.owner.post("/appointments", **salon.wish(gina, salon.cut, slot, salon.olga))
    wish = salon.wish(hana, salon.cut, slot, salon.olga)
    refused = salon.owner.refusal(409, "POST", "/appointments", json=wish)
    assert refused["code"] == "slot_taken"
    alternative = refused["alternatives"][0]
    taken = salon.owner.post("/appointments", **(wish | {"starts": alternative["starts"]}))
    assert taken["starts"] == alternative["starts"]
    for one in (booked, taken):
        cancelled = salon.owner.post(f"/appointments/{one['id']}/cancel", reason="they fell ill")
        assert cancelled["status"] == "cancelled"
    assert slot["starts"] in {one["starts"] for one in salon.slots(salon.cut, salon.olga)}


def test_a_refund_takes_the_discount_back(salon: Salon) -> None:
    ida = salon.client("Ida", source={"channel": "flyer"})
    jana = salon.client("Jana", referrer_id=ida["id"])
    visit = salon.visit(jana, salon.cut)
    eventually(lambda: salon.discount(ida), lambda found: found and found["discount_percent"] == 3)
    (line,) = visit["lines"]
    refunded = salon.owner.post(
        f"/appointments/{visit['id']}/refund",
        lines=[{"line_id": line["id"], "amount": line["due"]}],
        reason="the colour came out",
    )
    assert refunded["refunded"] == rub(250_000)
    eventually(lambda: salon.discount(ida), lambda found: found["discount_percent"] == 0)
    today = {"from": salon.today.isoformat(), "to": salon.today.isoformat()}

    def flyer() -> int | None:
        rows = salon.owner.get("/analytics/visits", group_by="source", **today)["rows"]
        return next((row["revenue"]["amount"] for row in rows if row["source"] == "flyer"), None)

    assert eventually(flyer, lambda amount: amount == 0) == 0


def test_the_same_key_books_once(salon: Salon) -> None:
    kira = salon.client("Kira")
    wish = salon.wish(kira, salon.cut, salon.slots(salon.cut)[0])
    words = {"json": wish, "headers": {"Idempotency-Key": f"kira-{kira['id']}"}}
    first = salon.owner.http.post("/appointments", **words)
    second = salon.owner.http.post("/appointments", **words)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second.headers["Idempotent-Replay"] == "true"
    assert len(salon.owner.get(f"/clients/{kira['id']}/visits")["items"]) == 1
    other = words | {"json": wish | {"comment": "another"}}
    assert salon.owner.status("POST", "/appointments", **other) == 422


def test_a_change_names_the_version_that_it_changes(salon: Salon) -> None:
    answer = salon.owner.http.post("/clients", json={"first_name": "Lea"})
    path, tag = f"/clients/{answer.json()['id']}", answer.headers["ETag"]
    change = {"json": {"first_name": "Leah"}}
    assert salon.owner.status("PATCH", path, **change) == 428
    changed = salon.owner.http.patch(path, **change, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["first_name"]) == (200, "Leah")
    assert changed.headers["ETag"] != tag
    assert salon.owner.status("PATCH", path, **change, headers={"If-Match": tag}) == 412


def test_signing_out_ends_the_session_everywhere(salon: Salon) -> None:
    sign_up(salon, "vera", "administrator", salon.branch)
    here, there = salon.sign_in("vera", SECRET), salon.sign_in("vera", SECRET)
    assert here.status("GET", "/auth/me") == 200
    assert here.status("POST", "/auth/logout") == 204
    eventually(lambda: here.status("GET", "/auth/me"), lambda status: status == 401)
    refresh = {"json": {"refresh_token": here.session["refresh_token"]}}
    assert here.status("POST", "/auth/refresh", **refresh) == 401
    assert there.status("GET", "/auth/me") == 200, "another session of the same user goes on"


def test_a_user_who_is_switched_off_is_out_at_once(salon: Salon) -> None:
    wanda = sign_up(salon, "wanda", "administrator", salon.branch)
    user = wanda.session["user"]["id"]
    version = salon.owner.get(f"/users/{user}")["version"]
    words = {"json": {"active": False}, "headers": {"If-Match": f'"{version}"'}}
    assert salon.owner.status("PATCH", f"/users/{user}", **words) == 200
    eventually(lambda: wanda.status("GET", "/auth/me"), lambda status: status == 401)
