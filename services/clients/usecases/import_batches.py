"""One batch of a run of an import: its rows are read, settled, taken in, and what became of each is written down.

A batch is one transaction: its rows, their outcomes and how far the run is are there together or not at all. So a run
that was killed goes on where it was, no row comes twice, and none is lost.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from chassis.outbox import announce
from chassis.rows import Rows, insert_rows
from contracts.clients import PersonalDataHandled
from kernel.caller import Caller
from kernel.errors import Conflict, Gone
from services.clients import domain
from services.clients.queries.fields import known_fields
from services.clients.tables import (
    client_categories,
    client_imports,
    field_values,
    import_chunks,
    import_keys_seen,
    import_rows,
    import_runs,
)
from services.clients.usecases.client_imports import end_import
from services.clients.usecases.desk import Desk
from services.clients.usecases.fields import value_rows
from services.clients.usecases.import_lines import Line, Reading, read_line
from services.clients.usecases.import_matching import Matching
from services.clients.usecases.import_referrers import settle_referrers
from services.clients.usecases.imports import IMPORTS
from services.clients.usecases.keeping import keep_new

TRIES = 3  # of a batch, if somebody registers one of its phones meanwhile
OUTCOMES = ("created", "updated", "duplicate", "refused", "suggested", "erased")


def go_on(session: Session, run: Row[Any], desk: Desk) -> None:
    """Take the next batch, or end an import that cannot go on: it would stand in the way of all others for good."""
    try:
        with session.begin_nested():
            take_batch(session, run, desk)
    except (DBAPIError, Conflict):  # what time may change, and the clock tries again
        raise
    except Exception as error:  # without its text, which may be that of a cell
        log("clients").error("import_failed", import_id=str(run.import_id), error=type(error).__name__)
        end_import(session, run.import_id, "failed", desk.now)


def take_batch(session: Session, run: Row[Any], desk: Desk) -> None:
    """Do the next batch of `run`; after the last one those referrers who came further down, and then the end."""
    of_it = client_imports.c.id == run.import_id
    table = session.execute(select(client_imports).where(of_it).with_for_update()).one()
    if run.chunk >= table.chunks:
        if not settle_referrers(session, run, desk):
            _finish(session, run, desk.now)
        return
    try:
        rows = _rows(session, run, desk)
    except (Damaged, Gone) as damage:
        log("clients").error("import_damaged", import_id=str(run.import_id), reason=str(damage))
        end_import(session, run.import_id, "failed", desk.now)
        return
    reading = _reading(session, run, table)
    lines = _taken(session, run, rows, reading, desk)
    _write_down(session, run, lines)


def next_run(session: Session) -> Row[Any] | None:
    running = select(import_runs).where(import_runs.c.state == "running").order_by(import_runs.c.started_at).limit(1)
    return session.execute(running.with_for_update(skip_locked=True)).one_or_none()


def caller_of(run: Row[Any]) -> Caller:
    """Whoever started the run, with the rights that they had then."""
    return Caller(
        id=run.started_by,
        kind="user",
        permissions=frozenset(run.permissions),
        branch_ids=frozenset(run.branch_ids),
        everywhere=run.everywhere,
    )


def _rows(session: Session, run: Row[Any], desk: Desk) -> tuple[tuple[int, tuple[str, ...]], ...]:
    here = (import_chunks.c.import_id == run.import_id) & (import_chunks.c.number == run.chunk)
    sealed = session.scalar(select(import_chunks.c.content).where(here))
    if sealed is None:
        raise Damaged("a part of the table is missing")
    shape = tuple[tuple[int, tuple[str, ...]], ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    rows = desk.vault.open_for(run.import_id, f"chunk:{run.chunk}", sealed, shape)
    return rows


def _reading(session: Session, run: Row[Any], table: Row[Any]) -> Reading:
    labels = select(client_categories.c.id, client_categories.c.name_key).with_for_update(read=True, key_share=True)
    return Reading(
        columns=[(column, name) for column, name in table.mapping],
        width=table.width,
        custom=known_fields(session),
        categories={row.name_key: row.id for row in session.execute(labels)},
        home_branch_id=run.home_branch_id,
    )


def _taken(
    session: Session, run: Row[Any], rows: tuple[tuple[int, tuple[str, ...]], ...], reading: Reading, desk: Desk
) -> list[Line]:
    if not run.dry_run:
        # One import at a time: two of the same table would else both find nobody.
        session.execute(select(func.pg_advisory_xact_lock(IMPORTS)))
    for attempt in range(1, TRIES + 1):
        lines = [read_line(number, cells, reading, desk) for number, cells in rows]
        try:
            with session.begin_nested():
                _settle(session, run, lines, reading, desk)
        except Conflict:  # somebody with one of the phones was registered just now, and is found the next time
            if attempt == TRIES:
                raise
        else:
            break
    return lines


def _settle(session: Session, run: Row[Any], lines: list[Line], reading: Reading, desk: Desk) -> None:
    readable = [line for line in lines if line.entered is not None]
    matching = Matching(session, run, readable, desk)
    for line in readable:
        matching.settle(line)
    made = [line for line in readable if line.outcome in ("created", "suggested")]
    matching.suggest(made)
    matching.name_referrers(readable)
    if run.dry_run:
        matching.remember()
        for line in made:
            line.client_id = None
        return
    entered = {str(line.entered.card.id): line.entered for line in made if line.entered}
    above = {key: str(one.card.referrer_id) for key, one in entered.items() if str(one.card.referrer_id) in entered}
    ids = list(entered)
    keep_new(session, [entered[ids[place]] for place in domain.referrers_first(ids, above)], desk)
    values: list[dict[str, Any]] = []
    for line in made:
        if line.client_id is not None:
            values.extend(value_rows(line.client_id, line.said.custom, reading.custom, desk))
    insert_rows(session, Rows(field_values, values))


def _write_down(session: Session, run: Row[Any], lines: list[Line]) -> None:
    report = [
        {
            "import_id": run.import_id,
            "run": run.number,
            "number": line.number,
            "outcome": line.outcome,
            "client_id": line.client_id,
            "like_id": line.like_id,
            "errors": line.errors,
            "referrer": line.referrer,
        }
        for line in lines
    ]
    insert_rows(session, Rows(import_rows, report))
    counts = Counter(line.outcome for line in lines)
    columns = {name: import_runs.c[name] + counts[name] for name in OUTCOMES}
    session.execute(
        update(import_runs)
        .where(import_runs.c.import_id == run.import_id, import_runs.c.number == run.number)
        .values(**columns, done=import_runs.c.done + len(lines), chunk=run.chunk + 1)
    )
    if not run.dry_run:
        here = (import_chunks.c.import_id == run.import_id) & (import_chunks.c.number == run.chunk)
        session.execute(delete(import_chunks).where(here))


def _finish(session: Session, run: Row[Any], now: datetime) -> None:
    this = (import_runs.c.import_id == run.import_id) & (import_runs.c.number == run.number)
    session.execute(update(import_runs).where(this).values(state="done", finished_at=now))
    if run.dry_run:
        session.execute(delete(import_keys_seen).where(import_keys_seen.c.import_id == run.import_id))
        session.execute(
            update(client_imports)
            .where(client_imports.c.id == run.import_id)
            .values(state="open", version=client_imports.c.version + 1)
        )
        return
    end_import(session, run.import_id, "finished", now)
    counted = {name: (str(getattr(run, name)),) for name in OUTCOMES}
    told = PersonalDataHandled(
        "clients.imported",
        "client_import",
        now,
        subject_id=run.import_id,
        actor_id=run.started_by,
        details=counted,
    )
    announce(session, told)
