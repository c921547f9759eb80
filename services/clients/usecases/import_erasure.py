"""Take whoever is erased out of tables that are not taken in yet."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from kernel.errors import Gone
from services.clients.domain.card import Person
from services.clients.domain.imports import proposed
from services.clients.domain.traces import Traces, traces_of
from services.clients.phones import read_phone
from services.clients.queries.imports import FIRST_ROWS, NAMES, FirstRows, custom_by_name
from services.clients.queries.sight import among
from services.clients.tables import EMAIL, PHONE, card_versions, client_imports, import_chunks, import_keys_seen
from services.clients.usecases.desk import Desk
from services.clients.vault import Vault

CHUNK_ROWS = tuple[tuple[int, tuple[str, ...]], ...]
STANDING = select(client_imports).where(client_imports.c.state.in_(("open", "running"))).order_by(client_imports.c.id)


def hold_imports(session: Session) -> Sequence[Row[Any]]:
    """The tables that are not taken in, locked. Before any card is: a batch locks in this order, too."""
    return session.execute(STANDING.with_for_update()).all()


def forget_in_imports(session: Session, gone: Sequence[Row[Any]], desk: Desk) -> None:
    """Take out their rows, and what names them in rows of others, while their cards can still be opened."""
    standing = hold_imports(session)
    if not standing:
        return
    traces = traces_of(_persons(session, gone, desk.vault), lambda text: read_phone(text, desk.phone_region))
    if not traces:
        return
    for table in standing:
        try:
            _forget_in(session, table, traces, desk.vault)
        except (Damaged, Gone) as damage:  # nobody takes in what does not open
            log("clients").error("import_damaged", import_id=str(table.id), reason=str(damage))


def _persons(session: Session, gone: Sequence[Row[Any]], vault: Vault) -> Iterator[Person]:
    """They as they are and as they were: a table may be older than their phone."""
    yield from (card.person for card in vault.open(gone).values())
    versions = select(card_versions).where(among(card_versions.c.client_id, {row.id for row in gone}))
    for row in session.execute(versions):
        try:
            card = vault.open_version(row)
        except Gone:  # a crash came between key and card
            continue
        if card is not None:
            yield card.person


def _forget_in(session: Session, table: Row[Any], traces: Traces, vault: Vault) -> None:
    names: tuple[str, ...] = vault.open_for(table.id, NAMES, table.names, tuple[str, ...])
    fields: list[str | None] = proposed(names, custom_by_name(session))
    for column, field in table.mapping or ():
        fields[column] = field
    chunks = select(import_chunks).where(import_chunks.c.import_id == table.id).order_by(import_chunks.c.number)
    for chunk in session.execute(chunks).all():
        place = f"chunk:{chunk.number}"
        rows: CHUNK_ROWS = vault.open_for(table.id, place, chunk.content, CHUNK_ROWS)
        left = tuple((number, traces.left_of(cells, fields)) for number, cells in rows)
        if left != rows:
            here = (import_chunks.c.import_id == table.id) & (import_chunks.c.number == chunk.number)
            sealed = vault.seal_for(table.id, place, left)
            session.execute(update(import_chunks).where(here).values(content=sealed))
    shown: FirstRows = vault.open_for(table.id, FIRST_ROWS, table.first_rows, FirstRows)
    kept = tuple(traces.left_of(cells, fields) for cells in shown)
    if kept != shown:
        values = {"first_rows": vault.seal_for(table.id, FIRST_ROWS, kept), "version": table.version + 1}
        session.execute(update(client_imports).where(client_imports.c.id == table.id).values(values))
    _forget_met(session, table, traces, vault)


def _forget_met(session: Session, table: Row[Any], traces: Traces, vault: Vault) -> None:
    """A dry run has met them, perhaps."""
    blind = vault.blinding(table.id)
    met = {f"reference:{reference}" for reference in traces.references}
    met |= {f"{PHONE}:{phone}" for phone in traces.phones} | {f"{EMAIL}:{email}" for email in traces.emails}
    values = {blind(text) for text in met}
    session.execute(
        delete(import_keys_seen).where(
            import_keys_seen.c.import_id == table.id, among(import_keys_seen.c.value, values)
        )
    )
