"""Referrers who came further down in an imported table than whom they brought: found when all rows are in."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from kernel.caller import EVERYTHING, Caller
from kernel.errors import Conflict, Gone, Invalid, NotFound
from services.clients import queries
from services.clients.queries.sight import among
from services.clients.tables import import_keys_seen, import_rows
from services.clients.usecases.desk import Desk, Entered
from services.clients.usecases.keeping import keep_changed
from services.clients.usecases.refusing import refuse_referrer

AT_ONCE = 100
# The card was made or changed by this run, whose right to do so was looked at then.
ANYBODY = Caller(kind="service", permissions=frozenset({EVERYTHING}), everywhere=True)


def settle_referrers(session: Session, run: Row[Any], desk: Desk) -> bool:
    """Do so for some rows that wait for it; whether there were any."""
    of_run = (import_rows.c.import_id == run.import_id) & (import_rows.c.run == run.number)
    waiting = select(import_rows).where(of_run, import_rows.c.referrer.is_not(None))
    rows = session.execute(waiting.order_by(import_rows.c.number).limit(AT_ONCE)).all()
    blind = {row.referrer for row in rows}
    known = _met(session, run, blind) if run.dry_run else _known(session, blind)
    for row in rows:
        code = _settled(session, row, row.referrer in known, known.get(row.referrer), desk)
        values: dict[str, Any] = {"referrer": None}
        if code:
            values["errors"] = import_rows.c.errors + literal([{"field": "referrer", "code": code}], JSONB)
        session.execute(update(import_rows).where(of_run, import_rows.c.number == row.number).values(values))
    return bool(rows)


def _known(session: Session, blind: set[bytes]) -> dict[bytes, UUID | None]:
    return {**queries.who_has(session, blind), **queries.by_reference(session, blind)}


def _met(session: Session, run: Row[Any], blind: set[bytes]) -> dict[bytes, UUID | None]:
    """In a dry run nobody has a card yet."""
    met = select(import_keys_seen.c.value).where(
        import_keys_seen.c.import_id == run.import_id, among(import_keys_seen.c.value, blind)
    )
    return dict.fromkeys(session.scalars(met))


def _settled(session: Session, row: Row[Any], known: bool, referrer_id: UUID | None, desk: Desk) -> str | None:
    """Give the card of `row` its referrer, unless it has one; why that cannot be, if it cannot."""
    if not known:
        return "referrer_unknown"
    if row.client_id is None or referrer_id is None:  # of a dry run, or of a card that the caller does not see
        return None
    try:
        card = queries.opened(queries.found(session, row.client_id, ANYBODY, "clients.edit", locked=True), desk.vault)
        if card.referrer_id is None:
            refuse_referrer(session, card.id, referrer_id)
            after = replace(card, referrer_id=referrer_id, version=card.version + 1)
            keep_changed(session, card, Entered(after), desk)
    except Invalid as refusal:
        return refusal.code
    except (NotFound, Gone, Conflict):  # erased, merged or damaged meanwhile
        return "client_gone"
    return None
