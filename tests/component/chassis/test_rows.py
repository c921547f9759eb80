"""Rows of several tables in one statement, on tables of our own."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import Column, Date, ForeignKey, LargeBinary, Numeric, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, ExcludeConstraint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import Instant, connect, metadata, sessions
from chassis.rows import Rows, insert_rows

ONE, OTHER = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)

tables = metadata()
whole = Table(
    "whole",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("before", Text),  # a word of SQL's own
    Column("sealed", LargeBinary),
    Column("amount", Numeric(8, 2)),
    Column("day", Date),
    Column("at", Instant),
    Column("ids", ARRAY(Uuid)),
    Column("details", JSONB),
)
part = Table(
    "part",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("whole_id", Uuid, ForeignKey("whole.id"), nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    ExcludeConstraint(("during", "&&"), name="one_after_another"),
)


@pytest.fixture
def session(new_database: Callable[..., str]) -> Iterator[Session]:
    engine = connect(new_database("rows"), 1)
    tables.create_all(engine)
    with sessions(engine)() as opened:
        yield opened
    engine.dispose()


def row(id_: UUID = ONE, **values: object) -> dict[str, object]:
    return {"id": id_, **values}


def piece(id_: UUID, hours: str, of: UUID = ONE) -> dict[str, object]:
    first, last = hours.split("-")
    return {"id": id_, "whole_id": of, "during": f"[2026-05-04 {first}:00+00,2026-05-04 {last}:00+00)"}


def test_every_type_comes_back_as_it_was(session: Session) -> None:
    values = {
        "before": "word",
        "sealed": b"\x00\xff sealed",
        "amount": Decimal("1234.50"),
        "day": date(2026, 5, 4),
        "at": NOON,
        "ids": [ONE, OTHER],
        "details": {"old": 1, "new": [None, "x"]},
    }
    assert insert_rows(session, Rows(whole, [row(**values), row(OTHER, **dict.fromkeys(values))]))
    kept, empty = session.execute(select(whole).order_by(whole.c.id)).mappings()
    assert dict(kept) == row(**values)
    assert dict(empty) == row(OTHER, **dict.fromkeys(values))


def test_parts_may_come_before_what_they_belong_to(session: Session) -> None:
    assert insert_rows(session, Rows(part, [piece(ONE, "10-11")]), Rows(whole, [row()]))
    with pytest.raises(IntegrityError):
        insert_rows(session, Rows(part, [piece(OTHER, "12-13", of=OTHER)]))


def test_what_a_constraint_is_against_is_left_out_and_told(session: Session) -> None:
    insert_rows(session, Rows(whole, [row()]), Rows(part, [piece(ONE, "10-12")]))
    again = Rows(part, [piece(OTHER, "11-13"), piece(UUID(int=3), "14-15")], unless="one_after_another")
    assert not insert_rows(session, again)
    assert set(session.scalars(select(part.c.id))) == {ONE, UUID(int=3)}


def test_without_rows_there_is_no_statement(session: Session) -> None:
    assert insert_rows(session)
    assert insert_rows(session, Rows(whole, ()))
    assert not session.in_transaction()
