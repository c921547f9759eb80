"""What holds for the whole installation."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.booking import Brand, Settings
from services.booking.tables import settings


def show_settings(session: Session) -> Settings:
    row = session.execute(select(settings)).one()
    return Settings(row.currency, row.version, row.name, row.logo_id, row.colour)


def show_brand(session: Session) -> Brand:
    return Brand(*session.execute(select(settings.c.name, settings.c.logo_id, settings.c.colour)).one())
