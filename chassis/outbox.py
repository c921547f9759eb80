"""announce(), the event log, the inbox, positions and stored replies: by them no message is lost or done twice."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Row,
    SmallInteger,
    Table,
    Text,
    Uuid,
    event,
    func,
    select,
)
from sqlalchemy.orm import Session

from chassis.database import Instant, metadata, new_id
from chassis.observability import current_request_id
from chassis.rows import Rows, insert_rows
from chassis.wire import encode
from contracts.message import Event
from kernel.time import utc_now

bus_metadata = metadata()

event_log = Table(
    "event_log",
    bus_metadata,
    Column("sequence", BigInteger, Identity(always=True), primary_key=True),  # order of insertion, with holes
    Column("number", BigInteger, unique=True),  # given by the relay after the commit, without holes
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Index("ix_event_log_unnumbered", "sequence", postgresql_where="number IS NULL"),
)

relay_state = Table(
    "relay_state",
    bus_metadata,
    Column("one", SmallInteger, primary_key=True, server_default="1"),
    Column("published", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("one = 1", name="one"),
)

inbox = Table(
    "inbox",
    bus_metadata,
    Column("producer", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),  # handled · parked · discarded
    Column("at", Instant, nullable=False, server_default=func.now()),
    Column("handler", Text),
    Column("reason", Text),
    Column("attempts", Integer),
    Column("body", Text),
    PrimaryKeyConstraint("producer", "number"),
    CheckConstraint("state IN ('handled', 'parked', 'discarded')", name="state"),
    Index("ix_inbox_parked", "producer", "number", postgresql_where="state = 'parked'"),
)

positions = Table(
    "positions",
    bus_metadata,
    Column("producer", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, server_default="0"),
)

replies = Table(
    "replies",
    bus_metadata,
    Column("caller", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("reply", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False, server_default=func.now(), index=True),
    PrimaryKeyConstraint("caller", "request", "key"),
)


class Envelope(msgspec.Struct, frozen=True):
    """An event on its way: who announced it, its place in the producer's log, and its fields as they were written."""

    producer: str
    number: int
    name: str
    id: str
    occurred_at: datetime
    request_id: str
    event: msgspec.Raw


def announce(session: Session, fact: Event) -> None:
    """Write `fact` into the event log of this transaction; the relay takes it from there after the commit.

    Outside of savepoints only: what is announced inside one that is rolled back would still be written, unless it is
    `taken_back`.
    """
    row = {
        "id": new_id(),
        "name": type(fact).__name__,
        "event": encode(fact).decode(),
        "request_id": current_request_id(),
        "occurred_at": utc_now(),
    }
    session.info.setdefault("announced", []).append(row)


@contextmanager
def taken_back(session: Session) -> Iterator[None]:
    """Does what follows for real, by every rule and under every lock, and takes it back with what it announced."""
    told, wrote = list(session.info.get("announced", ())), session.info.get("wrote_log", False)
    rehearsal = session.begin_nested()
    try:
        yield
    finally:
        rehearsal.rollback()
        session.info["announced"], session.info["wrote_log"] = told, wrote


def announced(session: Session) -> bool:
    """Whether the transaction that was just committed announced anything; asking forgets it."""
    return bool(session.info.pop("wrote_log", False))


def announced_rows(session: Session) -> Rows:
    """What was announced up to now, for those who write it together with rows of their own."""
    rows = session.info.pop("announced", [])
    if rows:
        session.info["wrote_log"] = True
    return Rows(event_log, rows)


@event.listens_for(Session, "before_commit")
def _write_log(session: Session) -> None:
    """All events of the transaction in one statement, however many there are."""
    if session.info.get("announced"):
        session.flush()
        insert_rows(session, announced_rows(session))


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: Any) -> None:
    """What a transaction announced goes with it."""
    if previous.parent is None:
        session.info.pop("announced", None)


def envelope(producer: str, row: Row[Any]) -> bytes:
    """A numbered row of the event log as it goes over the bus."""
    return encode(
        Envelope(
            producer=producer,
            number=row.number,
            name=row.name,
            id=str(row.id),
            occurred_at=row.occurred_at,
            request_id=row.request_id,
            event=msgspec.Raw(row.event.encode()),
        )
    )


def numbered_events(session: Session, after: int, limit: int) -> Sequence[Row[Any]]:
    """The events numbered above `after`, in order."""
    return session.execute(
        select(event_log).where(event_log.c.number > after).order_by(event_log.c.number).limit(limit)
    ).all()


def last_number(session: Session) -> int:
    """The highest number given out."""
    return session.scalar(select(func.coalesce(func.max(event_log.c.number), 0))) or 0
