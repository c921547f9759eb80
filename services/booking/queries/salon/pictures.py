"""Pictures of services, categories and masters."""

from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from contracts.booking import PictureFile
from kernel.errors import NotFound
from services.booking.tables import pictures


def read_picture(session: Session, picture_id: UUID, *, small: bool = False) -> PictureFile:
    content = func.coalesce(pictures.c.small, pictures.c.content) if small else pictures.c.content
    query = select(pictures.c.media_type, content.label("content")).where(pictures.c.id == picture_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("picture_not_found", "there is no such picture")
    return PictureFile(row.media_type, row.content)


def picture_exists(session: Session, picture_id: UUID) -> bool:
    return bool(session.scalar(select(exists(select(pictures.c.id).where(pictures.c.id == picture_id)))))
