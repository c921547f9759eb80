"""Tables of clients: put together, mapped, started, and forgotten when they are over."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from chassis.aside import aside
from chassis.crypto import Damaged, fingerprint
from chassis.database import new_id
from chassis.rows import Rows, insert_rows
from contracts.clients import (
    SHARE_PHONE,
    AbandonClientImport,
    AbandonedImport,
    ClientImport,
    CreateClientImport,
    KeepImportPart,
    KeptPart,
    MapClientImport,
    RunClientImport,
)
from contracts.message import HEALTH
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Gone
from services.clients.domain.imports import CONTRAINDICATIONS, refuse_impossible_mapping
from services.clients.queries.fields import known_fields
from services.clients.queries.imports import FIRST_ROWS, NAMES, last_run, row_of_import, show_import
from services.clients.sheets import Sheet, read_sheet
from services.clients.tables import (
    client_imports,
    import_chunks,
    import_keys_over,
    import_keys_seen,
    import_parts,
    import_runs,
)
from services.clients.usecases.asking import unknown_branches
from services.clients.usecases.changes import check_version
from services.clients.usecases.desk import Desk
from services.clients.usecases.refusing import refuse_foreign_branch
from services.clients.vault import Vault

KEPT = timedelta(hours=72)  # rows of a table that is not taken in
PARTS_KEPT = timedelta(hours=1)
REPORT_KEPT = timedelta(days=30)  # after its end: outcomes, without what stood in the rows
CHUNK = 200  # rows that are sealed, taken in and dropped together
SHOWN = 5  # rows of a table that is being mapped
NEEDED = ("clients.import", "clients.read", "clients.edit", SHARE_PHONE)  # what a run may need of whoever starts it


def keep_part(session: Session, request: KeepImportPart, desk: Desk) -> KeptPart:
    """Sent again it changes nothing."""
    key_id = _key_of(request.upload_id)
    desk.vault.make_key_for(key_id)
    statement = upsert(import_parts).values(
        upload_id=request.upload_id,
        number=request.number,
        sent_by=desk.caller.id,
        content=desk.vault.seal_bytes_for(key_id, f"part:{request.number}", request.content),
        kept_at=desk.now,
    )
    kept = {"content": statement.excluded.content, "kept_at": statement.excluded.kept_at}
    theirs = import_parts.c.sent_by == desk.caller.id
    session.execute(statement.on_conflict_do_update(constraint="pk_import_parts", set_=kept, where=theirs))
    return KeptPart(request.upload_id, request.number)


def create_import(session: Session, request: CreateClientImport, desk: Desk) -> ClientImport:
    content = _sent(session, request, desk)
    sheet = aside(read_sheet, content, request.encoding, request.separator, request.sheet)
    import_id = new_id()
    desk.vault.make_key_for(import_id)
    chunks = [sheet.rows[start : start + CHUNK] for start in range(0, len(sheet.rows), CHUNK)]
    session.execute(insert(client_imports).values(_row(import_id, sheet, len(chunks), desk)))
    for number, rows in enumerate(chunks):
        sealed = desk.vault.seal_for(import_id, f"chunk:{number}", rows)
        insert_rows(session, Rows(import_chunks, [{"import_id": import_id, "number": number, "content": sealed}]))
    _forget_parts(session, [request.upload_id])
    return show_import(session, import_id, desk.caller, desk.vault)


def map_import(session: Session, request: MapClientImport, desk: Desk) -> ClientImport:
    row = row_of_import(session, request.id, desk.caller, locked=True)
    check_version(request.version, row.version)
    columns = [(one.column, one.field) for one in request.columns]
    refuse_impossible_mapping(columns, row.width, known_fields(session))
    _refuse_unseen_health(columns, desk.caller)
    _refuse_unless_open(row.state)
    values = {"mapping": columns, "version": row.version + 1}
    session.execute(update(client_imports).where(client_imports.c.id == row.id).values(values))
    return show_import(session, row.id, desk.caller, desk.vault)


def ask_of_run(call: Callable[[Any], Any], request: RunClientImport, _caller: Caller) -> frozenset[UUID]:
    return unknown_branches(call, [request.home_branch_id] if request.home_branch_id else [])


def run_import(session: Session, request: RunClientImport, desk: Desk) -> ClientImport:
    row = row_of_import(session, request.id, desk.caller, locked=True)
    refuse_foreign_branch(request.home_branch_id, None, desk)
    if request.duplicates == "update":
        desk.caller.must("clients.edit")
    if request.duplicates == "create_reported":
        desk.caller.must(SHARE_PHONE)
    _refuse_unseen_health(row.mapping or (), desk.caller)
    _refuse_unless_open(row.state)
    if row.mapping is None:
        raise Conflict("import_unmapped", "say first which field each column goes to")
    before = last_run(session, row.id)
    run = {
        "import_id": row.id,
        "number": before.number + 1 if before else 1,
        "dry_run": request.dry_run,
        "duplicates": request.duplicates,
        "home_branch_id": request.home_branch_id,
        "state": "running",
        "started_by": desk.caller.id,
        "permissions": [word for word in NEEDED if desk.caller.may(word)],
        "branch_ids": sorted(desk.caller.branch_ids),
        "everywhere": desk.caller.everywhere,
        "started_at": desk.now,
    }
    session.execute(insert(import_runs).values(run))
    values = {"state": "running", "version": row.version + 1}
    session.execute(update(client_imports).where(client_imports.c.id == row.id).values(values))
    return show_import(session, row.id, desk.caller, desk.vault)


def abandon_import(session: Session, request: AbandonClientImport, desk: Desk) -> AbandonedImport:
    row = row_of_import(session, request.id, desk.caller, locked=True)
    check_version(request.version, row.version)
    if row.state not in ("open", "running"):
        raise Conflict("import_over", "this import is over already")
    end_import(session, row.id, "abandoned", desk.now)
    return AbandonedImport(row.id)


def end_import(session: Session, import_id: UUID, state: str, now: datetime) -> None:
    """Drop what is left of the rows; the key they were sealed under goes with the next look at the clock."""
    for table in (import_chunks, import_keys_seen):
        session.execute(delete(table).where(table.c.import_id == import_id))
    ended = {"state": state, "ended_at": now, "names": None, "first_rows": None}
    session.execute(
        update(client_imports)
        .where(client_imports.c.id == import_id)
        .values(**ended, version=client_imports.c.version + 1)
    )
    if state != "finished":
        running = and_(import_runs.c.import_id == import_id, import_runs.c.state == "running")
        session.execute(update(import_runs).where(running).values(state="failed", finished_at=now))
    _end_keys(session, [import_id])


def tidy_imports(session: Session, now: datetime) -> None:
    """End what nobody finished in time; forget pieces that were never put together, and reports of long ago."""
    unfinished = client_imports.c.state.in_(("open", "running")) & (client_imports.c.expires_at < now)
    for import_id in session.scalars(select(client_imports.c.id).where(unfinished).with_for_update(skip_locked=True)):
        end_import(session, import_id, "abandoned", now)
    old = select(import_parts.c.upload_id).where(import_parts.c.kept_at < now - PARTS_KEPT).distinct()
    _forget_parts(session, list(session.scalars(old)))
    session.execute(delete(client_imports).where(client_imports.c.ended_at < now - REPORT_KEPT))


def destroy_keys_over(session: Session, vault: Vault) -> None:
    """Destroy keys of what is over: the commit that said so is there."""
    for key_id in session.scalars(select(import_keys_over.c.id).with_for_update(skip_locked=True)).all():
        vault.destroy_key(key_id)
        session.execute(delete(import_keys_over).where(import_keys_over.c.id == key_id))


def _row(import_id: UUID, sheet: Sheet, chunks: int, desk: Desk) -> dict[str, Any]:
    shown = [cells for _, cells in sheet.rows[:SHOWN]]
    return {
        "id": import_id,
        "state": "open",
        "created_by": desk.caller.id,
        "created_at": desk.now,
        "expires_at": desk.now + KEPT,
        "rows": len(sheet.rows),
        "chunks": chunks,
        "width": len(sheet.names),
        "names": desk.vault.seal_for(import_id, NAMES, sheet.names),
        "first_rows": desk.vault.seal_for(import_id, FIRST_ROWS, shown),
        "version": 1,
    }


def _sent(session: Session, request: CreateClientImport, desk: Desk) -> bytes:
    """The upload, put together from its pieces; all of it has to be there."""
    theirs = (import_parts.c.upload_id == request.upload_id) & (import_parts.c.sent_by == desk.caller.id)
    pieces = select(import_parts.c.number, import_parts.c.content).where(theirs).order_by(import_parts.c.number)
    try:
        content = b"".join(
            desk.vault.open_bytes_for(_key_of(request.upload_id), f"part:{row.number}", row.content)
            for row in session.execute(pieces)
        )
    except (Damaged, Gone):
        content = b""
    if len(content) != request.size:
        raise Conflict("upload_incomplete", "not all of the table has arrived; send it again")
    return content


def _forget_parts(session: Session, upload_ids: list[UUID]) -> None:
    session.execute(delete(import_parts).where(import_parts.c.upload_id.in_(upload_ids)))
    _end_keys(session, [_key_of(upload_id) for upload_id in upload_ids])


def _key_of(upload_id: UUID) -> UUID:
    """Whose key an upload is sealed under. Not its own id, which comes from outside: it could be that of a person."""
    return UUID(bytes=fingerprint(f"upload:{upload_id}")[:16])


def _end_keys(session: Session, ids: list[UUID]) -> None:
    if ids:
        rows = [{"id": key_id} for key_id in ids]
        session.execute(upsert(import_keys_over).values(rows).on_conflict_do_nothing())


def _refuse_unseen_health(columns: Iterable[tuple[int, str]], caller: Caller) -> None:
    if any(field == CONTRAINDICATIONS for _, field in columns) and not caller.sees(HEALTH):
        raise Forbidden("mark_missing", "contraindications of clients are not yours to change")


def _refuse_unless_open(state: str) -> None:
    if state == "running":
        raise Conflict("import_running", "a run of this import is under way")
    if state != "open":
        raise Conflict("import_over", "the rows of this import are gone; upload the table again")
