"""What reports of imports say of somebody goes with the person: from which row of which table they came."""

from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from services.clients.tables import import_rows


def forget_in_reports(session: Session, client_id: UUID) -> None:
    session.execute(delete(import_rows).where(import_rows.c.client_id == client_id))
    session.execute(update(import_rows).where(import_rows.c.like_id == client_id).values(like_id=None))
