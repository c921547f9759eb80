"""Events taken in: recorded with their effect, tried again, parked, and fetched when the bus lost them."""

import itertools
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chassis import database, wire
from chassis.messaging.ask import Call
from chassis.messaging.declare import Handled
from chassis.observability import (
    consumer_lag,
    event_seconds,
    events_handled,
    events_parked,
    events_retried,
    log,
    working_for,
)
from chassis.outbox import Envelope, inbox, positions
from contracts.bus import ReadEvents
from kernel.errors import NotFound, Refusal

BATCH = 200
BACK_OFF = (0.2, 1.0, 3.0, 10.0)  # seconds before each further try; after the last one the event is parked
KEPT_BELOW = 100_000  # handled rows this far below the position are forgotten: no delivery is so late

decode_envelope = msgspec.json.Decoder(Envelope).decode

RECORD = text(
    """
    INSERT INTO inbox (producer, number, name, state)
    SELECT :producer, number, name, 'handled'
    FROM unnest(CAST(:numbers AS BIGINT[]), CAST(:names AS TEXT[])) AS arrived (number, name)
    WHERE number > (SELECT coalesce(max(number), 0) FROM positions WHERE producer = :producer)
    ORDER BY number
    ON CONFLICT DO NOTHING
    RETURNING number
    """
)

HELD = text("SELECT number FROM positions WHERE producer = :producer FOR UPDATE")

# The run of numbers without a hole that begins right above the position: there, number - row number is the position.
ADVANCE = text(
    """
    UPDATE positions SET number = coalesce((
        SELECT max(number) FROM (
            SELECT number, number - row_number() OVER (ORDER BY number) AS below
            FROM inbox WHERE producer = :producer AND number > :position
        ) AS above WHERE below = :position), number)
    WHERE producer = :producer
    """
)


@dataclass(frozen=True)
class Retry:
    """An event whose handler failed `attempts` times, to be tried again in `after` seconds."""

    body: bytes
    attempts: int
    after: float


class Inbox:
    """The events that one service takes in."""

    def __init__(
        self,
        service: str,
        instance: Any,
        handled: dict[tuple[str, str], Handled],
        transactions: Callable[[], Session],
        call: Call,
        commit: Any,
    ) -> None:
        self.service = service
        self.producers = tuple(sorted({producer for producer, _ in handled}))
        self._instance = instance
        self._handled = handled
        self._transactions = transactions
        self._call = call
        self._commit = commit
        self._retrying: set[tuple[str, int]] = set()
        self._log = log(service)

    def absorb(self, producer: str, bodies: Sequence[bytes]) -> list[Retry]:
        """Take in up to 200 events in one transaction, or one by one if that fails; what must be tried again.

        Raises only while the database is away, and then nothing has happened.
        """
        arrived = {envelope.number: envelope for envelope in map(decode_envelope, bodies)}
        fresh = {number: e for number, e in sorted(arrived.items()) if (producer, number) not in self._retrying}
        if not fresh:
            return []
        started = time.perf_counter()
        try:
            self._take(producer, list(fresh.values()))
        except Exception as error:
            if database.is_away(error):
                raise
            self._log.info("batch_failed", producer=producer, events=len(fresh), error=type(error).__name__)
            return list(filter(None, (self._take_one(producer, wire.encode(each), 0) for each in fresh.values())))
        finally:
            event_seconds.labels(self.service, producer).observe(time.perf_counter() - started)
        return []

    def retry(self, producer: str, retry: Retry) -> Retry | None:
        """One more try; None when the event is done or was parked."""
        return self._take_one(producer, retry.body, retry.attempts)

    def _take_one(self, producer: str, body: bytes, attempts: int) -> Retry | None:
        envelope = decode_envelope(body)
        try:
            self._take(producer, [envelope])
        except Exception as error:
            if database.is_away(error):
                raise
            events_retried.labels(self.service, producer).inc()
            if attempts < len(BACK_OFF):
                self._retrying.add((producer, envelope.number))
                return Retry(body, attempts + 1, BACK_OFF[attempts])
            self._park(producer, envelope, error, attempts + 1)
        self._retrying.discard((producer, envelope.number))
        return None

    def _take(self, producer: str, envelopes: Sequence[Envelope]) -> None:
        """Record and handle `envelopes` (in order of their numbers) in one transaction; lost races are run again."""
        for attempt in itertools.count(1):
            try:
                with self._transactions() as session:
                    count = self._effects(session, producer, envelopes)
                    self._commit(session)
                events_handled.labels(self.service, producer).inc(count)
            except DBAPIError as error:
                if attempt > 3 or not database.is_clash(error):
                    raise
                time.sleep(0.01 * attempt)
            else:
                return

    def _effects(self, session: Session, producer: str, envelopes: Sequence[Envelope]) -> int:
        recorded = session.execute(
            RECORD,
            {"producer": producer, "numbers": [e.number for e in envelopes], "names": [e.name for e in envelopes]},
        ).scalars()
        fresh = set(recorded)
        by_name: dict[str, list[Envelope]] = {}
        for envelope in envelopes:
            if envelope.number in fresh and (producer, envelope.name) in self._handled:
                by_name.setdefault(envelope.name, []).append(envelope)
        for name, group in by_name.items():
            self._handle(session, self._handled[producer, name], group)
        session.flush()
        advance(session, producer)
        return len(fresh)

    def _handle(self, session: Session, handled: Handled, group: Sequence[Envelope]) -> None:
        decode = wire.decoder(handled.event)
        if handled.batch:
            working_for(group[0].request_id if len(group) == 1 else "-")
            handled.method(self._instance, session, [decode(bytes(envelope.event)) for envelope in group])
            return
        for envelope in group:
            working_for(envelope.request_id)
            handled.method(self._instance, session, decode(bytes(envelope.event)))

    def handle_again(self, session: Session, producer: str, envelope: Envelope) -> None:
        """Have a recorded event handled in `session` and commit."""
        handled = self._handled.get((producer, envelope.name))
        if handled:
            self._handle(session, handled, [envelope])
        self._commit(session)

    def _park(self, producer: str, envelope: Envelope, error: Exception, attempts: int) -> None:
        """Put the event aside for an operator and let the others go on."""
        handled = self._handled.get((producer, envelope.name))
        with self._transactions() as session:
            session.execute(
                insert(inbox)
                .values(
                    producer=producer,
                    number=envelope.number,
                    name=envelope.name,
                    state="parked",
                    handler=handled.method.__qualname__ if handled else None,
                    reason=reason(error),
                    attempts=attempts,
                    body=wire.encode(envelope).decode(),
                )
                .on_conflict_do_nothing()
            )
            advance(session, producer)
            session.commit()
        self._log.error(
            "event_parked", producer=producer, number=envelope.number, name=envelope.name, why=reason(error)
        )

    def position(self, producer: str) -> int:
        """The highest number below which everything is handled or parked."""
        with self._transactions() as session:
            return session.scalar(select(positions.c.number).where(positions.c.producer == producer)) or 0

    def catch_up(self, producer: str) -> int:
        """Ask the producer for what the bus did not bring; how many events came."""
        count, after = 0, self.position(producer)
        while True:
            try:
                found = self._call(ReadEvents(after, 500), service=producer)
            except NotFound:  # not installed: then it announces nothing
                return count
            bodies = [body.encode() for body in found.events]
            for start in range(0, len(bodies), BATCH):
                self._again_and_again(producer, self.absorb(producer, bodies[start : start + BATCH]))
            count += len(bodies)
            if not bodies or decode_envelope(bodies[-1]).number >= found.last:
                consumer_lag.labels(self.service, producer).set(max(0, found.last - self.position(producer)))
                return count
            after = decode_envelope(bodies[-1]).number

    def _again_and_again(self, producer: str, retries: Iterable[Retry]) -> None:
        """What was fetched is in no queue that would bring it again, so it is tried here until done or parked."""
        for retry in retries:
            left: Retry | None = retry
            while left:
                time.sleep(left.after)
                left = self.retry(producer, left)

    def rebuild(self, derived: Sequence[str]) -> int:
        """Empty the `derived` tables and read every producer's events from the first one on; how many there were.

        The service may run meanwhile: it sees the position fall back and does the same work, each event once.
        """
        self.empty(derived)
        return sum(self.catch_up(producer) for producer in self.producers)

    def empty(self, derived: Sequence[str]) -> None:
        """Forget everything that was derived from events, and that it was."""
        with self._transactions() as session:
            session.execute(text(f"TRUNCATE {', '.join(('inbox', 'positions', *derived))}"))
            session.commit()

    def measure(self) -> None:
        """Tell the metrics how many events wait for an operator."""
        with self._transactions() as session:
            waiting = session.scalar(select(func.count()).select_from(inbox).where(inbox.c.state == "parked"))
        events_parked.labels(self.service).set(waiting or 0)

    def tidy(self) -> None:
        """Forget handled rows so far below the position that no delivery is so late."""
        with self._transactions() as session:
            session.execute(
                text(
                    "DELETE FROM inbox USING positions WHERE inbox.producer = positions.producer"
                    " AND inbox.state <> 'parked' AND inbox.number < positions.number - :kept"
                ),
                {"kept": KEPT_BELOW},
            )
            session.commit()


def advance(session: Session, producer: str) -> None:
    """Move the position over what is handled, parked or discarded without a hole. Replicas take turns."""
    position = session.scalar(HELD, {"producer": producer})
    if position is None:  # the first of this producer's events
        session.execute(insert(positions).values(producer=producer).on_conflict_do_nothing())
        position = session.scalar(HELD, {"producer": producer})
    session.execute(ADVANCE, {"producer": producer, "position": position})


def reason(error: Exception) -> str:
    """Why an event was parked, without what the statement or the event held."""
    return f"{type(error).__name__}: {error}" if isinstance(error, Refusal) else type(error).__name__
