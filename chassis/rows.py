"""Inserting the rows of several tables with one statement."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Column, LargeBinary, Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from chassis.wire import encode

_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]
_quoted = _POSTGRES.identifier_preparer.quote


class Rows(NamedTuple):
    """Rows of one table, all with the same columns. A row that violates the constraint `unless` is left out."""

    table: Table
    rows: Sequence[Mapping[str, Any]]
    unless: str = ""


def insert_rows(session: Session, *parts: Rows) -> bool:
    """Insert all of `parts`; whether no row was left out.

    Each part goes as one JSON text: a statement for each table or row costs a way to the database and back, and an
    array for each column three times as much. Ranges are given as PostgreSQL writes them. Constraints are checked when
    everything is there, so the order of the parts is free.
    """
    some = [part for part in parts if part.rows]
    if not some:
        return True
    statement = _statement(tuple((part.table, tuple(part.rows[0]), part.unless) for part in some))
    said = {f"part_{number}": encode(part.rows).decode() for number, part in enumerate(some)}
    written = session.execute(statement, said).scalar_one()
    return bool(written == sum(len(part.rows) for part in some))


@lru_cache(maxsize=200)
def _statement(parts: tuple[tuple[Table, tuple[str, ...], str], ...]) -> TextClause:
    written = [f"part_{number} AS ({_insert(number, *part)})" for number, part in enumerate(parts)]
    counts = [f"(SELECT count(*) FROM part_{number})" for number in range(len(parts))]  # noqa: S608  numbers
    return text(f"WITH {', '.join(written)} SELECT {' + '.join(counts)}")


def _insert(number: int, table: Table, names: tuple[str, ...], unless: str) -> str:
    columns = [table.c[name] for name in names]
    into = f"{_quoted(table.name)} ({', '.join(_quoted(name) for name in names)})"
    said = ", ".join(f"{_quoted(column.name)} {_type_in_json(column)}" for column in columns)
    values = ", ".join(_value(column) for column in columns)
    conflict = f" ON CONFLICT ON CONSTRAINT {_quoted(unless)} DO NOTHING" if unless else ""
    rows = f"json_to_recordset(CAST(:part_{number} AS json)) AS said ({said})"
    return f"INSERT INTO {into} SELECT {values} FROM {rows}{conflict} RETURNING 1"  # noqa: S608  names of ours


def _type_in_json(column: Column[Any]) -> str:
    return "text" if isinstance(column.type, LargeBinary) else str(column.type.compile(dialect=_POSTGRES))


def _value(column: Column[Any]) -> str:
    name = f"said.{_quoted(column.name)}"
    return f"decode({name}, 'base64')" if isinstance(column.type, LargeBinary) else name
