"""What holds for the whole installation."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.booking import Settings
from services.booking.tables import settings


def show_settings(session: Session) -> Settings:
    row = session.execute(select(settings.c.currency, settings.c.version)).one()
    return Settings(row.currency, row.version)
