"""Streams: who may listen to a branch, and what is said there: ids only, to those who look at it."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from contracts.auth import EndedSessions, ListEndedSessions
from gateway import live
from gateway.app import create_app
from kernel.errors import Unavailable
from tests.builders import ELSEWHERE, HERE, OWNER, anna, boris
from tests.component.gateway.conftest import FakeBus, Web


def an_event(branch=HERE, **more):
    event = {"appointment_id": str(uuid4()), "branch_id": str(branch), "client_id": str(uuid4()), "status": "booked"}
    return json.dumps({"name": "AppointmentBooked", "number": 7, "event": event | more}).encode()


def said(chunk: bytes):
    """The event's name and data."""
    lines = dict(line.split(": ", 1) for line in chunk.decode().strip().splitlines())
    return lines["event"], json.loads(lines["data"])


@pytest.fixture
def web(tmp_path):
    made = Web(tmp_path / "keys")
    made.bus = FakeBus()
    made.bus.answers[ListEndedSessions] = EndedSessions(())
    made.app = create_app(made.settings, made.bus, streams=True)
    made.http = made.app.test_client()
    return made


def listen(web, caller, branch=HERE, **headers):
    web.http.set_cookie("lokon_access", web.as_(caller)["Authorization"].removeprefix("Bearer "))
    return web.http.get(f"/live?branch_id={branch}", headers=headers)


def test_a_change_is_told_by_its_id_alone(web):
    answer = listen(web, anna("appointments.read"))
    assert answer.content_type == "text/event-stream"
    chunks = answer.iter_encoded()
    assert said(next(chunks)) == ("hello", {"missed": False})
    on_event, _ = web.bus.subscribed["booking"]
    body = an_event()
    on_event(an_event(ELSEWHERE))
    on_event(body)
    told = next(chunks)
    assert said(told) == ("changed", {"id": json.loads(body)["event"]["appointment_id"]})
    assert json.loads(body)["event"]["client_id"] not in told.decode()
    answer.close()


def test_whoever_sees_only_their_own_is_told_that_something_changed_not_what(web):
    chunks = listen(web, anna("appointments.read.own")).iter_encoded()
    next(chunks)
    web.bus.subscribed["booking"][0](an_event())
    assert said(next(chunks)) == ("changed", {"id": None})


def test_who_comes_back_is_told_to_read_again(web):
    chunks = listen(web, OWNER, **{"Last-Event-ID": "gone-17"}).iter_encoded()
    assert said(next(chunks)) == ("hello", {"missed": True})


def test_a_new_connection_to_the_bus_makes_everybody_read_again(web):
    chunks = listen(web, OWNER).iter_encoded()
    next(chunks)
    web.bus.subscribed["booking"][1]()
    assert said(next(chunks)) == ("changed", {"id": None})


@pytest.mark.parametrize(
    ("caller", "branch", "status"),
    [
        (boris("appointments.read"), HERE, 403),
        (anna("clients.read"), HERE, 403),
        (anna("appointments.read"), "everywhere", 422),
    ],
)
def test_who_may_not_look_at_the_branch_may_not_listen(web, caller, branch, status):
    assert listen(web, caller, branch).status_code == status


def test_nobody_listens_without_a_session(web):
    assert web.http.get(f"/live?branch_id={HERE}").status_code == 401


def test_a_stream_ends_with_its_session(web, monkeypatch):
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.01)
    chunks = listen(web, OWNER).iter_encoded()
    next(chunks)
    assert next(chunks) == b": \n\n"
    until = datetime.now(UTC).replace(year=2199).isoformat()
    ended = {"sessions": [{"session_id": str(OWNER.session_id), "until": until}], "occurred_at": until}
    web.bus.subscribed["auth"][0](json.dumps({"name": "SessionsEnded", "event": ended}).encode())
    assert list(chunks) == []


def test_a_reader_that_is_too_slow_is_let_go_and_holds_nobody_up(web):
    streams = live.Streams()
    slow, _ = streams.enter(HERE, None)
    for _ in range(live.MOST_WAITING + 5):
        streams.heard(an_event())
    assert slow.get_nowait() is None
    assert streams.count() == 0


def test_there_is_an_end_to_how_many_listen():
    streams = live.Streams()
    for _ in range(live.MOST_STREAMS):
        streams.enter(HERE, None)
    with pytest.raises(Unavailable, match="too_many_streams"):
        streams.enter(HERE, None)


def test_an_event_of_another_shape_is_passed_over():
    streams = live.Streams()
    waiting, _ = streams.enter(HERE, None)
    streams.heard(json.dumps({"name": "OfferEnded", "event": {"branch_id": 7}}).encode())
    streams.heard(b"not json")
    assert waiting.empty()


def test_under_threads_the_gateway_holds_no_streams(tmp_path):
    assert Web(tmp_path / "other").http.get(f"/live?branch_id={HERE}").status_code == 404
