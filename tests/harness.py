"""A service on its real database, driven through the real dispatcher; the test answers what it asks of others."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID

import msgspec
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from chassis import assembly, wire
from chassis.assembly import assemble, masters_of
from chassis.config import SERVICES, Settings, read
from chassis.crypto import USERS, KeyFolder
from chassis.database import connect
from chassis.messaging.dispatch import Dispatcher
from chassis.messaging.envelope import Answer, ask_bytes, decode_answer, decode_ask, error_of, refusal_from
from chassis.outbox import Envelope, event_log
from contracts.message import Event, Request, all_events, all_requests
from kernel.caller import Caller
from kernel.errors import Refusal, Unavailable
from kernel.time import utc_now
from tests.builders import OWNER


class Others:
    """The services that are not there: a function per Request class answers; without one the service is away."""

    def __init__(self) -> None:
        self.answers: dict[type[Request[Any]], Callable[[Any], Any]] = {}
        self.asked: list[Request[Any]] = []

    def call(self, body: bytes, *, service: str, timeout: float) -> bytes:
        ask = decode_ask(body)
        kind = all_requests()[ask.name]
        request = wire.decoder(kind)(bytes(ask.request))
        self.asked.append(request)
        try:
            if kind not in self.answers:
                raise Unavailable("service_unavailable", f"{service} does not answer")
            return wire.encode(Answer(ok=msgspec.Raw(wire.encode(self.answers[kind](request)))))
        except Refusal as refusal:
            return wire.encode(Answer(error=error_of(refusal)))


_compiled: dict[str, dict[Any, Any]] = {}
_first: dict[str, Engine] = {}  # by the names of settings


def connected(databases: dict[str, str]) -> Callable[..., Engine]:
    """`connect`, but statements that were compiled for a database of the same tables are not compiled again."""
    names = {address: name for name, address in databases.items()}

    def make(address: str, pool: int = 16) -> Engine:
        engine = connect(address, pool)
        first = _first.setdefault(names[address], engine)
        if first.dialect.server_version_info is None:  # it was never asked anything
            first = _first[names[address]] = engine
        engine.dialect = first.dialect
        engine.update_execution_options(compiled_cache=_compiled.setdefault(names[address], {}))
        return engine

    return make


class Harness:
    """One service. `ask` raises refusals; `deliver` brings events of others; `announced` is what the service said."""

    def __init__(self, name: str, databases: dict[str, str], folder: Path, **changes: Any) -> None:
        KeyFolder(folder).make({*SERVICES, "gateway", name}, masters_of(name))
        self.settings: Settings = replace(read({}), keys=folder, databases=databases, workers=8, **changes)
        self.keys = KeyFolder(folder)
        self.others = Others()
        self.woken = 0
        with mock.patch.object(assembly, "connect", connected(databases)):
            self.dispatcher: Dispatcher = assemble(name, self.settings, self.others, self._wake)
        self.dispatcher.started()
        self._signer = self.keys.signer(USERS)
        self._numbers: dict[str, int] = {}

    def _wake(self) -> None:
        self.woken += 1

    def answer(self, request: Request[Any], caller: Caller | None = OWNER, key: str | None = None) -> Answer:
        """The raw answer, refusals and the replay mark included."""
        token = self._token(caller) if caller else None
        body = ask_bytes(request, request_id="a-test", deadline=time.time() + 30, token=token, key=key)
        return decode_answer(self.dispatcher.answer(body))

    def ask(self, request: Request[Any], caller: Caller | None = OWNER, key: str | None = None) -> Any:
        """The reply to `request`; a refusal is raised, as the caller's side would."""
        answer = self.answer(request, caller, key)
        if answer.error is not None:
            raise refusal_from(answer.error)
        return wire.decoder(type(request).reply)(bytes(answer.ok))

    def _token(self, caller: Caller) -> str:
        signer = self.keys.signer(caller.service) if caller.service else self._signer
        return signer.sign(caller, time.time() + 600)

    def envelope(self, event: Event, number: int | None = None) -> bytes:
        """`event` as its owner's relay would publish it, with the next number if none is given."""
        producer = type(event).owner
        if number is None:
            number = self._numbers[producer] = self._numbers.get(producer, 0) + 1
        return wire.encode(
            Envelope(
                producer,
                number,
                type(event).__name__,
                str(UUID(int=number)),
                utc_now(),
                "a-test",
                msgspec.Raw(wire.encode(event)),
            )
        )

    def deliver(self, *events: Event) -> None:
        """Bring `events` of other services, in this order; each must be handled at the first try."""
        for event in events:
            assert self.dispatcher.absorb(type(event).owner, [self.envelope(event)]) == []

    def tick(self) -> None:
        """Do what the clock would have done, until nothing is left to do."""
        for timed in self.dispatcher.timed:
            while self.dispatcher.tick(timed):
                pass

    def announced(self, *kinds: type[Event]) -> list[Any]:
        """The events that the service announced, in order; those of `kinds` if any are given."""
        with self.session() as session:
            rows = session.execute(select(event_log).order_by(event_log.c.sequence)).all()
        events = [wire.decoder(all_events()[row.name])(row.event.encode()) for row in rows]
        return [event for event in events if not kinds or isinstance(event, kinds)]

    def session(self) -> Session:
        return self.dispatcher.transaction()

    def close(self) -> None:
        self.dispatcher.close()
