"""What happens to a message once it is here, whatever brought it: rights, one transaction, masks, the reply."""

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chassis import database, outbox, wire
from chassis.crypto import TokenVerifier
from chassis.messaging import idempotency
from chassis.messaging.ask import Call
from chassis.messaging.declare import AskAgain, Refused, Served, Timed, handled_by, served_by, serves, timed_by
from chassis.messaging.envelope import BUG, Answer, Ask, Error, decode_ask, error_of
from chassis.messaging.inbox import Inbox
from chassis.observability import log, rpc_seconds, working_for
from contracts.bus import CheckHealth, Echo, Echoed, Health, LoggedEvents, ReadEvents
from contracts.message import INTERNAL, PUBLIC, SIGNED_IN, Request
from kernel.caller import NOBODY, Caller, Reach
from kernel.errors import Forbidden, Invalid, NotFound, Refusal, Unauthenticated, Unavailable

MEASURE_SECONDS = 15
TIDY_ROUNDS = 40  # of measuring; ten minutes
TRIES = 4  # of a transaction that lost against another one


def require(permission: str, caller: Caller) -> None:
    """Refuse a caller who may not send a Request with `permission`."""
    if permission == PUBLIC:
        return
    if permission == INTERNAL:
        if caller.kind != "service":
            raise Forbidden("permission_missing", "this is for services only")
        return
    if caller.kind == "nobody":
        raise Unauthenticated("signed_out", "sign in first")
    if permission == SIGNED_IN:
        if caller.kind != "user":
            raise Forbidden("permission_missing", "this is for users only")
        return
    caller.must(permission)


class Dispatcher:
    """One service: its methods, its database, and what every service answers besides."""

    def __init__(
        self,
        service: type[Any],
        *,
        engine: Engine,
        verifier: TokenVerifier,
        call: Call,
        replies_key: bytes,
        wake: Callable[[], None],
    ) -> None:
        self.name: str = service.name
        self.engine = engine
        self.call = call
        self.instance = service()
        self.wake = wake
        self._verifier = verifier
        self._replies_key = replies_key
        self._served = served_by(service) | served_by(EveryService)
        self._every = EveryService(self)
        self.timed = timed_by(service)
        self._transactions = database.sessions(engine)
        self._reads = database.sessions(engine.execution_options(isolation_level="AUTOCOMMIT"))
        call.reads = self._reads
        self.inbox = Inbox(self.name, self.instance, handled_by(service), self._transactions, call, self.commit)
        self.producers = self.inbox.producers
        self.absorb = self.inbox.absorb
        self.retry = self.inbox.retry
        self.position = self.inbox.position
        self.catch_up = self.inbox.catch_up
        self._log = log(self.name)
        self._clocks: dict[tuple[str, str], Any] = {}

    def transaction(self) -> Session:
        """A session whose transaction the caller commits with `commit`."""
        return self._transactions()

    def commit(self, session: Session) -> None:
        session.commit()
        if outbox.announced(session):
            self.wake()

    def answer(self, body: bytes, *, repeated: bool = False) -> bytes:
        """The reply to a request, both in their envelopes; it never raises.

        `repeated` says that the bus has delivered it before, to a worker that died over it, perhaps after its commit.
        """
        started = time.perf_counter()
        name, answer, caller = "?", None, NOBODY
        try:
            ask = decode_ask(body)
            name = ask.name
            working_for(ask.request_id)
            if ask.deadline <= time.time():
                raise Unavailable("timed_out", "the caller has stopped waiting")
            if repeated and not self._is_repeatable(ask):
                raise Unavailable("timed_out", "whether this was done is not known")
            caller = self._caller(ask)
            answer = self._answer(ask, caller)
        except msgspec.MsgspecError:
            answer = Answer(error=Error("invalid", "message_malformed", "the message is not of its shape"))
        except Refusal as refusal:
            answer = Answer(error=error_of(refusal))
        except Exception as error:
            answer = self._failed(error, name)
        self._note(name, answer, caller, time.perf_counter() - started)
        return wire.encode(answer)

    def _is_repeatable(self, ask: Ask) -> bool:
        """Whether doing it twice is the same as doing it once."""
        served = self._served.get(ask.name)
        return served is None or not served.request.effects or (served.request.keyed and ask.key is not None)

    def _caller(self, ask: Ask) -> Caller:
        return self._verifier.verify(ask.token) if ask.token else NOBODY

    def _answer(self, ask: Ask, caller: Caller) -> Answer:
        served = self._served.get(ask.name)
        if served is None:
            raise NotFound("request_unknown", f"{self.name} does not answer {ask.name}")
        kind = served.request
        require(kind.permission, caller)
        raw = bytes(ask.request)
        try:
            request: Request[Any] = wire.decoder(kind)(raw)
        except msgspec.ValidationError as error:
            raise Invalid("request_malformed", str(error)) from None
        if kind.effects:
            wire.refuse_masks(request)
        try:
            return self._ask_and_do(ask, served, request, caller)
        except AskAgain:  # for once, since by now this process knows what has changed
            return self._ask_and_do(ask, served, request, caller)

    def _ask_and_do(self, ask: Ask, served: Served, request: Any, caller: Caller) -> Answer:
        kind = served.request
        asked = (served.first(self.call, request, caller),) if served.first else ()
        if not kind.effects:
            with self._reads() as session:
                reply = self._run(served, session, request, caller, asked)
            return Answer(ok=msgspec.Raw(self._shown(reply, kind, caller)))
        return self._change(ask, served, request, caller, asked)

    def _run(self, served: Served, session: Session, request: Any, caller: Caller, asked: tuple[Any, ...]) -> Any:
        owner = self._every if served.request.owner == "bus" else self.instance
        return served.method(owner, session, request, caller, *asked)

    def _change(self, ask: Ask, served: Served, request: Any, caller: Caller, asked: tuple[Any, ...]) -> Answer:
        """Do it in one transaction, again from the start if that one lost against another."""
        kind = served.request
        key = ask.key if kind.keyed and caller.id else None
        for attempt in range(1, TRIES + 1):
            try:
                with self.transaction() as session:
                    if key:
                        stored = idempotency.begin(session, self._replies_key, _whose(caller), ask, key)
                        if stored is not None:
                            reply = wire.decoder(kind.reply)(stored)
                            return Answer(ok=msgspec.Raw(self._shown(reply, kind, caller)), replay=True)
                    try:
                        reply = self._run(served, session, request, caller, asked)
                    except Refused as refused:
                        self.commit(session)
                        raise refused.refusal from None
                    if key:
                        idempotency.keep(session, self._replies_key, _whose(caller), ask, key, wire.encode(reply))
                    self.commit(session)
                return Answer(ok=msgspec.Raw(self._shown(reply, kind, caller)))
            except DBAPIError as error:
                if attempt == TRIES or not database.is_clash(error):
                    raise
                time.sleep(0.01 * attempt)
        raise AssertionError("unreachable")

    def _shown(self, reply: Any, kind: type[Request[Any]], caller: Caller) -> bytes:
        """The reply as the caller sees it; of what is their own they see what `kind` says, whatever their marks."""
        if kind.own and caller.reach(kind.permission) is Reach.OWN:
            caller = replace(caller, marks=caller.marks | kind.own)
        return wire.encode(wire.masked(reply, kind.reply, caller))

    def _failed(self, error: Exception, name: str) -> Answer:
        """What is not a refusal is a bug, unless the database is away: logged whole, answered without detail."""
        if database.is_away(error):
            self._log.warning("database_away", request=name, error=type(error).__name__)
            return Answer(error=Error("unavailable", "service_unavailable", f"{self.name} cannot reach its database"))
        self._log.exception("request_failed", request=name)
        return Answer(error=Error(BUG, "internal_error", "the service failed"))

    def _note(self, name: str, answer: Answer, caller: Caller, seconds: float) -> None:
        outcome = answer.error.kind if answer.error else "ok"
        clock = self._clocks.get((name, outcome))
        if clock is None:
            known = name if name in self._served else "?"
            clock = self._clocks[name, outcome] = rpc_seconds.labels(self.name, known, outcome)
        clock.observe(seconds)
        served = self._served.get(name)
        if served is None or served.request.owner != "bus" or answer.error:
            self._log.info(
                "request",
                request=name,
                outcome=answer.error.code if answer.error else "ok",
                ms=round(seconds * 1000, 1),
                caller=_whose(caller),
            )

    def started(self) -> None:
        """What the service does once at every start, in a transaction of its own."""
        if started := getattr(self.instance, "started", None):
            with self.transaction() as session:
                started(session)
                self.commit(session)

    def keep_house(self) -> None:
        """Start the threads that do what the clock says: the service's own work, measuring what waits, tidying up."""
        threading.Thread(target=self._keep_house, name=f"housekeeping of {self.name}", daemon=True).start()
        for timed in self.timed:
            threading.Thread(
                target=self._by_the_clock, args=(timed,), name=f"clock of {self.name}", daemon=True
            ).start()

    def _by_the_clock(self, timed: Timed) -> None:
        while True:
            try:
                while self.tick(timed):
                    pass
            except Exception as error:
                self._log.warning("timed_work_failed", work=timed.method.__name__, error=type(error).__name__)
            time.sleep(timed.seconds)

    def tick(self, timed: Timed) -> bool:
        """Do `timed` once, unless another replica is about it; whether there is more to do."""
        with self.transaction() as session:
            alone = func.pg_try_advisory_xact_lock(func.hashtextextended(f"clock {timed.method.__name__}", 0))
            if not session.scalar(select(alone)):
                return False
            more = timed.method(self.instance, session)
            self.commit(session)
        return bool(more)

    def _keep_house(self) -> None:
        for round_ in itertools.count():
            try:
                self.inbox.measure()
                if round_ % TIDY_ROUNDS == 0:
                    self.tidy()
            except Exception as error:
                self._log.warning("housekeeping_failed", error=type(error).__name__)
            time.sleep(MEASURE_SECONDS)

    def tidy(self) -> None:
        """Forget what has been kept long enough."""
        self.inbox.tidy()
        with self.transaction() as session:
            idempotency.tidy(session)
            session.commit()

    def close(self) -> None:
        """Let go of the databases."""
        self.engine.dispose()
        if keyring := getattr(self.instance, "keyring", None):
            keyring.close()

    def missing(self) -> list[str]:
        """What the service lacks to do its work, in words."""
        try:
            with self._reads() as session:
                outbox.last_number(session)
                ready = getattr(self.instance, "ready", None)
                return list(ready(session)) if ready else []
        except DBAPIError:
            return [f"the database of {self.name}"]


def _whose(caller: Caller) -> str:
    identity: UUID | str | None = caller.id or caller.service
    return str(identity) if identity else "nobody"


class EveryService:
    """What every service answers, whatever it is about."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    @serves(Echo)
    def echo(self, session: Session, request: Echo, caller: Caller) -> Echoed:  # noqa: ARG002
        return Echoed(request.text)

    @serves(CheckHealth)
    def check_health(self, session: Session, request: CheckHealth, caller: Caller) -> Health:  # noqa: ARG002
        missing = self._dispatcher.missing()
        return Health(self._dispatcher.name, not missing, tuple(missing))

    @serves(ReadEvents)
    def read_events(self, session: Session, request: ReadEvents, caller: Caller) -> LoggedEvents:  # noqa: ARG002
        rows = outbox.numbered_events(session, request.after, request.limit)
        envelopes = tuple(outbox.envelope(self._dispatcher.name, row).decode() for row in rows)
        return LoggedEvents(envelopes, outbox.last_number(session))
