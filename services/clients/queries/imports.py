"""Imports as their makers see them: how far they are, and what became of each row."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from sqlalchemy import ColumnElement, Row, select, true
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import (
    ClientImport,
    ImportColumn,
    ImportRow,
    ImportRun,
    ListClientImports,
    ListImportRows,
    RowError,
)
from contracts.message import HEALTH, Page
from kernel.caller import Caller
from kernel.errors import Gone, NotFound
from services.clients.domain.imports import CONTRAINDICATIONS, proposed
from services.clients.tables import client_fields, client_imports, import_rows, import_runs
from services.clients.vault import Vault

NAMES, FIRST_ROWS = "names", "first rows"  # places of what is sealed
FirstRows = tuple[tuple[str, ...], ...]
CURSOR = Annotated[int, Meta(ge=1, le=2**31 - 1)]  # the number of a row


def row_of_import(session: Session, import_id: UUID, caller: Caller, *, locked: bool = False) -> Row[Any]:
    query = select(client_imports).where(client_imports.c.id == import_id, _seen_by(caller))
    row = session.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise NotFound("import_not_found", "there is no such import")
    return row


def show_import(session: Session, import_id: UUID, caller: Caller, vault: Vault) -> ClientImport:
    return _view(session, row_of_import(session, import_id, caller), caller, vault)


def list_imports(session: Session, request: ListClientImports, caller: Caller, vault: Vault) -> Page[ClientImport]:
    query = select(client_imports).where(_seen_by(caller))
    if request.cursor:
        query = query.where(client_imports.c.id < decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(query.order_by(client_imports.c.id.desc()).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    views = tuple(_view(session, row, caller, vault) for row in shown)
    return Page(views, encode_cursor(shown[-1].id) if len(rows) > len(shown) else None)


def list_rows(session: Session, request: ListImportRows, caller: Caller) -> Page[ImportRow]:
    row_of_import(session, request.id, caller)
    run = last_run(session, request.id)
    number = request.run or (run.number if run else 0)
    query = select(import_rows).where(import_rows.c.import_id == request.id, import_rows.c.run == number)
    if request.outcome:
        query = query.where(import_rows.c.outcome == request.outcome)
    if request.cursor:
        query = query.where(import_rows.c.number > decode_cursor(request.cursor, CURSOR)[0])
    rows = session.execute(query.order_by(import_rows.c.number).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    return Page(
        tuple(
            ImportRow(
                row.number,
                row.outcome,
                row.client_id,
                row.like_id,
                tuple(RowError(error["field"], error["code"]) for error in row.errors),
            )
            for row in shown
        ),
        encode_cursor(shown[-1].number) if len(rows) > len(shown) else None,
    )


def last_run(session: Session, import_id: UUID) -> Row[Any] | None:
    of_it = select(import_runs).where(import_runs.c.import_id == import_id)
    return session.execute(of_it.order_by(import_runs.c.number.desc()).limit(1)).one_or_none()


def custom_by_name(session: Session) -> dict[str, UUID]:
    """The fields of the salon's own by their names."""
    return {row.name: row.id for row in session.execute(select(client_fields.c.id, client_fields.c.name))}


def _seen_by(caller: Caller) -> ColumnElement[bool]:
    return true() if caller.everywhere else client_imports.c.created_by == caller.id


def _view(session: Session, row: Row[Any], caller: Caller, vault: Vault) -> ClientImport:
    names: tuple[str, ...] = _opened(row, NAMES, row.names, tuple[str, ...], vault) or ()
    fields: list[str | None] = proposed(names, custom_by_name(session))
    if row.mapping is not None:
        mapped = dict(row.mapping)
        fields = [mapped.get(number) for number in range(len(names))]
    first: FirstRows = _opened(row, FIRST_ROWS, row.first_rows, FirstRows, vault) or ()
    if not caller.sees(HEALTH):
        first = _without_health(first, fields)
        fields = [None if field == CONTRAINDICATIONS and not row.mapping else field for field in fields]
    run = last_run(session, row.id)
    return ClientImport(
        id=row.id,
        state=row.state,
        rows=row.rows,
        columns=tuple(ImportColumn(n, name, field) for n, (name, field) in enumerate(zip(names, fields, strict=True))),
        mapped=row.mapping is not None,
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        run=_run(run) if run else None,
        version=row.version,
        first_rows=first,
    )


def _without_health(rows: FirstRows, fields: Sequence[str | None]) -> FirstRows:
    health = {column for column, field in enumerate(fields) if field == CONTRAINDICATIONS}
    return tuple(tuple("•••" if n in health and cell else cell for n, cell in enumerate(cells)) for cells in rows)


def _run(row: Row[Any]) -> ImportRun:
    return ImportRun(
        number=row.number,
        dry_run=row.dry_run,
        duplicates=row.duplicates,
        home_branch_id=row.home_branch_id,
        state=row.state,
        done=row.done,
        created=row.created,
        updated=row.updated,
        duplicate=row.duplicate,
        refused=row.refused,
        suggested=row.suggested,
        erased=row.erased,
        started_by=row.started_by,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _opened(row: Row[Any], place: str, sealed: bytes | None, shape: Any, vault: Vault) -> Any:
    """None when there is nothing any more, or it does not open: it must not hide how far the import is."""
    if sealed is None:
        return None
    try:
        return vault.open_for(row.id, place, sealed, shape)
    except (Damaged, Gone) as damage:
        log("clients").error("import_damaged", import_id=str(row.id), reason=str(damage))
        return None
