"""Pictures of services, categories and masters: kept small, without what the camera wrote."""

from dataclasses import asdict

from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.pictures import MEDIA_TYPE, Shrunk, make_small
from contracts import booking as wire
from kernel.caller import Caller
from services.booking.tables import pictures
from services.booking.usecases.asking import Call

LONGEST_SIDE = 1024  # pixels


def shrink(_call: Call, request: wire.AddPicture, _caller: Caller) -> Shrunk:
    """What is kept of the upload; worked out before the transaction, which would wait for it."""
    return make_small(request.image, LONGEST_SIDE, "image")


def add_picture(session: Session, picture: Shrunk) -> wire.Picture:
    view = wire.Picture(new_id(), MEDIA_TYPE, picture.width, picture.height)
    session.execute(insert(pictures).values(content=picture.content, **asdict(view)))
    return view
