"""Remember where clients have appointments: their branches may see them."""

from collections.abc import Iterable

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from contracts.booking import AppointmentState
from services.clients.tables import client_branches
from services.clients.usecases.finding import find_in_branches


def remember_branches(session: Session, appointments: Iterable[AppointmentState]) -> None:
    """One appointment is enough, also one that was cancelled; so events may come in any order and any number."""
    pairs = sorted({(one.client_id, one.branch_id) for one in appointments if one.client_id is not None})
    if not pairs:
        return
    clients, branches = zip(*pairs, strict=True)
    ids = ARRAY(client_branches.c.client_id.type)
    rows = func.unnest(literal(list(clients), ids), literal(list(branches), ids))
    columns = rows.table_valued("client", "branch").render_derived()
    statement = insert(client_branches).from_select(["client_id", "branch_id"], select(columns))
    session.execute(statement.on_conflict_do_nothing())
    find_in_branches(session, pairs)
