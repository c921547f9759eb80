"""Keep codes for somebody who tells them: sealed, shown to whoever may read them, and on the record."""

from sqlalchemy import Uuid, all_, func, insert, literal, update
from sqlalchemy.orm import Session

from contracts.auth import ListOutgoingCodes, OutgoingCode
from contracts.message import Page
from services.auth import queries
from services.auth.tables import outgoing_codes
from services.auth.usecases import journal
from services.auth.usecases.desk import Desk
from services.auth.vault import Outgoing


class Outbox:
    """The page of codes that wait; the channel of an installation that has no other."""

    def send(self, session: Session, outgoing: Outgoing, desk: Desk) -> None:
        sealed = desk.keys.vault.sealed_outgoing(outgoing)
        session.execute(insert(outgoing_codes), {"code_id": outgoing.id, "sealed": sealed, "shown_to": []})


def list_waiting(session: Session, request: ListOutgoingCodes, desk: Desk) -> Page[OutgoingCode]:
    """The codes, once each in the journal for whoever sees them: with a code one can sign in as somebody else."""
    page, ids = queries.outgoing(session, request, desk.now, desk.keys.vault)
    who = literal(desk.caller.id, Uuid)
    new_to_them = outgoing_codes.c.code_id.in_(ids) & (who != all_(outgoing_codes.c.shown_to))
    seen = session.scalars(
        update(outgoing_codes)
        .where(new_to_them)
        .values(shown_to=func.array_append(outgoing_codes.c.shown_to, who))
        .returning(outgoing_codes.c.code_id)
    ).all()
    if seen:
        journal.record(session, desk, journal.entry(desk, "codes.shown", "code", details={"codes": seen}))
    return page
