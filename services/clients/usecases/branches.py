"""Remember where clients have appointments: their branches may see them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from contracts.booking import AppointmentState
from services.clients.queries.sight import among
from services.clients.tables import client_branches, clients
from services.clients.usecases.finding import find_in_branches


def remember_branches(session: Session, appointments: Iterable[AppointmentState]) -> None:
    """One appointment is enough, also one that was cancelled; so events may come in any order and any number."""
    named = {(one.client_id, one.branch_id) for one in appointments if one.client_id is not None}
    if not named:
        return
    keep_branches(session, named | _of_the_kept(session, named))


def keep_branches(session: Session, named: Iterable[tuple[UUID, UUID]], *, was_home: bool = False) -> None:
    """Let cards be seen in branches where they have appointments or, if `was_home`, where they were at home."""
    pairs = sorted(named)
    cards, branches = zip(*pairs, strict=True)
    ids = ARRAY(client_branches.c.client_id.type)
    rows = func.unnest(literal(list(cards), ids), literal(list(branches), ids))
    columns = rows.table_valued("client", "branch").render_derived()
    seen = select(columns, literal(was_home))
    statement = insert(client_branches).from_select(["client_id", "branch_id", "was_home"], seen)
    session.execute(statement.on_conflict_do_nothing())
    find_in_branches(session, pairs)


def _of_the_kept(session: Session, named: Iterable[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """The same of the cards that those named were merged into: booking may not know it yet."""
    pairs = set(named)
    merged = select(clients.c.id, clients.c.merged_into).where(
        among(clients.c.id, {client_id for client_id, _ in pairs}), clients.c.merged_into.is_not(None)
    )
    into = {row.id: row.merged_into for row in session.execute(merged)}
    return {(into[client_id], branch_id) for client_id, branch_id in pairs if client_id in into}
