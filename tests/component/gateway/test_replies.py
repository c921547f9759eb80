"""What a good answer looks like: its status, its headers, and the service's own bytes."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from contracts.analytics import OwnFigures, ShowSources, SourceNode
from contracts.auth import RefreshSession, SignIn
from contracts.booking import (
    Availability,
    CreateRoom,
    FindAvailability,
    ListAppointments,
    ListShifts,
    MasterShifts,
    RecordedVisits,
    RecordVisits,
    Room,
    ShowRoom,
)
from contracts.clients import ClientName, ClientNames, NameClients, ShowClient
from contracts.loyalty import Discount, ReferralCounts, ReferralNode, Referrals, ShowDiscount, ShowReferrals
from contracts.message import Page
from kernel.errors import NotFound, Refusal, Throttled, Unavailable
from kernel.money import Money
from kernel.time import utc_now
from tests.builders import CLARA, HERE, anna
from tests.component.gateway.test_order_of_checks import a_client

ROOM = Room(UUID(int=7), HERE, "Blue", 1, 4)
NEW_ROOM = {"branch_id": str(HERE), "name": "Blue"}
RUB = Money(250_000, "RUB")


class Bug(Refusal):
    kind = "bug"


def test_one_resource_comes_with_its_version(web):
    web.bus.answers[ShowRoom] = ROOM
    answer = web.http.get(f"/api/v1/rooms/{ROOM.id}", headers=web.as_())
    assert answer.json == {
        "id": str(ROOM.id),
        "branch_id": str(HERE),
        "name": "Blue",
        "capacity": 1,
        "version": 4,
        "kind": "room",
        "hours": [],
        "active": True,
    }
    assert answer.headers["ETag"] == '"4"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_was_created_says_where_it_is(web):
    web.bus.answers[CreateRoom] = ROOM
    answer = web.http.post("/api/v1/rooms", json=NEW_ROOM, headers=web.as_())
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/rooms/{ROOM.id}"


def test_a_key_goes_along_and_a_stored_answer_is_marked(web):
    web.bus.answers[CreateRoom] = ROOM
    web.bus.replays = True
    answer = web.http.post("/api/v1/rooms", json=NEW_ROOM, headers=web.as_() | {"Idempotency-Key": "a-key"})
    assert answer.headers["Idempotent-Replay"] == "true"
    assert web.bus.envelopes[-1].key == "a-key"


@pytest.mark.parametrize("key", ["", "two words", "x" * 201, "ключ"])
def test_a_key_that_is_none_is_refused(web, key):
    headers = web.as_() | {"Idempotency-Key": key}
    answer = web.http.post("/api/v1/rooms", json=NEW_ROOM, headers=headers)
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json["errors"]


def test_sign_in_ignores_a_key_but_refresh_hands_it_on(web):
    web.bus.answers |= {SignIn: Unavailable("timed_out", "late"), RefreshSession: Unavailable("timed_out", "late")}
    headers = {"Idempotency-Key": "a-key"}
    web.http.post("/api/v1/auth/login", json={"login": "anna", "password": "x"}, headers=headers)
    assert web.bus.envelopes[-1].key is None
    assert web.bus.asked[-1].address == "127.0.0.1"
    web.http.post("/api/v1/auth/refresh", json={"refresh_token": "x"}, headers=headers)
    assert web.bus.asked_of(RefreshSession)[-1].retry_key == "a-key"


def test_nobody_says_from_which_address_they_come(web):
    answer = web.http.post("/api/v1/auth/login", json={"login": "anna", "password": "x", "address": "1.2.3.4"})
    assert answer.status_code == 422


def test_a_request_id_is_taken_if_it_is_valid_and_made_if_not(web):
    web.bus.answers[ShowRoom] = ROOM
    path = f"/api/v1/rooms/{ROOM.id}"
    answer = web.http.get(path, headers=web.as_() | {"X-Request-Id": "my-request.1"})
    assert answer.headers["X-Request-Id"] == "my-request.1"
    assert web.bus.envelopes[-1].request_id == "my-request.1"
    for unwanted in ("short", "x" * 65, "with space"):
        answer = web.http.get("/nowhere", headers={"X-Request-Id": unwanted})
        assert answer.json["request_id"] == answer.headers["X-Request-Id"] != unwanted


def test_a_query_may_repeat_a_key_or_use_commas(web):
    web.bus.answers[FindAvailability] = Availability("Europe/Moscow", ())
    one, two, three = uuid4(), uuid4(), uuid4()
    query = f"branch_id={HERE}&service_id={one},{two}&service_id={three}&from=2026-12-01&to=2026-12-02"
    assert web.http.get(f"/api/v1/availability?{query}").status_code == 200
    assert web.bus.asked[-1].service_id == (one, two, three)


def test_a_query_that_is_not_known_is_refused(web):
    answer = web.http.get("/api/v1/rooms?branch=1&limit=500", headers=web.as_())
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"branch", "limit"}


def test_a_body_does_not_take_a_query(web):
    answer = web.http.post("/api/v1/rooms?x=1", json=NEW_ROOM, headers=web.as_())
    assert set(answer.json["errors"]) == {"x"}


def test_visits_of_a_client_are_shown_to_those_who_see_the_client(web):
    web.bus.answers |= {ShowClient: NotFound("client_not_found", "no such client"), ListAppointments: Page(())}
    path = f"/api/v1/clients/{CLARA}/visits"
    assert web.http.get(path, headers=web.as_()).status_code == 404
    assert web.bus.asked_of(ListAppointments) == []
    web.bus.answers[ShowClient] = a_client()
    assert web.http.get(f"{path}?status=completed", headers=web.as_()).json == {"items": [], "next": None}
    assert web.bus.asked[-1] == ListAppointments(client_id=CLARA, status="completed")


def test_shifts_are_asked_for_by_dates_whose_name_is_a_word_of_the_language(web):
    web.bus.answers[ListShifts] = MasterShifts(HERE, ())
    path = f"/api/v1/masters/{HERE}/shifts?from=2026-12-01&to=2026-12-31"
    assert web.http.get(path, headers=web.as_()).status_code == 200


def test_bulk_needs_no_version_and_answers_with_the_items(web):
    web.bus.answers[RecordVisits] = RecordedVisits(())
    visit = {"reference": "r", "branch_id": str(HERE), "starts": "2018-01-01T10:00:00+03:00", "status": "completed"}
    answer = web.http.post("/api/v1/appointments/bulk", json={"currency": "RUB", "visits": [visit]}, headers=web.as_())
    assert (answer.status_code, answer.json) == (200, {"items": []})
    assert web.bus.asked[-1].visits[0].reference == "r"


def test_what_is_wrong_in_bulk_is_named_by_its_place(web):
    visit = {"reference": "r", "branch_id": str(HERE), "starts": "2018-01-01T10:00:00+03:00", "status": "completed"}
    bad = visit | {"lines": [{"kind": "service", "amount": 1.5}]}
    body = {"currency": "RUB", "visits": [visit, bad]}
    answer = web.http.post("/api/v1/appointments/bulk", json=body, headers=web.as_())
    assert list(answer.json["errors"]) == ["visits.1.lines.0.amount"]


def test_percentages_are_numbers(web):
    web.bus.answers[ShowDiscount] = Discount(CLARA, Decimal("7.5"), (), ReferralCounts(5, 5), 0, utc_now(), 1)
    answer = web.http.get(f"/api/v1/loyalty/clients/{CLARA}", headers=web.as_())
    assert answer.json["discount_percent"] == 7.5


def test_names_are_filled_in_for_those_who_may_see_clients(web):
    node = ReferralNode(UUID(int=1), True, 1, RUB, (ReferralNode(UUID(int=2), False, 0, RUB),))
    web.bus.answers |= {
        ShowReferrals: Referrals(CLARA, (node,)),
        NameClients: lambda asked: ClientNames(tuple(ClientName(one, f"N{one.int}") for one in asked.ids[:1])),
    }
    path = f"/api/v1/loyalty/clients/{CLARA}/referrals?depth=2"
    (first,) = web.http.get(path, headers=web.as_()).json["children"]
    assert (first["name"], first["children"][0]["name"]) == ("N1", None)
    (first,) = web.http.get(path, headers=web.as_(anna("loyalty.read"))).json["children"]
    assert first["name"] is None


def test_figures_without_names_are_better_than_none(web):
    own = OwnFigures(1, 1, RUB)
    clara = SourceNode(None, "client", 1, 1, RUB, own, (), CLARA)
    web.bus.answers[ShowSources] = SourceNode(None, "root", 1, 1, RUB, own, (clara,))
    answer = web.http.get("/api/v1/analytics/sources?from=2026-01-01&to=2026-12-31", headers=web.as_())
    assert answer.json["children"][0]["client_id"] == str(CLARA)
    assert answer.json["children"][0]["name"] is None


@pytest.mark.parametrize(
    ("refusal", "status"),
    [(Unavailable("service_unavailable", "away"), 503), (Unavailable("timed_out", "late"), 504)],
)
def test_a_service_that_does_not_answer_is_told_apart_from_one_that_is_away(web, refusal, status):
    web.bus.answers[ShowRoom] = refusal
    answer = web.http.get(f"/api/v1/rooms/{ROOM.id}", headers=web.as_())
    assert (answer.status_code, answer.json["code"]) == (status, refusal.code)


def test_a_service_may_ask_for_patience(web):
    web.bus.answers[SignIn] = Throttled("too_many_attempts", "later", retry_after=30)
    answer = web.http.post("/api/v1/auth/login", json={"login": "anna", "password": "x"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    assert "retry_after" not in answer.json


def test_a_service_that_breaks_is_a_500_without_detail(web):
    web.bus.answers[ShowRoom] = Bug("internal_error", "secret detail")
    answer = web.http.get(f"/api/v1/rooms/{ROOM.id}", headers=web.as_())
    assert answer.status_code == 500
    assert b"secret" not in answer.data


def test_a_bug_of_our_own_is_a_500_without_detail(web):
    web.bus.call = lambda *_, **__: b"not an envelope, secret"
    answer = web.http.get(f"/api/v1/rooms/{ROOM.id}", headers=web.as_())
    assert (answer.status_code, answer.json["code"]) == (500, "internal_error")
    assert b"secret" not in answer.data
