"""Streams of server-sent events: that something changed in a branch, by ids only; the pages then read again."""

import queue
import threading
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import flask
import msgspec
from flask import Blueprint, Response

from chassis.wire import encode
from contracts.booking import ListAppointments
from gateway.exchange import Gateway
from gateway.identity import require
from gateway.pages.cookies import access_token_of
from gateway.sessions import Broadcasts
from kernel.caller import Caller, Reach
from kernel.errors import Forbidden, Invalid, Refusal, Unavailable

PRODUCER = "booking"
BEAT_SECONDS = 15.0  # how long a stream is silent at most; then it looks whether its session still lasts
MOST_WAITING = 100  # changes that a slow reader may leave unread; then it is told to read everything again
MOST_STREAMS = 900
STREAM = "text/event-stream"
EVENTLETS_CHUNK = "eventlet.minimum_write_chunk_size"


class _Told(msgspec.Struct):
    """What of an event of booking matters here; events about other things have no branch."""

    branch_id: UUID | None = None
    appointment_id: UUID | None = None


class _Heard(msgspec.Struct):
    name: str
    event: _Told


_heard = msgspec.json.Decoder(_Heard).decode


class Streams:
    """Everybody who looks at a branch, behind one subscription to the bus."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[UUID, set[queue.Queue[bytes | None]]] = {}
        self._numbers = count(1)
        # Of this process and this life: who comes back with an id of another one may have missed something.
        self._life = uuid4().hex[:8]

    def listen(self, broadcasts: Broadcasts) -> None:
        broadcasts.subscribe(PRODUCER, self.heard, self.missed)

    def heard(self, body: bytes) -> None:
        """Tell everybody who looks at the branch of this event. Runs in the thread that drains the bus."""
        try:
            told = _heard(body).event
        except msgspec.MsgspecError:  # an event of another shape is about no appointment
            return
        if told.branch_id is not None:
            self._tell(told.branch_id, "changed", {"id": told.appointment_id})

    def missed(self) -> None:
        """After every connection: nobody knows what happened meanwhile, so everybody reads again."""
        with self._lock:
            branches = list(self._open)
        for branch in branches:
            self._tell(branch, "changed", {"id": None})

    def enter(self, branch_id: UUID, last: str | None) -> tuple["queue.Queue[bytes | None]", bytes]:
        """A place for what will be told, and what to say first."""
        waiting: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING)
        with self._lock:
            if sum(map(len, self._open.values())) >= MOST_STREAMS:
                raise Unavailable("too_many_streams", "too many pages are live; try again later")
            self._open.setdefault(branch_id, set()).add(waiting)
            newest = f"{self._life}-{next(self._numbers)}"
        return waiting, _event(newest, "hello", {"missed": last is not None})

    def leave(self, branch_id: UUID, waiting: "queue.Queue[bytes | None]") -> None:
        with self._lock:
            others = self._open.get(branch_id, set())
            others.discard(waiting)
            if not others:
                self._open.pop(branch_id, None)

    def count(self) -> int:
        with self._lock:
            return sum(map(len, self._open.values()))

    def _tell(self, branch_id: UUID, name: str, what: dict[str, Any]) -> None:
        with self._lock:
            readers = list(self._open.get(branch_id, ()))
            said = _event(f"{self._life}-{next(self._numbers)}", name, what)
        for waiting in readers:
            try:
                waiting.put_nowait(said)
            except queue.Full:
                self.leave(branch_id, waiting)
                _close(waiting)


def mount(app: flask.Flask, gateway: Gateway, streams: Streams) -> None:
    """`GET /live?branch_id=…`; the pages of another port of this host may listen, too."""
    blueprint = Blueprint("live", __name__)

    @blueprint.get("/live")
    def live() -> Response:
        caller, branch_id = _admitted(gateway, flask.request)
        waiting, hello = streams.enter(branch_id, flask.request.headers.get("Last-Event-ID"))
        whole = caller.must(ListAppointments.permission) is not Reach.OWN
        flask.request.environ[EVENTLETS_CHUNK] = 1  # else a word would wait until 4 KiB of them have come together
        body = _stream(gateway, streams, caller, branch_id, waiting, hello, whole=whole)
        response = Response(body, content_type=STREAM, headers={"X-Accel-Buffering": "no"})
        origin = flask.request.headers.get("Origin")
        if origin and urlsplit(origin).hostname == urlsplit(flask.request.host_url).hostname:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
            response.headers["Vary"] = "Origin"
        return response

    app.register_blueprint(blueprint)


def _admitted(gateway: Gateway, request: flask.Request) -> tuple[Caller, UUID]:
    """Who wants to listen, by the cookie of the pages, and to which branch."""
    caller = gateway.identities.verified(access_token_of(request))
    require(ListAppointments.permission, caller)
    try:
        branch_id = UUID(request.args.get("branch_id", ""))
    except ValueError:
        raise Invalid.field("branch_id", "id_unknown", "there is no such branch") from None
    if not caller.in_branch(branch_id):
        raise Forbidden("branch_foreign", "this branch is not yours")
    return caller, branch_id


def _stream(
    gateway: Gateway,
    streams: Streams,
    caller: Caller,
    branch_id: UUID,
    waiting: "queue.Queue[bytes | None]",
    hello: bytes,
    *,
    whole: bool,
) -> Iterator[bytes]:
    """Says what is told until the reader leaves, is too slow, or their session ends."""
    try:
        yield hello
        while True:
            try:
                said = waiting.get(timeout=BEAT_SECONDS)
            except queue.Empty:
                gateway.sessions.refuse_ended(caller.session_id)
                yield b": \n\n"
                continue
            if said is None:
                return
            # Whoever sees only their own is told that something changed, not what.
            yield said if whole else _event("", "changed", {"id": None})
    except Refusal:
        return
    finally:
        streams.leave(branch_id, waiting)


def _close(waiting: "queue.Queue[bytes | None]") -> None:
    """End a stream whose reader is too slow; it comes back, and reads everything again."""
    while True:
        try:
            waiting.get_nowait()
        except queue.Empty:
            break
    waiting.put_nowait(None)


def _event(number: str, name: str, what: dict[str, Any]) -> bytes:
    head = f"id: {number}\n" if number else ""
    return f"{head}event: {name}\ndata: ".encode() + encode(what) + b"\n\n"
