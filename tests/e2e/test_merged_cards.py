"""Two cards of one person become one, through HTTP alone, in both shapes: everywhere there is one person then."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.salon import Salon, eventually, open_salon, rub
from tests.e2e.systems import PASSWORD, Running


@pytest.fixture(scope="module")
def salon(system: Running) -> Iterator[Salon]:
    salon = open_salon(system.url, PASSWORD)
    yield salon
    salon.close()


def test_one_person_everywhere(salon: Salon) -> None:
    """Clara has two cards: with each she came, and brought somebody; with the second she is coming again."""
    owner, home = salon.owner, {"home_branch_id": salon.branch["id"]}
    kept = salon.client("Clara", phones=["+79031234567"], source={"channel": "instagram"}, **home)
    second = salon.client("Klara", phones=["+79037654321"], email="clara@example.com", contraindications=["latex"])
    dina = salon.client("Dina", referrer_id=kept["id"])
    others = [salon.client(name, referrer_id=second["id"]) for name in ("Emma", "Fay")]
    for person in (kept, second, dina, *others):
        salon.visit(person, salon.cut)
    owner.post(f"/clients/{second['id']}/notes", text="brings her dog")
    coming = salon.book(second, salon.colour, salon.mila)
    eventually(lambda: salon.discount(kept), lambda found: found and found["discount_percent"] == 3)
    eventually(lambda: visits(salon), lambda row: (row["visits"], row["new_clients"]) == (5, 5))
    before = visits(salon)

    # An appointment of the other card at the same time stands against it.
    slots = salon.slots(salon.cut, salon.olga)
    meeting = next(slot for slot in slots if coming["starts"] <= slot["starts"] < coming["ends"])
    twice = owner.post("/appointments", **salon.wish(kept, salon.cut, meeting, salon.olga))
    words = {"json": {"duplicate_id": second["id"], "kept_version": 1, "take": ["first_name"]}}
    refusal = owner.refusal(409, "POST", f"/clients/{kept['id']}/merge", **words)
    assert (refusal["code"], set(refusal["conflicts"])) == ("merge_overlaps", {coming["id"], twice["id"]})
    owner.post(f"/appointments/{twice['id']}/cancel", reason="twice")

    card = owner.post(f"/clients/{kept['id']}/merge", **words["json"])
    assert (card["first_name"], card["phones"]) == ("Klara", ["+79031234567", "+79037654321"])
    assert (card["email"], card["contraindications"]) == ("clara@example.com", ["latex"])
    gone = owner.refusal(410, "GET", f"/clients/{second['id']}")
    assert (gone["code"], gone["merged_into"]) == ("merged", kept["id"])
    assert [each["id"] for each in owner.get("/clients", q="+79037654321")["items"]] == [kept["id"]]
    assert owner.get(f"/clients/{kept['id']}/notes")["items"][0]["text"] == "brings her dog"

    # Everywhere else it follows by events alone.
    discount = eventually(lambda: salon.discount(kept), lambda found: found["discount_percent"] == 5)
    assert discount["referrals"] == {"direct": 3, "qualified": 3}
    assert owner.refusal(410, "GET", f"/loyalty/clients/{second['id']}")["merged_into"] == kept["id"]
    mine = eventually(lambda: appointments(salon, kept), lambda found: coming["id"] in found)
    assert len(mine) == 4
    assert owner.get(f"/clients/{kept['id']}/history")["totals"]["visits"] == 2
    after = eventually(lambda: visits(salon), lambda row: row["clients"] == 4)
    assert (after["visits"], after["new_clients"], after["revenue"]) == (5, 4, before["revenue"])
    assert after["revenue"] == rub(5 * 250_000)
    assert_refused(salon, second)
    assert_traced(salon, kept, second)
    assert_erased(salon, card, second)


def visits(salon: Salon) -> dict[str, Any]:
    today = salon.today.isoformat()
    rows: list[dict[str, Any]] = salon.owner.get("/analytics/visits", **{"from": today, "to": today})["rows"]
    return rows[0] if rows else {"visits": 0, "clients": 0, "new_clients": 0, "revenue": rub(0)}


def appointments(salon: Salon, client: dict[str, Any]) -> set[str]:
    return {each["id"] for each in salon.owner.get(f"/clients/{client['id']}/visits")["items"]}


def assert_refused(salon: Salon, gone: dict[str, Any]) -> None:
    """Nothing is booked for the card that is gone, and it is not merged again."""
    slot = salon.slots(salon.cut)[-1]
    refusal = salon.owner.refusal(422, "POST", "/appointments", json=salon.wish(gone, salon.cut, slot))
    assert refusal["code"] == "client_merged"
    other = salon.client("Gina")
    again = {"json": {"duplicate_id": gone["id"]}}
    assert salon.owner.refusal(410, "POST", f"/clients/{other['id']}/merge", **again)["code"] == "merged"
    itself = {"json": {"duplicate_id": other["id"]}}
    assert salon.owner.refusal(422, "POST", f"/clients/{other['id']}/merge", **itself)["code"] == "duplicate_is_self"


def assert_traced(salon: Salon, kept: dict[str, Any], gone: dict[str, Any]) -> None:
    (merge,) = salon.owner.get(f"/clients/{kept['id']}/merges")["items"]
    assert (merge["merged_id"], merge["card"]["first_name"]) == (gone["id"], "Klara")
    assert set(merge["taken"]) == {"first_name", "email"}
    (change,) = salon.owner.get(f"/clients/{kept['id']}/changes")["items"]
    assert {"first_name", "email", "phones"} <= {field["field"] for field in change["fields"]}
    deeds = eventually(
        lambda: salon.owner.get("/journal", action="client.merged")["items"], lambda found: len(found) == 1
    )
    assert deeds[0]["subject_id"] == kept["id"]


def assert_erased(salon: Salon, card: dict[str, Any], gone: dict[str, Any]) -> None:
    headers = {"If-Match": f'"{card["version"]}"'}
    assert salon.owner.status("DELETE", f"/clients/{card['id']}", headers=headers) == 204
    for one in (card, gone):
        assert salon.owner.refusal(410, "GET", f"/clients/{one['id']}")["code"] == "client_erased"
