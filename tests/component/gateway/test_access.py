"""Who gets in: signed out nobody, without the right nobody, with an ended session nobody."""

import re
import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from chassis import wire
from contracts.auth import (
    ChangeUser,
    EndedSession,
    EndedSessions,
    ListEndedSessions,
    Me,
    SessionsEnded,
    ShowMe,
    ShowUser,
    SignedOut,
    SignOut,
    User,
)
from contracts.booking import Availability, FindAvailability
from contracts.message import PUBLIC, SIGNED_IN
from gateway.route import Route
from gateway.routes import AREAS
from kernel.errors import Unavailable
from kernel.time import utc_now
from tests.builders import HERE, OWNER, a_service, a_user

ROUTES = [route for area in AREAS for route in area.routes]
AVAILABILITY = f"/api/v1/availability?branch_id={HERE}&service_id={HERE}&from=2026-12-01&to=2026-12-02"
ME = Me(OWNER.id, "owner", "Owner", (), (), ())


def path_of(route: Route) -> str:
    return "/api/v1" + re.sub(r"<uuid:\w+>", str(uuid4()), route.path)


def test_signed_out_nobody_may(web):
    guarded = [route for route in ROUTES if route.request.permission != PUBLIC]
    assert {name(route) for route in guarded if ask(web, route, {}) != (401, "signed_out")} == set()
    assert web.bus.asked == []


def test_without_the_right_nobody_may(web):
    guarded = [route for route in ROUTES if route.request.permission not in (PUBLIC, SIGNED_IN)]
    headers = web.as_(a_user("something.else"))
    assert {name(route) for route in guarded if ask(web, route, headers) != (403, "permission_missing")} == set()
    assert [type(request) for request in web.bus.asked] == [ListEndedSessions]


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def ask(web, route: Route, headers: dict[str, str]) -> tuple[int, str]:
    if route.takes:
        body: dict[str, Any] = {"data": b"?", "content_type": route.takes[0].replace("*", "png")}
    else:
        body = {"json": {} if route.has_body else None}
    answer = web.http.open(path_of(route), method=route.method, headers=headers, **body)
    return answer.status_code, answer.json["code"]


def test_a_service_does_not_come_in_by_the_front_door(web):
    assert web.http.get("/api/v1/branches", headers=web.as_(a_service("booking"))).status_code == 401


def test_a_session_that_ended_is_refused_from_the_moment_of_the_broadcast(web):
    web.bus.answers[ShowMe] = ME
    assert web.http.get("/api/v1/auth/me", headers=web.as_()).status_code == 200
    ended = SessionsEnded((EndedSession(OWNER.session_id, utc_now() + timedelta(minutes=10)),), utc_now())
    on_event, _ = web.bus.subscribed["auth"]
    on_event(wire.encode({"name": "SessionsEnded", "number": 1, "event": msgspec.Raw(wire.encode(ended))}))
    answer = web.http.get("/api/v1/auth/me", headers=web.as_())
    assert (answer.status_code, answer.json["code"]) == (401, "session_ended")


def test_another_event_of_auth_ends_nothing(web):
    on_event, _ = web.bus.subscribed["auth"]
    on_event(wire.encode({"name": "SomethingNew", "event": {"sessions": []}}))
    web.bus.answers[ShowMe] = ME
    assert web.http.get("/api/v1/auth/me", headers=web.as_()).status_code == 200


def test_a_gateway_that_starts_fetches_the_list_first_and_lets_nobody_in_without_it(web):
    web.bus.answers |= {ShowMe: ME, ListEndedSessions: Unavailable("service_unavailable", "auth is away")}
    assert web.http.get("/api/v1/auth/me", headers=web.as_()).status_code == 503
    assert web.bus.asked_of(ShowMe) == []
    _, on_connect = web.bus.subscribed["auth"]
    ended = EndedSession(OWNER.session_id, utc_now() + timedelta(minutes=10))
    web.bus.answers[ListEndedSessions] = EndedSessions((ended,))
    on_connect()
    assert web.http.get("/api/v1/auth/me", headers=web.as_()).status_code == 401


def test_the_gateway_asks_for_the_list_in_its_own_name(web):
    web.bus.answers[ShowMe] = ME
    web.http.get("/api/v1/auth/me", headers=web.as_())
    mine, users = (envelope.token for envelope in web.bus.envelopes)
    assert mine != users


def test_who_signs_out_is_out_with_the_answer(web):
    sessions = []
    web.bus.answers |= {
        SignOut: lambda _: (
            sessions.append(EndedSession(OWNER.session_id, utc_now() + timedelta(minutes=9))),
            SignedOut(OWNER.session_id),
        )[1],
        ListEndedSessions: lambda _: EndedSessions(tuple(sessions)),
        ShowMe: ME,
    }
    assert web.http.post("/api/v1/auth/logout", headers=web.as_()).status_code == 204
    assert web.http.get("/api/v1/auth/me", headers=web.as_()).status_code == 401


def test_after_a_change_of_a_user_their_sessions_have_ended_here(web):
    user = User(UUID(int=5), "boris", "Boris", (), (), None, active=False, version=2)
    web.bus.answers |= {ChangeUser: user, ShowUser: user}
    headers = web.as_() | {"If-Match": '"1"'}
    assert web.http.patch(f"/api/v1/users/{user.id}", json={"active": False}, headers=headers).status_code == 200
    assert isinstance(web.bus.asked[-1], ListEndedSessions)


def test_signed_out_calls_are_limited_by_address_and_signed_in_ones_are_not(web):
    web.bus.answers[FindAvailability] = Availability("Europe/Moscow", ())
    started = time.monotonic()
    statuses = [web.http.get(AVAILABILITY).status_code for _ in range(90)]
    if time.monotonic() - started < 1.0:
        assert 429 in statuses
    answer = next((a for a in (web.http.get(AVAILABILITY) for _ in range(90)) if a.status_code == 429), None)
    assert answer is not None
    assert answer.headers["Retry-After"] == "1"
    assert web.http.get(AVAILABILITY, headers=web.as_()).status_code == 200


def test_a_false_token_is_refused_where_none_is_needed(web):
    assert web.http.get(AVAILABILITY, headers={"Authorization": "Bearer x"}).status_code == 401
