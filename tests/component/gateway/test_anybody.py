"""What somebody without an account may do: hold, book by a contact, and use the key that came back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts.booking import (
    BookOnline,
    CancelOnlineAppointment,
    Hold,
    HoldTime,
    OnlineAppointment,
    OnlineBranch,
    Released,
    ReleaseHold,
    ShowHold,
    ShowOnlineAppointment,
)
from kernel.errors import Conflict, Gone
from kernel.money import Money
from kernel.time import utc_now
from tests.builders import HERE

KEY = "k" * 43
SERVICE = str(UUID(int=4))
HOLD = Hold(UUID(int=9), HERE, utc_now(), utc_now(), (), utc_now() + timedelta(minutes=5))
WISH: dict[str, Any] = {
    "branch_id": str(HERE),
    "starts": "2026-12-01T10:00:00+03:00",
    "segments": [{"service_id": SERVICE}],
}
BRANCH = OnlineBranch(HERE, "Here", "Europe/Moscow", None, ())
BOOKED = OnlineAppointment("booked", BRANCH, utc_now(), utc_now(), (), Money(1, "RUB"), utc_now(), KEY)


def test_a_hold_needs_no_sign_in_and_says_where_it_is(web):
    web.bus.answers |= {HoldTime: HOLD, ShowHold: Gone("hold_over", "the hold is over"), ReleaseHold: Released(HOLD.id)}
    answer = web.http.post("/api/v1/holds", json=WISH)
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/v1/holds/{HOLD.id}")
    assert web.http.get(f"/api/v1/holds/{HOLD.id}").status_code == 410
    assert web.http.post(f"/api/v1/holds/{HOLD.id}/release").json == {"id": str(HOLD.id)}


def test_a_booking_without_an_account_tells_a_key_and_no_address(web):
    web.bus.answers[BookOnline] = BOOKED
    contact = {"first_name": "Clara", "phone": "+79031234567"}
    answer = web.http.post("/api/v1/online/appointments", json=WISH | {"contact": contact})
    assert (answer.status_code, answer.json["key"]) == (201, KEY)
    assert "Location" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_wrong_contact_is_named_by_its_field(web):
    answer = web.http.post("/api/v1/online/appointments", json=WISH | {"contact": {"first_name": ""}})
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"contact.first_name", "contact.phone"})


def test_what_is_taken_is_refused_with_others_that_are_free(web):
    others = [{"starts": "2026-12-01T11:00:00+03:00", "master_ids": [SERVICE]}]
    web.bus.answers[BookOnline] = Conflict("slot_taken", "somebody was faster", alternatives=others)
    contact = {"first_name": "Clara", "phone": "+79031234567"}
    answer = web.http.post("/api/v1/online/appointments", json=WISH | {"contact": contact})
    assert (answer.status_code, answer.json["alternatives"]) == (409, others)


def test_a_key_is_said_in_the_query_or_the_body_and_never_in_the_log(web, capsys):
    web.bus.answers |= {ShowOnlineAppointment: BOOKED, CancelOnlineAppointment: BOOKED}
    assert web.http.get(f"/api/v1/online/appointment?key={KEY}").status_code == 200
    assert web.http.post("/api/v1/online/appointment/cancel", json={"key": KEY}).status_code == 200
    assert web.http.get("/api/v1/online/appointment?key=short").status_code == 422
    seen = capsys.readouterr()
    assert KEY not in seen.out + seen.err


def test_strangers_are_limited_by_address(web):
    web.bus.answers[HoldTime] = HOLD
    statuses = {web.http.post("/api/v1/holds", json=WISH).status_code for _ in range(150)}
    assert 429 in statuses
    assert web.http.post("/api/v1/holds", json=WISH, headers=web.as_()).status_code == 201
