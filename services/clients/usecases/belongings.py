"""What hangs on a card goes with the person."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.clients.tables import enquiries, files, notes, openings, perks, photos, upload_parts
from services.clients.usecases.reports import forget_in_reports


def forget_belongings(session: Session, client_id: UUID) -> None:
    """Delete what is kept beside the card; the key that it was sealed under is destroyed by who calls."""
    for table in (enquiries, files, notes, openings, perks, photos, upload_parts):
        session.execute(delete(table).where(table.c.client_id == client_id))
    forget_in_reports(session, client_id)
