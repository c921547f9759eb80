"""Say how long people are kept, and forget those who were kept long enough."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contracts.clients import ChangeRetention, Retention
from contracts.message import UNSET
from kernel.errors import Stale
from services.clients import queries
from services.clients.tables import clients, retention
from services.clients.usecases.cards import forget
from services.clients.usecases.desk import Desk
from services.clients.usecases.import_erasure import hold_imports

AT_ONCE = 20  # in one transaction: a crash before its commit leaves so many unreadable, to be erased in the next one


def change_retention(session: Session, request: ChangeRetention) -> Retention:
    row = session.execute(select(retention).with_for_update()).one()
    if request.version != row.version:
        raise Stale("version_stale", "somebody else changed this in the meantime")
    if request.months_without_visit is not UNSET and request.months_without_visit != row.months_without_visit:
        values = {"months_without_visit": request.months_without_visit, "version": row.version + 1}
        session.execute(update(retention).values(values))
    return queries.show_retention(session)


def forget_long_unseen(session: Session, desk: Desk) -> bool:
    """Erase some of those who were not seen for as long as is set; whether there may be more."""
    months = session.scalar(select(retention.c.months_without_visit))
    if months is None:
        return False
    wanted = select(clients).where(queries.long_unseen(desk.now, months)).order_by(clients.c.id).limit(AT_ONCE)
    hold_imports(session)
    rows = session.execute(wanted.with_for_update(skip_locked=True)).all()
    if rows:
        forget(session, rows, desk)
    return len(rows) == AT_ONCE
